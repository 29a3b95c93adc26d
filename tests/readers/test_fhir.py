"""FHIR Bundles and resources: exact sources, whose they are, and facts whose pointers hold."""

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from osler.errors import BrokenFile, UnknownFormat
from osler.readers.fhir import read
from osler.readers.reading import Context
from osler.readers.resolve import ShownText, show
from osler.record.codec import fact_to_json
from osler.record.fact import Assertion, Code, FactKind
from osler.record.patient import Identifier
from osler.record.record import BIRTH_DATE, SEX
from osler.record.source import AuthorRole
from osler.record.tnm import Tnm
from tests.readers.fhir_cases import (
    CONTEXT,
    MRN,
    NOW,
    PATIENT,
    SNOMED,
    SUBJECT,
    bundle,
    fact,
    holds,
    observation,
    one,
    resolve,
)


def test_every_synthetic_patient(shared_data: Path) -> None:
    files = sorted((shared_data / "fhir_r4").glob("*.json.gz"))
    if not files:
        pytest.skip("the FHIR sample bundles are absent")
    kinds: Counter[str] = Counter()
    facts: Counter[str] = Counter()
    seconds = 0.0
    for path in files:
        data = path.read_bytes()
        entries = json.loads(gzip.decompress(data))["entry"]
        start = time.perf_counter()
        reading = read(data, Context(name=path.name, now=NOW))
        seconds += time.perf_counter() - start
        assert [json.loads(i.data) for i in reading.items] == [e["resource"] for e in entries]
        patients = {i.patient for i in reading.items if i.patient}
        assert len(patients) == 1
        for item in reading.items:
            kinds[item.source.kind] += 1
            about_nobody = item.source.kind in {"fhir/Practitioner", "fhir/Organization"}
            assert (item.patient is None) == about_nobody
            assert bool(item.facts) != bool(item.trouble)
            for found in item.facts:
                facts[found.kind] += 1
                assert holds(item, found), (item.data, found)
                assert isinstance(show(item.data, item.source, found.evidence.at), ShownText)
    independent = Counter(f"fhir/{kind}" for kind in _raw_types(files))
    assert kinds == independent
    assert sum(kinds.values()) == 18_946
    # 7,121 observations, of which 568 blood pressures give two facts each and none of their own.
    assert facts[FactKind.OBSERVATION] == 7_121 + 568
    assert facts[FactKind.CONDITION] == 369
    assert facts[FactKind.MEDICATION] == 577
    assert facts[FactKind.ALLERGY] == 42
    assert facts[FactKind.PROCEDURE] == 2_428 + 477 + 37
    assert facts[FactKind.ENCOUNTER] == 2_127
    assert facts[FactKind.REPORT] == 504
    assert facts[FactKind.DEMOGRAPHIC] == 2 * 46 + 10
    assert seconds < 60


def _raw_types(files: list[Path]) -> Iterator[str]:
    """The resource type of every entry, counted without any of Osler's code."""
    for path in files:
        for entry in json.loads(gzip.decompress(path.read_bytes()))["entry"]:
            yield entry["resource"]["resourceType"]


def test_a_patient_is_the_number_that_an_authority_gave() -> None:
    assert one(PATIENT).patient == Identifier(authority="urn:h", value="8823")
    other = {"system": "urn:other", "value": "1"}
    unsystematic = {"value": "77"}
    old = {**MRN, "use": "old", "value": "1"}
    assert one({**PATIENT, "identifier": [unsystematic, old, other, MRN]}).patient == Identifier(
        authority="urn:h", value="8823"
    )
    assert one({**PATIENT, "identifier": [unsystematic, other]}).patient == Identifier(
        authority="urn:other", value="1"
    )
    bare = {"resourceType": "Patient", "id": "1"}
    first, second = one(bare).patient, one({**bare, "active": True}).patient
    assert first is not None
    assert first != second, "the same bare id in two files is not the same patient"
    assert bundle(bare, urls=True).items[0].patient == Identifier(
        authority="urn:ietf:rfc:3986", value="http://a/Patient/1"
    )


