"""From a locator back to what it shows, so that evidence opens and can be checked.

    evidence(store, fact.evidence)                what a fact points at
    show(data, source, locator)                   -> ShownText | ShownImage | ShownSignal

Raises `BrokenFile` when the place is not there: evidence that does not open is no evidence.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from osler.errors import BrokenFile, NotFound
from osler.readers.attachment import document_words
from osler.readers.compressed import unpacked
from osler.readers.frame import frame_of
from osler.readers.hl7v2_text import segment_text
from osler.readers.large import LARGE_PICTURES, large_pixels
from osler.readers.lines import line_at
from osler.readers.rtf_text import rtf_text
from osler.record.locator import (
    Box,
    Clip,
    Evidence,
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
from osler.record.patient import Patient
from osler.record.source import Source
from osler.record.store import Store

__all__ = ["Shown", "ShownImage", "ShownSignal", "ShownText", "content_of", "evidence", "show"]

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
    """Millivolts (n,) of one lead with the samples `[start, end)` that are meant.

    What is no voltage (a saturation, a respiration) keeps the unit of its file: `unit` names it.
    """

    samples_mv: np.ndarray
    rate_hz: float
    lead: str
    start: int
    end: int
    unit: str = "mV"


Shown = ShownText | ShownImage | ShownSignal


def evidence(store: Store, said: Evidence, patient: Patient | None = None) -> Shown:
    """What a fact points at, opened from its store; raises `NotFound` and `SourceAltered` too.

    A slide or a film is opened in parts and not held against its digest: `osler verify` does that.
    """
    found = store.sources([said.source], patient)
    if not found:
        raise NotFound(f"no source {said.source[:12]} in {store.where}")
    return show(content_of(store, found[0]), found[0], said.at)


def content_of(store: Store, source: Source) -> bytes | Path:
    """The bytes of a source, or where they lie if it is of a kind that is opened in parts."""
    large = store.file_of(source.digest) if source.kind in LARGE_PICTURES else None
    return large or store.bytes_of(source.digest)


def show(data: bytes | Path, source: Source, at: Locator) -> Shown:
    """What the locator points at inside these bytes; a file too large to hold is given by path."""
    if source.kind in LARGE_PICTURES:
        return ShownImage(pixels=large_pixels(data, source.kind, at), box=None)
    if isinstance(at, Samples) and source.kind == "edf":
        return _channel(data, at)
    if isinstance(data, Path):
        data = data.read_bytes()
    match at:
        case Span() | Page():
            return _span(_text_in(data, source, at), at)
        case Line():
            header, line = line_at(data, at.number)
            return ShownText(before=header, marked=line, after="")
        case Pointer():
            return _pointer(data, at)
        case Samples():
            return _samples(data, source, at)
        case Box():
            return _box(data, source, at)
        case Clip() | Tile():
            return _part(data, source, at)
        case Tag():
            return _tag(data, at)
        case Segment():
            return ShownText(before="", marked=segment_text(data, at), after="")
        case Whole():
            return _whole(data, source)


def _span(text: str, at: Span | Page) -> ShownText:
    if not 0 <= at.start <= at.end <= len(text):
        raise BrokenFile(f"characters {at.start} to {at.end} are outside a text of {len(text)}")
    return ShownText(
        before=text[max(0, at.start - _AROUND) : at.start],
        marked=text[at.start : at.end],
        after=text[at.end : at.end + _AROUND],
    )


def _pointer(data: bytes, at: Pointer) -> ShownText:
    first, *parts = at.path.split("/")
    holder: Any = None
    try:
        value: Any = json.loads(_text(data))
        if first:
            raise ValueError(f"{at.path} does not begin with a slash (RFC 6901)")
        for part in parts:
            key = part.replace("~1", "/").replace("~0", "~")
            holder = value
            value = value[_index(key)] if isinstance(value, list) else value[key]
    except (KeyError, IndexError, ValueError, TypeError, RecursionError) as error:
        raise BrokenFile(f"there is nothing at {at.path} in this resource ({error})") from error
    words = document_words(holder, parts[-1], value) if parts else None
    if words is None:
        words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return ShownText(before=at.path, marked=words, after="")


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


def _channel(data: bytes | Path, at: Samples) -> ShownSignal:
    from osler.readers.edf import edf_channel

    samples, rate_hz, unit = edf_channel(data, at.channel)
    if not 0 <= at.start < at.end <= len(samples):
        raise BrokenFile(f"there are no samples {at.start} to {at.end} of channel {at.channel}")
    return ShownSignal(
        samples_mv=samples, rate_hz=rate_hz, lead=at.channel, start=at.start, end=at.end, unit=unit
    )


def _box(data: bytes, source: Source, at: Box) -> ShownImage:
    pixels = frame_of(data, source.kind, at.frame)
    rows, columns = pixels.shape[:2]
    inside = 0 <= at.x < at.x + at.width <= columns and 0 <= at.y < at.y + at.height <= rows
    if not inside:
        raise BrokenFile(f"the box {at} is outside a frame of {columns} x {rows} pixels")
    return ShownImage(pixels=pixels, box=at)


def _part(data: bytes, source: Source, at: Clip | Tile) -> ShownImage:
    """A tile of a slide in DICOM; slides and film in files of their own went another way."""
    if source.kind != "dicom/slide" or isinstance(at, Clip):
        raise BrokenFile(f"nothing shows a {type(at).__name__.lower()} of a '{source.kind}'")
    from osler.readers.dicom_slide import slide_tile  # pydicom is an extra

    return ShownImage(pixels=slide_tile(data, at), box=None)


def _tag(data: bytes, at: Tag) -> ShownText:
    from osler.readers.dicom_tag import tag_text  # pydicom is an extra

    return ShownText(before=at.path, marked=tag_text(data, at.path), after="")


def _whole(data: bytes, source: Source) -> Shown:
    if source.kind == "dicom/sr":
        from osler.readers.dicom_tag import report_text

        return ShownText(before="", marked=report_text(data), after="")
    if source.kind in _PICTURES:
        return ShownImage(pixels=frame_of(data, source.kind), box=None)
    if source.kind == "rtf":
        return ShownText(before="", marked=rtf_text(data), after="")
    if source.media_type.startswith(("text/", "application/fhir", "application/json")):
        return ShownText(before="", marked=_text(data), after="")
    return ShownText(before="", marked=f"{source.name}, {source.size} bytes", after="")


def _text_in(data: bytes, source: Source, at: Span | Page) -> str:
    """The text that characters count in: a page's, or of RTF what it says once converted."""
    if isinstance(at, Page):
        from osler.readers.pdf import page_text  # pypdfium2 is an extra

        return page_text(data, at)
    if source.kind == "rtf":
        return rtf_text(data)
    return _text(data)


def _text(data: bytes) -> str:
    data = unpacked(data, "this source")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
