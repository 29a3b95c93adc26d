"""Which reader a file belongs to, by what its bytes are rather than by what it is called.

name = format_of(head, context)        of the first bytes: "dicom", "fhir", "note"
module = module_of(name, context)      the module osler.readers.NAME
reader = recognise(data, context)      its function (data, context) -> Reading
"""

import importlib
import re
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from types import ModuleType
from typing import Protocol, cast

from osler.errors import BrokenFile, UnknownFormat
from osler.readers.copy_number import is_segments
from osler.readers.dicom_opening import is_dicom
from osler.readers.edf_open import is_edf
from osler.readers.gene_matrix import is_gene_matrix
from osler.readers.hl7v2_message import is_hl7v2
from osler.readers.image import MAGIC
from osler.readers.maf import is_maf
from osler.readers.ndjson_opening import is_ndjson, is_other_lines
from osler.readers.reading import Context, Reading
from osler.readers.tiff import is_tiff
from osler.readers.video import is_video

__all__ = [
    "HEAD_BYTES",
    "Reader",
    "format_of",
    "is_wfdb_header",
    "module_of",
    "recognise",
    "wfdb_words",
]

# The record line, then a line that opens as a signal or segment does (a file, a format or count):
# "Bed 4 12/05/2024" at the head of a note looks like the first, but nothing there like the second.
_WFDB = re.compile(
    rb"(?:#[^\n]*\n)*[\w./-]+ +\d{1,3} +\d+(?:\.\d+)?(?:[/( ][^\n]*)?\r?\n"
    rb"(?:#[^\n]*\n)*(\S+) +\d+(?:[x:+]\S*)?(?:[ \r\n]|$)"
)
HEAD_BYTES = 1 << 16
"""How much of a file is enough to know it by, packed or not."""

_OPENING = 4096
_EXTRAS = {
    "pydicom": "dicom", "wfdb": "ecg", "edfio": "ecg", "openslide": "slides", "tifffile": "slides",
    "cv2": "video", "pypdfium2": "documents", "pypdf": "documents", "striprtf": "documents",
}  # fmt: skip
_TEXT_ENDINGS = (".txt", ".md", ".text", "")


class Reader(Protocol):
    """A format's `read` function."""

    def __call__(self, data: bytes, context: Context) -> Reading:
        """The sources and facts in these bytes."""


def recognise(data: bytes, context: Context) -> Reader:
    """The reader for these bytes; raises `UnknownFormat` when there is none."""
    return cast(Reader, module_of(format_of(data[:HEAD_BYTES], context), context).read)


def format_of(head: bytes, context: Context) -> str:
    """The format of a file that begins so; raises `UnknownFormat`, or `BrokenFile` for nothing."""
    if not head:
        raise BrokenFile(f"{context.name}: the file is empty")
    opening = _opening(head, context.name)
    for name, is_it in _FORMATS:
        if is_it(opening):
            return name
    return _text_format(opening, context)


def module_of(name: str, context: Context) -> ModuleType:
    """The module of a format; raises `UnknownFormat` naming the package that it lacks."""
    # Imported by need: pydicom and wfdb are extras, and nobody who reads a note waits for them.
    try:
        return importlib.import_module(f"osler.readers.{name}")
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package == "osler":
            raise
        raise UnknownFormat(
            f"{context.name}: needs the package '{package}': "
            f"pip install 'osler[{_EXTRAS.get(package, 'all')}]'"
        ) from error


def is_wfdb_header(data: bytes) -> bool:
    """Whether these bytes begin as a WFDB header does (record, signals, rate)."""
    return _WFDB.match(data[:_OPENING]) is not None


def wfdb_words(header: bytes) -> frozenset[str]:
    """The first word of every line: among them the signal files that a WFDB header names."""
    lines = header.decode("latin-1").splitlines()
    return frozenset(line.split()[0] for line in lines if line.strip())


def _is_json(head: bytes) -> bool:
    opens = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
    return opens and not is_other_lines(head)


# Asked in this order, of the first bytes, unpacked where they were packed.
_FORMATS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("dicom", is_dicom),
    ("pdf", lambda head: head.lstrip(b"\xef\xbb\xbf\r\n\t \x00").startswith(b"%PDF-")),
    ("tiff", is_tiff),
    ("rtf", lambda head: head.startswith(b"{\\rtf")),
    ("image", lambda head: head.startswith(MAGIC)),
    ("video", is_video),
    ("slide", lambda head: head.startswith(b"ZISRAWFILE")),
    ("edf", is_edf),
    ("vcf", lambda head: head.startswith(b"##fileformat=VCF")),
    ("maf", is_maf),
    ("copy_number", is_segments),
    ("expression", is_gene_matrix),
    ("hl7v2", is_hl7v2),
    ("ndjson", is_ndjson),
    ("fhir", _is_json),
    ("wfdb_record", is_wfdb_header),
)


def _opening(head: bytes, name: str) -> bytes:
    if not head.startswith(b"\x1f\x8b"):
        return head[:_OPENING]
    unpacking = zlib.decompressobj(31)
    try:
        opening = unpacking.decompress(head, _OPENING)
    except zlib.error as error:
        raise BrokenFile(f"{name}: damaged gzip ({error})") from error
    if not opening and not unpacking.eof:
        raise BrokenFile(f"{name}: damaged gzip (it ends before its first byte)")
    return opening


def _text_format(head: bytes, context: Context) -> str:
    ending = PurePosixPath(context.name).suffix.casefold()
    marked = head.startswith((b"\xff\xfe", b"\xfe\xff"))  # UTF-16
    if (context.kind == "note" or ending in _TEXT_ENDINGS) and (marked or b"\x00" not in head):
        return "note"
    raise UnknownFormat(f"{context.name}: no reader knows this format; it is kept whole")
