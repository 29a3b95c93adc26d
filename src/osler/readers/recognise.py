"""Which reader a file belongs to, by what its bytes are rather than by what it is called.

reader = recognise(data, context)      a function (data, context) -> Reading
"""

import gzip
import importlib
import io
import re
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Protocol, cast

from osler.errors import BrokenFile, UnknownFormat
from osler.readers.image import MAGIC
from osler.readers.reading import Context, Reading

__all__ = ["Reader", "is_wfdb_header", "recognise", "wfdb_words"]

# The record line, then a line that opens as a signal or segment does (a file, a format or count):
# "Bed 4 12/05/2024" at the head of a note looks like the first, but nothing there like the second.
_WFDB = re.compile(
    rb"(?:#[^\n]*\n)*[\w./-]+ +\d{1,3} +\d+(?:\.\d+)?(?:[/( ][^\n]*)?\r?\n"
    rb"(?:#[^\n]*\n)*(\S+) +\d+(?:[x:+]\S*)?(?:[ \r\n]|$)"
)
_HEAD = 4096
_TEXT_ENDINGS = (".txt", ".md", ".text", "")


class Reader(Protocol):
    """A format's `read` function."""

    def __call__(self, data: bytes, context: Context) -> Reading:
        """The sources and facts in these bytes."""


def recognise(data: bytes, context: Context) -> Reader:
    """The reader for these bytes; raises `UnknownFormat` when there is none."""
    name = _format_of(data, context)
    # Imported by need: pydicom and wfdb are extras, and nobody who reads a note waits for them.
    try:
        module = importlib.import_module(f"osler.readers.{name}")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("osler"):
            raise
        extra = {"pydicom": "dicom", "wfdb": "ecg"}.get(error.name or "", "all")
        raise UnknownFormat(
            f"{context.name}: needs the package '{error.name}': pip install 'osler[{extra}]'"
        ) from error
    return cast(Reader, module.read)


def is_wfdb_header(data: bytes) -> bool:
    """Whether these bytes begin as a WFDB header does (record, signals, rate)."""
    return _WFDB.match(data[:_HEAD]) is not None


def wfdb_words(header: bytes) -> frozenset[str]:
    """The first word of every line: among them the signal files that a WFDB header names."""
    lines = header.decode("latin-1").splitlines()
    return frozenset(line.split()[0] for line in lines if line.strip())


def _format_of(data: bytes, context: Context) -> str:
    if not data:
        raise BrokenFile(f"{context.name}: the file is empty")
    head = _opening(data, context.name)
    for name, is_it in _FORMATS:
        if is_it(head):
            return name
    return _text_format(head, context)


def _is_json(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


# Asked in this order, of the first bytes, unpacked where they were packed.
_FORMATS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("dicom", lambda head: head[128:132] == b"DICM"),
    ("image", lambda head: head.startswith(MAGIC)),
    ("vcf", lambda head: head.startswith(b"##fileformat=VCF")),
    ("fhir", _is_json),
    ("wfdb_record", is_wfdb_header),
)


def _opening(data: bytes, name: str) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data[:_HEAD]
    try:
        with gzip.open(io.BytesIO(data)) as file:
            return file.read(_HEAD)
    except (OSError, EOFError, zlib.error) as error:
        raise BrokenFile(f"{name}: damaged gzip ({error})") from error


def _text_format(head: bytes, context: Context) -> str:
    ending = PurePosixPath(context.name).suffix.casefold()
    if (context.kind == "note" or ending in _TEXT_ENDINGS) and b"\x00" not in head:
        return "note"
    raise UnknownFormat(f"{context.name}: no reader knows this format; it is kept whole")
