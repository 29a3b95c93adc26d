"""One frame of a picture, ready to be looked at by a person or a model.

    pixels = frame_of(data, kind="dicom")       uint8, (rows, columns, 3), white is bright

Plain pictures need Pillow alone; DICOM goes on to `osler.readers.dicom_frame`.
"""

import numpy as np

from osler.errors import BrokenFile
from osler.readers.image import open_image, picture_rgb

__all__ = ["frame_of"]

Pixels = np.ndarray


def frame_of(data: bytes, kind: str, frame: int = 0) -> Pixels:
    """The frame as uint8 (rows, columns, 3); raises `BrokenFile` when it cannot be decoded."""
    if kind in ("dicom", "dicom/slide"):
        from osler.readers.dicom_frame import dicom_frame  # pydicom is an extra

        return dicom_frame(data, frame)
    if frame != 0:
        raise BrokenFile(f"frame {frame} of 1 was asked for: a picture has frame 0 alone")
    return picture_rgb(open_image(data, "image"))
