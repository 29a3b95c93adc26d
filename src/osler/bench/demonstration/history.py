"""The demonstration patient's history as a FHIR R4 Bundle: composed, of nobody.

bundle = history(seed=7)        a dict, ready for json.dumps
"""

import random
from collections.abc import Iterator
from typing import Any

from osler.bench.demonstration.fhir import (
    BORN,
    CVX,
    HL7,
    ICD10,
    LOINC,
    PATIENT,
    RXNORM,
    SNOMED,
    UCUM,
    Json,
    about_her,
    clinician,
    coding,
    concept,
    status,
    url,
)
from osler.bench.demonstration.results import measurements

__all__ = ["history"]


def history(seed: int = 7) -> Json:
    """The Bundle (type `collection`): one patient and all that the hospital's system holds of her.

    Its numbers, and nothing else, depend on the seed.
    """
    resources = [
        _patient(),
        *_conditions(),
        *_allergy_and_family(),
        *_medications(),
        *_visits(),
        *measurements(random.Random(seed)),
        *_reports(),
    ]
    entries = [{"fullUrl": url(r["resourceType"], r["id"]), "resource": r} for r in resources]
    return {"resourceType": "Bundle", "id": "history", "type": "collection", "entry": entries}


def _patient() -> Json:
    return {
        "resourceType": "Patient",
        "id": "demo-1",
        "identifier": [
            {
                "type": {"coding": [{"system": f"{HL7}/v2-0203", "code": "MR"}]},
                "system": PATIENT.authority,
                "value": PATIENT.value,
            }
        ],
        "name": [{"text": "Composed for demonstration"}],
        "gender": "female",
        "birthDate": BORN.isoformat(),
    }


def _condition(own: str, code: Json, onset: str, recorded: str, **fields: Any) -> Json:
    verified = fields.pop("verified", "confirmed")
    state = (
        {} if verified == "refuted" else {"clinicalStatus": status("condition-clinical", "active")}
    )
    return about_her(
        "Condition",
        own,
        **state,
        verificationStatus=status("condition-ver-status", verified),
        code=code,
        onsetDateTime=onset,
        recordedDate=recorded,
        asserter=clinician(fields.pop("asserter", "general-practitioner")),
        **fields,
    )


def _conditions() -> Iterator[Json]:
    tumour = concept(SNOMED, "254626006")
    tumour["coding"].append(coding(ICD10, "C34.11"))
    stage = {
        "summary": {"text": "Stage IVA (cT2a N2 M1a)"},
        "type": {"text": "AJCC clinical stage group, 8th edition"},
    }
    yield _condition(
        "lung-adenocarcinoma",
        tumour,
        "2026-09-04",
        "2026-09-11",
        asserter="oncologist",
        stage=[stage],
    )
    yield _condition(
        "lung-metastases",
        concept(SNOMED, "94391008"),
        "2026-08-24",
        "2026-09-11",
        asserter="oncologist",
    )
    yield _condition(
        "node-metastasis",
        concept(ICD10, "C77.1", text="Metastasis in mediastinal lymph nodes, station 7"),
        "2026-09-04",
        "2026-09-11",
        asserter="oncologist",
    )
    pressure = concept(SNOMED, "59621000")
    pressure["coding"].append(coding(ICD10, "I10"))
    yield _condition("hypertension", pressure, "2011-05", "2011-05-16")
    yield _condition(
        "atrial-fibrillation",
        concept(SNOMED, "49436004"),
        "2021-11-08",
        "2021-11-08",
        asserter="cardiologist",
    )
    kidney = concept(SNOMED, "700378005")
    kidney["coding"].append(coding(ICD10, "N18.31"))
    yield _condition("kidney-disease", kidney, "2024-02", "2024-02-20")
    yield _condition(
        "tuberculosis",
        concept(SNOMED, "154283005"),
        "2026-08-20",
        "2026-09-02",
        verified="refuted",
        asserter="chest-physician",
    )


