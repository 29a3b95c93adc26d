"""Whole slides: read in parts, in micrometres where the file says so."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from osler.errors import BrokenFile, InputError, Undeclared, UnknownFormat
from osler.readers import slide, slide_open
from osler.readers.large import large_pixels
from osler.readers.resolve import ShownImage, show
from osler.readers.slide_open import thumbnail, tile_of
from osler.record.fact import Fact
from osler.record.locator import Box, Tile, Whole
from osler.record.media import Media

from .drawn import context
from .slides import APERIO, jpeg_tile, write_slide


@pytest.fixture
def aperio(tmp_path: Path) -> Path:
    return write_slide(tmp_path / "a.svs")


def fact_of(path: Path, **fields: object) -> tuple[Fact, Media]:
    (item,) = slide.read_file(path, context("a.svs", **fields)).items
    assert isinstance(item.facts[0].value, Media)
    return item.facts[0], item.facts[0].value


def test_what_a_scanner_says(aperio: Path) -> None:
    (item,) = slide.read_file(aperio, context("a.svs")).items
    assert (item.source.kind, item.file, item.data, item.patient) == ("slide", aperio, b"", None)
    fact, media = fact_of(aperio)
    stated = {
        "modality": "histology", "spacing_um": 0.499, "objective": 20.0, "levels": 3,
        "columns": 2048, "rows": 1536, "stain": None, "anatomy": None,
    }  # fmt: skip
    assert {name: media.get(name) for name in stated} == stated
    assert fact.valid_from is not None
    assert fact.valid_from.earliest.isoformat() == "2009-12-29T14:59:15+00:00"
    assert not fact.valid_from.zone_assumed
    assert "Doe" not in repr(fact)


def test_a_stain_is_declared_or_unknown(aperio: Path) -> None:
    _, media = fact_of(aperio, declared={"stain": "H&E", "spacing_um": 9.0})
    assert (media.get("stain"), media.get("spacing_um")) == ("H&E", 0.499)


def test_a_plain_tiled_tiff_needs_somebodys_word(tmp_path: Path) -> None:
    path = write_slide(
        tmp_path / "a", description="", per_cm=(40_000, 40_000), date="2020:01:02 03:04:05"
    )
    with pytest.raises(Undeclared, match=r"a\.svs\.json.*--as KIND"):
        slide.read_file(path, context("a.svs"))
    fact, media = fact_of(path, kind="histology", zone="Europe/Paris")
    assert (media.get("spacing_um"), media.get("objective")) == (0.25, None)
    assert fact.valid_from is not None
    assert fact.valid_from.earliest.isoformat() == "2020-01-02T02:04:05+00:00"
    assert fact.valid_from.zone_assumed


@pytest.mark.parametrize(
    "stated",
    [
        APERIO.replace("12/29/09", "29/12/09"),
        APERIO.replace("12/29/09", "soon"),
        APERIO.replace("Date = 12/29/09", "Date = "),
    ],
)
def test_a_date_that_is_none(tmp_path: Path, stated: str) -> None:
    fact, _ = fact_of(write_slide(tmp_path / "a", description=stated))
    assert fact.valid_from is None


def test_tiles_show_their_level_and_place(aperio: Path) -> None:
    for level, red in enumerate((200, 150, 100)):
        pixels = tile_of(aperio, Tile(level=level, x=0, y=0, width=64, height=32))
        assert pixels.shape == (32, 64, 3)
        assert pixels.dtype == np.uint8
        assert np.abs(pixels.reshape(-1, 3).astype(int) - (red, 120, 160)).max() <= 2


def test_what_was_not_scanned_is_white(aperio: Path) -> None:
    pixels = tile_of(aperio, Tile(level=2, x=2047, y=1535, width=1, height=1))
    assert pixels.tolist() != [[[255, 255, 255]]]
    blank = write_slide(aperio.with_name("b.svs"), ((300, 300),))
    assert thumbnail(blank).shape == (300, 300, 3)


@pytest.mark.parametrize(
    "at",
    [
        Tile(level=3, x=0, y=0, width=1, height=1),
        Tile(level=-1, x=0, y=0, width=1, height=1),
        Tile(level=0, x=-1, y=0, width=1, height=1),
        Tile(level=0, x=0, y=0, width=0, height=1),
        Tile(level=0, x=2048, y=0, width=2, height=2),
        Tile(level=0, x=2000, y=0, width=100, height=2),
        Tile(level=1, x=0, y=0, width=600, height=2),
        Tile(level=0, x=0, y=0, width=100_000, height=100_000),
    ],
)
def test_a_tile_that_is_not_there(aperio: Path, at: Tile) -> None:
    with pytest.raises(BrokenFile):
        tile_of(aperio, at)


def test_evidence_opens_from_a_path_and_from_bytes(aperio: Path) -> None:
    (item,) = slide.read_file(aperio, context("a.svs")).items
    at = Tile(level=1, x=64, y=64, width=20, height=10)
    for data in (aperio, aperio.read_bytes()):
        shown = show(data, item.source, at)
        assert isinstance(shown, ShownImage)
        assert shown.pixels.shape == (10, 20, 3)
        whole = show(data, item.source, Whole())
        assert isinstance(whole, ShownImage)
        assert whole.pixels.shape == (768, 1024, 3)
    with pytest.raises(BrokenFile, match="by tiles, not by a box"):
        large_pixels(aperio, "slide", Box(frame=0, x=0, y=0, width=1, height=1))


def test_an_overview_of_one_that_has_no_smaller_level(tmp_path: Path) -> None:
    path = write_slide(tmp_path / "a", ((5000, 300),))
    small = thumbnail(path)
    assert small.shape == (61, 1024, 3)
    assert np.abs(small[10:50, 10:1000].astype(int) - (200, 120, 160)).max() <= 2


def test_tiles_that_claim_more_than_memory_holds(tmp_path: Path) -> None:
    path = write_slide(tmp_path / "a", ((60_000, 60_000),), stored=1 << 16)
    with pytest.raises(BrokenFile, match="tiles of 65536 x 65536"):
        slide.read_file(path, context("a.svs"))


def test_one_too_large_for_an_overview_says_so(
    aperio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (slide, slide_open):
        monkeypatch.setattr(module, "OVERVIEW_PIXELS", 100)
    (item,) = slide.read_file(aperio, context("a.svs")).items
    assert item.trouble is not None
    assert "save it as a pyramid" in item.trouble
    with pytest.raises(BrokenFile, match="no level small enough"):
        thumbnail(aperio)


def test_damaged_slides_are_refused(aperio: Path) -> None:
    whole = aperio.read_bytes()
    for length in range(0, len(whole), len(whole) // 23):
        aperio.write_bytes(whole[:length])
        with pytest.raises((BrokenFile, UnknownFormat)):
            slide.read_file(aperio, context("a.svs"))


def test_bytes_changed_at_random_end_in_a_read_or_a_refusal(aperio: Path) -> None:
    whole = aperio.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(40):
        altered = bytearray(whole)
        for at in rng.integers(len(whole) - 6000, len(whole), 4):
            altered[at] ^= int(rng.integers(1, 256))
        aperio.write_bytes(altered)
        try:
            slide.read_file(aperio, context("a.svs", kind="histology"))
            tile_of(aperio, Tile(level=0, x=0, y=0, width=300, height=300))
        except InputError:
            continue


MEASURE = """
import re, sys, datetime
from pathlib import Path
from osler.readers import tiff
from osler.readers.reading import Context
from osler.readers.slide_open import thumbnail, tile_of
from osler.record.locator import Tile
path = Path(sys.argv[1])
now = datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC)
(item,) = tiff.read_file(path, Context(name="a.svs", now=now)).items
tile_of(path, Tile(level=0, x=20000, y=20000, width=4096, height=4096))
thumbnail(path)
# Not getrusage: its peak counts the parent's memory too, as it was when the child was forked.
status = Path("/proc/self/status").read_text()
peak = int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) * 1024
print(peak, item.source.size)
"""


@pytest.mark.slow
def test_a_slide_of_two_gigabytes_stays_small(tmp_path: Path) -> None:
    tile = jpeg_tile(noise=70)
    side = 256 * (int((2_100_000_000 / len(tile)) ** 0.5) + 1)
    sizes = ((side, side), (side // 4, side // 4), (side // 16, side // 16))
    path = write_slide(tmp_path / "a.svs", sizes, tiles=[tile])
    out = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    ).stdout
    resident, size = (int(word) for word in out.split())
    assert size > 2_000_000_000
    assert resident < 600_000_000
