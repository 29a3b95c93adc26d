"""What was measured of the demonstration patient: laboratory, vital signs, tumour and heart.

    list(measurements(random.Random(7)))    Observations, ready for the Bundle

The numbers vary a little with the seed; eGFR always follows from creatinine and age.
"""

import random
from collections.abc import Iterator
from datetime import date

from osler.bench.demonstration.fhir import (
    BORN,
    HL7,
    LOINC,
    SNOMED,
    Json,
    concept,
    observation,
    quantity,
)

__all__ = ["egfr", "measurements"]

# code, unit in UCUM, decimals, low, high, last value, change a year
_Lab = tuple[str, str, int, float | None, float | None, float, float]
_KIDNEY: tuple[_Lab, ...] = (
    ("2160-0", "mg/dL", 2, 0.55, 1.02, 1.21, 0.05),
    ("2951-2", "mmol/L", 0, 136, 145, 138, 0),
    ("2823-3", "mmol/L", 1, 3.5, 5.1, 4.6, 0.1),
)
_BLOOD: tuple[_Lab, ...] = (
    ("718-7", "g/dL", 1, 12.0, 15.5, 11.4, -0.8),
    ("6690-2", "10*3/uL", 1, 4.0, 11.0, 7.9, 0.4),
    ("777-3", "10*3/uL", 0, 150, 400, 362, 40),
    ("1742-6", "U/L", 0, 7, 35, 24, 1),
    ("1920-8", "U/L", 0, 10, 35, 27, 1),
    ("6768-6", "U/L", 0, 35, 105, 96, 8),
    ("1975-2", "mg/dL", 1, 0.2, 1.2, 0.6, 0),
    ("1751-7", "g/dL", 1, 3.5, 5.0, 3.6, -0.3),
)
_MARKER: _Lab = ("2039-6", "ng/mL", 1, None, 5.0, 18.6, 0)

_LAST_KIDNEY = date(2026, 3, 24)
_LAST_BLOOD = date(2026, 8, 19)
_EARLIER = (date(2024, 9, 17), date(2025, 3, 11), date(2025, 9, 16), _LAST_KIDNEY)


def measurements(rng: random.Random) -> Iterator[Json]:
    """Every Observation; the kidneys were last measured on 2026-03-24, August leaves them out."""
    yield from _laboratory(rng)
    yield from _vital_signs(rng)
    yield from _oncology()


def egfr(creatinine_mg_dl: float, age: int) -> float:
    """Filtration in mL/min/1.73 m2 of a woman, by the equation without race.

    CKD-EPI 2021: Inker et al., N Engl J Med 2021;385:1737-49.
    """
    ratio = creatinine_mg_dl / 0.7
    shape: float = min(ratio, 1) ** -0.241 * max(ratio, 1) ** -1.200
    return 142 * shape * 0.9938**age * 1.012


def _laboratory(rng: random.Random) -> Iterator[Json]:
    for when in _EARLIER:
        for lab in _KIDNEY:
            result = _result(rng, lab, when, _LAST_KIDNEY)
            yield result
            if lab[0] == "2160-0":
                yield _filtration(float(result["valueQuantity"]["value"]), when)
    for when in (*_EARLIER[:3], _LAST_BLOOD):
        for lab in _BLOOD:
            yield _result(rng, lab, when, _LAST_BLOOD)
    yield _result(rng, _MARKER, _LAST_BLOOD, _LAST_BLOOD)


def _result(rng: random.Random, lab: _Lab, when: date, last: date) -> Json:
    """One result on the line that ends in the last value, with two per cent of scatter."""
    code, unit, digits, low, high, final, a_year = lab
    years = (last - when).days / 365.25
    value = final - a_year * years
    if years:
        value *= 1 + rng.uniform(-0.02, 0.02)
    bounds = {
        name: quantity(bound, unit, digits)
        for name, bound in (("low", low), ("high", high))
        if bound is not None
    }
    return observation(
        f"lab-{code}-{when}",
        concept(LOINC, code),
        when.isoformat(),
        "laboratory",
        valueQuantity=quantity(value, unit, digits),
        referenceRange=[bounds],
    )


def _filtration(creatinine: float, when: date) -> Json:
    age = when.year - BORN.year - ((when.month, when.day) < (BORN.month, BORN.day))
    unit = "mL/min/{1.73_m2}"
    return observation(
        f"lab-98979-8-{when}",
        concept(LOINC, "98979-8"),
        when.isoformat(),
        "laboratory",
        valueQuantity=quantity(egfr(creatinine, age), unit, 0),
        referenceRange=[{"low": quantity(60, unit, 0)}],
    )


def _vital_signs(rng: random.Random) -> Iterator[Json]:
    for when, weight in (("2024-09-17", 71.2), ("2025-09-16", 70.4), ("2026-09-30", 64.1)):
        yield observation(
            f"weight-{when}",
            concept(LOINC, "29463-7"),
            when,
            "vital-signs",
            valueQuantity=quantity(weight, "kg", 1),
        )
        parts = (("8480-6", 138 + rng.randint(-4, 4)), ("8462-4", 82 + rng.randint(-3, 3)))
        yield observation(
            f"pressure-{when}",
            concept(LOINC, "85354-9"),
            when,
            "vital-signs",
            component=[
                {"code": concept(LOINC, code), "valueQuantity": quantity(value, "mm[Hg]", 0)}
                for code, value in parts
            ],
        )
    yield observation(
        "height",
        concept(LOINC, "8302-2"),
        "2024-09-17",
        "vital-signs",
        valueQuantity=quantity(163, "cm", 0),
    )


def _oncology() -> Iterator[Json]:
    yield observation(
        "smoking",
        concept(LOINC, "72166-2"),
        "2026-09-30",
        "social-history",
        valueCodeableConcept=concept(SNOMED, "8517006"),
    )
    yield observation(
        "performance", concept(LOINC, "89247-1"), "2026-09-30", "survey", valueInteger=1
    )
    for own, code, value, unit in (("qtc", "8636-3", 438, "ms"), ("ejection", "10230-1", 58, "%")):
        yield observation(
            own,
            concept(LOINC, code),
            "2024-03-12",
            "procedure",
            valueQuantity=quantity(value, unit, 0),
        )
    yield observation(
        "pd-l1",
        {"text": "PD-L1 tumour proportion score (22C3)"},
        "2026-09-11",
        "laboratory",
        valueQuantity=quantity(60, "%", 0),
    )
    yield observation(
        "alk",
        {"text": "ALK protein by immunohistochemistry (D5F3)"},
        "2026-09-11",
        "laboratory",
        valueCodeableConcept={"text": "Negative"},
    )
    yield observation(
        "ros1",
        {"text": "ROS1 rearrangement by in situ hybridisation"},
        "2026-09-11",
        "laboratory",
        dataAbsentReason={
            "coding": [{"system": f"{HL7}/data-absent-reason", "code": "not-performed"}],
            "text": "Too little tissue was left",
        },
    )
