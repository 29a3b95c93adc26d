"""FHIR: identity goes, codes and digits stay, and the record is the same but for its dates."""

import base64
import gzip
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.errors import BrokenFile, InputError, Undeclared
from osler.readers.deidentify import AUTHORITY
from osler.readers.deidentify_fhir import people_of_fhir, rewrite_fhir
from osler.readers.deidentify_people import People, leaks
from osler.readers.fhir import read
from osler.readers.reading import Context
from osler.record.fact import Fact, Quantity
from osler.record.patient import Identifier
from tests.readers.planted import OWNER, SECRETS, deidentifier, fhir_bundle, fhir_bytes

DAYS = deidentifier().days(Identifier(authority="urn:osler:file", value="1"))
MOVED = (date(2024, 5, 1) + timedelta(days=DAYS or 0)).isoformat()
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def rewritten(body: Any, profile: str = "basic") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return json.loads(rewrite_fhir(data, "a.json", deidentifier(profile), People()))


def facts(data: bytes) -> list[Fact]:
    items = read(data, Context(name="a.json", now=NOW)).items
    return [fact for item in items for fact in item.facts]


def resource(bundle: Any, kind: str) -> dict[str, Any]:
    found = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]
    assert len(found) == 1
    return dict(found[0])


def test_no_planted_identifier_is_left() -> None:
    out = rewrite_fhir(fhir_bytes(), "a.json", deidentifier(), People())
    assert [secret for secret in SECRETS if secret.encode() in out] == []
    assert leaks(out, people_of_fhir(fhir_bytes(), "a.json")) == []
    assert leaks(fhir_bytes(), people_of_fhir(fhir_bytes(), "a.json")) != []


def test_references_lead_to_the_same_resource() -> None:
    out = rewritten(fhir_bytes())
    patient, lab = resource(out, "Patient"), resource(out, "Observation")
    assert lab["subject"]["reference"] == f"Patient/{patient['id']}"
    assert out["entry"][0]["fullUrl"].endswith(f"/Patient/{patient['id']}")
    (result,) = resource(out, "DiagnosticReport")["result"]
    assert result == {"reference": f"Observation/{lab['id']}", "display": "Glucose"}


def test_identifiers_are_pseudonyms_and_the_record_number_stays_one() -> None:
    patient = resource(rewritten(fhir_bytes()), "Patient")
    assert patient["identifier"][0] == {
        "type": {"coding": [{"code": "MR"}]},
        "system": AUTHORITY,
        "value": deidentifier().pseudonym(OWNER).value,
    }
    assert patient["address"] == [{"state": "MA", "country": "US", "postalCode": "021"}]


def test_dates_move_together_and_keep_their_precision() -> None:
    days = deidentifier().days(OWNER)
    out = rewritten(fhir_bytes())
    lab, condition = resource(out, "Observation"), resource(out, "Condition")
    drawn = date.fromisoformat(lab["effectiveDateTime"][:10])
    assert (drawn - date(2024, 5, 1)).days == days
    assert (date.fromisoformat(lab["issued"][:10]) - drawn).days == 2
    assert lab["effectiveDateTime"].endswith("T08:30:00+02:00")
    assert len(condition["onsetDateTime"]) == 7


def test_digits_of_numbers_stay() -> None:
    assert b'"value":5.10' in rewrite_fhir(fhir_bytes(), "a", deidentifier(), People())


def test_without_dates_there_are_none() -> None:
    out = rewritten(fhir_bytes(), "basic-no-dates")
    assert {"effectiveDateTime", "issued"} & resource(out, "Observation").keys() == set()
    assert "birthDate" not in resource(out, "Patient")


def test_a_birth_date_that_tells_of_an_age_over_89_is_masked() -> None:
    bundle = fhir_bundle()
    bundle["entry"][0]["resource"]["birthDate"] = "1935-03-25"
    patient = resource(rewritten(bundle), "Patient")
    assert "birthDate" not in patient
    assert patient["_birthDate"]["extension"][0]["valueCode"] == "masked"


@pytest.mark.parametrize(
    ("value", "new"),
    [
        ({"valueString": "call 555-201-3344"}, {"valueString": "call [phone]"}),
        ({"valueDateTime": "2024-05-01"}, {"valueDateTime": MOVED}),
        ({"valueQuantity": {"value": 97, "code": "a"}}, {"valueQuantity": {"value": 90,
          "code": "a"}}),
        ({"valueSampledData": {"origin": {"value": 0}, "data": "555-201-3344"}},
         {"valueSampledData": {"origin": {"value": 0}, "data": "555-201-3344"}}),
        ({"valueCodeableConcept": {"coding": [{"system": "s", "code": "2106-3",
          "display": "White"}]}},) * 2,
        ({"performer": [{"display": "Dr Grant"}]}, {}),
        ({"valueAttachment": {"contentType": "text/plain", "title": "Letter",
          "data": base64.b64encode(b"SSN 123-45-6789").decode()}},
         {"valueAttachment": {"contentType": "text/plain", "title": "Letter",
          "data": base64.b64encode(b"SSN [identifier]").decode()}}),
    ],
)  # fmt: skip
def test_values(value: dict[str, Any], new: dict[str, Any]) -> None:
    body = {"resourceType": "Observation", "status": "final", **value}
    body["subject"] = {"reference": "Patient/1"}
    out = rewritten(body)
    assert {k: v for k, v in out.items() if k in {*value, *new}} == new


