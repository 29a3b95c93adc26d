"""One frame of a DICOM instance as a screen shows it, white bright.

    pixels = dicom_frame(data, frame=0)       uint8, (rows, columns, 3)

Grey frames go through `osler.readers.dicom_window`; palettes are looked up (PS3.3 C.7.6.3.1.5) and
luma and chroma turned into RGB (C.7.6.3.1.2).
"""

import numpy as np
import pydicom
from pydicom.pixels import apply_color_lut, convert_color_space

from osler.errors import BrokenFile, UnknownFormat
from osler.readers.dicom_groups import frame_header
from osler.readers.dicom_header import DAMAGE, parse, quiet
from osler.readers.dicom_pixels import stored_frame
from osler.readers.dicom_window import grey_levels

__all__ = ["dicom_frame", "shown_frame"]

Pixels = np.ndarray


def dicom_frame(data: bytes, frame: int = 0) -> Pixels:
    """The frame as uint8 (rows, columns, 3); raises `BrokenFile` when it cannot be decoded."""
    try:
        dataset = parse(data, "the picture")
    except BrokenFile as error:
        raise BrokenFile(f"the pixels of this DICOM cannot be decoded ({error})") from error
    return shown_frame(dataset, frame)


def shown_frame(dataset: pydicom.Dataset, frame: int = 0) -> Pixels:
    """The same of a dataset that is already parsed."""
    stored, space = stored_frame(dataset, frame)
    try:
        with quiet():
            if stored.ndim == 3:
                return _colour(stored, space, int(dataset.BitsStored))
            return _grey(stored, dataset, frame)
    except DAMAGE as error:
        raise BrokenFile(
            f"the pixels of this DICOM cannot be shown ({error or type(error).__name__})"
        ) from error


def _colour(stored: Pixels, space: str, bits: int) -> Pixels:
    eight = _eight_bits(stored, bits)
    if space in ("YBR_FULL", "YBR_FULL_422"):
        return np.asarray(convert_color_space(eight, "YBR_FULL", "RGB"))
    if space != "RGB":
        raise UnknownFormat(f"colours in '{space}' are not read: export the picture in RGB")
    return eight


def _grey(stored: Pixels, dataset: pydicom.Dataset, frame: int) -> Pixels:
    if dataset.get("PhotometricInterpretation") == "PALETTE COLOR":
        mapped = np.asarray(apply_color_lut(stored, dataset))[..., :3]
        return _eight_bits(mapped, 8 * mapped.dtype.itemsize)
    shown = grey_levels(stored, frame_header(dataset, frame))
    grey = np.round(shown * 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _eight_bits(stored: Pixels, bits: int) -> Pixels:
    return (stored >> (bits - 8)).astype(np.uint8) if bits > 8 else stored.astype(np.uint8)
