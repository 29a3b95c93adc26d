"""A place inside a source, so that evidence opens on what it claims.

    Evidence(source=digest, at=Span(start=120, end=151))
    Evidence(source=digest, at=Box(frame=0, x=96, y=0, width=96, height=96))
    to_json(evidence.at)     {"kind": "box", "frame": 0, ...}

Pixels count from the upper left of the stored frame, samples from the start of the recording,
characters in Unicode code points of the decoded text, lines, pages and segments from 1, frames
from 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from osler.errors import BrokenFile

__all__ = [
    "Box",
    "Clip",
    "Evidence",
    "Line",
    "Locator",
    "Page",
    "Pointer",
    "Samples",
    "Segment",
    "Span",
    "Tag",
    "Tile",
    "Whole",
    "from_json",
    "to_json",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The source as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """A value inside a JSON source (RFC 6901)."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Characters `[start, end)` of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle on one frame, in pixels of the stored frame."""

    frame: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Samples `[start, end)` of one channel of a recording."""

    channel: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a line-oriented file, counted from 1."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Characters `[start, end)` of the text of one page of a document, counted from 1."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment of an HL7 v2 message, counted from 1, and in it a field (MSH-1 is the bar)."""

    number: int
    field: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """An element of a DICOM dataset: `0040A730[2].0040A160`, items of a sequence from 0."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Milliseconds `[start_ms, end_ms)` of a moving picture, by its own clock."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A rectangle of a whole slide: its corner in level-0 pixels, its size in pixels of `level`."""

    level: int
    x: int
    y: int
    width: int
    height: int


Locator = Whole | Pointer | Span | Box | Samples | Line | Page | Segment | Tag | Clip | Tile

_KINDS: dict[str, type[Locator]] = {
    "whole": Whole,
    "pointer": Pointer,
    "span": Span,
    "box": Box,
    "samples": Samples,
    "line": Line,
    "page": Page,
    "segment": Segment,
    "tag": Tag,
    "clip": Clip,
    "tile": Tile,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where something is said: a source by digest, and the place in it."""

    source: str
    at: Locator


def to_json(locator: Locator) -> dict[str, Any]:
    """The locator as a flat JSON object whose `kind` says which it is."""
    fields = {name: getattr(locator, name) for name in locator.__slots__}
    return {"kind": _NAMES[type(locator)], **fields}


def from_json(value: Mapping[str, Any]) -> Locator:
    """The inverse of `to_json`; raises `BrokenFile` for an unknown or incomplete locator."""
    fields = dict(value)
    kind = _KINDS.get(str(fields.pop("kind", "")))
    if kind is None:
        raise BrokenFile(f"unknown locator {dict(value)}: made by a newer Osler?")
    try:
        return kind(**fields)
    except TypeError as error:
        raise BrokenFile(f"incomplete locator {dict(value)}: {error}") from error
