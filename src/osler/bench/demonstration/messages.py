"""What other systems say of the demonstration patient: HL7 v2 messages, and a list of drugs.

    for name, data in messages(): ...

Planted here: an admission that knows of no allergy, a list with another dose of apixaban, and a
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


def messages() -> Iterator[tuple[str, bytes]]:
    """Each file's name and bytes."""
    yield "messages/2026-09-04-day-unit.hl7", _message(
        _head("DAYUNIT", "ADT^A01^ADT_A01", "20260904070500+0200", "D-0904"),
        "EVN|A01|20260904070500+0200",
        _PID,
        "PV1|1|O|ENDO^1^1||||||||||||||||V-260904^^^DEMO||||||||||||||||||||||||||20260904070000+0200",
        "AL1|1|DA|716186003^No known allergy^SCT",
    )  # fmt: skip
    yield "messages/2026-09-28-potassium.hl7", _result("20260928094000+0200", "5.9", "H", "F")
    yield (
        "messages/2026-10-01-potassium-corrected.hl7",
        _result("20261001110000+0200", "4.4", "", "C"),
    )
    yield "messages/general-practice-drugs.json", _practice()


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
