"""Safety facts: which they are, and that none is left out."""

from dataclasses import replace
from typing import Any

import pytest

from osler.record.fact import Assertion, Code, FactKind
from osler.record.safety import hazard

from .examples import fact, on, record

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
ATC = "http://www.whocc.no/atc"


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        (FactKind.ALLERGY, Code(text="peanut"), "allergy"),
        (FactKind.MEDICATION, Code(text="Warfarin Sodium 5 MG Oral Tablet"), "anticoagulant"),
        (FactKind.MEDICATION, Code(text="x", system=RXNORM, code="1364430"), "anticoagulant"),
        (FactKind.MEDICATION, Code(text="x", system=ATC, code="B01AF01"), "anticoagulant"),
        (FactKind.MEDICATION, Code(text="x", system=ATC, code="B01AC04"), "antiplatelet"),
        (FactKind.MEDICATION, Code(text="Clopidogrel 75 MG"), "antiplatelet"),
        (FactKind.MEDICATION, Code(text="aspirin / warfarin"), "anticoagulant"),
        (FactKind.MEDICATION, Code(text="metformin"), None),
        (FactKind.CONDITION, Code(text="Normal pregnancy"), "pregnancy"),
        (FactKind.OBSERVATION, Code(text="status", system="http://loinc.org", code="82810-3"),
         "pregnancy"),
        (FactKind.PROCEDURE, Code(text="Insertion of cardiac pacemaker"), "implant"),
        (FactKind.PROCEDURE, Code(text="x", system=SNOMED, code="14106009"), "implant"),
        (FactKind.CONDITION, Code(text="Mechanical heart valve in situ"), "implant"),
        (FactKind.OBSERVATION, Code(text="pacemaker spikes"), None),
        (FactKind.OBSERVATION, Code(text="pregnancy test"), None),
        (FactKind.ALLERGY, Code(text="No known allergies"), "allergy"),
        (FactKind.MEDICATION, Code(text="enoxaparin 40 mg"), "anticoagulant"),
        (FactKind.CONDITION, Code(text="warfarin"), None),
        (FactKind.NOTE, Code(text="pregnancy"), None),
    ],
)  # fmt: skip
def test_which_facts_are_safety_facts(kind: FactKind, code: Code, expected: str | None) -> None:
    told = replace(fact(kind=kind), code=code)
    assert hazard(told) == expected
    assert hazard(replace(told, experiencer="mother")) is None


def test_all_of_them_are_shown_and_none_that_ended() -> None:
    def drug(text: str, identity: str, **fields: Any) -> Any:
        return fact(text, kind=FactKind.MEDICATION, identity=identity, **fields)

    allergies = [fact(f"allergen {n}", kind=FactKind.ALLERGY, identity=f"A/{n}")
                 for n in range(300)]  # fmt: skip
    denied = fact("latex", kind=FactKind.ALLERGY, identity="A/x", assertion=Assertion.ABSENT)
    warfarin = drug("warfarin", "M/1", recorded_at=on("2020"))
    stopped = drug("apixaban", "M/2", status="stopped")
    seen = record(*allergies, denied, warfarin, stopped, drug("metformin", "M/3"))
    assert len(seen.safety()) == 302
    assert warfarin in seen.safety() and stopped not in seen.safety()


def test_anticoagulants_and_implants_are_never_cut_however_many() -> None:
    drugs = [fact(f"warfarin {n} mg", kind=FactKind.MEDICATION, identity=f"M/{n}")
             for n in range(500)]  # fmt: skip
    # A procedure is over when it is done: what was implanted stays.
    implants = [fact("Insertion of cardiac pacemaker", kind=FactKind.PROCEDURE, status="completed",
                     identity=f"P/{n}", valid_from=on("2001"), valid_to=on("2001"))
                for n in range(500)]  # fmt: skip
    seen = record(*drugs, *implants)
    assert set(seen.safety()) == {*drugs, *implants}
