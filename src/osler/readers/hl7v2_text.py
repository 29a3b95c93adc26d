"""The words of an HL7 v2 message: text in OBX segments, and what a locator in it opens on.

    run = text_run(message, obx)        the OBX segments that are one text, this one first
    text_of_run(run)                    their OBX-5, a line each
    segment_text(data, at)              what a `Segment` locator shows

A text that is sent a line an OBX is one text: OBX-5 of its first segment opens on all of it. In a
document (MDM) that is every OBX; elsewhere those that follow under the same OBX-3, 4 and 11.
"""

from collections.abc import Iterable

from osler.errors import BrokenFile
from osler.readers.hl7v2_message import Message, Segment, parse
from osler.record import locator

__all__ = ["TEXTS", "segment_text", "text_of_run", "text_run"]

TEXTS = frozenset({"ST", "TX", "FT"})
"""The types of OBX-2 that are words."""

_VALUE = 5
_BETWEEN = {"NTE"}


def text_run(message: Message, obx: Segment) -> list[Segment]:
    """The segments whose OBX-5 are one text, from `obx` on."""
    run: list[Segment] = []
    for place in range(obx.number - 1, len(message.segments)):
        segment = message.segments[place]
        if segment.name in _BETWEEN:
            continue
        if segment.name != "OBX" or (run and not _goes_on(message, obx, segment)):
            break
        run.append(segment)
    return run


def text_of_run(run: Iterable[Segment]) -> str:
    """The words, a line for each segment and each repetition."""
    lines = (e.text for obx in run for e in (obx.elements(_VALUE) or [obx.first(_VALUE)]))
    return "\n".join(lines).replace("\r\n", "\n").replace("\r", "\n").rstrip()


def segment_text(data: bytes, at: locator.Segment) -> str:
    """A segment as it stands, or the value of one of its fields; raises `BrokenFile`."""
    message = parse(data, "this message")
    if not 1 <= at.number <= len(message.segments):
        raise BrokenFile(f"segment {at.number} is outside a message of {len(message.segments)}")
    segment = message.segments[at.number - 1]
    if at.field is None:
        return _joined(segment)
    if not 1 <= at.field < len(segment.fields):
        raise BrokenFile(f"{segment.name} (segment {at.number}) has no field {at.field}")
    if segment.name == "OBX" and at.field == _VALUE and segment.part(2) in TEXTS:
        return text_of_run(text_run(message, segment))
    raw = segment.raw(at.field)
    # Delimiters are declared in MSH-2 itself, and there they are no escapes.
    return raw if segment.name == "MSH" and at.field <= 2 else segment.marks.plain(raw)


def _joined(segment: Segment) -> str:
    fields = list(segment.fields)
    if segment.name == "MSH":
        del fields[1]
    return segment.marks.field.join(fields)


def _goes_on(message: Message, first: Segment, obx: Segment) -> bool:
    both = first.part(2) in TEXTS and obx.part(2) in TEXTS
    if message.type == "MDM":
        return both
    return both and all(first.raw(place) == obx.raw(place) for place in (3, 4, 11))
