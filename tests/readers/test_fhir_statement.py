"""Orders, warnings, consents, risks and answers: what they state, and how it stands."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from osler.record.fact import Assertion, Code, FactKind, Quantity
from osler.record.source import Stream
from tests.readers.fhir_cases import fact, holds, one


@pytest.mark.parametrize(
    ("fields", "assertion"),
    [
        ({"status": "active"}, Assertion.PENDING),
        ({"status": "completed"}, Assertion.HISTORICAL),
        ({"status": "revoked"}, Assertion.ABSENT),
        ({"status": "active", "doNotPerform": True}, Assertion.ABSENT),
        ({"status": "active", "intent": "proposal"}, Assertion.HYPOTHETICAL),
    ],
)
@pytest.mark.parametrize("kind", ["ServiceRequest", "NutritionOrder"])
def test_what_was_ordered_is_not_what_was_done(
    kind: str, fields: dict[str, Any], assertion: Assertion
) -> None:
    found = fact({"resourceType": kind, "code": {"text": "CT"}, "authoredOn": "2024-01", **fields})
    assert (found.kind, found.assertion) == (FactKind.PROCEDURE, assertion)


def test_warnings_are_facts() -> None:
    flag = fact({"resourceType": "Flag", "status": "active", "code": {"text": "MRSA"}})
    assert (flag.code.text, flag.status) == ("MRSA", "active")
    harm = {"resourceType": "AdverseEvent", "event": {"text": "fall"}, "actuality": "potential"}
    assert fact(harm).assertion is Assertion.HYPOTHETICAL


def test_consent_and_devices() -> None:
    no = {"resourceType": "Consent", "category": [{"text": "DNR"}], "provision": {"type": "deny"}}
    assert fact(no).said == "DNR: deny"
    pacemaker = {"resourceType": "Device", "type": {"text": "pacemaker"}}
    assert one(pacemaker).facts == (), "a device that belongs to nobody"
    assert fact({**pacemaker, "patient": {"reference": "Patient/p"}}).code.text == "pacemaker"


def test_a_risk_has_not_happened() -> None:
    prediction = [
        {"outcome": {"text": "stroke"}, "probabilityDecimal": 0.02},
        {"outcome": {"text": "bleeding"}, "qualitativeRisk": {"text": "high"}},
    ]
    item = one({"resourceType": "RiskAssessment", "prediction": prediction})
    assert [f.said for f in item.facts] == ["stroke: 0.02", "bleeding: high"]
    assert {f.assertion for f in item.facts} == {Assertion.HYPOTHETICAL}
    assert all(holds(item, f) for f in item.facts)


def test_the_patient_speaks_where_the_patient_answered() -> None:
    questions = [
        {"linkId": "1", "text": "Do you smoke?", "answer": [{"valueBoolean": False}]},
        {"linkId": "2", "item": [{"text": "Pain", "answer": [{"valueInteger": 4}]}]},
        {"linkId": "3", "text": "Mood", "answer": [{"valueCoding": {"display": "low"}}]},
    ]
    answered = {"resourceType": "QuestionnaireResponse", "item": questions, "id": "r"}
    item = one({**answered, "source": {"reference": "Patient/p"}})
    assert [(f.code.text, f.value) for f in item.facts] == [
        ("Do you smoke?", False),
        ("Pain", Quantity(value=Decimal(4))),
        ("Mood", Code(text="low")),
    ]
    assert {f.stream for f in item.facts} == {Stream.PATIENT}
    assert {f.stream for f in one(answered).facts} == {Stream.EHR}
    assert len({f.identity for f in item.facts}) == 3


def test_a_resource_fetched_again_says_the_same() -> None:
    base = {"resourceType": "Condition", "code": {"text": "x"}, "recordedDate": "2024-01-01"}
    stage = {"stage": [{"summary": {"text": "II"}}]}
    first = one({**base, **stage, "meta": {"lastUpdated": "2024-01-01T00:00:00Z"}})
    again = one({**base, **stage, "meta": {"lastUpdated": "2025-01-01T00:00:00Z"}})
    assert first.source.digest != again.source.digest
    for one_fact, other in zip(first.facts, again.facts, strict=True):
        assert replace(one_fact, evidence=other.evidence) == other
