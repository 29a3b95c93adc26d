"""What a DICOM picture says of itself, in the words that input contracts ask in.

    attributes(dataset)["spacing_um"]       None where the header does not state it

A spacing of zero, of one number, or of two that differ says nothing certain and stays unknown.
"""

from math import isclose, isfinite

import pydicom
from pydicom.multival import MultiValue

from osler.readers.dicom_codes import first_code, laterality
from osler.readers.dicom_groups import finite, frame_header
from osler.readers.dicom_header import age_years, items_of, stated
from osler.readers.dicom_pixels import codec, frames
from osler.record.media import Scalar

__all__ = ["attributes", "modality", "square_um"]

_MODALITIES = {
    "CR": "radiograph",
    "DX": "radiograph",
    "CT": "ct",
    "MR": "mr",
    "US": "ultrasound",
    "IVUS": "ultrasound",
    "SM": "histology",
    "GM": "microscopy",
    "OP": "fundus",
    "OPT": "optical coherence tomography",
    "NM": "nuclear medicine",
    "PT": "pet",
    "MG": "mammogram",
    "XA": "angiogram",
    "RF": "fluoroscopy",
    "ES": "endoscopy",
    "XC": "photograph",
    "ECG": "ecg",
    "SEG": "segmentation",
    "RTDOSE": "radiotherapy dose",
    "RTIMAGE": "radiotherapy image",
}

_SQUARE = 0.01  # how far the two sides of a pixel may differ, relative to each other
_CENTIMETRES = 3  # PhysicalUnitsXDirection (0018,6024)
_TISSUE = 1  # RegionSpatialFormat (0018,6012): 2D, as opposed to a trace


def modality(dataset: pydicom.Dataset) -> str:
    """The picture's kind: Modality (0008,0060) in plain words, else as it stands."""
    told = stated(dataset, "Modality")
    return _MODALITIES.get(told, told) if told else "?"


def attributes(dataset: pydicom.Dataset) -> dict[str, Scalar]:
    """Attributes by the names of `osler.record.media`, None where the header is silent."""
    header = frame_header(dataset)
    region = first_code(header, "AnatomicRegionSequence")
    view = first_code(dataset, "ViewCodeSequence")
    thickness = finite(header, "SliceThickness", 1)
    count = frames(dataset)
    return {
        "view": stated(dataset, "ViewPosition") or (view.text if view else None),
        "anatomy": stated(dataset, "BodyPartExamined") or (region.text if region else None),
        "laterality": laterality(dataset, header),
        "polarity": stated(dataset, "PhotometricInterpretation"),
        "spacing_um": _spacing_um(dataset, header),
        "rows": int(dataset.Rows),
        "columns": int(dataset.Columns),
        "frames": count,
        **(_timing(dataset) if count > 1 else {}),
        "study": stated(dataset, "StudyInstanceUID"),
        "series": stated(dataset, "SeriesInstanceUID"),
        "frame_of_reference": stated(dataset, "FrameOfReferenceUID"),
        "instance": stated(dataset, "InstanceNumber"),
        "position_mm": _written(header, "ImagePositionPatient", 3) if count == 1 else None,
        "orientation": _written(header, "ImageOrientationPatient", 6),
        "thickness_mm": thickness[0] if thickness and thickness[0] > 0 else None,
        "codec": codec(dataset),
        "age_years": age_years(dataset),
        "declared_by": "header",
    }


def _written(header: pydicom.Dataset, keyword: str, count: int) -> str | None:
    """Several numbers as the header writes them, where all of them are numbers."""
    return stated(header, keyword) if finite(header, keyword, count) else None


def _spacing_um(dataset: pydicom.Dataset, header: pydicom.Dataset) -> float | None:
    for where, keyword in (
        (header, "PixelSpacing"),
        (dataset, "ImagerPixelSpacing"),
        (dataset, "NominalScannedPixelSpacing"),
    ):
        spacing = finite(where, keyword, 2)
        if spacing is not None and spacing[0] > 0:
            return square_um(spacing[0], spacing[1])
    return _ultrasound_um(dataset)


def square_um(rows_mm: float, columns_mm: float) -> float | None:
    """The side of a pixel in micrometres; None where its two sides are not the same."""
    return rows_mm * 1000 if isclose(rows_mm, columns_mm, rel_tol=_SQUARE) else None


def _ultrasound_um(dataset: pydicom.Dataset) -> float | None:
    """The spacing that all calibrated tissue regions share (PS3.3 C.8.5.5)."""
    found = set()
    for region in items_of(dataset, "SequenceOfUltrasoundRegions"):
        units = (region.get("PhysicalUnitsXDirection"), region.get("PhysicalUnitsYDirection"))
        if region.get("RegionSpatialFormat") != _TISSUE or units != (_CENTIMETRES, _CENTIMETRES):
            continue
        x, y = finite(region, "PhysicalDeltaX", 1), finite(region, "PhysicalDeltaY", 1)
        if x and y:
            side = square_um(abs(y[0]) * 10, abs(x[0]) * 10)
            found.add(round(side, 4) if side else None)
    only = found.pop() if len(found) == 1 else None
    return only or None


def _timing(dataset: pydicom.Dataset) -> dict[str, Scalar]:
    """Frames a second of a moving picture, by its own clock (PS3.3 C.7.6.5)."""
    vector = dataset.get("FrameTimeVector")
    if isinstance(vector, MultiValue) and len(vector) > 1:
        steps = finite(dataset, "FrameTimeVector", len(vector))
        return _from_steps(steps[1:]) if steps else {}
    step = finite(dataset, "FrameTime", 1)
    if step and step[0] > 0:
        return {"frame_rate_hz": 1000 / step[0]}
    rate = finite(dataset, "CineRate", 1)
    return {"frame_rate_hz": rate[0]} if rate and rate[0] > 0 else {}


def _from_steps(steps: tuple[float, ...]) -> dict[str, Scalar]:
    total = sum(steps)
    if total <= 0 or not isfinite(total):
        return {}
    rate = 1000 * len(steps) / total
    even = all(isclose(step, steps[0], rel_tol=0.01) for step in steps)
    return {"frame_rate_hz": rate} if even else {"frame_rate_hz": rate, "frame_times": "uneven"}
