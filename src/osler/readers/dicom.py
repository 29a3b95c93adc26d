"""DICOM: one SOP instance, one source; the header's own words on what the picture is.

    read(data, Context(name="IM0001", ...))

Waveforms go on to `osler.readers.dicom_ecg`. Attribute names are those of DICOM PS3.6; a pixel
spacing of zero and an age of `000Y` are the header's way of not knowing and stay unknown.
"""

import io
import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import isclose
from typing import Any

import pydicom
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.multival import MultiValue
from pydicom.uid import UID

from osler.errors import BrokenFile, OslerError
from osler.readers.dicom_ecg import ecg_item
from osler.readers.frame import frame_of
from osler.readers.media_fact import media_fact
from osler.readers.reading import Context, Item, Reading
from osler.record.fact import Code
from osler.record.media import Scalar
from osler.record.moment import Moment
from osler.record.patient import Identifier
from osler.record.source import AuthorRole, Source

__all__ = ["DAMAGE", "dicom_identifier", "parse", "quiet", "read"]

_MODALITIES = {
    "CR": "radiograph",
    "DX": "radiograph",
    "CT": "ct",
    "MR": "mr",
    "US": "ultrasound",
    "SM": "histology",
    "OP": "fundus",
    "NM": "nuclear medicine",
    "PT": "pet",
    "MG": "mammogram",
    "ECG": "ecg",
}

_SQUARE = 0.01  # how far the two sides of a pixel may differ, relative to each other

# What pydicom and its decoders let through on damaged bytes: they share no base.
DAMAGE = (
    InvalidDicomError, BytesLengthException, RuntimeError, EOFError, ValueError, KeyError,
    IndexError, TypeError, OSError, AttributeError, OverflowError, struct.error, zlib.error,
)  # fmt: skip


def read(data: bytes, context: Context) -> Reading:
    """One instance; raises `BrokenFile` when the header cannot be read."""
    dataset = parse(data, context.name)
    try:
        with quiet():
            return _reading(dataset, data, context)
    except DAMAGE as error:
        raise BrokenFile(f"{context.name}: damaged DICOM ({error})") from error


def _reading(dataset: pydicom.Dataset, data: bytes, context: Context) -> Reading:
    if "WaveformSequence" in dataset:
        return Reading(items=(ecg_item(dataset, data, context),))
    source = Source.of(
        data,
        kind="dicom",
        name=context.name,
        media_type="application/dicom",
        author=AuthorRole.DEVICE,
    )
    if any(word not in dataset for word in ("PixelData", "Rows", "Columns")):
        if "Rows" in dataset or "Image Storage" in _sop_class(dataset):
            raise BrokenFile(
                f"{context.name}: damaged DICOM (an image that ends before its pixels)"
            )
        return Reading(items=(_kept_whole(source, data, dataset),))
    frame_of(data, "dicom")  # damage is found here, not when somebody wants to look
    modality = _MODALITIES.get(str(dataset.get("Modality", "")), str(dataset.get("Modality", "?")))
    fact = media_fact(
        source,
        modality,
        _attributes(dataset),
        context,
        code=Code(text=str(dataset.get("StudyDescription") or f"{modality} image")),
        taken=_moment(dataset, context, ("AcquisitionDate", "ContentDate", "StudyDate")),
        recorded_at=_moment(dataset, context, ("ContentDate",)),
        identity=str(dataset.get("SOPInstanceUID", "")) or None,
    )
    return Reading(
        items=(Item(source=source, data=data, facts=(fact,), patient=dicom_identifier(dataset)),)
    )


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
            dataset = pydicom.dcmread(io.BytesIO(data))
            for element in dataset:
                _ = element.value
    except DAMAGE as error:
        raise BrokenFile(f"{name}: damaged DICOM ({error or type(error).__name__})") from error
    if not dataset.get("SOPClassUID"):
        raise BrokenFile(f"{name}: damaged DICOM (no SOP class; the file may be cut short)")
    return dataset


def dicom_identifier(dataset: pydicom.Dataset) -> Identifier | None:
    """Whose the header says it is: PatientID (0010,0020) of its issuer (0010,0021)."""
    value = str(dataset.get("PatientID") or "").strip()
    if not value:
        return None
    issuer = str(dataset.get("IssuerOfPatientID") or "").strip()
    return Identifier(authority=issuer or "dicom", value=value)


def _sop_class(dataset: pydicom.Dataset) -> str:
    return str(UID(str(dataset.SOPClassUID)).name)


def _kept_whole(source: Source, data: bytes, dataset: pydicom.Dataset) -> Item:
    return Item(
        source=source,
        data=data,
        patient=dicom_identifier(dataset),
        trouble=f"DICOM {_sop_class(dataset)} is kept whole; Osler reads nothing from it yet",
    )


def _attributes(dataset: pydicom.Dataset) -> dict[str, Scalar]:
    return {
        "view": _text(dataset, "ViewPosition"),
        "anatomy": _text(dataset, "BodyPartExamined"),
        "laterality": _text(dataset, "ImageLaterality") or _text(dataset, "Laterality"),
        "polarity": _text(dataset, "PhotometricInterpretation"),
        "spacing_um": _spacing_um(dataset),
        "rows": int(dataset.Rows),
        "columns": int(dataset.Columns),
        "frames": int(dataset.get("NumberOfFrames") or 1),
        "age_years": age_years(dataset),
        "declared_by": "header",
    }


def age_years(dataset: pydicom.Dataset) -> int | None:
    """PatientAge (0010,1010) in whole years; None for the `000Y` that stands for unknown."""
    text = str(dataset.get("PatientAge") or "")
    if len(text) != 4 or not text[:3].isdigit() or text[:3] == "000":
        return None
    return int(int(text[:3]) / {"Y": 1, "M": 12, "W": 52, "D": 365}.get(text[3], 1))


def _spacing_um(dataset: pydicom.Dataset) -> float | None:
    for keyword in ("PixelSpacing", "ImagerPixelSpacing"):
        value: Any = dataset.get(keyword)
        # One number where the standard has two (row and column) says nothing certain, and two
        # that differ are no one spacing.
        if isinstance(value, MultiValue) and len(value) == 2 and float(value[0]) > 0:
            square = isclose(float(value[0]), float(value[1]), rel_tol=_SQUARE)
            return float(value[0]) * 1000 if square else None
    return None


def _text(dataset: pydicom.Dataset, keyword: str) -> str | None:
    return str(dataset.get(keyword) or "").strip() or None


def _moment(dataset: pydicom.Dataset, context: Context, keywords: tuple[str, ...]) -> Moment | None:
    for keyword in keywords:
        date = str(dataset.get(keyword) or "")
        if not date:
            continue
        time = str(dataset.get(keyword.replace("Date", "Time")) or "").split(".")[0]
        offset = str(dataset.get("TimezoneOffsetFromUTC") or "").strip() if time else ""
        # A malformed time beside a good date loses the time, not the date.
        for text in (date + time + offset, date + time, date):
            try:
                return Moment.parse(text, context.zone)
            except OslerError:
                continue
    return None