def test_names_never_become_facts() -> None:
    item = one({**PATIENT, "gender": "female", "name": [{"family": "Ferrier"}]})
    assert {f.code.text: str(f.value) for f in item.facts} == {BIRTH_DATE: "1961-03", SEX: "female"}
    assert len({f.identity for f in item.facts}) == 2
    assert "Ferrier" not in json.dumps([fact_to_json(f) for f in item.facts])


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("Patient/p", True),
        ("Patient/p/_history/3", True),
        ("http://a/Patient/p", True),
        ("http://b/Patient/p", False),
        ("Patient/q", False),
        ("urn:uuid:0", False),
    ],
)
def test_references_resolve_inside_the_bundle_alone(reference: str, found: bool) -> None:
    condition = {"resourceType": "Condition", "id": "c", "subject": {"reference": reference}}
    item = bundle(PATIENT, condition, urls=True).items[1]
    assert (item.patient == Identifier(authority="urn:h", value="8823")) is found
    assert (item.patient is None) is not found


def test_two_servers_with_the_same_id_are_two_patients() -> None:
    def entry(server: str, resource: dict[str, Any]) -> dict[str, Any]:
        kind, own = resource["resourceType"], resource["id"]
        return {"fullUrl": f"http://{server}/{kind}/{own}", "resource": resource}

    other = {**PATIENT, "identifier": [{**MRN, "value": "2"}]}
    condition = {"resourceType": "Condition", "id": "c", **SUBJECT}
    entries = [
        entry("a", PATIENT), entry("b", other), entry("b", condition), {"resource": condition}
    ]  # fmt: skip
    data = json.dumps({"resourceType": "Bundle", "entry": entries}).encode()
    items = read(data, CONTEXT).items
    assert items[2].patient == Identifier(authority="urn:h", value="2")
    assert items[3].patient is None, "it does not say whose server's patient it is"


def test_a_resource_alone_has_no_patient() -> None:
    assert one({"resourceType": "Condition", "id": "c", **SUBJECT}).patient is None


