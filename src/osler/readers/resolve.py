"""From a locator back to what it shows, so that evidence opens and can be checked.

    show(store.bytes_of(source.digest), source, locator) -> ShownText | ShownImage | ShownSignal

Raises `BrokenFile` when the place is not there: evidence that does not open is no evidence.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from osler.errors import BrokenFile
from osler.readers.compressed import unpacked
from osler.readers.frame import frame_of
from osler.record.locator import (
    Box,
    Clip,
    Line,
    Locator,
    Page,
    Pointer,
    Samples,
    Segment,
    Span,
    Tag,
    Tile,
    Whole,
)
from osler.record.source import Source

__all__ = ["Shown", "ShownImage", "ShownSignal", "ShownText", "show"]

_AROUND = 160  # characters of context on either side of a span
_PICTURES = {"image", "dicom"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownText:
    """Text with the marked part in the middle."""

    before: str
    marked: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownImage:
    """A frame, uint8 (rows, columns, 3), and the box that is meant, if a part is."""

    pixels: np.ndarray
    box: Box | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSignal:
    """Millivolts (n,) of one lead with the samples `[start, end)` that are meant."""

    samples_mv: np.ndarray
    rate_hz: float
    lead: str
    start: int
    end: int


Shown = ShownText | ShownImage | ShownSignal


def show(data: bytes, source: Source, at: Locator) -> Shown:
    """What the locator points at inside these bytes."""
    match at:
        case Span():
            return _span(_text(data), at)
        case Line():
            return _line(_text(data), at)
        case Pointer():
            return _pointer(data, at)
        case Samples():
            return _samples(data, source, at)
        case Box():
            return _box(data, source, at)
        case Page() | Segment() | Tag() | Clip() | Tile():
            raise BrokenFile(f"nothing shows a {type(at).__name__.lower()} yet")
        case Whole():
            return _whole(data, source)


def _span(text: str, at: Span) -> ShownText:
    if not 0 <= at.start <= at.end <= len(text):
        raise BrokenFile(f"characters {at.start} to {at.end} are outside a text of {len(text)}")
    return ShownText(
        before=text[max(0, at.start - _AROUND) : at.start],
        marked=text[at.start : at.end],
        after=text[at.end : at.end + _AROUND],
    )


def _line(text: str, at: Line) -> ShownText:
    lines = text.splitlines()
    if not 1 <= at.number <= len(lines):
        raise BrokenFile(f"line {at.number} is outside a text of {len(lines)} lines")
    header = next((line for line in lines if line.startswith("#CHROM")), "")
    return ShownText(before=header, marked=lines[at.number - 1], after="")


def _pointer(data: bytes, at: Pointer) -> ShownText:
    first, *parts = at.path.split("/")
    try:
        value: Any = json.loads(_text(data))
        if first:
            raise ValueError(f"{at.path} does not begin with a slash (RFC 6901)")
        for part in parts:
            key = part.replace("~1", "/").replace("~0", "~")
            value = value[_index(key)] if isinstance(value, list) else value[key]
    except (KeyError, IndexError, ValueError, TypeError, RecursionError) as error:
        raise BrokenFile(f"there is nothing at {at.path} in this resource ({error})") from error
    marked = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return ShownText(before=at.path, marked=marked, after="")


def _index(key: str) -> int:
    """RFC 6901 section 4: digits alone, so that -1 does not open the last element."""
    if not re.fullmatch("0|[1-9][0-9]*", key):
        raise ValueError(f"'{key}' is no place in a list")
    return int(key)


def _samples(data: bytes, source: Source, at: Samples) -> ShownSignal:
    from osler.readers.signal import signal_of  # wfdb is an extra

    signal = signal_of(data, source.kind)
    if at.channel not in signal.leads or not 0 <= at.start < at.end <= len(signal.samples_mv):
        raise BrokenFile(f"there are no samples {at.start} to {at.end} of lead {at.channel}")
    return ShownSignal(
        samples_mv=signal.samples_mv[:, signal.leads.index(at.channel)],
        rate_hz=signal.rate_hz,
        lead=at.channel,
        start=at.start,
        end=at.end,
    )


def _box(data: bytes, source: Source, at: Box) -> ShownImage:
    pixels = frame_of(data, source.kind, at.frame)
    rows, columns = pixels.shape[:2]
    inside = 0 <= at.x < at.x + at.width <= columns and 0 <= at.y < at.y + at.height <= rows
    if not inside:
        raise BrokenFile(f"the box {at} is outside a frame of {columns} x {rows} pixels")
    return ShownImage(pixels=pixels, box=at)


def _whole(data: bytes, source: Source) -> Shown:
    if source.kind in _PICTURES:
        return ShownImage(pixels=frame_of(data, source.kind), box=None)
    if source.media_type.startswith(("text/", "application/fhir", "application/json")):
        return ShownText(before="", marked=_text(data), after="")
    return ShownText(before="", marked=f"{source.name}, {source.size} bytes", after="")


def _text(data: bytes) -> str:
    data = unpacked(data, "this source")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
