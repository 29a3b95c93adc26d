"""Results and orders of HL7 v2 (ORU, ORM, OML, OMG) to reports, specimens and observations.

    facts = result_facts(told)          OBX -> OBSERVATION, OBR -> REPORT, SPM or OBR-15 -> SPECIMEN
    facts = order_facts(told)           OBR -> REPORT that is pending

A result's identity is the filler's order number (OBR-3), OBX-3 and OBX-4, so that a correction has
that of what it corrects. It holds from OBX-14, else OBR-7; it was known at OBR-22, else MSH-7.
Source: HL7 v2.8, sections 4.5.3 (OBR), 7.4.2 (OBX), 7.4.3 (SPM); tables 0085, 0123.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from osler.readers.hl7v2_message import Message, Segment
from osler.readers.hl7v2_observation import Result, observations
from osler.readers.hl7v2_specimen import specimens
from osler.readers.hl7v2_text import text_run
from osler.readers.hl7v2_values import Told, coded, entity
from osler.record.fact import Assertion, Code, Fact, FactKind

__all__ = ["order_facts", "result_facts"]

_REPORTED = {
    "F": "final", "C": "corrected", "P": "preliminary", "A": "partial", "R": "preliminary",
    "X": "cancelled", "O": "registered", "I": "registered", "S": "registered",
}  # fmt: skip
_PENDING = {"registered"}
_CANCELLED = {"CA", "CR", "DC", "DR", "OC", "OD", "UA"}


@dataclass(slots=True, kw_only=True)
class _Order:
    """An OBR (or results without one) and what stands under it."""

    control: Segment | None = None
    request: Segment | None = None
    results: list[Segment] = field(default_factory=list)
    specimens: list[Segment] = field(default_factory=list)


def result_facts(told: Told) -> list[Fact]:
    """The facts of a message of results."""
    found: list[Fact] = []
    seen: set[str] = set()
    for order in _orders(told.message):
        found += _of_order(told, order, seen)
    return found


def order_facts(told: Told) -> list[Fact]:
    """What was ordered, and is pending until its result comes."""
    found = []
    for order in _orders(told.message):
        if (request := order.request) is None:
            continue
        cancelled = order.control is not None and order.control.part(1) in _CANCELLED
        status = "cancelled" if cancelled else "registered"
        found.append(_report(told, order, request, status))
        found += specimens(told, request, order.specimens, _name(told, order))[0]
    if not found:
        told.troubles.append(f"{told.message.type} without an OBR: Osler reads no facts from it")
    return found


def _orders(message: Message) -> Iterator[_Order]:
    order, control = _Order(), None
    for segment in message.segments:
        if segment.name == "ORC":
            control = segment
        elif segment.name == "OBR":
            if order.request or order.results:
                yield order
            order, control = _Order(control=control, request=segment), None
        elif segment.name == "OBX":
            order.results.append(segment)
        elif segment.name == "SPM":
            order.specimens.append(segment)
    if order.request or order.results:
        yield order


def _of_order(told: Told, order: _Order, seen: set[str]) -> Iterator[Fact]:
    request, name = order.request, _name(told, order)
    specimen, taken = None, None
    if request is not None:
        found, specimen, taken = specimens(told, request, order.specimens, name)
        yield from found
        yield _report(told, order, request, _REPORTED.get(request.part(25), "unknown"))
    result = Result(
        told=told, order=name, status=_letter(request), specimen=specimen,
        start=told.moment(request, 7) or taken, end=told.moment(request, 8),
        known=told.moment(request, 22), seen=seen,
    )  # fmt: skip
    read = 0
    for obx in order.results:
        if obx.number > read:
            run = text_run(told.message, obx)
            read = run[-1].number
            yield from observations(result, obx, run)


def _letter(request: Segment | None) -> str:
    """OBR-25 as OBX-11 would say it: only where the two tables agree."""
    status = request.part(25) if request else ""
    return status if status in {"F", "C", "P", "R", "X", "I"} else ""


def _name(told: Told, order: _Order) -> str | None:
    """The filler's order number, else the placer's (OBR-3, ORC-3, OBR-2, ORC-2)."""
    request, control = order.request, order.control
    filler = entity(request, 3, told.sender) or entity(control, 3, told.sender)
    return filler or _placer(told, order)


def _placer(told: Told, order: _Order) -> str | None:
    number = entity(order.request, 2, told.sender) or entity(order.control, 2, told.sender)
    return f"placer:{number}" if number else None


def _report(told: Told, order: _Order, request: Segment, status: str) -> Fact:
    code = coded(request.first(4))
    name, placer = _name(told, order), _placer(told, order)
    return told.fact(
        FactKind.REPORT,
        code or Code(text="report without a code"),
        request,
        4 if code else None,
        valid_from=told.moment(request, 7),
        valid_to=told.moment(request, 8),
        recorded_at=told.moment(request, 22),
        status=status,
        assertion=Assertion.PENDING if status in _PENDING else Assertion.PRESENT,
        identity=name,
        # The order that was pending under the placer's number is what the filler reports on.
        replaces=placer if placer != name else None,
    )
