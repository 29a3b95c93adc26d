"""What holds for one frame: its functional groups in an enhanced instance, else the header.

    header = frame_header(dataset, frame=0)
    header.PixelSpacing, header.RescaleSlope, header.ImagePositionPatient

PS3.3 C.7.6.16: a macro stands once for all frames (5200,9229) or with each (5200,9230); a classic
instance has the same elements at the top.
"""

import pydicom
from pydicom.multival import MultiValue
from pydicom.tag import Tag

from osler.readers.dicom_header import items_of

__all__ = ["finite", "frame_header"]

# The macros, and the elements of the header that each stands in for.
_MACROS = {
    "PixelMeasuresSequence": ("PixelSpacing", "SliceThickness", "SpacingBetweenSlices"),
    "PlanePositionSequence": ("ImagePositionPatient",),
    "PlaneOrientationSequence": ("ImageOrientationPatient",),
    "PixelValueTransformationSequence": ("RescaleSlope", "RescaleIntercept", "RescaleType"),
    "FrameVOILUTSequence": ("WindowCenter", "WindowWidth", "VOILUTFunction"),
    "FrameAnatomySequence": ("FrameLaterality", "AnatomicRegionSequence"),
    "FrameContentSequence": (
        "FrameAcquisitionDateTime", "TemporalPositionIndex", "StackID", "DimensionIndexValues",
        "FrameAcquisitionNumber",
    ),
    "PlanePositionSlideSequence": (
        "ColumnPositionInTotalImagePixelMatrix", "RowPositionInTotalImagePixelMatrix",
    ),
    "SegmentIdentificationSequence": ("ReferencedSegmentNumber",),
}  # fmt: skip

_PLAIN = (
    "PixelSpacing", "SliceThickness", "SpacingBetweenSlices", "ImagePositionPatient",
    "ImageOrientationPatient", "RescaleSlope", "RescaleIntercept", "RescaleType",
    "ModalityLUTSequence", "VOILUTSequence", "WindowCenter", "WindowWidth", "VOILUTFunction",
    "AnatomicRegionSequence", "BitsStored", "BitsAllocated", "PixelRepresentation",
    "PhotometricInterpretation", "PixelPaddingValue", "PixelPaddingRangeLimit", "Rows", "Columns",
)  # fmt: skip


def frame_header(dataset: pydicom.Dataset, frame: int = 0) -> pydicom.Dataset:
    """The elements that hold for this frame, as one flat dataset."""
    header = pydicom.Dataset()
    for keyword in _PLAIN:
        _copy(dataset, header, keyword)
    shared = items_of(dataset, "SharedFunctionalGroupsSequence")
    each = items_of(dataset, "PerFrameFunctionalGroupsSequence")
    for group in (*shared[:1], *each[frame : frame + 1]):
        for macro, keywords in _MACROS.items():
            for item in items_of(group, macro)[:1]:
                for keyword in keywords:
                    _copy(item, header, keyword)
    return header


def _copy(source: pydicom.Dataset, target: pydicom.Dataset, keyword: str) -> None:
    tag = Tag(keyword)
    if tag in source:
        target[tag] = source[tag]


def finite(dataset: pydicom.Dataset, keyword: str, count: int) -> tuple[float, ...] | None:
    """Exactly `count` finite numbers of an element; None where it holds anything else."""
    value = dataset.get(keyword)
    parts = list(value) if isinstance(value, MultiValue) else [value]
    if len(parts) != count or any(part in (None, "") for part in parts):
        return None
    try:
        numbers = tuple(float(part) for part in parts)
    except (TypeError, ValueError):
        return None
    return numbers if all(abs(number) < 1e9 for number in numbers) else None
