"""FHIR types that state something clinical beside findings, drugs and procedures.

    facts = warning(resource)           Flag, DetectedIssue, AdverseEvent: never lost
    facts = service_request(resource)   what was ordered and is not done: pending
    facts = answers(resource)           what a questionnaire was answered, by the patient or not

Source: HL7 FHIR R4 (4.0.1), the page of each resource.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from osler.readers.fhir_side import side_of
from osler.readers.fhir_values import Resource, code_of, decimal_of, quantity_of, rows
from osler.record.fact import Assertion, Code, Fact, FactKind, FactValue, Quantity
from osler.record.source import Stream

__all__ = [
    "answers",
    "consent",
    "device",
    "device_use",
    "nutrition_order",
    "risk",
    "service_request",
    "warning",
]

_OPEN = {"draft", "active", "on-hold", "unknown"}
_DEPTH = 16


def service_request(resource: Resource) -> list[Fact]:
    """An order: pending while it is open, and no more than a thing of the past afterwards."""
    code, path = _code(resource, "/code")
    return [
        resource.fact(
            FactKind.PROCEDURE,
            code,
            path,
            valid_from=resource.started("occurrence") or resource.moment("/authoredOn"),
            assertion=_ordered(resource),
            laterality=side_of(resource, "/bodySite", "/code"),
            specimen=resource.identity_at("/specimen/0"),
            replaces=resource.identity_at("/replaces/0"),
        )
    ]


def nutrition_order(resource: Resource) -> list[Fact]:
    """A diet or tube feed that was ordered."""
    code, path = _code(
        resource, "/oralDiet/type/0", "/enteralFormula/baseFormulaType", "/supplement/0/type"
    )
    start = resource.moment("/dateTime")
    assertion = _ordered(resource)
    return [resource.fact(FactKind.PROCEDURE, code, path, valid_from=start, assertion=assertion)]


def warning(resource: Resource) -> list[Fact]:
    """A flag, an issue or a harm that somebody put on record."""
    code, path = _code(resource, "/code", "/event", "/category/0")
    value, status = None, resource.text("/status")
    for key in ("/detail", "/severity", "/seriousness"):
        if said := resource.text(key) or resource.concept(key):
            value, path = said, key
            break
    absent = resource.text("/actuality") == "potential"
    return [
        resource.fact(
            FactKind.OBSERVATION,
            code,
            path,
            value=value,
            valid_from=resource.started("period", "identified", "date", "detected"),
            valid_to=resource.ended("period"),
            status=status,
            assertion=Assertion.HYPOTHETICAL if absent else Assertion.PRESENT,
        )
    ]


def consent(resource: Resource) -> list[Fact]:
    """What the patient permits or denies: a resuscitation order among it."""
    code, path = _code(resource, "/category/0", "/scope")
    value = resource.text("/provision/type")
    return [
        resource.fact(
            FactKind.OBSERVATION,
            code,
            "/provision/type" if value else path,
            value=value,
            valid_from=resource.moment("/provision/period/start") or resource.moment("/dateTime"),
            valid_to=resource.moment("/provision/period/end"),
        )
    ]


def device(resource: Resource) -> list[Fact]:
    """A device that belongs to the patient, such as a pacemaker."""
    if resource.at("/patient") is None:
        return []
    code, path = _code(resource, "/type")
    return [resource.fact(FactKind.OBSERVATION, code, path)]


def device_use(resource: Resource) -> list[Fact]:
    """That the patient uses a device."""
    code, path = _code(resource, "/device", "/reasonCode/0")
    return [
        resource.fact(
            FactKind.OBSERVATION,
            code,
            path,
            valid_from=resource.started("timing"),
            valid_to=resource.ended("timing"),
            laterality=side_of(resource, "/bodySite"),
        )
    ]


def risk(resource: Resource) -> list[Fact]:
    """What may happen, one fact a prediction; none of it has happened."""
    start = resource.started("occurrence")
    found = []
    for index, row in enumerate(rows(resource.at("/prediction"))):
        path = f"/prediction/{index}"
        named = code_of(row.get("outcome")) or resource.concept("/code") or Code(text="risk")
        number = decimal_of(row.get("probabilityDecimal"))
        said: FactValue = Quantity(value=number) if number is not None else None
        where = f"{path}/probabilityDecimal"
        if said is None:
            said, where = code_of(row.get("qualitativeRisk")), f"{path}/qualitativeRisk"
        found.append(
            resource.fact(
                FactKind.OBSERVATION,
                named,
                where if said is not None else path,
                value=said,
                valid_from=start,
                assertion=Assertion.HYPOTHETICAL,
                part=path,
            )
        )
    return found


def answers(resource: Resource) -> list[Fact]:
    """One fact an answer; where the patient answered, the patient speaks."""
    by = resource.text("/source/reference") or ""
    stream = Stream.PATIENT if "Patient/" in by or "RelatedPerson/" in by else Stream.EHR
    start = resource.moment("/authored")
    found = []
    for path, item in _asked(resource.at("/item"), "/item", _DEPTH):
        words = item.get("text") or item.get("linkId")
        for index, answer in enumerate(rows(item.get("answer"))):
            where = f"{path}/answer/{index}"
            key, value = _answer(resource, answer, where)
            if key is None:
                continue
            found.append(
                resource.fact(
                    FactKind.OBSERVATION,
                    Code(text=words if isinstance(words, str) else "question"),
                    f"{where}/{key}",
                    value=value,
                    valid_from=start,
                    part=where,
                    stream=stream,
                )
            )
    return found


def _answer(
    resource: Resource, answer: Mapping[str, Any], where: str
) -> tuple[str | None, FactValue]:
    key = next((k for k in answer if k.startswith("value")), None)
    raw = answer.get(key) if key else None
    match key:
        case "valueBoolean" if isinstance(raw, bool):
            return key, raw
        case "valueCoding":
            return key, code_of(raw)
        case "valueQuantity":
            return key, quantity_of(raw)
        case "valueDecimal" | "valueInteger":
            number = decimal_of(raw)
            return key, Quantity(value=number) if number is not None else None
        case "valueDate" | "valueDateTime":
            return key, resource.moment(f"{where}/{key}")
        case "valueString" | "valueTime":
            return key, resource.text(f"{where}/{key}")
    return None, None


def _asked(held: Any, path: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for index, item in enumerate(rows(held)):
        yield f"{path}/{index}", item
        if depth:
            yield from _asked(item.get("item"), f"{path}/{index}/item", depth - 1)


def _ordered(resource: Resource) -> Assertion:
    if resource.at("/doNotPerform") is True:
        return Assertion.ABSENT
    if resource.text("/intent") in {"proposal", "option"}:
        return Assertion.HYPOTHETICAL
    status = resource.text("/status") or "unknown"
    if status == "revoked":
        return Assertion.ABSENT
    return Assertion.PENDING if status in _OPEN else Assertion.HISTORICAL


def _code(resource: Resource, *paths: str) -> tuple[Code, str]:
    """The first concept at these paths, and where it stands."""
    for path in paths:
        if code := resource.concept(path):
            return code, path
        if words := resource.text(f"{path}/display"):
            return Code(text=words), f"{path}/display"
    return Code(text=f"{resource.type} without a code"), "/resourceType"
