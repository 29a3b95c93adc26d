"""One frame of a DICOM instance as a screen shows it, white bright.

    pixels = dicom_frame(data, frame=0)       uint8, (rows, columns, 3)

MONOCHROME1 is inverted, palettes, rescale and the header's window are applied (PS3.3 C.7.6.3,
C.11.1, C.11.2); a picture without a window is shown from its 1st to its 99th percentile.
"""

import io

import numpy as np
import pydicom
from pydicom.pixels import (
    apply_color_lut,
    apply_modality_lut,
    apply_voi_lut,
    convert_color_space,
    pixel_array,
)

from osler.errors import BrokenFile
from osler.readers.dicom import DAMAGE, quiet

__all__ = ["dicom_frame"]

Pixels = np.ndarray


def dicom_frame(data: bytes, frame: int = 0) -> Pixels:
    """The frame as uint8 (rows, columns, 3); raises `BrokenFile` when it cannot be decoded."""
    try:
        with quiet():
            dataset = pydicom.dcmread(io.BytesIO(data))
            frames = int(dataset.get("NumberOfFrames") or 1)
            if not 0 <= frame < frames:
                raise BrokenFile(f"frame {frame} of {frames} was asked for: frames count from 0")
            stored = pixel_array(dataset, index=frame if frames > 1 else None, raw=True)
            return _colour(stored, dataset) if stored.ndim == 3 else _grey(stored, dataset)
    except DAMAGE as error:
        raise BrokenFile(
            f"the pixels of this DICOM cannot be decoded ({error or type(error).__name__})"
        ) from error


def _colour(stored: Pixels, dataset: pydicom.Dataset) -> Pixels:
    space = str(dataset.PhotometricInterpretation)
    if space.startswith("YBR_FULL"):
        stored = convert_color_space(stored, "YBR_FULL", "RGB")
    return _eight_bits(stored, int(dataset.BitsStored))


def _grey(stored: Pixels, dataset: pydicom.Dataset) -> Pixels:
    space = str(dataset.PhotometricInterpretation)
    if space == "PALETTE COLOR":
        mapped = apply_color_lut(stored, dataset)[..., :3]
        return _eight_bits(mapped, 8 * mapped.dtype.itemsize)
    values = apply_modality_lut(stored, dataset)
    if _has_window(dataset):
        values = apply_voi_lut(values, dataset)
        low, high = float(np.min(values)), float(np.max(values))
    else:
        low, high = (float(v) for v in np.percentile(values, [1, 99]))
    scaled = np.clip((values - low) / max(high - low, 1e-6), 0, 1)
    if space == "MONOCHROME1":
        scaled = 1 - scaled
    grey = np.round(scaled * 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _has_window(dataset: pydicom.Dataset) -> bool:
    """Whether the header states one; an element that is there but empty states nothing."""
    if dataset.get("VOILUTSequence"):
        return True
    return all(dataset.get(word) not in (None, "") for word in ("WindowCenter", "WindowWidth"))


def _eight_bits(stored: Pixels, bits: int) -> Pixels:
    return (stored >> (bits - 8)).astype(np.uint8) if bits > 8 else stored.astype(np.uint8)
