"""TIFF: tiled or very large goes to the slide reader, the rest stays a picture."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile, InputError, UnknownFormat
from osler.readers import tiff
from osler.readers.tiff import PICTURE_PIXELS, first_directory, is_tiff

from .drawn import context, png
from .slides import write_slide

SMALL = png(np.zeros((10, 20, 3), np.uint8), "TIFF")


def test_the_form_of_a_picture_and_of_a_slide(tmp_path: Path) -> None:
    form = first_directory(io.BytesIO(SMALL), "a")
    assert (form.columns, form.rows, form.tiled, form.is_slide) == (20, 10, False, False)
    with write_slide(tmp_path / "s").open("rb") as file:
        form = first_directory(file, "s")
    assert (form.columns, form.rows, form.is_slide) == (2048, 1536, True)


def test_a_small_tiff_stays_a_picture() -> None:
    assert is_tiff(SMALL)
    (item,) = tiff.read(SMALL, context("a.tif", kind="histology")).items
    assert (item.source.kind, item.data, item.file) == ("image", SMALL, None)


def test_a_tiled_tiff_is_a_slide(tmp_path: Path) -> None:
    path = write_slide(tmp_path / "s")
    (item,) = tiff.read_file(path, context("s.svs")).items
    assert (item.source.kind, item.file) == ("slide", path)
    (again,) = tiff.read(path.read_bytes(), context("s.svs")).items
    assert (again.source, again.file, again.data) == (item.source, None, path.read_bytes())


def strips(columns: int, rows: int) -> bytes:
    """A directory and no pixels."""
    tags = [(256, 4, columns), (257, 4, rows), (258, 3, 8), (273, 4, 8), (279, 4, 1)]
    packed = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + packed + bytes(4)


def test_a_very_large_one_that_is_not_tiled_is_never_decoded_whole(tmp_path: Path) -> None:
    assert PICTURE_PIXELS < 10_000 * 10_000
    path = tmp_path / "huge.tif"
    path.write_bytes(strips(10_000, 10_000))
    with pytest.raises((UnknownFormat, BrokenFile), match=r"huge\.tif"):
        tiff.read_file(path, context("huge.tif", kind="histology"))


@pytest.mark.parametrize(
    "data",
    [
        SMALL[:6],
        b"II*\x00" + bytes(20),
        b"II+\x00\x08\x00\x00\x00" + b"\xff" * 8,
        b"MM\x00*" + b"\xff" * 40,
        b"II+\x00\x08\x00\x00\x00" + b"\xff" * 7 + b"\x0f" + bytes(8),
        strips(0, 5),
    ],
)
def test_a_damaged_head(data: bytes) -> None:
    with pytest.raises(BrokenFile, match=r"a\.tif.*directory"):
        tiff.read(data, context("a.tif", kind="histology"))


@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255))
def test_any_byte_changed_is_read_or_refused(at: int, change: int) -> None:
    altered = bytearray(SMALL)
    altered[at] ^= change
    try:
        tiff.read(bytes(altered), context("a.tif", kind="histology"))
    except InputError:
        return