def _allergy_and_family() -> Iterator[Json]:
    yield about_her(
        "AllergyIntolerance",
        "penicillin",
        clinicalStatus=status("allergyintolerance-clinical", "active"),
        verificationStatus=status("allergyintolerance-verification", "confirmed"),
        criticality="high",
        code=concept(SNOMED, "91936005"),
        onsetDateTime="1998",
        recordedDate="1998-06-02",
        asserter=clinician("general-practitioner"),
        reaction=[{"manifestation": [concept(SNOMED, "126485001")], "severity": "severe"}],
    )
    for own, relation, code, age in (
        ("mother", "mother", "254837009", 52),
        ("father", "father", "22298006", 66),
    ):
        years = {"value": age, "unit": "years", "system": UCUM, "code": "a"}
        yield about_her(
            "FamilyMemberHistory",
            own,
            status="completed",
            date="2026-09-30",
            relationship={"text": relation},
            condition=[{"code": concept(SNOMED, code), "onsetAge": years}],
        )


def _medications() -> Iterator[Json]:
    for own, code, since, dosage, by in (
        ("apixaban", "1364445", "2021-11-10", "5 mg by mouth twice a day", "cardiologist"),
        ("bisoprolol", "19484", "2021-11-10", "2.5 mg by mouth once a day", "cardiologist"),
        ("lisinopril", "314076", "2011-05-16", "10 mg by mouth once a day", "general-practitioner"),
    ):
        yield about_her(
            "MedicationRequest",
            own,
            status="active",
            intent="order",
            medicationCodeableConcept=concept(RXNORM, code),
            authoredOn=since,
            requester=clinician(by),
            dosageInstruction=[{"text": dosage}],
        )


def _visits() -> Iterator[Json]:
    for own, words, when in (
        ("cardiology-2024", "Cardiology clinic, review", "2024-03-12"),
        ("bronchoscopy-2026", "Endoscopy unit, day case", "2026-09-04"),
        ("oncology-2026", "Oncology clinic, first visit", "2026-09-30"),
    ):
        yield about_her(
            "Encounter",
            own,
            status="finished",
            **{"class": {"system": f"{HL7}/v3-ActCode", "code": "AMB", "display": "ambulatory"}},
            type=[{"text": words}],
            period={"start": when, "end": when},
        )
    for own, code, when in (
        ("colonoscopy-2019", concept(SNOMED, "73761001"), "2019-06-18"),
        (
            "ebus-2026",
            {"text": "Endobronchial ultrasound-guided needle biopsy, station 7"},
            "2026-09-04",
        ),
    ):
        yield about_her("Procedure", own, status="completed", code=code, performedDateTime=when)
    yield about_her(
        "Immunization",
        "influenza-2025",
        status="completed",
        vaccineCode=concept(CVX, "140"),
        occurrenceDateTime="2025-10-07",
    )
    yield about_her(
        "Specimen",
        "node-2026",
        type={"text": "Lymph node, needle aspirate and core"},
        collection={
            "collectedDateTime": "2026-09-04",
            "bodySite": {"text": "Subcarinal lymph node, station 7"},
        },
    )


def _reports() -> Iterator[Json]:
    for own, code, when, by, conclusion in (
        (
            "ct-chest", "24627-2", "2026-08-24", "radiologist",
            "Spiculated mass of 38 mm in the right upper lobe. Many round nodules in both lungs, "
            "up to 14 mm. Subcarinal node of 19 mm in short axis. No pleural effusion. Adrenals "
            "and upper liver unremarkable.",
        ),
        (
            "pathology", "11526-1", "2026-09-11", "pathologist",
            "Subcarinal lymph node (station 7), needle biopsy: metastatic adenocarcinoma, TTF-1 "
            "and napsin A positive, p40 negative, in keeping with a lung primary.",
        ),
    ):  # fmt: skip
        yield about_her(
            "DiagnosticReport",
            own,
            status="final",
            code=concept(LOINC, code),
            effectiveDateTime=when,
            issued=f"{when}T15:00:00Z",
            performer=[clinician(by)],
            conclusion=conclusion,
        )
