"""Admissions, discharges and updates (ADT) of HL7 v2 to encounters, allergies and diagnoses.

    facts = visit_facts(told)

A visit's identity is its number (PV1-19), so that each event about it replaces the one before. A11
takes the admission back; A13 takes the discharge back, and the patient is still there.
Source: HL7 v2.8, chapter 3 (sections 3.3, 3.4.3, 3.4.6) and 6.5.2 (DG1); tables 0004, 0052, 0128.
"""

from osler.readers.hl7v2_message import Segment
from osler.readers.hl7v2_observation import Result, observations
from osler.readers.hl7v2_text import text_run
from osler.readers.hl7v2_values import Told, coded, entity, table
from osler.record.fact import Assertion, Code, Fact, FactKind
from osler.record.moment import Moment

__all__ = ["visit_facts"]

_CLASSES = {
    "E": "emergency", "I": "inpatient", "O": "outpatient", "P": "preadmission",
    "R": "recurring patient", "B": "obstetrics", "C": "commercial account",
}  # fmt: skip
_STATUS = {
    "A01": "in-progress", "A02": "in-progress", "A04": "in-progress", "A06": "in-progress",
    "A07": "in-progress", "A12": "in-progress", "A13": "in-progress", "A03": "finished",
    "A05": "planned", "A14": "planned", "A11": "entered-in-error", "A38": "cancelled",
    "A27": "cancelled",
}  # fmt: skip
_BEGINS, _ENDS = {"A01", "A04"}, {"A03"}
# "Update person information" and the like tell of no visit, though PV1 must be there.
_NO_VISIT = {"A18", "A24", "A28", "A30", "A31", "A34", "A36", "A37", "A40", "A47"}
_SEVERITY = {"SV": "severe", "MO": "moderate", "MI": "mild"}


def visit_facts(told: Told) -> list[Fact]:
    """The facts of one ADT message, but for what its PID says."""
    message = told.message
    visit = message.first("PV1")
    found = []
    if visit is not None and message.trigger not in _NO_VISIT:
        found += _encounter(told, visit)
    found += [_allergy(told, segment) for segment in message.all("AL1")]
    found += [_diagnosis(told, segment, visit) for segment in message.all("DG1")]
    result = Result(
        told=told, order=None, status="", specimen=None, start=None, end=None, known=None,
        seen=set(),
    )  # fmt: skip
    read = 0
    for obx in message.all("OBX"):
        if obx.number > read:
            run = text_run(message, obx)
            read = run[-1].number
            found += observations(result, obx, run)
    return found


def _encounter(told: Told, visit: Segment) -> list[Fact]:
    event, letter = told.message.trigger, visit.part(2).upper()
    begin, end = told.moment(visit, 44), told.moment(visit, 45)
    happened = told.moment(told.message.first("EVN"), 6)
    begin = begin or (happened if event in _BEGINS else None)
    end = None if event == "A13" else end or (happened if event in _ENDS else None)
    name = _visit(told, visit)
    if name is None and begin is None and end is None:
        return []
    words = _CLASSES.get(letter)
    return [
        told.fact(
            FactKind.ENCOUNTER,
            table(4, letter, words) if words else Code(text="encounter without a class"),
            visit,
            2 if words else None,
            valid_from=begin,
            valid_to=end,
            status=_STATUS.get(event) or _by_dates(begin, end),
            identity=name,
        )
    ]


def _by_dates(begin: Moment | None, end: Moment | None) -> str:
    if end is not None:
        return "finished"
    return "in-progress" if begin is not None else "unknown"


def _visit(told: Told, visit: Segment | None) -> str | None:
    if visit is None or not (value := visit.part(19)):
        return None
    giver = visit.part(19, 4, 2) or visit.part(19, 4)
    return f"visit:{giver or told.sender}|{value}"


def _allergy(told: Told, segment: Segment) -> Fact:
    code = coded(segment.first(3))
    words = [element.text for element in segment.elements(5) if element.text]
    severity = _SEVERITY.get(segment.part(4).upper())
    said = ", ".join(words)
    if severity:
        said = f"{said} ({severity})" if said else severity
    place = 5 if words else 4 if severity else 3 if code else None
    return told.fact(
        FactKind.ALLERGY,
        code or Code(text="allergy without a code"),
        segment,
        place,
        value=said or None,
        valid_from=told.moment(segment, 6),
        status="active",
        identity=f"{told.sender}|{told.person}#allergy|{code.key}" if code else None,
    )


def _diagnosis(told: Told, segment: Segment, visit: Segment | None) -> Fact:
    code = coded(segment.first(3))
    words = segment.part(4)  # before v2.5 the description may stand alone
    place = 3 if code else 4 if words else None
    code = code or Code(text=words or "diagnosis without a code")
    if words and code.text == code.code:
        code = Code(text=words, system=code.system, code=code.code)
    own = entity(segment, 20, told.sender)
    scope = _visit(told, visit) or f"{told.sender}|{told.person}"
    unsure = segment.part(6).upper() in {"A", "W"}  # admitting, working
    return told.fact(
        FactKind.CONDITION,
        code,
        segment,
        place,
        valid_from=told.moment(segment, 5),
        status="entered-in-error" if segment.part(21).upper() == "D" else "active",
        assertion=Assertion.POSSIBLE if unsure else Assertion.PRESENT,
        identity=f"diagnosis:{own}" if own else f"{scope}#diagnosis|{code.key}",
    )
