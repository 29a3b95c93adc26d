"""Documents (MDM) of HL7 v2: one NOTE fact, whose evidence opens on the words of its OBX segments.

    facts = document_facts(told)

A replacement (T09, T10) names what it replaces (TXA-13); an edit keeps its number (TXA-12); a
cancelled one (T11, or TXA-19 CA) was entered in error. An event that sends no text is kept whole.
Source: HL7 v2.8, sections 9.5 and 9.6.1 (TXA); tables 0270, 0271, 0273.
"""

from osler.readers.hl7v2_message import Segment
from osler.readers.hl7v2_text import TEXTS, text_of_run, text_run
from osler.readers.hl7v2_values import Told, coded, entity, table
from osler.record.fact import Code, Fact, FactKind

__all__ = ["document_facts"]

_TYPES = {
    "AR": "autopsy report", "CD": "cardiodiagnostics", "CN": "consultation",
    "DI": "diagnostic imaging", "DS": "discharge summary", "ED": "emergency department report",
    "HP": "history and physical examination", "OP": "operative report",
    "PC": "psychiatric consultation", "PH": "psychiatric history and physical examination",
    "PN": "procedure note", "PR": "progress note", "SP": "surgical pathology",
    "TS": "transfer summary",
}  # fmt: skip
_COMPLETION = {
    "AU": "final", "LA": "final", "DI": "preliminary", "DO": "preliminary", "IN": "preliminary",
    "IP": "preliminary", "PA": "preliminary",
}  # fmt: skip
_EDITED, _REPLACED = {"T08"}, {"T09", "T10"}


def document_facts(told: Told) -> list[Fact]:
    """The note that one MDM message carries, or its withdrawal."""
    message, txa = told.message, told.message.first("TXA")
    if txa is None:
        told.troubles.append("MDM without a TXA: Osler reads no document from it")
        return []
    cancelled = message.trigger == "T11" or txa.part(19) == "CA"
    words = next((o for o in message.all("OBX") if o.part(2) in TEXTS), None)
    run = text_run(message, words) if words else []
    read = {obx.number for obx in run}
    for obx in (o for o in message.all("OBX") if o.number not in read):
        told.doubt(obx, 5, f"of type {obx.part(2)[:3]} is kept; Osler does not read it here")
    if not cancelled and not text_of_run(run).strip():
        told.troubles.append(
            f"MDM^{message.trigger} sends no text of its document: what it says of it is kept"
        )
        return []
    return [_note(told, txa, words, cancelled)]


def _note(told: Told, txa: Segment, words: Segment | None, cancelled: bool) -> Fact:
    trigger = told.message.trigger
    evidence, place = (words, 5) if words else (txa, 19 if txa.part(19) else None)
    return told.fact(
        FactKind.NOTE,
        _kind(txa),
        evidence,
        place,
        valid_from=told.moment(txa, 4) or told.moment(txa, 6),
        status="entered-in-error" if cancelled else _status(told, txa),
        identity=_number(told, txa, 12),
        replaces=_number(told, txa, 13) if trigger in _REPLACED else None,
    )


def _status(told: Told, txa: Segment) -> str:
    if txa.part(19) == "OB":
        return "superseded"
    status = _COMPLETION.get(txa.part(17), "unknown")
    return "amended" if told.message.trigger in _EDITED and status == "final" else status


def _kind(txa: Segment) -> Code:
    """TXA-2: a code of table 0270, or whatever the site writes there."""
    code = coded(txa.first(2))
    if code is None:
        return Code(text="document without a type")
    words = _TYPES.get((code.code or "").upper())
    if words and code.system is None:
        return table(270, str(code.code).upper(), words if code.text == code.code else code.text)
    return code


def _number(told: Told, txa: Segment, place: int) -> str | None:
    name = entity(txa, place, told.sender)
    return f"document:{name}" if name else None
