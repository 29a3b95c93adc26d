"""Every locator opens on what it names, and what lies outside is refused."""

import gzip
import json

import numpy as np
import pytest

from osler.errors import BrokenFile
from osler.readers.resolve import Shown, ShownImage, ShownSignal, ShownText, show
from osler.record.locator import Box, Line, Locator, Pointer, Samples, Span, Whole
from osler.record.source import Source

from .drawn import WFDB_HEADER, WFDB_SAMPLES, context, png

NOTE = "Fièvre à 39 °C; seen with cough. " * 20
VCF = "##fileformat=VCFv4.2\n#CHROM\tPOS\n7\t140753336\n12\t25245350\n"
RESOURCE = json.dumps(
    {"code": {"text": "asthma"}, "a/b": {"c~d": 1}, "list": ["one", "two"], "": "blank"}
)


def opened(data: bytes | str, at: Locator, kind: str = "note", media_type: str = "") -> Shown:
    whole = data.encode() if isinstance(data, str) else data
    return show(whole, Source.of(whole, kind=kind, name="a", media_type=media_type), at)


def test_a_span_shows_its_characters_and_some_around() -> None:
    start = NOTE.index("cough", 300)
    shown = opened(NOTE, Span(start=start, end=start + 5))
    assert isinstance(shown, ShownText)
    assert shown.marked == "cough"
    assert (shown.before + shown.marked + shown.after) in NOTE
    assert len(shown.before) == len(shown.after) == 160
    latin = opened(NOTE.encode("latin-1"), Span(start=0, end=6))
    assert isinstance(latin, ShownText)
    assert latin.marked == "Fièvre"


@pytest.mark.parametrize("packed", [False, True])
def test_a_line_shows_itself_under_its_columns(packed: bool) -> None:
    data = gzip.compress(VCF.encode()) if packed else VCF.encode()
    shown = opened(data, Line(number=4), "vcf")
    assert shown == ShownText(before="#CHROM\tPOS", marked="12\t25245350", after="")


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/code/text", "asthma"),
        ("/a~1b/c~0d", "1"),
        ("/list/1", "two"),
        ("/", "blank"),
        ("/code", '{\n "text": "asthma"\n}'),
    ],
)
def test_a_pointer_shows_its_value(path: str, marked: str) -> None:
    for data in (RESOURCE.encode(), gzip.compress(RESOURCE.encode())):
        shown = opened(data, Pointer(path=path), "fhir/Condition")
        assert shown == ShownText(before=path, marked=marked, after="")


def test_a_box_shows_its_frame() -> None:
    box = Box(frame=0, x=1, y=2, width=7, height=10)
    shown = opened(png(), box, "image")
    assert isinstance(shown, ShownImage)
    assert (shown.pixels.shape, shown.box) == ((12, 8, 3), box)


# wfdb calls pandas in a way that pandas 3.1 warns of.
@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_samples_show_their_lead() -> None:
    pytest.importorskip("wfdb")
    from osler.readers.wfdb_record import read

    (item,) = read(WFDB_HEADER, context("ecg.hea", companions={"ecg.dat": WFDB_SAMPLES})).items
    shown = show(item.data, item.source, Samples(channel="II", start=10, end=20))
    assert isinstance(shown, ShownSignal)
    assert (shown.rate_hz, shown.lead, shown.start, shown.end) == (250, "II", 10, 20)
    assert shown.samples_mv.shape == (500,)
    assert np.abs(shown.samples_mv).max() == pytest.approx(1, abs=0.02)
    for channel, start, end in (("V1", 0, 9), ("II", 0, 501), ("II", -1, 4), ("II", 9, 9)):
        with pytest.raises(BrokenFile):
            show(item.data, item.source, Samples(channel=channel, start=start, end=end))


def test_the_whole_of_a_source() -> None:
    picture = opened(png(), Whole(), "image")
    assert isinstance(picture, ShownImage)
    assert picture.box is None
    note = opened(NOTE, Whole(), media_type="text/plain")
    assert note == ShownText(before="", marked=NOTE, after="")
    other = opened(b"\x00" * 9, Whole(), "opaque")
    assert other == ShownText(before="", marked="a, 9 bytes", after="")


@pytest.mark.parametrize(
    ("data", "at"),
    [
        (NOTE, Span(start=0, end=len(NOTE) + 1)),
        (NOTE, Span(start=-1, end=4)),
        (NOTE, Span(start=9, end=4)),
        (VCF, Line(number=0)),
        (VCF, Line(number=5)),
        (RESOURCE, Pointer(path="/code/words")),
        (RESOURCE, Pointer(path="/list/2")),
        (RESOURCE, Pointer(path="/list/-1")),
        (RESOURCE, Pointer(path="/list/01")),
        (RESOURCE, Pointer(path="/code/text/0")),
        (RESOURCE, Pointer(path="code/text")),
        ("{", Pointer(path="/code")),
        (b"\x1f\x8b\x08", Span(start=0, end=1)),
        (png(), Box(frame=0, x=0, y=0, width=9, height=1)),
        (png(), Box(frame=0, x=0, y=0, width=1, height=13)),
        (png(), Box(frame=0, x=-1, y=0, width=2, height=2)),
        (png(), Box(frame=0, x=4, y=4, width=0, height=2)),
        (png(), Box(frame=0, x=4, y=4, width=-2, height=2)),
        (png(), Box(frame=1, x=0, y=0, width=2, height=2)),
    ],
)
def test_what_lies_outside_is_refused(data: bytes | str, at: Locator) -> None:
    with pytest.raises(BrokenFile):
        opened(data, at, "image" if isinstance(at, Box) else "note")
