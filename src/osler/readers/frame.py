"""One frame of a picture, ready to be looked at by a person or a model.

    pixels = frame_of(data, kind="dicom")       uint8, (rows, columns, 3), white is bright

MONOCHROME1 is inverted, rescale and the header's window are applied (PS3.3 C.11.2); a picture
without a window is shown from its 1st to its 99th percentile.
"""

import io

import numpy as np
import pydicom
from pydicom.pixels import apply_modality_lut, apply_voi_lut, convert_color_space, pixel_array

from osler.errors import BrokenFile
from osler.readers.image import open_image

__all__ = ["frame_of"]

Pixels = np.ndarray


def frame_of(data: bytes, kind: str, frame: int = 0) -> Pixels:
    """The frame as uint8 (rows, columns, 3); raises `BrokenFile` when it cannot be decoded."""
    if kind == "image":
        return np.asarray(open_image(data, "image").convert("RGB"))
    try:
        dataset = pydicom.dcmread(io.BytesIO(data))
        frames = int(dataset.get("NumberOfFrames") or 1)
        if not 0 <= frame < frames:
            raise BrokenFile(f"frame {frame} of {frames} was asked for")
        stored = pixel_array(dataset, index=frame if frames > 1 else None, raw=True)
    except (RuntimeError, ValueError, AttributeError, NotImplementedError) as error:
        raise BrokenFile(f"the pixels of this DICOM cannot be decoded ({error})") from error
    return _colour(stored, dataset) if stored.ndim == 3 else _grey(stored, dataset)


def _colour(stored: Pixels, dataset: pydicom.Dataset) -> Pixels:
    space = str(dataset.PhotometricInterpretation)
    if space.startswith("YBR_FULL"):
        stored = convert_color_space(stored, "YBR_FULL", "RGB")
    return stored.astype(np.uint8)


def _grey(stored: Pixels, dataset: pydicom.Dataset) -> Pixels:
    values = apply_modality_lut(stored, dataset)
    if "WindowCenter" in dataset or "VOILUTSequence" in dataset:
        values = apply_voi_lut(values, dataset)
        low, high = float(np.min(values)), float(np.max(values))
    else:
        low, high = (float(v) for v in np.percentile(values, [1, 99]))
    scaled = np.clip((values - low) / max(high - low, 1e-6), 0, 1)
    if str(dataset.PhotometricInterpretation) == "MONOCHROME1":
        scaled = 1 - scaled
    grey = np.round(scaled * 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)
