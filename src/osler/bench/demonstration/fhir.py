"""The codes and the small building blocks of which the demonstration patient's history is made.

    concept(SNOMED, "254626006")            a CodeableConcept with its words
    observation("qtc", code, when, ...)     an Observation about her

Every SNOMED CT, LOINC, RxNorm, ICD-10-CM and CVX code that the history uses stands in `CODES`.
"""

import uuid
from datetime import date
from typing import Any

from osler.record.patient import Identifier

__all__ = [
    "BORN", "CODES", "CVX", "HL7", "ICD10", "LOINC", "PATIENT", "RXNORM", "SNOMED", "UCUM", "Json",
    "about_her", "clinician", "coding", "concept", "observation", "quantity", "status", "url",
]  # fmt: skip

PATIENT = Identifier(authority="urn:osler:demonstration", value="OSLER-DEMO-1")
BORN = date(1961, 3, 14)

Json = dict[str, Any]

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
CVX = "http://hl7.org/fhir/sid/cvx"
UCUM = "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem"

CODES: dict[tuple[str, str], str] = {
    (SNOMED, "254626006"): "Adenocarcinoma of lung",
    (SNOMED, "94391008"): "Secondary malignant neoplasm of lung",
    (SNOMED, "59621000"): "Essential hypertension",
    (SNOMED, "49436004"): "Atrial fibrillation",
    (SNOMED, "700378005"): "Chronic kidney disease stage 3A",
    (SNOMED, "154283005"): "Pulmonary tuberculosis",
    (SNOMED, "91936005"): "Allergy to penicillin",
    (SNOMED, "126485001"): "Urticaria",
    (SNOMED, "254837009"): "Malignant neoplasm of breast",
    (SNOMED, "22298006"): "Myocardial infarction",
    (SNOMED, "8517006"): "Former smoker",
    (SNOMED, "73761001"): "Colonoscopy",
    (ICD10, "C34.11"): "Malignant neoplasm of upper lobe, right bronchus or lung",
    (ICD10, "C77.1"): "Secondary and unspecified malignant neoplasm of intrathoracic lymph nodes",
    (ICD10, "I10"): "Essential (primary) hypertension",
    (ICD10, "N18.31"): "Chronic kidney disease, stage 3a",
    (RXNORM, "1364445"): "apixaban 5 MG Oral Tablet",
    (RXNORM, "314076"): "lisinopril 10 MG Oral Tablet",
    (RXNORM, "19484"): "bisoprolol",
    (CVX, "140"): "Influenza, seasonal, injectable, preservative free",
    (LOINC, "2160-0"): "Creatinine [Mass/volume] in Serum or Plasma",
    (LOINC, "98979-8"): "Glomerular filtration rate (CKD-EPI 2021)",
    (LOINC, "2951-2"): "Sodium [Moles/volume] in Serum or Plasma",
    (LOINC, "2823-3"): "Potassium [Moles/volume] in Serum or Plasma",
    (LOINC, "1742-6"): "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma",
    (LOINC, "1920-8"): "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma",
    (LOINC, "6768-6"): "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma",
    (LOINC, "1975-2"): "Bilirubin.total [Mass/volume] in Serum or Plasma",
    (LOINC, "1751-7"): "Albumin [Mass/volume] in Serum or Plasma",
    (LOINC, "718-7"): "Hemoglobin [Mass/volume] in Blood",
    (LOINC, "6690-2"): "Leukocytes [#/volume] in Blood by Automated count",
    (LOINC, "777-3"): "Platelets [#/volume] in Blood by Automated count",
    (LOINC, "2039-6"): "Carcinoembryonic Ag [Mass/volume] in Serum or Plasma",
    (LOINC, "29463-7"): "Body weight",
    (LOINC, "8302-2"): "Body height",
    (LOINC, "85354-9"): "Blood pressure panel",
    (LOINC, "8480-6"): "Systolic blood pressure",
    (LOINC, "8462-4"): "Diastolic blood pressure",
    (LOINC, "72166-2"): "Tobacco smoking status",
    (LOINC, "89247-1"): "ECOG Performance Status score",
    (LOINC, "8636-3"): "Q-T interval corrected",
    (LOINC, "10230-1"): "Left ventricular ejection fraction",
    (LOINC, "11526-1"): "Pathology study",
    (LOINC, "24627-2"): "CT Chest",
}


def url(kind: str, own: str) -> str:
    """The `fullUrl` of a resource: the same for every seed."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{PATIENT.authority}/{kind}/{own}')}"


def concept(system: str, *codes: str, text: str | None = None) -> Json:
    """A CodeableConcept; its words are those of the first code where none are given."""
    return {
        "coding": [coding(system, code) for code in codes],
        "text": text or _words(system, codes),
    }


def _words(system: str, codes: tuple[str, ...]) -> str:
    return CODES[(system, codes[0])]


def coding(system: str, code: str) -> Json:
    """A Coding with the words that `CODES` has for it."""
    return {"system": system, "code": code, "display": CODES[(system, code)]}


def status(table: str, code: str) -> Json:
    """A status as HL7 codes it, by the name of its code system."""
    return {"coding": [{"system": f"{HL7}/{table}", "code": code}]}


def about_her(kind: str, own: str, **fields: Any) -> Json:
    """A resource whose subject is the demonstration patient."""
    who = (
        "patient"
        if kind in {"AllergyIntolerance", "Immunization", "FamilyMemberHistory"}
        else "subject"
    )
    return {
        "resourceType": kind,
        "id": own,
        who: {"reference": url("Patient", "demo-1")},
        **fields,
    }


def clinician(role: str) -> Json:
    """A reference to someone of whom only the role is known."""
    return {"reference": f"Practitioner/{role}", "display": role}


def observation(own: str, code: Json, when: str, category: str, **fields: Any) -> Json:
    """A final Observation made and issued on one day."""
    return about_her(
        "Observation",
        own,
        status="final",
        category=[status("observation-category", category)],
        code=code,
        effectiveDateTime=when,
        issued=f"{when}T16:00:00Z",
        **fields,
    )


def quantity(value: float, unit: str, digits: int) -> Json:
    """A Quantity in UCUM, rounded to `digits` decimals."""
    number = round(value, digits) if digits else round(value)
    return {"value": number, "unit": unit, "system": UCUM, "code": unit}
