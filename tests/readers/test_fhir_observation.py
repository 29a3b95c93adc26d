"""FHIR observations: digits, units and ranges as sent; missing is never negative."""

from decimal import Decimal
from typing import Any

import pytest

from osler.readers.fhir import read
from osler.record.codec import fact_from_json, fact_to_json
from osler.record.fact import Assertion, Code, Quantity
from osler.record.locator import Pointer
from osler.record.moment import Moment
from tests.readers.fhir_cases import CONTEXT, bundle, fact, holds, observation, one


def test_a_quantity_keeps_its_digits_unit_and_range() -> None:
    raw = (
        '{"resourceType":"Observation","status":"final","code":{"text":"creatinine"},'
        '"valueQuantity":{"value":1.20,"comparator":"<","unit":"mg per dL","code":"mg/dL",'
        '"system":"http://unitsofmeasure.org"},'
        '"referenceRange":[{"low":{"value":0.5,"unit":"mg/dL"},"high":{"value":1.10}}]}'
    )
    item = read(raw.encode(), CONTEXT).items[0]
    value = item.facts[0].value
    assert value == Quantity(
        value=Decimal("1.20"), unit="mg per dL", ucum="mg/dL", comparator="<",
        low=Decimal("0.5"), high=Decimal("1.10"),
    )  # fmt: skip
    assert isinstance(value, Quantity)
    assert (str(value), value.flag) == ("<1.20 mg per dL", "H")
    assert fact_from_json(fact_to_json(item.facts[0])) == item.facts[0]


@pytest.mark.parametrize(
    "ranges",
    [
        [{"low": {"value": 1, "unit": "mmol/L"}}],
        [{"low": {"value": 1}}, {"low": {"value": 2}}],
        [{"low": {"value": 1}, "type": {"coding": [{"code": "treatment"}]}}],
        [{"low": {"value": 1, "unit": "mg"}, "high": {"value": 1, "unit": "g"}}],
    ],
)
def test_a_range_that_may_not_apply_is_not_used(ranges: list[dict[str, Any]]) -> None:
    found = fact(observation(valueQuantity={"value": 0, "unit": "mg/dL"}, referenceRange=ranges))
    assert found.value == Quantity(value=Decimal(0), unit="mg/dL")


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("valueCodeableConcept", {"text": "Former smoker"}, Code(text="Former smoker")),
        ("valueString", "adenocarcinoma", "adenocarcinoma"),
        ("valueBoolean", False, False),
        ("valueInteger", 2, Quantity(value=Decimal(2))),
        ("valueTime", "10:00:00", "10:00:00"),
        ("valueDateTime", "2019-05", Moment.parse("2019-05")),
        ("valueRange", {"low": {"value": 1}, "high": {"value": 3, "unit": "mm"}}, "1 to 3 mm"),
        ("valueRatio", {"numerator": {"value": 1}, "denominator": {"value": 128}}, "1:128"),
        ("valuePeriod", {"start": "2019"}, "2019 to ..."),
        ("valueSampledData", {"data": "1 2 E", "period": 10}, "3 samples, one every 10 ms"),
    ],
)
def test_every_kind_of_value(key: str, raw: Any, value: Any) -> None:
    item = one(observation(**{key: raw}))
    assert item.facts[0].value == value
    assert item.facts[0].evidence.at == Pointer(path=f"/{key}")
    assert item.trouble is None


def test_a_value_that_is_not_read_is_a_trouble() -> None:
    item = one(observation(valueAttachment={"data": "eA=="}))
    assert item.facts[0].value is None
    assert item.trouble == "/valueAttachment is kept; Osler does not read it"


def test_two_values_are_told() -> None:
    item = one(observation(valueString="a", valueBoolean=True))
    assert item.facts[0].value == "a"
    assert "only the first is read" in (item.trouble or "")


def test_an_interpretation_stands_where_no_value_does() -> None:
    positive = {"coding": [{"code": "POS", "display": "Positive"}]}
    item = one(observation(interpretation=[positive]))
    assert item.facts[0].value == Code(text="Positive", code="POS")
    assert item.facts[0].evidence.at == Pointer(path="/interpretation/0")
    beside = fact(observation(interpretation=[positive], valueString="3+"))
    assert beside.value == "3+"


def test_receptor_status_keeps_its_specimen() -> None:
    coded = {"coding": [{"system": "http://loinc.org", "code": "16112-5"}]}
    said = observation(code=coded, valueString="Positive", specimen={"reference": "Specimen/s1"})
    sample = {"resourceType": "Specimen", "id": "s1", "type": {"text": "core biopsy"}}
    items = bundle(said, sample, urls=True).items
    assert items[0].facts[0].specimen == items[1].facts[0].identity == "http://a/Specimen/s1"
    assert fact({**said, "specimen": {"reference": "#s"}}).specimen == "Observation/o#s"
    logical = {"identifier": {"system": "urn:lab", "value": "77"}}
    assert fact({**said, "specimen": logical}).specimen == "urn:lab|77"


def test_components_are_facts_of_their_own() -> None:
    item = one(
        observation(
            component=[
                {"code": {"text": "systolic"}, "valueQuantity": {"value": 150, "unit": "mmHg"}},
                {"code": {"text": "diastolic"}, "valueQuantity": {"value": 90, "unit": "mmHg"}},
            ]
        )
    )
    assert [f.said for f in item.facts] == ["systolic: 150 mmHg", "diastolic: 90 mmHg"]
    assert all(holds(item, f) for f in item.facts)
    assert [f.identity for f in item.facts] == [
        "Observation/o#/component/0",
        "Observation/o#/component/1",
    ]


def test_missing_is_said_and_never_read_as_negative() -> None:
    found = fact(observation(dataAbsentReason={"coding": [{"code": "not-performed"}]}))
    assert (found.value, found.status, found.assertion) == (
        None, "not-performed", Assertion.PRESENT,
    )  # fmt: skip
    assert fact(observation(status="registered")).assertion is Assertion.PENDING