def test_uids_of_imaging_are_those_of_the_pictures() -> None:
    uid = "1.2.826.0.1.777.42"
    body = {
        "resourceType": "ImagingStudy",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{uid}"}],
        "series": [{"uid": uid}],
    }
    out = rewritten(body)
    new = deidentifier().uid(uid)
    assert out["series"] == [{"uid": new}]
    assert out["identifier"][0]["value"] == f"urn:oid:{new}"


def test_ndjson_is_rewritten_line_by_line_with_the_patients_of_the_delivery() -> None:
    lines = [entry["resource"] for entry in fhir_bundle()["entry"]]
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    people = people_of_fhir(data, "a.ndjson")
    alone = json.dumps(lines[2]).encode() + b"\n" + json.dumps(lines[4]).encode() + b"\n"
    out = rewrite_fhir(alone, "b.ndjson", deidentifier(), people)
    whole = rewrite_fhir(data, "a.ndjson", deidentifier(), People())
    assert out.splitlines() == [whole.splitlines()[2], whole.splitlines()[4]]
    assert leaks(out, people) == []


@pytest.mark.parametrize("data", [b"[1]", b'{"a": 1}', b"3"])
def test_what_is_no_fhir_is_refused(data: bytes) -> None:
    with pytest.raises(Undeclared, match="no de-identification"):
        rewrite_fhir(data, "a.json", deidentifier(), People())


def test_what_is_nested_too_deeply_is_refused() -> None:
    deep = b'{"resourceType":"Basic","x":' + b"[" * 100_000
    with pytest.raises(BrokenFile):
        rewrite_fhir(deep, "a.json", deidentifier(), People())
    middling = b'{"resourceType":"Basic","x":' + b"[" * 900 + b"]" * 900 + b"}"
    with pytest.raises(BrokenFile, match="deeply"):
        rewrite_fhir(middling, "a.json", deidentifier(), People())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["id", "identifier", "value", "system", "name", "address", "reference", "display",
             "link", "text", "div", "data", "contentType", "contained", "entry", "resource",
             "fullUrl", "request", "resourceType", "birthDate", "_birthDate", "extension"]
        ),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(["entry", "link", "name", "subject", "id"]), JSON),
       st.sampled_from(["Bundle", "Patient", "Organization", "Binary"]))  # fmt: skip
def test_any_shape_is_taken_or_refused(body: dict[str, Any], kind: str) -> None:
    data = json.dumps({**body, "resourceType": kind}).encode()
    try:
        out = rewrite_fhir(data, "a.json", deidentifier(), People())
    except InputError:
        return
    json.loads(out)


def _told(fact: Fact) -> tuple[object, ...]:
    value = fact.value
    number = value.value if isinstance(value, Quantity) else None
    return (fact.kind, fact.code.system, fact.code.code, fact.status, fact.assertion, number)


@pytest.mark.parametrize("number", [0, 17, 34])
def test_a_synthetic_record_is_the_same_but_for_its_dates(shared_data: Path, number: int) -> None:
    path = sorted((shared_data / "fhir_r4").glob("*.json.gz"))[number]
    data = path.read_bytes()
    people = people_of_fhir(data, path.name)
    hidden = deidentifier()
    out = rewrite_fhir(data, path.name, hidden, people)
    assert leaks(out, people) == []
    before, after = facts(gzip.decompress(data)), facts(out)
    (person,) = people.persons
    days = {hidden.days(people.references[r]) for r in people.references}
    assert len(days) == 1 and person.identifiers
    born = [fact for fact in before if "birth" in fact.code.text.casefold()]
    kept = [fact for fact in before if fact not in born]
    came = [fact for fact in after if "birth" not in fact.code.text.casefold()]
    assert list(map(_told, kept)) == list(map(_told, came))
    gaps = {
        (b.valid_from.day - a.valid_from.day).days
        for a, b in zip(kept, came, strict=True)
        if a.valid_from and b.valid_from
    }
    assert gaps == days


@pytest.mark.slow
def test_no_synthetic_patient_is_left_in_any_record(shared_data: Path) -> None:
    for path in sorted((shared_data / "fhir_r4").glob("*.json.gz")):
        data = path.read_bytes()
        people = people_of_fhir(data, path.name)
        assert leaks(rewrite_fhir(data, path.name, deidentifier(), people), people) == [], path
