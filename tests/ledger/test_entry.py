"""Lines: the bytes that are hashed, and what cannot be a line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import LedgerAltered, WrongUse
from osler.ledger import JSON, Entry
from osler.ledger.merkle import leaf_hash

AT = "2026-11-23T09:00:00Z"

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


def entry(body: dict[str, JSON]) -> Entry:
    return Entry(index=3, at=AT, kind="assess", body=body)


def test_canonical_is_rfc_8785() -> None:
    made = entry({"z": 1.0, "a": [True, None, "µ"], "\u20ac": 1e21})
    assert (
        made.canonical()
        == (
            '{"at":"2026-11-23T09:00:00Z","body":{"a":[true,null,"µ"],"z":1,"€":1e+21},'
            '"index":3,"kind":"assess"}'
        ).encode()
    )
    assert made.leaf == leaf_hash(made.canonical())


@given(st.dictionaries(text, values, max_size=4))
def test_a_line_read_back_has_the_same_bytes(body: dict[str, JSON]) -> None:
    made = entry(body)
    again = Entry.from_json(made.to_json())
    assert again == made
    assert again.leaf == made.leaf


def test_a_large_double_that_is_written_without_a_point_stays_a_double() -> None:
    again = Entry.from_json(entry({"x": 1e20, "y": 2.0**53}).to_json())
    assert again.body == {"x": 1e20, "y": 2.0**53}
    assert again.leaf == entry({"x": 1e20, "y": 2.0**53}).leaf


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**53, "\ud800", b"bytes", {"a", "set"}]
)
def test_what_json_cannot_carry_exactly_is_refused(value: JSON) -> None:
    with pytest.raises(WrongUse, match="line 3 of kind 'assess' cannot be written"):
        entry({"x": value}).canonical()


@pytest.mark.parametrize(
    "at", ["", "2026-11-23", "2026-11-23T09:00:00", "2026-11-23T09:00:00+01:00"]
)
def test_a_time_that_is_not_utc_is_refused(at: str) -> None:
    with pytest.raises(WrongUse, match="UTC"):
        Entry(index=0, at=at, kind="read", body={}).canonical()


@pytest.mark.parametrize("at", [AT, "2026-11-23T09:00:00.123456Z", "2026-11-23T09:00:00+00:00"])
def test_both_spellings_of_utc_are_taken(at: str) -> None:
    assert Entry.from_json(Entry(index=0, at=at, kind="read", body={}).to_json()).at == at


def test_a_line_without_a_kind_is_refused() -> None:
    with pytest.raises(WrongUse, match="no kind"):
        Entry(index=0, at=AT, kind="", body={}).canonical()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "17",
        '"line"',
        "{}",
        "[" * 100_000,
        json.dumps({"index": "0", "at": AT, "kind": "a", "body": {}}),
        json.dumps({"index": True, "at": AT, "kind": "a", "body": {}}),
        json.dumps({"index": 0, "at": AT, "kind": "a", "body": []}),
        json.dumps({"index": 0, "at": AT, "kind": "a", "body": {}, "more": 1}),
        b"\xff\xfe\xfd",
    ],
)
def test_what_is_not_a_line_is_named_as_altered(text: str | bytes) -> None:
    with pytest.raises(LedgerAltered, match="not a ledger line"):
        Entry.from_json(text)
