"""What other systems say of the demonstration patient: HL7 v2 messages, and a list of drugs.

    for name, data in messages(): ...

Planted here: a visit that knows of no allergy, a list with another dose of apixaban, and a
potassium that is corrected three days after it was reported.
"""

import json
from collections.abc import Iterator

from osler.bench.demonstration.fhir import PATIENT, RXNORM, about_her, concept, url

__all__ = ["messages"]

_PID = f"PID|1||{PATIENT.value}^^^DEMO&{PATIENT.authority}&URI^MR||Demo^Patient||19610314|F"

_POTASSIUM = (
    "OBX|1|NM|2823-3^Potassium [Moles/volume] in Serum or Plasma^LN||{value}|mmol/L^mmol/L^UCUM|"
    "3.5-5.1|{flag}|||{status}|||20260928081000+0200"
)
_ORDER = (
    "OBR|1|P-2209^OSLER-DEMO|L-77120^DEMOLAB|2823-3^Potassium [Moles/volume] in Serum or "
    "Plasma^LN|||20260928081000+0200||||||||SER&Serum&HL70487|||||||{reported}|||{status}"
)

_YEARLY = (
    (2018, "0.86", "13.8", "248"), (2019, "0.89", "13.6", "251"), (2020, "0.95", "13.7", "243"),
    (2021, "0.99", "13.5", "256"), (2022, "1.04", "13.4", "262"), (2023, "1.08", "13.2", "270"),
)  # fmt: skip
_MEASURED = (
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", "0.5-1.1"),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", "12-16"),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", "150-400"),
)


def messages() -> Iterator[tuple[str, bytes]]:
    """Each file's name and bytes."""
    yield "messages/2026-09-04-day-unit.hl7", _message(
        _head("DAYUNIT", "ADT^A01^ADT_A01", "20260904070500+0200", "D-0904"),
        "EVN|A01|20260904070500+0200",
        _PID,
        "PV1|1|O|ENDO^1^1||||||||||||||||V-260904^^^DEMO|||||||||||||||||||||||||20260904070000+0200|"
        "20260904160000+0200",
        "AL1|1|DA|716186003^No known allergy^SCT",
    )  # fmt: skip
    yield "messages/2018-2023-yearly.hl7", b"".join(_year(*values) for values in _YEARLY)
    yield "messages/2026-09-28-potassium.hl7", _result("20260928094000+0200", "5.9", "H", "F")
    yield (
        "messages/2026-10-01-potassium-corrected.hl7",
        _result("20261001110000+0200", "4.4", "", "C"),
    )
    yield "messages/general-practice-drugs.json", _practice()


def _year(year: int, *values: str) -> bytes:
    """One year's check-up: three results of one order."""
    taken, reported = f"{year}0320081500+0100", f"{year}0320140000+0100"
    order = f"OBR|1|C-{year}^OSLER-DEMO|L-{year}^DEMOLAB|24323-8^Yearly check^LN|||{taken}"
    lines = [
        f"OBX|{place}|NM|{code}^{words}^LN||{value}|{unit}^{unit}^UCUM|{limits}||||F|||{taken}"
        for place, ((code, words, unit, limits), value) in enumerate(
            zip(_MEASURED, values, strict=True), start=1
        )
    ]
    head = _head("DEMOLAB", "ORU^R01^ORU_R01", reported, f"R-{year}")
    return _message(head, _PID, f"{order}|||||||||||||||{reported}|||F", *lines)


def _result(reported: str, value: str, flag: str, status: str) -> bytes:
    return _message(
        _head("DEMOLAB", "ORU^R01^ORU_R01", reported, f"R-{reported[:8]}"),
        _PID,
        _ORDER.format(reported=reported, status=status),
        _POTASSIUM.format(value=value, flag=flag, status=status),
    )


def _head(sender: str, kind: str, at: str, number: str) -> str:
    return f"MSH|^~\\&|{sender}|DEMO|OSLER|DEMO|{at}||{kind}|{number}|P|2.5.1|||||||UNICODE UTF-8"


def _message(*segments: str) -> bytes:
    return "".join(f"{segment}\r" for segment in segments).encode()


def _practice() -> bytes:
    """The general practice's own list, from its own system: a lower dose than was ordered."""
    statement = about_her(
        "MedicationStatement",
        "practice-apixaban",
        status="active",
        medicationCodeableConcept=concept(RXNORM, "1364445"),
        effectivePeriod={"start": "2026-07-06"},
        dateAsserted="2026-09-21",
        dosage=[{"text": "2.5 mg by mouth twice a day"}],
    )
    patient = {
        "resourceType": "Patient",
        "id": "practice-1",
        "identifier": [{"system": PATIENT.authority, "value": PATIENT.value}],
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": url("Patient", "demo-1"), "resource": patient},
            {"fullUrl": url("MedicationStatement", "practice-apixaban"), "resource": statement},
        ],
    }
    return (json.dumps(bundle, indent=1) + "\n").encode()
