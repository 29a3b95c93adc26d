"""The lines of a text file, plain or packed with gzip, one at a time and within limits.

    with opened(path, "panel.vcf.gz") as file:
        for number, line in lines_of(file, "panel.vcf.gz"): ...
    header, line = line_at(data, 42)        one line of a source, for its evidence

A line ends with a line feed; a carriage return before it, and a byte order mark at the very start,
are no part of it. These are the lines that a `Line` counts.
"""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from osler.errors import BrokenFile
from osler.readers.compressed import LIMIT_BYTES

__all__ = [
    "LONGEST_LINE",
    "UNPACKED_LIMIT",
    "as_text",
    "line_at",
    "lines_of",
    "opened",
    "opened_bytes",
]

LONGEST_LINE = 32 << 20
"""Bytes: a row of 100,000 samples fits, a file without line ends does not."""

UNPACKED_LIMIT = 16 * LIMIT_BYTES
"""The most that a packed file may unpack to where it is walked, never held."""

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


@contextmanager
def opened(path: Path, name: str) -> Iterator[BinaryIO]:
    """The file, unpacked while it is read; raises `BrokenFile` where it cannot be opened."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BrokenFile(f"{name}: cannot be opened ({error.strerror})") from error
    with file:
        yield _unpacking(file)


def opened_bytes(data: bytes) -> BinaryIO:
    """The same of bytes that are held."""
    return _unpacking(io.BytesIO(data))


def _unpacking(file: BinaryIO) -> BinaryIO:
    magic = file.read(2)
    file.seek(0)
    if magic == _GZIP:
        return cast(BinaryIO, io.BufferedReader(gzip.GzipFile(fileobj=file), 1 << 18))
    return file


def lines_of(file: BinaryIO, name: str, *, ends: bool = False) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of every line, with its end where `ends` is set.

    Raises `BrokenFile` for damage and past the limits.
    """
    number, total = 0, 0
    while True:
        try:
            line = file.readline(LONGEST_LINE + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise BrokenFile(
                f"{name}, after line {number}: damaged gzip ({error}); copy the file again"
            ) from error
        if not line:
            return
        number += 1
        total += len(line)
        if len(line) > LONGEST_LINE:
            raise BrokenFile(
                f"{name}, line {number}: longer than {LONGEST_LINE} bytes; is it a text file?"
            )
        if total > UNPACKED_LIMIT:
            raise BrokenFile(f"{name}: unpacks to more than {UNPACKED_LIMIT} bytes; split it")
        yield number, _bare(line, first=number == 1, ends=ends)


def line_at(data: bytes, number: int) -> tuple[str, str]:
    """The column line above it and the line itself, counted from 1.

    Raises `BrokenFile` where there is none. The column line of a VCF begins with `#CHROM`, that
    of any other table is the first without a `#`.
    """
    header, last = "", 0
    for found, line in lines_of(opened_bytes(data), "this source"):
        if found == number:
            return header, as_text(line)
        last = found
        if line.startswith(b"#CHROM") or not (header or line.startswith(b"#")):
            header = as_text(line)
    raise BrokenFile(f"line {number} is outside a text of {last} lines")


def _bare(line: bytes, *, first: bool, ends: bool) -> bytes:
    if first and line.startswith(_BOM):
        line = line[len(_BOM) :]
    return line if ends else line.rstrip(b"\r\n")


def as_text(line: bytes) -> str:
    """UTF-8, else Latin-1."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")
