"""One FHIR R4 resource to the facts that it states.

    facts = facts_of(resource)
    kind = main_kind("Condition")   what they are about; None for a type that is only kept

Names, addresses and narrative never become facts. Source: HL7 FHIR R4 (4.0.1), the page of each
resource.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from osler.readers.fhir_document import attached, binary, composition, document_reference, media
from osler.readers.fhir_medication import medication_facts
from osler.readers.fhir_observation import observation_facts
from osler.readers.fhir_side import side_of
from osler.readers.fhir_stage import tnm_of_stage
from osler.readers.fhir_statement import (
    answers,
    consent,
    device,
    device_use,
    nutrition_order,
    risk,
    service_request,
    warning,
)
from osler.readers.fhir_values import Resource, code_of, rows
from osler.record.fact import Assertion, Code, Fact, FactKind, FactValue
from osler.record.record import BIRTH_DATE, SEX
from osler.record.tnm import Tnm

__all__ = ["facts_of", "main_kind"]

_VERIFIED = {
    "refuted": Assertion.ABSENT,
    "unconfirmed": Assertion.POSSIBLE,
    "provisional": Assertion.POSSIBLE,
    "differential": Assertion.POSSIBLE,
}


_KINDS = {
    "Patient": FactKind.DEMOGRAPHIC,
    "Condition": FactKind.CONDITION,
    "FamilyMemberHistory": FactKind.CONDITION,
    "AllergyIntolerance": FactKind.ALLERGY,
    "MedicationRequest": FactKind.MEDICATION,
    "MedicationStatement": FactKind.MEDICATION,
    "MedicationAdministration": FactKind.MEDICATION,
    "MedicationDispense": FactKind.MEDICATION,
    "DiagnosticReport": FactKind.REPORT,
    "ImagingStudy": FactKind.PROCEDURE,
    "Procedure": FactKind.PROCEDURE,
    "Immunization": FactKind.PROCEDURE,
    "ServiceRequest": FactKind.PROCEDURE,
    "NutritionOrder": FactKind.PROCEDURE,
    "Encounter": FactKind.ENCOUNTER,
    "Specimen": FactKind.SPECIMEN,
    "DocumentReference": FactKind.NOTE,
    "Composition": FactKind.NOTE,
    "Binary": FactKind.NOTE,
    "Media": FactKind.MEDIA,
}


def facts_of(resource: Resource) -> list[Fact]:
    """The facts of one resource; none of a type that is only kept."""
    reader = _READERS.get(resource.type)
    return reader(resource) if reader else []


def main_kind(kind: str) -> FactKind | None:
    """What the facts of a resource type are about, or None for a type that is only kept."""
    if kind not in _READERS:
        return None
    return _KINDS.get(kind, FactKind.OBSERVATION)


def _patient(resource: Resource) -> list[Fact]:
    found = []
    if born := resource.moment("/birthDate"):
        found.append(_demographic(resource, BIRTH_DATE, "/birthDate", born))
    if sex := resource.text("/gender"):
        found.append(_demographic(resource, SEX, "/gender", sex))
    if died := resource.moment("/deceasedDateTime"):
        found.append(_demographic(resource, "date of death", "/deceasedDateTime", died))
    elif isinstance(resource.at("/deceasedBoolean"), bool):
        deceased = bool(resource.at("/deceasedBoolean"))
        found.append(_demographic(resource, "deceased", "/deceasedBoolean", deceased))
    return found


def _demographic(resource: Resource, words: str, path: str, value: FactValue) -> Fact:
    kind = FactKind.DEMOGRAPHIC
    return resource.fact(kind, Code(text=words), path, value=value, status="final", part=words)


def _condition(resource: Resource) -> list[Fact]:
    verified = resource.word("/verificationStatus")
    start, end = resource.started("onset"), resource.ended("abatement")
    end = resource.moment("/abatementDateTime") or end
    status = _state_status(resource)
    assertion = _VERIFIED.get(verified or "", Assertion.PRESENT)
    code = resource.concept("/code") or Code(text="condition without a code")
    found = [
        resource.fact(
            FactKind.CONDITION,
            code,
            "/code",
            valid_from=start,
            valid_to=end,
            status=status,
            assertion=assertion,
            laterality=side_of(resource, "/bodySite", "/code"),
        )
    ]
    found.extend(_stages(resource, found[0]))
    return found


def _stages(resource: Resource, condition: Fact) -> list[Fact]:
    """A fact for each category of each stage; the concept itself where it is no TNM."""
    found = []
    for index, stage in enumerate(rows(resource.at("/stage"))):
        summary = code_of(stage.get("summary"))
        if summary is None:
            continue
        kind = code_of(stage.get("type")) or Code(text=f"stage of {condition.code.text}")
        path = f"/stage/{index}"
        values: Sequence[Tnm | Code] = tnm_of_stage(stage, condition.code.text) or [summary]
        for value in values:
            axis = f"/{value.axis}" if isinstance(value, Tnm) and len(values) > 1 else ""
            found.append(
                resource.fact(
                    FactKind.OBSERVATION,
                    kind,
                    f"{path}/summary",
                    value=value,
                    valid_from=condition.valid_from,
                    status=condition.status,
                    assertion=condition.assertion,
                    part=f"{path}{axis}",
                )
            )
    return found


def _allergy(resource: Resource) -> list[Fact]:
    reactions = [_reaction(row) for row in rows(resource.at("/reaction"))]
    words = [words for words in reactions if words]
    criticality = resource.text("/criticality")
    if criticality:
        words.append(f"criticality {criticality}")
    code = resource.concept("/code") or resource.concept("/reaction/0/substance")
    path = "/reaction" if any(reactions) else "/criticality" if criticality else "/code"
    return [
        resource.fact(
            FactKind.ALLERGY,
            code or Code(text="allergy without a code"),
            path,
            value="; ".join(words) or None,
            valid_from=resource.started("onset"),
            valid_to=resource.ended("onset"),
            status=_state_status(resource),
            assertion=_VERIFIED.get(resource.word("/verificationStatus") or "", Assertion.PRESENT),
        )
    ]


def _reaction(row: Mapping[str, Any]) -> str:
    """`hives, wheezing (severe)`; empty where nothing is said of it."""
    signs = [code.text for m in rows(row.get("manifestation")) if (code := code_of(m))]
    said = ", ".join(signs) or row.get("description")
    severity = row.get("severity")
    if not isinstance(said, str):
        return ""
    return f"{said} ({severity})" if isinstance(severity, str) else said


def _state_status(resource: Resource) -> str:
    if resource.word("/verificationStatus") == "entered-in-error":
        return "entered-in-error"
    return resource.word("/clinicalStatus") or "unknown"


def _event(
    kind: FactKind,
    codes: tuple[str, ...],
    times: tuple[str, ...],
    values: tuple[str, ...] = (),
    sites: tuple[str, ...] = (),
) -> Callable[[Resource], list[Fact]]:
    """A reader for a type that states one event: where its code, times and value stand."""

    def read(resource: Resource) -> list[Fact]:
        body = resource.body
        named = ((path, resource.concept(path)) for path in codes)
        where, code = next(((p, c) for p, c in named if c), (None, None))
        value, path = _first_value(resource, values)
        status = resource.text("/status")
        return [
            resource.fact(
                kind,
                code or Code(text=f"{resource.type} without a code"),
                path or where or "/resourceType",
                value=value,
                valid_from=resource.started(*times),
                valid_to=resource.ended(*times),
                assertion=Assertion.ABSENT if status == "not-done" else Assertion.PRESENT,
                laterality=side_of(resource, *sites) if sites else None,
                replaces=resource.identity_at("/replaces/0") if "replaces" in body else None,
            )
        ]

    return read


def _first_value(resource: Resource, paths: tuple[str, ...]) -> tuple[FactValue, str | None]:
    for path in paths:
        value = resource.text(path) or resource.concept(path)
        if value:
            return value, path
    return None, None


def _report(resource: Resource) -> list[Fact]:
    found = _REPORT(resource)
    if "specimen" in resource.body:
        found = [replace(f, specimen=resource.identity_at("/specimen/0")) for f in found]
    return [*found, *attached(resource, found[0].code, found[0].valid_from)]


def _specimen(resource: Resource) -> list[Fact]:
    return [replace(fact, specimen=fact.identity) for fact in _SPECIMEN(resource)]


_REPORT = _event(FactKind.REPORT, ("/code",), ("effective",), ("/conclusion", "/conclusionCode/0"))
_SPECIMEN = _event(
    FactKind.SPECIMEN,
    ("/type",),
    ("collection/collected",),
    ("/collection/bodySite",),
    ("/collection/bodySite",),
)


def _family(resource: Resource) -> list[Fact]:
    relation = resource.concept("/relationship")
    found = []
    for index, row in enumerate(rows(resource.at("/condition"))):
        path = f"/condition/{index}"
        found.append(
            resource.fact(
                FactKind.CONDITION,
                code_of(row.get("code")) or Code(text="condition without a code"),
                f"{path}/code",
                assertion=Assertion.FAMILY,
                experiencer=relation.text if relation else "relative",
                part=path,
            )
        )
    return found


def _imaging(resource: Resource) -> list[Fact]:
    code = resource.concept("/procedureCode/0")
    path, words = "/procedureCode/0", resource.text("/description")
    if code is None and words:
        code, path = Code(text=words), "/description"
    if code is None:
        parts = [resource.concept(f"/series/0/{key}") for key in ("modality", "bodySite")]
        names = [part.text for part in parts if part]
        code, path = Code(text=", ".join(names) or "imaging study"), "/series/0"
        path = path if resource.at(path) else "/resourceType"
    start = resource.moment("/started")
    return [resource.fact(FactKind.PROCEDURE, code, path, valid_from=start)]


_READERS: Mapping[str, Callable[[Resource], list[Fact]]] = {
    "Patient": _patient,
    "Condition": _condition,
    "AllergyIntolerance": _allergy,
    "MedicationRequest": medication_facts,
    "MedicationStatement": medication_facts,
    "MedicationAdministration": medication_facts,
    "Observation": observation_facts,
    "DiagnosticReport": _report,
    "FamilyMemberHistory": _family,
    "ImagingStudy": _imaging,
    "Procedure": _event(
        FactKind.PROCEDURE, ("/code",), ("performed",), ("/outcome",), ("/bodySite", "/code")
    ),
    "Encounter": _event(FactKind.ENCOUNTER, ("/type/0", "/class"), ("period",), ("/reasonCode/0",)),
    # A vaccination is something done once: an event, where a drug being taken is a state.
    "Immunization": _event(FactKind.PROCEDURE, ("/vaccineCode",), ("occurrence",)),
    "Specimen": _specimen,
    "MedicationDispense": medication_facts,
    "DocumentReference": document_reference,
    "Composition": composition,
    "Binary": binary,
    "Media": media,
    "ServiceRequest": service_request,
    "NutritionOrder": nutrition_order,
    "Flag": warning,
    "DetectedIssue": warning,
    "AdverseEvent": warning,
    "Consent": consent,
    "Device": device,
    "DeviceUseStatement": device_use,
    "RiskAssessment": risk,
    "QuestionnaireResponse": answers,
}
