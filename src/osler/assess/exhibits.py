"""Opens every piece of evidence in an assessment, ready to be put before a reader.

    exhibits = open_exhibits(assessment, store)
    exhibits[evidence].number        the number under which the report shows it

Evidence that does not open raises `BrokenFile` or `SourceAltered`: an assessment that points at
nothing is not written.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from osler.assess.assessment import Assessment
from osler.assess.heat import boxed, thumbnail
from osler.assess.strip import Mark, strip
from osler.errors import BrokenFile
from osler.readers.resolve import Shown, ShownImage, ShownSignal, ShownText, content_of, show
from osler.record.locator import (
    Box,
    Clip,
    Evidence,
    Line,
    Page,
    Pointer,
    Samples,
    Segment,
    Span,
    Tag,
    Tile,
    Whole,
)
from osler.record.patient import Identifier
from osler.record.source import Source
from osler.record.store import Store

__all__ = ["Exhibit", "data_uri", "open_exhibits", "open_pictures", "pointed_at"]

_STRIP_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One opened piece of evidence: where it is, and text or a picture of what it shows."""

    number: int
    source: str
    digest: str
    place: str
    before: str = ""
    marked: str = ""
    after: str = ""
    picture: str | None = None


def pointed_at(assessment: Assessment) -> list[Evidence]:
    """Every piece of evidence in the order in which the report comes to it, each once."""
    found = [e for finding in assessment.findings for e in finding.evidence]
    found += [e for option in assessment.options for e in option.evidence]
    found += [statement.evidence for statement in assessment.summary]
    return list(dict.fromkeys(found))


def open_exhibits(assessment: Assessment, store: Store) -> Mapping[Evidence, Exhibit]:
    """Resolve every locator to what it shows."""
    patient = store.patient(Identifier.parse(assessment.patient))
    sources = {s.digest: s for s in store.sources(assessment.provenance.sources, patient)}
    exhibits: dict[Evidence, Exhibit] = {}
    for number, evidence in enumerate(pointed_at(assessment), start=1):
        source = sources.get(evidence.source)
        if source is None:
            raise BrokenFile(f"evidence points at {evidence.source[:12]}, which is not there")
        shown = show(content_of(store, source), source, evidence.at)
        exhibits[evidence] = _exhibit(number, source, evidence, shown)
    return exhibits


def open_pictures(digests: Iterable[str], store: Store) -> Mapping[str, str]:
    """Small pictures, as data URIs, of the sources that are pictures and can be decoded."""
    pictures: dict[str, str] = {}
    for source in store.sources(digests):
        try:
            shown = show(content_of(store, source), source, Whole())
        except BrokenFile:
            continue  # the report then says why it was not assessed, without a picture
        if isinstance(shown, ShownImage):
            pictures[source.digest] = data_uri("image/png", thumbnail(shown.pixels))
    return pictures


def data_uri(media_type: str, data: bytes) -> str:
    """The bytes inside a URI, so that a report is one file."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def _exhibit(number: int, source: Source, evidence: Evidence, shown: Shown) -> Exhibit:
    before = marked = after = ""
    picture = None
    match shown:
        case ShownText():
            before, marked, after = shown.before, shown.marked, shown.after
        case ShownImage():
            picture = data_uri("image/png", boxed(shown.pixels, shown.box))
        case ShownSignal():
            picture = data_uri("image/svg+xml", _beat(shown))
    return Exhibit(
        number=number,
        source=source.name,
        digest=source.digest,
        place=_place(evidence),
        before=before,
        marked=marked,
        after=after,
        picture=picture,
    )


def _place(evidence: Evidence) -> str:
    match evidence.at:
        case Span(start=start, end=end):
            return f"characters {start} to {end}"
        case Line(number=number):
            return f"line {number}"
        case Pointer(path=path):
            return path
        case Box(x=x, y=y, width=width, height=height):
            return f"{width} x {height} pixels at ({x}, {y})"
        case Samples(channel=channel, start=start, end=end):
            return f"lead {channel}, samples {start} to {end}"
        case Page(number=number):
            return f"page {number}"
        case Segment(number=number, field=field):
            return f"segment {number}" + (f", field {field}" if field else "")
        case Tag(path=path):
            return f"element {path}"
        case Clip(start_ms=start, end_ms=end):
            return f"{start / 1000:.1f} s to {end / 1000:.1f} s"
        case Tile(level=level, x=x, y=y, width=width, height=height):
            return f"{width} x {height} pixels of level {level} at ({x}, {y})"
        case Whole():
            return "the whole"


def _beat(shown: ShownSignal) -> bytes:
    """A few seconds around the samples that are meant."""
    length = len(shown.samples_mv) / shown.rate_hz
    middle = (shown.start + shown.end) / 2 / shown.rate_hz
    start = max(0.0, min(middle - _STRIP_S / 2, length - _STRIP_S))
    mark = Mark(at_s=middle, label="", strong=shown.end - shown.start < shown.rate_hz * 2)
    return strip(shown.samples_mv, shown.rate_hz, shown.lead, [mark], start, min(_STRIP_S, length))
