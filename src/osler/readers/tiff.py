"""TIFF, classic and Big: a tiled or very large one is a whole slide, any other a picture.

    is_tiff(head)                   of the first bytes
    read_file(path, context)        goes on to osler.readers.slide or osler.readers.image

Of the file only its first directory is looked at here (TIFF 6.0, section 2; BigTIFF proposal).
"""

import importlib
import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from osler.errors import BrokenFile, UnknownFormat
from osler.readers.on_disk import read_on_disk
from osler.readers.reading import Context, Flow, Reading

__all__ = [
    "MAGIC",
    "PICTURE_PIXELS",
    "Directory",
    "first_directory",
    "is_tiff",
    "read",
    "read_file",
]

MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

PICTURE_PIXELS = 50_000_000
"""The largest TIFF that is opened whole, as a picture."""

_WIDTH, _LENGTH, _TILE_WIDTH = 256, 257, 322
_SHORT, _LONG, _LONG8 = 3, 4, 16
_MOST_ENTRIES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What the first directory says of the picture's form."""

    columns: int
    rows: int
    tiled: bool

    @property
    def is_slide(self) -> bool:
        """Whether it is made to be read in parts, or has to be."""
        return self.tiled or self.columns * self.rows > PICTURE_PIXELS


def is_tiff(head: bytes) -> bool:
    """Whether these bytes begin as TIFF does."""
    return head.startswith(MAGIC)


def read_file(path: Path, context: Context) -> Flow:
    """The file as one source, of kind `slide` or `image`."""
    with path.open("rb") as file:
        form = first_directory(file, context.name)
    if form.is_slide:
        return _slide_reader(context.name)(path, context)
    from osler.readers import image

    reading = image.read(path.read_bytes(), context)
    return Flow(items=iter(reading.items), container=reading.container)


def read(data: bytes, context: Context) -> Reading:
    """The same of bytes."""
    return read_on_disk(read_file, data, context)


def _slide_reader(name: str) -> Callable[[Path, Context], Flow]:
    try:
        module = importlib.import_module("osler.readers.slide")
        return cast(Callable[[Path, Context], Flow], module.read_file)
    except ModuleNotFoundError as error:
        if error.name != "openslide":
            raise
        raise UnknownFormat(
            f"{name}: a whole slide needs the package 'openslide-python': pip install 'osler[all]'"
        ) from error


def first_directory(file: BinaryIO, name: str) -> Directory:
    """Size and tiling of the first picture; raises `BrokenFile` when the bytes do not hold it."""
    try:
        words = _words(file)
    except struct.error as error:
        raise BrokenFile(f"{name}: the TIFF ends before its first directory does") from error
    if words is None or not words.get(_WIDTH) or not words.get(_LENGTH):
        raise BrokenFile(f"{name}: damaged TIFF: its first directory states no width and length")
    return Directory(columns=words[_WIDTH], rows=words[_LENGTH], tiled=_TILE_WIDTH in words)


def _words(file: BinaryIO) -> dict[int, int] | None:
    """The whole numbers of the first directory by tag; None where it is no sound directory."""
    head = file.read(16)
    order = "<" if head.startswith(b"II") else ">"
    (version,) = struct.unpack_from(f"{order}H", head, 2)
    big = version == 43
    (start,) = struct.unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)
    if start > file.seek(0, io.SEEK_END):
        return None
    file.seek(start)
    counted = "Q" if big else "H"
    (count,) = struct.unpack(order + counted, file.read(struct.calcsize(order + counted)))
    if not 0 < count <= _MOST_ENTRIES:
        return None
    size = 20 if big else 12
    entries = file.read(count * size)
    found: dict[int, int] = {}
    for at in range(0, count * size, size):
        tag, kind = struct.unpack_from(f"{order}HH", entries, at)
        form = {_SHORT: "H", _LONG: "I", _LONG8: "Q"}.get(kind)
        if form and not (form == "Q" and not big):
            (found[tag],) = struct.unpack_from(order + form, entries, at + (12 if big else 8))
    return found
