"""Whose a resource is: references, identifiers, links, and what contradicts itself."""

import json
from typing import Any

import pytest

from osler.readers.fhir import read
from osler.record.patient import Identifier, Link, Patient
from osler.record.record import Record
from tests.readers.fhir_cases import CONTEXT, MRN, PATIENT, SUBJECT, bundle, one

WHO = Identifier(authority="urn:h", value="8823")
OTHER = {**PATIENT, "id": "q", "identifier": [{**MRN, "value": "9"}]}
CONDITION = {"resourceType": "Condition", "id": "c", "code": {"text": "x"}}


def test_a_logical_reference_is_an_identifier() -> None:
    logical = {"identifier": {"system": "urn:h", "value": "8823"}}
    assert one({**CONDITION, "subject": logical}).patient == WHO
    assert one({**CONDITION, "subject": {"identifier": {"value": "8823"}}}).patient is None
    group = {"type": "Group", **logical}
    assert one({**CONDITION, "subject": group}).patient is None


def test_a_contained_patient_with_a_number() -> None:
    inside = {"contained": [PATIENT], "subject": {"reference": "#p"}}
    assert one({**CONDITION, **inside}).patient == WHO
    unnumbered = {**inside, "contained": [{"resourceType": "Patient", "id": "p"}]}
    assert one({**CONDITION, **unnumbered}).patient is None


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": {"reference": "Patient/p", "identifier": {"system": "urn:h", "value": "9"}}},
        {"subject": {"reference": "Patient/p"}, "patient": {"reference": "Patient/q"}},
        {"subject": {"reference": "Patient/x"}, "patient": {"reference": "Patient/y"}},
        {**SUBJECT, "contained": [{**OTHER, "id": "inner"}]},
    ],
)
def test_what_contradicts_itself_waits_for_a_person(fields: dict[str, Any]) -> None:
    item = bundle(PATIENT, OTHER, {**CONDITION, **fields}).items[2]
    assert item.patient is None
    assert "a person must decide" in (item.disputed or "")


def test_two_numbers_of_one_patient_are_no_dispute() -> None:
    second = {"system": "urn:lab", "value": "L1"}
    patient = {**PATIENT, "identifier": [MRN, second]}
    subject = {"subject": {"reference": "Patient/p", "identifier": second}}
    item = bundle(patient, {**CONDITION, **subject}).items[1]
    assert (item.patient, item.disputed) == (WHO, None)


def test_a_relative_reference_means_the_entrys_own_server() -> None:
    entries = [
        {"fullUrl": "http://a/Patient/p", "resource": PATIENT},
        {"fullUrl": "http://b/Condition/c", "resource": {**CONDITION, **SUBJECT}},
    ]
    data = json.dumps({"resourceType": "Bundle", "entry": entries}).encode()
    assert read(data, CONTEXT).items[1].patient is None


@pytest.mark.parametrize(
    ("kind", "links"),
    [
        ("replaced-by", (Link(kept=Identifier(authority="urn:h", value="9"), merged=WHO),)),
        ("replaces", (Link(kept=WHO, merged=Identifier(authority="urn:h", value="9")),)),
        ("refer", ()),
        ("seealso", ()),
    ],
)
def test_links(kind: str, links: tuple[Link, ...]) -> None:
    linked = {**PATIENT, "link": [{"type": kind, "other": {"reference": "Patient/q"}}]}
    item = bundle(linked, OTHER).items[0]
    assert (item.links, item.trouble) == (links, None)


def test_a_link_that_leads_nowhere_is_told() -> None:
    item = one({**PATIENT, "link": [{"type": "replaces", "other": {"reference": "Patient/z"}}]})
    assert item.links == ()
    assert "not followed" in (item.trouble or "")


def history(*entries: dict[str, Any]) -> Any:
    whole = {"resourceType": "Bundle", "type": "history", "entry": list(entries)}
    return read(json.dumps(whole).encode(), CONTEXT).items


def test_a_deletion_ends_every_fact_of_what_was_deleted() -> None:
    condition = {
        **CONDITION, **SUBJECT, "clinicalStatus": {"text": "active"},
        "stage": [{"summary": {"text": "II"}}],
    }  # fmt: skip
    stored = {"status": "201", "lastModified": "2024-01-01T00:00:00Z"}
    gone = {"status": "204", "lastModified": "2024-03-01T00:00:00Z"}
    items = history(
        {"fullUrl": "http://a/Condition/c", "request": {"method": "DELETE", "url": "Condition/c"},
         "response": gone},
        {"fullUrl": "http://a/Patient/p", "resource": PATIENT, "response": stored},
        {"fullUrl": "http://a/Condition/c", "resource": condition, "response": stored},
    )  # fmt: skip
    deletion = items[-1]
    assert deletion.patient == WHO
    assert json.loads(deletion.data)["response"] == gone
    assert {f.identity for f in deletion.facts} == {f.identity for f in items[1].facts}
    assert {f.status for f in deletion.facts} == {"entered-in-error"}
    assert {(str(f.recorded_at), f.recorded_inferred) for f in deletion.facts} == {
        ("2024-03-01 00:00", False)
    }
    facts = [f for item in items for f in item.facts]
    record = Record.of(Patient(key=1, identifiers=(WHO,)), facts, [])
    assert record.state(deletion.facts[0].kind) == []


def test_a_deletion_of_what_is_not_there_names_the_identity() -> None:
    request = {"method": "DELETE", "url": "Condition/c"}
    (item,) = history({"request": request})
    assert [(f.identity, f.status) for f in item.facts] == [("Condition/c", "entered-in-error")]
    assert item.patient is None
    (other,) = history({"request": {"method": "DELETE", "url": "Goal/g"}})
    assert (other.facts, bool(other.trouble)) == ((), True)


@pytest.mark.parametrize("kind", ["transaction", "batch", "collection", "searchset", "document"])
def test_every_kind_of_bundle(kind: str) -> None:
    inner = {"resourceType": "Bundle", "type": kind, "entry": [{"resource": PATIENT}]}
    outer = {"resourceType": "Bundle", "entry": [{"resource": inner}, {"resource": CONDITION}]}
    items = read(json.dumps(outer).encode(), CONTEXT).items
    assert [i.source.name for i in items] == [
        "b.json#/entry/0/resource/entry/0/resource",
        "b.json#/entry/1/resource",
    ]


def test_bundles_in_bundles_without_end() -> None:
    data: Any = PATIENT
    for _ in range(40):
        data = {"resourceType": "Bundle", "entry": [{"resource": data}]}
    (item,) = read(json.dumps(data).encode(), CONTEXT).items
    assert item.source.kind == "fhir/Bundle"
    assert "kept whole" in (item.trouble or "")
