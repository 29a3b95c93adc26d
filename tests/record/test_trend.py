"""Where a quantity stands and where it goes."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from osler.record.fact import Assertion, Code, Fact, FactKind, Quantity
from osler.record.source import Stream
from osler.record.trend import trends

from .examples import NOW, fact, on, record

CREATININE = Code(text="Creatinine", system="http://loinc.org", code="2160-0")
MOLAR = Code(text="Creatinine", system="http://loinc.org", code="14682-9")


def lab(value: str, day: str, unit: str | None = "mg/dL", **fields: Any) -> Fact:
    quantity = Quantity(value=Decimal(value), unit=unit, ucum=unit)
    fields.setdefault("identity", f"{value} {day} {unit}")
    made = fact(kind=FactKind.OBSERVATION, value=quantity, valid_from=on(day), status="final",
                recorded_at=on(day), recorded_inferred=False, **fields)  # fmt: skip
    return replace(made, code=CREATININE)


@pytest.mark.parametrize(
    ("values", "direction"),
    [
        ("1.0", ""),
        ("1.0 2.0", "rising"),
        ("2.0 1.0", "falling"),
        ("1.0 1.04", "steady"),
        ("1.00 1.06", "rising"),
        ("-2 -1", "rising"),
        ("0 0", "steady"),
        ("0 1", "rising"),
        ("9 9 9 1 1 1 1 1", "steady"),  # the last five count
        ("1 1 1 1 9 1 1 1 2", "falling"),  # 2 against the mean of 9, 1, 1, 1
    ],
)
def test_which_way_it_goes(values: str, direction: str) -> None:
    facts = [lab(value, f"2020-01-0{n + 1}") for n, value in enumerate(values.split())]
    (trend,) = trends(record(*facts))
    assert trend.direction == direction
    assert trend.last is facts[-1]
    assert [str(q.value) for q in trend.earlier] == values.split()[:-1]


def test_the_last_is_the_last_that_was_taken_not_the_last_that_came() -> None:
    new, old = lab("2.0", "2020-02-01"), lab("1.0", "2020-01-01")
    late = replace(old, received_at=NOW.replace(hour=20), recorded_at=on("2020-03-01"))
    (trend,) = trends(record(new, late))
    assert trend.last is new


def test_earlier_values_are_taken_in_the_unit_of_the_last() -> None:
    facts = [lab("100", "2020-01-01", "umol/L"), lab("1.2", "2020-02-01")]
    (trend,) = trends(record(*facts))
    assert [(round(float(q.value), 2), q.unit) for q in trend.earlier] == [(1.13, "mg/dL")]


@pytest.mark.parametrize(
    "left_out",
    [
        lab("9", "2020-01-01", None),
        lab("9", "2020-01-01", "a.u."),
        lab("NaN", "2020-01-01"),
        lab("Infinity", "2020-01-01"),
        replace(lab("9", "2020-01-01"), status="entered-in-error"),
        replace(lab("9", "2020-01-01"), status="cancelled"),
        replace(lab("9", "2020-01-01"), experiencer="father"),
        replace(lab("9", "2020-01-01"), assertion=Assertion.HYPOTHETICAL),
        replace(lab("9", "2020-01-01"), value="nine"),
    ],
    ids=str,
)
def test_what_is_left_out(left_out: Fact) -> None:
    kept = lab("1.0", "2020-02-01")
    (trend,) = trends(record(left_out, kept))
    assert (trend.last, trend.earlier) == (kept, ())


def test_a_corrected_value_counts_once() -> None:
    wrong, right = lab("100", "2020-01-01", identity="1"), lab("1.0", "2020-01-01", identity="1")
    (trend,) = trends(record(wrong, replace(right, recorded_at=on("2020-01-02"))))
    assert (trend.last.value, trend.earlier) == (right.value, ())


def test_a_model_s_estimate_is_no_measurement() -> None:
    here = lab("1.0", "2020-01-01")
    model = lab("9.0", "2020-02-01", stream=Stream.MODEL)
    assert {t.last for t in trends(record(here, model))} == {here, model}


def test_the_most_recently_measured_first() -> None:
    old = replace(lab("1", "2020-01-01"), code=MOLAR)
    new = lab("1", "2021-01-01")
    assert [t.last for t in trends(record(old, new))] == [new, old]
