"""FHIR medication resources to facts: which drug, how it is taken, and whether it is.

facts = medication_facts(resource)      of a MedicationRequest, -Statement, ...

Source: HL7 FHIR R4 (4.0.1), sections 11.1 to 11.4 and 2.24.0.9 (Dosage).
"""

from collections.abc import Mapping
from typing import Any

from osler.readers.fhir_values import Resource, code_of, decimal_of, number_text, rows
from osler.record.fact import Assertion, Code, Fact, FactKind

__all__ = ["medication_facts"]

_DOSAGE = {
    "MedicationRequest": "/dosageInstruction",
    "MedicationDispense": "/dosageInstruction",
    "MedicationStatement": "/dosage",
    "MedicationAdministration": "/dosage",
}

_NOT_TAKEN = {"not-taken", "not-done", "declined"}
_ONLY_PLANNED = {"proposal", "plan", "option"}


def medication_facts(resource: Resource) -> list[Fact]:
    """One fact: the drug, with the dosage in words as its value."""
    code, path = _drug(resource)
    value, where = _dosage(resource)
    base = _DOSAGE[resource.type]
    start = (
        resource.started("effective")
        or resource.moment(f"{base}/0/timing/repeat/boundsPeriod/start")
        or resource.moment("/whenHandedOver")
        or resource.moment("/whenPrepared")
        or resource.moment("/authoredOn")
    )
    end = resource.ended("effective") or resource.moment(f"{base}/0/timing/repeat/boundsPeriod/end")
    return [
        resource.fact(
            FactKind.MEDICATION,
            code or Code(text="medication without a code"),
            where or path,
            value=value,
            valid_from=start,
            valid_to=end,
            assertion=_assertion(resource),
            replaces=resource.identity_at("/priorPrescription"),
        )
    ]


def _drug(resource: Resource) -> tuple[Code | None, str]:
    """The drug's concept, here or in the Medication that is referred to."""
    if code := resource.concept("/medicationCodeableConcept"):
        return code, "/medicationCodeableConcept"
    path = "/medicationReference"
    reference = resource.text(f"{path}/reference") or ""
    if reference.startswith("#"):
        for index, inner in enumerate(rows(resource.at("/contained"))):
            if inner.get("id") == reference[1:]:
                return code_of(inner.get("code")), f"/contained/{index}/code"
    other = resource.others.get(reference)
    code = code_of(other.get("code")) if other else None
    if code is None and (words := resource.text(f"{path}/display")):
        code = Code(text=words)
    if code is None and reference:
        resource.troubles.append("the drug stands in a Medication that is not in this file")
    return code, path


def _dosage(resource: Resource) -> tuple[str | None, str | None]:
    base = _DOSAGE[resource.type]
    held = resource.at(base)
    if isinstance(held, dict):
        return _sentence(held) or None, base
    said = [(index, _sentence(row)) for index, row in enumerate(rows(held))]
    said = [(index, words) for index, words in said if words]
    if not said:
        return None, None
    where = f"{base}/{said[0][0]}" if len(said) == 1 else base
    return "; then ".join(words for _, words in said), where


def _sentence(dosage: Mapping[str, Any]) -> str:
    """What the dosage says in words, else its parts in reading order."""
    text = dosage.get("text")
    if isinstance(text, str) and text.strip():
        return text.strip()
    route = code_of(dosage.get("route"))
    parts = [_dose(dosage), _timing(dosage.get("timing")), route.text if route else ""]
    if dosage.get("asNeededBoolean") is True:
        parts.append("as needed")
    elif reason := code_of(dosage.get("asNeededCodeableConcept")):
        parts.append(f"as needed for {reason.text}")
    return ", ".join(part for part in parts if part)


def _dose(dosage: Mapping[str, Any]) -> str:
    rate = next(rows(dosage.get("doseAndRate")), {})
    return number_text(rate.get("doseQuantity")) or number_text(dosage.get("dose"))


def _timing(timing: Any) -> str:
    if not isinstance(timing, dict):
        return ""
    if code := code_of(timing.get("code")):
        return code.text
    repeat = timing.get("repeat")
    if not isinstance(repeat, dict):
        return ""
    times, period = decimal_of(repeat.get("frequency")), decimal_of(repeat.get("period"))
    unit = repeat.get("periodUnit")
    if times is None or period is None or not isinstance(unit, str):
        return ""
    return f"{times} x per {period} {unit}"


def _assertion(resource: Resource) -> Assertion:
    status = resource.text("/status")
    if resource.at("/doNotPerform") is True or status in _NOT_TAKEN:
        return Assertion.ABSENT
    if resource.text("/intent") in _ONLY_PLANNED:
        return Assertion.HYPOTHETICAL
    return (
        Assertion.PENDING if status in {"draft", "intended", "preparation"} else Assertion.PRESENT
    )
