"""What was examined: SPM of HL7 v2.5 on, OBR-15 before it.

facts, identity, taken = specimens(told, obr, spms, order)

A result is of a specimen where its order names one; of several, none is chosen.
Source: HL7 v2.8, section 7.4.3 (SPM); v2.5, section 4.5.3.15 (OBR-15, SPS).
"""

from collections.abc import Sequence

from osler.readers.hl7v2_message import Segment
from osler.readers.hl7v2_values import SIDES, Told, authority, coded, system_of
from osler.record.fact import Code, Fact, FactKind
from osler.record.moment import Moment

__all__ = ["specimens"]


def specimens(
    told: Told, request: Segment, found: Sequence[Segment], order: str | None
) -> tuple[list[Fact], str | None, Moment | None]:
    """The specimens of one order, the identity of the one that there is, and when it was taken."""
    if not found:
        fact = _source(told, request, order)
        return ([fact], fact.identity, None) if fact else ([], None, None)
    facts = [_specimen(told, spm, order) for spm in found]
    only = facts[0] if len(facts) == 1 else None
    return facts, only.identity if only else None, only.valid_from if only else None


def _specimen(told: Told, spm: Segment, order: str | None) -> Fact:
    kind = coded(spm.first(4))
    sides = {SIDES.get(e.part(1).upper()) for e in spm.elements(9)} - {None}
    return told.fact(
        FactKind.SPECIMEN,
        kind or Code(text="specimen without a type"),
        spm,
        4 if kind else None,
        value=coded(spm.first(8)),
        valid_from=told.moment(spm, 17),
        status="available",
        identity=_number(told, spm) or _of_order(told, order, spm.part(1)),
        laterality=sides.pop() if len(sides) == 1 else None,
    )


def _number(told: Told, spm: Segment) -> str | None:
    """SPM-2: the filler's number of the specimen, else the placer's."""
    for component in (2, 1):
        if value := spm.part(2, component):
            giver = authority(*(spm.part(2, component, sub) for sub in (2, 3, 4)))
            return f"specimen:{giver or told.sender}|{value}"
    return None


def _of_order(told: Told, order: str | None, index: str) -> str | None:
    return f"specimen:{order}#{index or 1}" if order else f"specimen:{told.digest[:16]}#{index}"


def _source(told: Told, request: Segment, order: str | None) -> Fact | None:
    """OBR-15: the specimen's code in component 1, its site in 4, the side in 5."""
    held = request.first(15)
    code, words, name = (held.part(1, sub) for sub in (1, 2, 3))
    said = words or code or held.part(3)
    if not said:
        return None
    site, where = held.part(4, 2) or held.part(4, 1), held.part(4, 1)
    place = Code(text=site, system=system_of(held.part(4, 3)), code=where or None)
    return told.fact(
        FactKind.SPECIMEN,
        Code(text=said, system=system_of(name), code=code or None),
        request,
        15,
        value=place if site else None,
        valid_from=told.moment(request, 7),
        status="available",
        identity=_of_order(told, order, "1"),
        laterality=SIDES.get(held.part(5).upper()),
    )
