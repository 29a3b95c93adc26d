"""DICOM whole-slide instances: one level of a pyramid, read tile by tile and never whole.

    item = slide_item(dataset, data, context)           called by osler.readers.dicom
    pixels = slide_tile(data, Tile(level=0, x=0, y=0, width=512, height=512))

PS3.3 C.8.12.4. An instance is one level, so that `level` counts from 0 to 0 within it; its x and y
are pixels of its own total matrix. A label shows the patient's name: it is never histology.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pydicom

from osler.errors import BrokenFile
from osler.readers.dicom_attributes import attributes, square_um
from osler.readers.dicom_codes import first_code
from osler.readers.dicom_frame import shown_frame
from osler.readers.dicom_groups import finite, frame_header
from osler.readers.dicom_header import items_of, parse, recorded, stated, taken
from osler.readers.dicom_pixels import frames
from osler.readers.media_fact import media_fact
from osler.readers.reading import Context, Item
from osler.record.fact import Code
from osler.record.locator import Tile
from osler.record.media import Scalar
from osler.record.source import AuthorRole, Source

__all__ = ["KIND", "is_slide", "slide_item", "slide_tile"]

KIND = "dicom/slide"

_CLASS = "1.2.840.10008.5.1.4.1.1.77.1.6"  # VL Whole Slide Microscopy Image Storage
_WIDEST = 4096  # pixels of a tile's side
_ASIDE = {"LABEL": "slide label", "OVERVIEW": "slide overview", "THUMBNAIL": "slide thumbnail"}


def is_slide(dataset: pydicom.Dataset) -> bool:
    """Whether the frames are tiles of a larger picture."""
    return stated(dataset, "SOPClassUID") == _CLASS or "TotalPixelMatrixColumns" in dataset


def slide_item(dataset: pydicom.Dataset, data: bytes, context: Context) -> Item:
    """The instance as one source of kind `dicom/slide`; one tile is decoded, to find damage."""
    source = Source.of(
        data,
        kind=KIND,
        name=context.name,
        media_type="application/dicom",
        author=AuthorRole.DEVICE,
    )
    shown_frame(dataset)
    seen = next((_ASIDE[word] for word in _flavours(dataset) if word in _ASIDE), "histology")
    fact = media_fact(
        source,
        seen,
        _attributes(dataset),
        context,
        code=Code(text=stated(dataset, "StudyDescription") or f"{seen} image"),
        taken=taken(dataset, context),
        recorded_at=recorded(dataset, context),
        identity=stated(dataset, "SOPInstanceUID"),
    )
    specimens = items_of(dataset, "SpecimenDescriptionSequence")
    if len(specimens) == 1:
        fact = replace(fact, specimen=stated(specimens[0], "SpecimenIdentifier"))
    return Item(source=source, data=data, facts=(fact,))


def _flavours(dataset: pydicom.Dataset) -> list[str]:
    return (stated(dataset, "ImageType") or "").upper().split("\\")


def _attributes(dataset: pydicom.Dataset) -> dict[str, Scalar]:
    rows, columns = _matrix(dataset)
    paths = items_of(dataset, "OpticalPathSequence")
    powers = {finite(path, "ObjectiveLensPower", 1) for path in paths} - {None}
    power = powers.pop() if len(powers) == 1 else None
    return {
        **attributes(dataset),
        "rows": rows,
        "columns": columns,
        "levels": 1,
        "objective": power[0] if power else None,
        "stain": _stain(dataset),
        "spacing_um": _spacing_um(dataset, rows, columns),
    }


def _spacing_um(dataset: pydicom.Dataset, rows: int, columns: int) -> float | None:
    spacing = finite(frame_header(dataset), "PixelSpacing", 2)
    if spacing and spacing[0] > 0:
        return square_um(spacing[0], spacing[1])
    width, height = (finite(dataset, f"ImagedVolume{side}", 1) for side in ("Width", "Height"))
    return square_um(height[0] / rows, width[0] / columns) if width and height else None


def _stain(dataset: pydicom.Dataset) -> str | None:
    """The substances used for staining (SNOMED CT 424361007), in the order of the preparation."""
    found: list[str] = []
    for specimen in items_of(dataset, "SpecimenDescriptionSequence")[:1]:
        for step in items_of(specimen, "SpecimenPreparationSequence"):
            for item in items_of(step, "SpecimenPreparationStepContentItemSequence"):
                concept = first_code(item, "ConceptNameCodeSequence")
                said = first_code(item, "ConceptCodeSequence")
                if concept and said and concept.code in ("424361007", "G-C350"):
                    found.append(said.text)
    return ", ".join(found) or None


def _matrix(dataset: pydicom.Dataset) -> tuple[int, int]:
    """Rows and columns of the level; of a picture that is one tile, its own."""
    rows = int(dataset.get("TotalPixelMatrixRows") or dataset.Rows)
    columns = int(dataset.get("TotalPixelMatrixColumns") or dataset.Columns)
    if rows < 1 or columns < 1:
        raise BrokenFile(f"the level has {columns} x {rows} pixels (0048,0006 and 0007)")
    return rows, columns


def slide_tile(data: bytes, at: Tile) -> np.ndarray:
    """The rectangle as uint8 (height, width, 3), from the frames it lies in and no others.

    Raises `BrokenFile` for one outside the level or wider than a screen needs; where no frame is
    stored (a sparse slide) it is white, as glass is.
    """
    dataset = parse(data, "the slide")
    rows, columns = _matrix(dataset)
    inside = 0 <= at.x < at.x + at.width <= columns and 0 <= at.y < at.y + at.height <= rows
    if at.level != 0 or not inside or max(at.width, at.height) > _WIDEST:
        raise BrokenFile(f"the tile {at} is outside this level of {columns} x {rows} pixels")
    shown = np.full((at.height, at.width, 3), 255, dtype=np.uint8)
    for frame, top, left in _places(dataset, columns):
        low_y, high_y = max(top, at.y), min(top + int(dataset.Rows), at.y + at.height)
        low_x, high_x = max(left, at.x), min(left + int(dataset.Columns), at.x + at.width)
        if low_y < high_y and low_x < high_x:
            pixels = shown_frame(dataset, frame)
            shown[low_y - at.y : high_y - at.y, low_x - at.x : high_x - at.x] = pixels[
                low_y - top : high_y - top, low_x - left : high_x - left
            ]
    return shown


def _places(dataset: pydicom.Dataset, columns: int) -> Iterator[tuple[int, int, int]]:
    """Every frame with the row and column of its first pixel, counted from 0."""
    height, width = int(dataset.Rows), int(dataset.Columns)
    across = -(-columns // width)
    sparse = stated(dataset, "DimensionOrganizationType") == "TILED_SPARSE"
    for frame in range(frames(dataset)):
        if not sparse:
            yield frame, frame // across * height, frame % across * width
            continue
        header = frame_header(dataset, frame)
        left = finite(header, "ColumnPositionInTotalImagePixelMatrix", 1)
        top = finite(header, "RowPositionInTotalImagePixelMatrix", 1)
        if left and top:
            yield frame, int(top[0]) - 1, int(left[0]) - 1
