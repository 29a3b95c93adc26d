"""Strict JSON: digits as sent, parts with the file's own bytes, damage named with its place."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile
from osler.readers.fhir_bundle import entries_of
from osler.readers.json_bytes import checked, elements, parse, parts

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(st.text(), values, max_size=4)
entries = st.lists(st.fixed_dictionaries({"resource": objects}, optional={"fullUrl": st.text()}))


@given(entries, st.sampled_from([None, 0, 1, 3, "\t"]), st.booleans())
def test_entries_hold_the_files_own_bytes(
    inside: list[dict[str, Any]], indent: int | str | None, ascii_only: bool
) -> None:
    inside = [{**e, "resource": {**e["resource"], "resourceType": "X"}} for e in inside]
    whole = {"a": 1.5, "entry": inside, "z": [{}]}
    data = json.dumps(whole, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "replace")
    found = list(entries_of(checked(data, "b.json"), "b.json"))
    expected = [e["resource"] for e in json.loads(data)["entry"]]
    assert [json.loads(e.data) for e in found] == expected
    assert all(e.data in data for e in found)
    assert [e.pointer for e in found] == [f"/entry/{i}/resource" for i in range(len(inside))]


@given(values)
def test_what_is_parsed_is_what_json_parses(value: Any) -> None:
    data = json.dumps({"other": value}).encode()
    assert json.loads(json.dumps(parse(data, "b.json"), default=float)) == json.loads(data)


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0123456789.eE-\\udcnul tre', max_size=60))
def test_junk_is_parsed_as_json_does_or_refused(junk: bytes | str) -> None:
    data = junk if isinstance(junk, bytes) else junk.encode()
    try:
        found = parse(data, "j")
    except BrokenFile:
        return
    assert json.dumps(found, default=float) == json.dumps(json.loads(data.decode("utf-8-sig")))


def test_bytes_are_not_written_anew() -> None:
    resource = b'{ "a" :1.50,\r\n\t"b": "\\u00e9\xc3\xa9" }'
    data = b'\xef\xbb\xbf {"entry" : [ {"resource":' + resource + b"} , {}] } \n"
    first, second = entries_of(checked(data, "b.json"), "b.json")
    assert (first.data, second.data) == (resource, b"{}")
    assert first.body("b.json") == {"a": Decimal("1.50"), "b": "éé"}
    assert str(first.body("b.json")["a"]) == "1.50"


def test_parts_and_elements_of_another_shape_are_none() -> None:
    assert parts(b"[1]", "a") is None
    assert elements(b'{"a": 1}', "a") is None
    assert [bytes(part) for part in elements(b'[1.50, {"a":  2}]', "a") or ()] == [
        b"1.50",
        b'{"a":  2}',
    ]


def test_of_a_member_written_twice_the_last_holds() -> None:
    assert parse(b'{"a": 1, "a": 2}', "a") == {"a": 2}
    assert bytes((parts(b'{"a": 1, "a": 2}', "a") or {})["a"]) == b"2"


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b'{"entry": [\n{"resource": {"a": 1}\n', "line 3, column 1"),
        (b'{"entry": [{"resource" 1}]}', "line 1, column 24"),
        (b'{"entry": [{"resource": 1}]} x', "line 1, column 30"),
        (b'{"entry": [1 2]}', "line 1, column 14"),
        (b"{entry: 1}", "line 1, column 2"),
        (b'{"entry": []\n"x": 1}', "line 2, column 1"),
        (b'{"a": NaN}', "NaN is no JSON"),
        (b'{"a": \n"\xff"}', "line 2"),
        (b'{"entry": ' + b"[" * 200_000, "no JSON reader takes"),
        (b'{"a": ' + b"9" * 5000 + b"}", "no JSON reader takes"),
        (b'{"a": 1e99999999999999999999}', "no JSON reader takes"),
        (b"", "line 1, column 1"),
    ],
)
def test_damage_is_named_with_its_place(data: bytes, where: str) -> None:
    with pytest.raises(BrokenFile, match=where):
        parse(checked(data, "b.json"), "b.json")


@pytest.mark.parametrize("text", [r"\ud800", r"\udc00", r"\ud800x\udc00", r"\ud83d\u0041"])
def test_half_a_character_is_no_text(text: str) -> None:
    with pytest.raises(BrokenFile, match=r"line 2: .* is half a character"):
        parse(b'{\n"a": "%s"}' % text.encode(), "a.json")


@pytest.mark.parametrize("text", [r"\ud83d\ude00", r"\\ud800", r"\ud83d\ude00\ud83d\ude00"])
def test_whole_characters_and_mere_backslashes(text: str) -> None:
    parse(b'{"a": "%s"}' % text.encode(), "a.json")


def test_ten_megabytes_in_about_a_second() -> None:
    resource = {"resourceType": "Observation", "values": list(range(200)), "text": "x" * 200}
    data = json.dumps({"entry": [{"resource": resource}] * 8_000}).encode()
    assert len(data) > 9_000_000
    start = time.perf_counter()
    assert len(list(entries_of(data, "b.json"))) == 8_000
    assert time.perf_counter() - start < 5
