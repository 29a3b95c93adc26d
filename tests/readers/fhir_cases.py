"""Small FHIR resources, and whether a fact holds at the place that it names."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from osler.readers.fhir import read
from osler.readers.reading import Context, Item, Reading
from osler.record.fact import Code, Fact, Quantity
from osler.record.locator import Pointer
from osler.record.moment import Moment
from osler.record.source import digest_of

NOW = datetime(2026, 10, 1, tzinfo=UTC)
CONTEXT = Context(name="b.json", now=NOW)
SNOMED = "http://snomed.info/sct"
MRN = {"type": {"coding": [{"code": "MR"}]}, "system": "urn:h", "value": "8823"}
PATIENT = {"resourceType": "Patient", "id": "p", "identifier": [MRN], "birthDate": "1961-03"}
SUBJECT = {"subject": {"reference": "Patient/p"}}


def one(resource: dict[str, Any], **context: Any) -> Item:
    return read(json.dumps(resource).encode(), Context(name="r.json", now=NOW, **context)).items[0]


def fact(resource: dict[str, Any]) -> Fact:
    (found,) = one(resource).facts
    return found


def bundle(*resources: dict[str, Any], urls: bool = False) -> Reading:
    entries = [
        {"fullUrl": f"http://a/{r['resourceType']}/{r.get('id')}", "resource": r} if urls
        else {"resource": r}
        for r in resources
    ]  # fmt: skip
    return read(json.dumps({"resourceType": "Bundle", "entry": entries}).encode(), CONTEXT)


def resolve(item: Item, found: Fact) -> Any:
    assert found.evidence.source == item.source.digest == digest_of(item.data)
    assert isinstance(found.evidence.at, Pointer)
    value = json.loads(item.data, parse_float=Decimal)
    for step in found.evidence.at.path.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def holds(item: Item, found: Fact) -> bool:
    """Whether the place that the evidence names says what the fact claims."""
    there = resolve(item, found)
    match found.value:
        case Quantity():
            number = there["value"] if isinstance(there, dict) else there
            return bool(number == found.value.value)
        case Code():
            return _has_code(there, found.value)
        case Moment():
            return bool(there == found.value.text)
        case str() | bool():
            # A sentence made of parts (a dosage, a reaction) has its numbers in the part it names.
            words = json.dumps(there, ensure_ascii=False, default=str)
            numbers = re.findall(r"\d+(?:\.\d+)?", str(found.value))
            return there == found.value or all(number in words for number in numbers)
    words = json.dumps(there, ensure_ascii=False, default=str)
    return all(part in words for part in found.code.text.split(", "))


def _has_code(there: Any, code: Code) -> bool:
    codings = there.get("coding", [there])
    if code.code is None:
        return code.text in json.dumps(there, ensure_ascii=False)
    return any(c.get("code") == code.code for c in codings)


def observation(**fields: Any) -> dict[str, Any]:
    base = {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "x"}}
    return {**base, **fields}
