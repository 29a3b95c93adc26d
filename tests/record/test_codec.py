"""Facts to JSON and back: the same fact, and the same bytes."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.errors import BrokenFile
from osler.record.codec import fact_from_json, fact_to_json
from osler.record.fact import Assertion, Code, Fact, FactKind, Quantity
from osler.record.locator import Box, Evidence, Line, Pointer, Samples, Span, Whole
from osler.record.media import Media
from osler.record.moment import Moment
from osler.record.source import Stream
from osler.record.variant import Variant

from .examples import fact

words = st.text(max_size=12)
small = st.integers(0, 10**9)
maybe_words = st.none() | words
decimals = st.decimals(allow_nan=False, allow_infinity=False)
codes = st.builds(Code, text=words, system=maybe_words, code=maybe_words)
moments = st.builds(
    lambda at: Moment.parse(at.isoformat()), st.datetimes(min_value=datetime(1000, 1, 1))
)
scalars = st.none() | words | small | st.booleans() | st.floats(allow_nan=False)
values = st.one_of(
    st.none(),
    st.booleans(),
    words,
    codes,
    moments,
    st.builds(
        Quantity, value=decimals, unit=maybe_words, ucum=maybe_words, comparator=maybe_words,
        low=st.none() | decimals, high=st.none() | decimals,
    ),
    st.builds(Media, modality=words, attributes=st.dictionaries(words, scalars, max_size=4)),
    st.builds(
        Variant, build=words, chromosome=words, position=small, reference=words, alternate=words,
        gene=maybe_words, filters=st.lists(words, max_size=3).map(tuple), exon=st.none() | small,
        allele_fraction=st.none() | st.floats(0, 1), origin=maybe_words,
    ),
)  # fmt: skip
places = st.one_of(
    st.just(Whole()),
    st.builds(Pointer, path=words),
    st.builds(Span, start=small, end=small),
    st.builds(Box, frame=small, x=small, y=small, width=small, height=small),
    st.builds(Samples, channel=words, start=small, end=small),
    st.builds(Line, number=small),
)
facts = st.builds(
    Fact,
    kind=st.sampled_from(FactKind),
    code=codes,
    evidence=st.builds(Evidence, source=words, at=places),
    received_at=st.datetimes(timezones=st.just(UTC)),
    value=values,
    valid_from=st.none() | moments,
    valid_to=st.none() | moments,
    recorded_at=st.none() | moments,
    recorded_inferred=st.booleans(),
    status=words,
    assertion=st.sampled_from(Assertion),
    experiencer=words,
    stream=st.sampled_from(Stream),
    identity=maybe_words,
)


@settings(deadline=None)  # the machine may be busy
@given(facts)
def test_a_fact_comes_back_from_its_text(stated: Fact) -> None:
    text = json.dumps(fact_to_json(stated))
    again = fact_from_json(json.loads(text))
    assert again == stated
    assert json.dumps(fact_to_json(again)) == text


def test_a_number_keeps_the_digits_that_were_sent() -> None:
    from decimal import Decimal

    sent = fact(value=Quantity(value=Decimal("7.10"), unit="mmol/L"))
    again = fact_from_json(json.loads(json.dumps(fact_to_json(sent))))
    assert str(again.value) == "7.10 mmol/L"


@pytest.mark.parametrize(
    "damage",
    [
        {"kind": "spell"},
        {"code": "cough"},
        {"received_at": "yesterday"},
        {"received_at": 7},
        {"value": {"type": "quantity", "value": "many"}},
        {"value": {"type": "omen"}},
        {"value": {"value": "1"}},
        {"valid_from": {"text": "2019"}},
        {"at": {"kind": "star"}},
        {"at": {"kind": "span", "start": 1}},
        {"assertion": None},
    ],
)
def test_a_damaged_row_is_refused(damage: dict[str, object]) -> None:
    whole = fact_to_json(fact()) | damage
    with pytest.raises(BrokenFile):
        fact_from_json(whole)


@pytest.mark.parametrize("key", ["kind", "code", "source", "at", "received_at", "status"])
def test_a_missing_key_is_refused_by_name(key: str) -> None:
    whole = fact_to_json(fact())
    del whole[key]
    with pytest.raises(BrokenFile, match=key):
        fact_from_json(whole)
