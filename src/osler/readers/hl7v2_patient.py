"""Whose an HL7 v2 message says it is, who it says is the same person, and what it says of them.

    whose(message)          Whose(patient=Identifier | None, disputed=str | None)
    links_of(told)          merges (A18, A34, A36, A40, A47), links (A24) and unlinks (A37)

An identifier without an assigning authority (CX-4) is the sender's, `hl7:` and MSH-4: the standard
has no default for it, so it equals no identifier whose authority is stated. Visit and account
numbers name no patient. Source: HL7 v2.8, sections 2A.3.14 (CX), 3.4.2 (PID), 3.4.9 (MRG).
"""

from dataclasses import dataclass

from osler.readers.hl7v2_message import Element, Message, Segment
from osler.readers.hl7v2_values import Told, authority
from osler.record.fact import Code, Fact, FactKind, FactValue
from osler.record.patient import Identifier, Link
from osler.record.record import BIRTH_DATE, SEX

__all__ = ["LINKS", "MERGES", "Whose", "demographics", "links_of", "patient_of", "whose"]

MERGES = frozenset({"A18", "A34", "A36", "A40", "A47"})
"""Events that give up one identifier of a person (MRG-1) for another (PID-3)."""

LINKS = frozenset({"A24", "A37"})
"""Events whose two PID segments are one person, or are one no longer."""

# Table 0203: numbers of a visit, an account, an order or a specimen, and of an organisation.
_NO_PERSON = {"AN", "ANC", "AND", "ANT", "VN", "ACSN", "PLAC", "FILL", "FI", "XX", "BC"}
_SEXES = {"F": "female", "M": "male", "O": "other", "A": "other", "X": "other"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """The patient of a message, or a sentence that says why it cannot be known."""

    patient: Identifier | None = None
    disputed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """One CX: who it names, whether the authority is its own word, and the type."""

    who: Identifier
    stated: bool
    type: str


def whose(message: Message) -> Whose:
    """Whose it is; PID segments that name several leave it to a person, except in a link."""
    pids = list(message.all("PID"))
    if not pids:
        return Whose()
    named = [patient_of(message, pid) for pid in pids]
    others = sorted({str(who) for who in named if who and who != named[0]})
    if others and message.trigger not in LINKS:
        return Whose(
            disputed=f"its PID segments name {named[0] or 'nobody'} and {', '.join(others[:3])}"
        )
    numbers = _record_numbers(_given(message, pids[0], 3))
    alike = sorted({str(who) for who in numbers if who.authority == numbers[0].authority})
    if len(alike) > 1:
        return Whose(disputed=f"its PID-3 gives two record numbers: {alike[0]} and {alike[1]}")
    return Whose(patient=named[0])


def patient_of(message: Message, pid: Segment) -> Identifier | None:
    """The medical record number (MR), else another number of the person, of PID-3, else PID-2."""
    given = _given(message, pid, 3) or [one for one in _given(message, pid, 2) if one.stated]
    ranked = sorted(given, key=lambda one: (not one.stated, one.type != "MR"))
    return ranked[0].who if ranked else None


def links_of(told: Told) -> tuple[Link, ...]:
    """The message's words that two identifiers are one person, or are one no longer."""
    message, trigger = told.message, told.message.trigger
    if message.type != "ADT" or trigger not in MERGES | LINKS:
        return ()
    pids = list(message.all("PID"))
    kept = patient_of(message, pids[0]) if pids else None
    own = {one.who for one in _given(message, pids[0], 3)} if pids else set()
    if trigger in LINKS:
        found = [who for pid in pids[1:] if (who := patient_of(message, pid))]
    else:
        found = [who for mrg in message.all("MRG") for who in _given_up(message, mrg)]
    others = [who for who in dict.fromkeys(found) if who not in own]
    if kept is None or not others:
        told.troubles.append(f"ADT^{trigger} does not name two patients: nothing is linked")
        return ()
    return tuple(Link(kept=kept, merged=who, undone=trigger == "A37") for who in others)


def demographics(told: Told) -> list[Fact]:
    """Birth date, sex and death, of the first PID; a null deletes and so states nothing."""
    pid = told.message.first("PID")
    if pid is None:
        return []
    found = []
    for place, words in ((7, BIRTH_DATE), (29, "date of death")):
        if pid.first(place).null:
            told.doubt(pid, place, f"deletes the {words}: nothing is read from it")
        elif moment := told.moment(pid, place):
            found.append(_demographic(told, pid, place, words, moment))
    code = pid.part(8).upper()
    if code in _SEXES:
        found.append(_demographic(told, pid, 8, SEX, _SEXES[code]))
    elif code not in {"", "U", "N"}:
        told.doubt(pid, 8, "is no code of table 0001")
    died = pid.part(30).upper()
    if died in {"Y", "N"} and not pid.part(29):
        found.append(_demographic(told, pid, 30, "deceased", died == "Y"))
    return found


def _demographic(told: Told, pid: Segment, place: int, words: str, value: FactValue) -> Fact:
    identity = f"{told.sender}|{told.person}#{words}"
    code, kind = Code(text=words), FactKind.DEMOGRAPHIC
    return told.fact(kind, code, pid, place, value=value, status="final", identity=identity)


def _given(message: Message, segment: Segment, place: int) -> list[_Given]:
    found = (_one(message, element) for element in segment.elements(place))
    return [one for one in found if one and one.type not in _NO_PERSON]


def _one(message: Message, element: Element) -> _Given | None:
    value = element.part(1)
    stated = authority(*(element.part(4, part) for part in (1, 2, 3)))
    facility = authority(*(message.header.part(4, part) for part in (1, 2, 3)))
    giver = stated or (f"hl7:{facility}" if facility else "")
    # A bar parts authority and value wherever Osler writes them.
    if not value or not giver or "|" in giver:
        return None
    who = Identifier(authority=giver, value=value)
    return _Given(who=who, stated=bool(stated), type=element.part(5).upper())


def _record_numbers(given: list[_Given]) -> list[Identifier]:
    return [one.who for one in given if one.stated and one.type == "MR"]


def _given_up(message: Message, mrg: Segment) -> list[Identifier]:
    """The record numbers of MRG-1, else all its numbers of a person."""
    given = _given(message, mrg, 1)
    return [one.who for one in given if one.type == "MR"] or [one.who for one in given]
