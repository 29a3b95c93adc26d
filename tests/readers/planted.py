"""One invented patient, planted in every format, and whom to look for afterwards."""

import json
from datetime import date
from typing import Any

from osler.readers.deidentify import PROFILES, Deidentifier
from osler.record.patient import Identifier

TODAY = date(2026, 1, 1)
OWNER = Identifier(authority="urn:oid:2.16.840.1.99", value="MRN-8823-X")
SECRETS = (
    "Quillfeather", "Zebulon", "MRN-8823-X", "12 Larkspur", "Ravenholm", "555-201-3344",
    "zeb@example.org", "1951-03-25", "19510325", "2024-05-01", "20240501", "123-45-6789",
    "Thistlewood", "1.2.826.0.1.777.42",
)  # fmt: skip


def deidentifier(profile: str = "basic", **more: Any) -> Deidentifier:
    """A fixed key, so that every run of a test is the same."""
    return Deidentifier(key=bytes(range(32)), profile=PROFILES[profile], today=TODAY, **more)


def fhir_bundle() -> dict[str, Any]:
    """A Bundle of a patient, a doctor, a diagnosis, a lab value and a report."""
    subject = {"reference": "Patient/p1", "display": "Zebulon Quillfeather"}
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "meta": {"lastUpdated": "2024-05-01T10:00:00Z", "source": "https://ravenholm.example"},
        "text": {"status": "generated", "div": "<div>Zebulon Quillfeather</div>"},
        "identifier": [
            {
                "type": {"coding": [{"code": "MR"}]},
                "system": OWNER.authority,
                "value": OWNER.value,
                "assigner": {"display": "Ravenholm General"},
            },
            {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "123-45-6789"},
        ],
        "name": [{"family": "Quillfeather", "given": ["Zebulon", "Q."]}],
        "telecom": [{"system": "phone", "value": "555-201-3344"}],
        "gender": "male",
        "birthDate": "1951-03-25",
        "address": [
            {
                "line": ["12 Larkspur Road"],
                "city": "Ravenholm",
                "state": "MA",
                "postalCode": "02115-1234",
                "country": "US",
            }
        ],
        "contact": [{"name": {"family": "Quillfeather", "given": ["Mabel"]}}],
        "photo": [{"contentType": "image/png", "data": "aaaa"}],
    }
    doctor = {
        "resourceType": "Practitioner",
        "id": "d1",
        "name": [{"family": "Thistlewood", "given": ["Ada"]}],
    }
    condition = {
        "resourceType": "Condition",
        "id": "c1",
        "subject": subject,
        "asserter": {"reference": "Practitioner/d1", "display": "Dr Thistlewood"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]},
        "onsetDateTime": "2019-05",
        "recordedDate": "2024-05-01",
        "note": [{"text": "Mr. Quillfeather lives at 12 Larkspur Road; call 555-201-3344."}],
    }
    lab = {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "subject": subject,
        "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7"}]},
        "effectiveDateTime": "2024-05-01T08:30:00+02:00",
        "issued": "2024-05-03T08:30:00.123Z",
        "valueQuantity": {"value": "@RAW@", "unit": "mg/dL"},
    }
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "subject": subject,
        "conclusion": "Zebulon, seen 05/13/2024, e-mail zeb@example.org.",
        "result": [{"reference": "Observation/o1", "display": "Glucose"}],
        "presentedForm": [{"contentType": "application/pdf", "data": "JVBERi0="}],
    }
    bodies = (patient, doctor, condition, lab, report)
    entries = [{"fullUrl": f"https://ravenholm.example/{b['resourceType']}/{b['id']}",
                "resource": b} for b in bodies]  # fmt: skip
    return {"resourceType": "Bundle", "id": "b1", "type": "collection", "entry": entries}


def fhir_bytes() -> bytes:
    """The Bundle; its one number has digits that a float would lose."""
    return json.dumps(fhir_bundle()).replace('"@RAW@"', "5.10").encode()


HL7 = (
    b"MSH|^~\\&|LAB|Ravenholm|EHR|HOSP|20240501101500+0100||ORU^R01|MSG001|P|2.5.1\r"
    b"PID|1||MRN-8823-X^^^HOSP&2.16.840.1.99&ISO^MR~123-45-6789^^^SSA^SS||Quillfeather^Zebulon^Q||"
    b"19510325|M|||12 Larkspur Road^^Ravenholm^MA^02115^US||555-201-3344|||M||ACC9||123-45-6789\r"
    b"NK1|1|Quillfeather^Mabel|SPO|12 Larkspur Road|555-201-3344\r"
    b"PV1|1|I|W^389^1||||123^Thistlewood^Ada\r"
    b"ZPI|1|Quillfeather\r"
    b"OBR|1|ORD1^LAB|F1|2345-7^Glucose^LN|||20240501100000||||||Zebulon Quillfeather\r"
    b"OBX|1|NM|2345-7^Glucose^LN||5.10|mg/dL|70-110|N|||F|||20240503100000||777^Thistlewood^Ada\r"
    b"OBX|2|TX|x^Comment^L||Mr. Quillfeather of 12 Larkspur Road, 555-201-3344\r"
    b"OBX|3|ED|p^Letter^L||^application^pdf^Base64^JVBERi0=\r"
    b"NTE|1||Zebulon called on 05/13/2024\r"
)

NOTE = (
    b"Date: 2024-05-01\nPatient-ID: urn:oid:2.16.840.1.99|MRN-8823-X\n\n"
    b"Name: Zebulon Q. Quillfeather  DOB: 03/25/1951\n"
    b"HISTORY: Mr. Quillfeather, of 12 Larkspur Road, Ravenholm, was seen on May 13, 2024 by "
    b"Dr. Thistlewood. Phone (555) 201-3344, 555-201-3344, zeb@example.org, SSN 123-45-6789.\n"
    b"BP 120/80, WBC 5.10, pT2 N1 M0.\n"
)
