"""The header of a DICOM instance: parsed once, and whose, when and what it says it is.

    dataset = parse(data, name)                 a pydicom Dataset, damage found here
    dicom_identifier(dataset)                   (issuer, PatientID), or None
    taken(dataset, context), recorded(dataset, context)      its two clocks

Attribute names are those of DICOM PS3.6; an age of `000Y` is the header's way of not knowing.
"""

import io
import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydicom
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.multival import MultiValue
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from osler.errors import BrokenFile, OslerError
from osler.readers.dicom_opening import has_preamble
from osler.readers.reading import Context
from osler.record.moment import Moment

__all__ = [
    "DAMAGE",
    "DIRECTORY",
    "age_years",
    "class_name",
    "class_uid",
    "items_of",
    "moment",
    "parse",
    "quiet",
    "recorded",
    "stated",
    "taken",
]

DIRECTORY = "1.2.840.10008.1.3.10"
"""Media Storage Directory Storage, the class of a DICOMDIR, which is no instance itself."""

_INFLATED = 96 << 20  # bytes that a deflated dataset may have
_STEP = 1 << 20

# What pydicom and its decoders let through on damaged bytes: they share no base.
DAMAGE = (
    InvalidDicomError, BytesLengthException, RuntimeError, EOFError, ValueError, KeyError,
    IndexError, TypeError, OSError, AttributeError, OverflowError, NotImplementedError,
    ArithmeticError, struct.error, zlib.error,
)  # fmt: skip

_TAKEN = (
    "AcquisitionDateTime", "AcquisitionDate", "ContentDate", "DateOfSecondaryCapture",
    "SeriesDate", "StudyDate",
)  # fmt: skip


@contextmanager
def quiet() -> Iterator[None]:
    """Keep pydicom's remarks to itself: they quote the header, and with it the patient."""
    logger = logging.getLogger("pydicom")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        logger.setLevel(before)


def parse(data: bytes, name: str) -> pydicom.Dataset:
    """The whole dataset, every element decoded once, so that damage is found here."""
    try:
        with quiet():
            _refuse_bomb(data)
            dataset = pydicom.dcmread(io.BytesIO(data), force=not has_preamble(data))
            for element in dataset:
                _ = element.value
            _state_encoding(dataset)
            stated_class = class_uid(dataset)
    except DAMAGE as error:
        raise BrokenFile(f"{name}: damaged DICOM ({error or type(error).__name__})") from error
    if not stated_class:
        raise BrokenFile(f"{name}: damaged DICOM (no SOP class; the file may be cut short)")
    return dataset


def _refuse_bomb(data: bytes) -> None:
    """Count what a deflated dataset unpacks to before pydicom unpacks it without a limit."""
    if not has_preamble(data):
        return
    stream = io.BytesIO(data)
    stream.seek(132)
    meta = pydicom.filereader._read_file_meta_info(stream)
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        return
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    packed, size = data[stream.tell() :], 0
    while packed and not unpacker.eof:
        size += len(unpacker.decompress(packed, _STEP))
        packed = unpacker.unconsumed_tail
        if size > _INFLATED:
            raise ValueError(f"it unpacks to more than {_INFLATED >> 20} MiB: store it inflated")


def _state_encoding(dataset: pydicom.Dataset) -> None:
    """A dataset without file meta information still shows, by its bytes, how it is encoded."""
    if getattr(dataset, "file_meta", None) is None:
        dataset.file_meta = pydicom.dataset.FileMetaDataset()
    element = dataset.get_item("PixelData") if "PixelData" in dataset else None
    if "TransferSyntaxUID" in dataset.file_meta or getattr(element, "is_undefined_length", False):
        return
    implicit, little = dataset.original_encoding
    if implicit is None or little is None:
        return
    explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit


def class_uid(dataset: pydicom.Dataset) -> str:
    """The SOP class (0008,0016); a DICOMDIR has its own in the file meta information alone."""
    meta = str(dataset.file_meta.get("MediaStorageSOPClassUID") or "")
    return meta if meta == DIRECTORY else str(dataset.get("SOPClassUID") or "")


def class_name(dataset: pydicom.Dataset) -> str:
    """The SOP class in words, `CT Image Storage`, or its UID where the standard has no words."""
    return str(UID(class_uid(dataset)).name)


def stated(dataset: pydicom.Dataset, keyword: str) -> str | None:
    """An element as text; None where it is absent or empty."""
    value: Any = dataset.get(keyword)
    if isinstance(value, MultiValue):
        value = "\\".join(str(part) for part in value)
    return str("" if value is None else value).strip() or None


def items_of(dataset: pydicom.Dataset, keyword: str) -> list[pydicom.Dataset]:
    """The items of a sequence; none where it is absent, empty or no sequence."""
    value: Any = dataset.get(keyword)
    return list(value) if isinstance(value, pydicom.Sequence) else []


def age_years(dataset: pydicom.Dataset) -> int | None:
    """PatientAge (0010,1010) in whole years; None for the `000Y` that stands for unknown."""
    text = str(dataset.get("PatientAge") or "")
    if len(text) != 4 or not text[:3].isdecimal() or text[:3] == "000":
        return None
    return int(int(text[:3]) / {"Y": 1, "M": 12, "W": 52, "D": 365}.get(text[3], 1))


def taken(dataset: pydicom.Dataset, context: Context) -> Moment | None:
    """When the picture was acquired, as near as the header says."""
    return moment(dataset, context, _TAKEN)


def recorded(dataset: pydicom.Dataset, context: Context) -> Moment | None:
    """When the content was made (0008,0023), else the instance (0008,0012): the system's clock."""
    return moment(dataset, context, ("ContentDate", "InstanceCreationDate"))


def moment(dataset: pydicom.Dataset, context: Context, keywords: tuple[str, ...]) -> Moment | None:
    """The first of these dates that is one, with its time and the header's offset (0008,0201)."""
    offset = stated(dataset, "TimezoneOffsetFromUTC") or ""
    for keyword in keywords:
        for text in _spellings(dataset, keyword, offset):
            try:
                return Moment.parse(text, context.zone)
            except OslerError:
                continue
    return None


def _spellings(dataset: pydicom.Dataset, keyword: str, offset: str) -> tuple[str, ...]:
    """The date with ever less beside it: a malformed time loses the time, not the date."""
    date = stated(dataset, keyword) or ""
    if keyword.endswith("DateTime"):
        whole = date.partition(".")[0]
        own = date[-5:] if date[-5:-4] in ("+", "-") else offset
        bare = whole.removesuffix(own) if own else whole
        return (bare + own, bare, bare[:8]) if len(bare) > 8 else (bare,)
    time = (stated(dataset, keyword.replace("Date", "Time")) or "").partition(".")[0]
    return (date + time + offset, date + time, date) if date and time else (date,)