@pytest.mark.parametrize(
    ("verification", "assertion", "status"),
    [
        ("confirmed", Assertion.PRESENT, "active"),
        ("refuted", Assertion.ABSENT, "active"),
        ("provisional", Assertion.POSSIBLE, "active"),
        ("differential", Assertion.POSSIBLE, "active"),
        ("unconfirmed", Assertion.POSSIBLE, "active"),
        ("entered-in-error", Assertion.PRESENT, "entered-in-error"),
    ],
)
def test_condition_stands_as_verified(verification: str, assertion: Assertion, status: str) -> None:
    found = fact(
        {
            "resourceType": "Condition",
            "id": "c",
            "clinicalStatus": {"coding": [{"code": "active"}]},
            "verificationStatus": {"coding": [{"code": verification}]},
            "code": {
                "coding": [
                    {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10"},
                    {"system": SNOMED, "code": "59621000", "display": "Essential hypertension"},
                ]
            },
            "onsetDateTime": "2011",
            "abatementPeriod": {"end": "2020-02"},
            "recordedDate": "2012-01-04",
        }
    )
    assert (found.assertion, found.status) == (assertion, status)
    assert found.code == Code(text="Essential hypertension", system=SNOMED, code="59621000")
    assert (str(found.valid_from), str(found.valid_to)) == ("2011", "2020-02")
    assert (str(found.recorded_at), found.recorded_inferred) == ("2012-01-04", False)
    assert found.identity == "Condition/c"


def test_a_stage_is_a_fact_of_its_own() -> None:
    item = one(
        {
            "resourceType": "Condition",
            "code": {"text": "lung cancer"},
            "stage": [{"summary": {"text": "Stage IVA"}, "type": {"text": "clinical stage"}}],
        }
    )
    assert [(f.code.text, f.value) for f in item.facts] == [
        ("lung cancer", None),
        ("clinical stage", Tnm(axis="group", category="IVA", prefix="c")),
    ]
    assert resolve(item, item.facts[1]) == {"text": "Stage IVA"}


def test_recorded_is_inferred_from_last_updated_or_the_event() -> None:
    base = {"resourceType": "Procedure", "code": {"text": "x"}, "performedDateTime": "2020-01-02"}
    assert (str(fact(base).recorded_at), fact(base).recorded_inferred) == ("2020-01-02", True)
    later = fact({**base, "meta": {"lastUpdated": "2021-01-01T00:00:00Z"}})
    assert (str(later.recorded_at), later.recorded_inferred) == ("2021-01-01 00:00", True)


def test_allergy_says_how_it_showed() -> None:
    found = fact(
        {
            "resourceType": "AllergyIntolerance",
            "code": {"text": "Allergy to penicillin"},
            "criticality": "high",
            "reaction": [
                {"manifestation": [{"text": "hives"}, {"text": "wheezing"}], "severity": "severe"}
            ],
        }
    )
    assert found.value == "hives, wheezing (severe); criticality high"


MEDICATION = {"resourceType": "MedicationRequest", "status": "active", "intent": "order"}
APIXABAN = {"medicationCodeableConcept": {"text": "apixaban 5 mg tablet"}}


@pytest.mark.parametrize(
    ("change", "assertion"),
    [
        ({}, Assertion.PRESENT),
        ({"doNotPerform": True}, Assertion.ABSENT),
        ({"intent": "plan"}, Assertion.HYPOTHETICAL),
        ({"status": "draft"}, Assertion.PENDING),
    ],
)
def test_a_drug_that_is_only_planned_is_not_taken(
    change: dict[str, Any], assertion: Assertion
) -> None:
    assert fact({**MEDICATION, **APIXABAN, **change}).assertion is assertion


def test_dosage_in_words() -> None:
    said = {"dosageInstruction": [{"text": "1 tablet twice a day"}], "authoredOn": "2024-02-01"}
    found = fact({**MEDICATION, **APIXABAN, **said})
    assert (found.said, str(found.valid_from)) == (
        "apixaban 5 mg tablet: 1 tablet twice a day",
        "2024-02-01",
    )
    parts = {
        "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}}],
        "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
        "route": {"text": "oral"},
        "asNeededBoolean": True,
    }
    composed = fact({**MEDICATION, **APIXABAN, "dosageInstruction": [parts]})
    assert composed.value == "5 mg, 2 x per 1 d, oral, as needed"
    given = fact(
        {
            "resourceType": "MedicationAdministration",
            **APIXABAN,
            "effectivePeriod": {"start": "2024-01-01", "end": "2024-01-02"},
            "dosage": {"dose": {"value": 2.50, "unit": "mg"}},
        }
    )
    assert (given.value, str(given.valid_to)) == ("2.5 mg", "2024-01-02")


def test_the_drug_may_stand_in_another_resource() -> None:
    drug = {"resourceType": "Medication", "id": "m", "code": {"text": "osimertinib"}}
    request = {**MEDICATION, "medicationReference": {"reference": "Medication/m"}}
    assert bundle(drug, request).items[1].facts[0].code.text == "osimertinib"
    inner = {**MEDICATION, "contained": [drug], "medicationReference": {"reference": "#m"}}
    item = one(inner)
    assert item.facts[0].code.text == "osimertinib"
    assert holds(item, item.facts[0])


def test_family_history_is_not_the_patients() -> None:
    item = one(
        {
            "resourceType": "FamilyMemberHistory",
            "id": "f",
            "relationship": {"text": "mother"},
            "date": "2024-01-01",
            "condition": [{"code": {"text": "breast cancer"}}, {"code": {"text": "stroke"}}],
        }
    )
    assert [(f.code.text, f.assertion, f.experiencer) for f in item.facts] == [
        ("breast cancer", Assertion.FAMILY, "mother"),
        ("stroke", Assertion.FAMILY, "mother"),
    ]
    assert all(holds(item, f) for f in item.facts)


def test_events() -> None:
    report = one(
        {
            "resourceType": "DiagnosticReport",
            "status": "final",
            "code": {"text": "CT chest"},
            "conclusion": "Mass in the right upper lobe.",
            "issued": "2026-08-20T10:00:00Z",
            "presentedForm": [{"data": "eA=="}],
        }
    )
    assert report.facts[0].said == "CT chest: Mass in the right upper lobe."
    assert [f.kind for f in report.facts] == [FactKind.REPORT, FactKind.NOTE]
    undone = fact({"resourceType": "Immunization", "status": "not-done", "vaccineCode": {}})
    assert undone.assertion is Assertion.ABSENT
    study = fact({"resourceType": "ImagingStudy", "started": "2020", "description": "chest PA"})
    assert (study.code.text, study.kind) == ("chest PA", FactKind.PROCEDURE)
    sample = fact(
        {"resourceType": "Specimen", "type": {"text": "lymph node"},
         "collection": {"collectedDateTime": "2026-09-01", "bodySite": {"text": "station 7"}}}
    )  # fmt: skip
    assert (sample.value, str(sample.valid_from)) == (Code(text="station 7"), "2026-09-01")
    visit = fact(
        {"resourceType": "Encounter", "class": {"code": "AMB"}, "period": {"start": "2020"}}
    )
    assert (visit.code.text, str(visit.valid_from)) == ("AMB", "2020")


def test_a_type_without_facts_is_listed() -> None:
    item = one({"resourceType": "Goal", "id": "g"})
    assert item.trouble == "FHIR Goal is kept whole; Osler reads no facts from it yet"
    assert item.facts == ()


def test_a_wrong_date_costs_only_itself() -> None:
    item = one({**PATIENT, "birthDate": "14/03/1961", "gender": "female"})
    assert [f.code.text for f in item.facts] == [SEX]
    assert item.trouble == "/birthDate: '14/03/1961' is no date"


def test_authors() -> None:
    practitioner = {"resourceType": "Practitioner", "id": "d"}
    by = {"resourceType": "Procedure", "performer": [{"actor": {"reference": "Practitioner/d"}}]}
    items = bundle(practitioner, by, urls=True).items
    assert items[1].source.author is AuthorRole.CLINICIAN
    assert one({"resourceType": "Procedure"}).source.author is AuthorRole.SYSTEM


def test_an_entry_without_a_resource_is_kept() -> None:
    data = (
        b'{"resourceType":"Bundle","entry":[{"request":{"method":"DELETE"}},'
        b'{"resource":{"resourceType":"Goal"}},{"resource":3}]}'
    )
    items = read(data, CONTEXT).items
    kept = {i.source.kind: i.data for i in items}
    assert kept["fhir/entry"] == b'{"request":{"method":"DELETE"}}'
    assert kept["fhir/unknown"] == b"3"
    assert len(items) == 3
    assert all(i.trouble for i in items)


def test_what_is_no_fhir() -> None:
    with pytest.raises(UnknownFormat, match="resourceType"):
        read(b'{"a": 1}', CONTEXT)
    with pytest.raises(UnknownFormat):
        read(b"[1]", CONTEXT)
    with pytest.raises(BrokenFile, match="line 2, column 1"):
        read(b'{"resourceType": "Bundle",\n', CONTEXT)
    with pytest.raises(BrokenFile, match="gzip"):
        read(gzip.compress(b"{}" * 100)[:-10], CONTEXT)


def test_evidence_opens_through_the_resolver() -> None:
    item = one(observation(valueString="adenocarcinoma"))
    shown = show(item.data, item.source, item.facts[0].evidence.at)
    assert isinstance(shown, ShownText)
    assert shown.marked == "adenocarcinoma"


@pytest.mark.parametrize("junk", [None, 1, "x", [], [1], {}, {"coding": [1]}, {"coding": {}}, True])
def test_wrong_types_are_survived(junk: Any) -> None:
    keys = [
        "id", "status", "code", "subject", "identifier", "birthDate", "gender", "component",
        "stage", "valueQuantity", "referenceRange", "dosageInstruction", "reaction", "condition",
        "series", "contained", "medicationReference", "type", "class", "period", "performer",
        "meta", "clinicalStatus", "dataAbsentReason", "effectiveDateTime", "collection",
        "procedureCode",
    ]  # fmt: skip
    kinds = [
        "Patient", "Condition", "AllergyIntolerance", "MedicationRequest", "Observation",
        "DiagnosticReport", "FamilyMemberHistory", "ImagingStudy", "Procedure", "Encounter",
        "Immunization", "Specimen", "MedicationStatement",
    ]  # fmt: skip
    for kind in kinds:
        alone = one({"resourceType": kind, **dict.fromkeys(keys, junk)})
        inside = bundle(PATIENT, {"resourceType": kind, **dict.fromkeys(keys, junk)}).items[1]
        for item in (alone, inside):
            for found in item.facts:
                resolve(item, found)


@pytest.mark.parametrize(
    "word", ["refuted", {"text": "Refuted"}, {"coding": [{"code": "refuted"}]}]
)
def test_a_refuted_condition_is_absent_however_it_is_written(word: object) -> None:
    stated = fact(
        {"resourceType": "Condition", "code": {"text": "flu"}, "verificationStatus": word}
    )
    assert stated.assertion is Assertion.ABSENT


def test_a_system_with_a_bar_is_no_authority() -> None:
    patient = {"resourceType": "Patient", "identifier": [{"system": "a|b", "value": "1"}, MRN]}
    assert str(one(patient).patient) == "urn:h|8823"


def test_a_resource_of_two_types_is_kept_whole() -> None:
    data = b'{"resourceType":"Condition","id":"c","code":{"text":"x"},"resourceType":"Patient"}'
    (item,) = read(data, CONTEXT).items
    assert (item.facts, item.patient) == ((), None)
    assert item.trouble == "it names its type twice: kept whole"
