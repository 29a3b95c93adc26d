"""A part of a source that is opened by its path, never as a whole: slides, film and signals.

    pixels = large_pixels(path, "slide", Tile(level=0, x=0, y=0, width=512, height=512))
    pixels = large_pixels(data, "video", Clip(start_ms=1500, end_ms=2000))

Whole is an overview: a thumbnail of a slide, the middle frame of a film.
"""

from pathlib import Path

import numpy as np

from osler.errors import BrokenFile
from osler.readers.on_disk import on_disk
from osler.record.locator import Clip, Locator, Tile, Whole

__all__ = ["LARGE_PICTURES", "large_pixels"]

LARGE_PICTURES = frozenset({"slide", "video"})


def large_pixels(data: bytes | Path, kind: str, at: Locator) -> np.ndarray:
    """uint8 (rows, columns, 3); bytes go to a temporary file. Raises `BrokenFile`."""
    with on_disk(data) as path:
        if kind == "slide":
            return _slide(path, at)
        return _video(path, at)


def _slide(path: Path, at: Locator) -> np.ndarray:
    from osler.readers.slide_open import thumbnail, tile_of  # OpenSlide is an extra

    match at:
        case Tile():
            return tile_of(path, at)
        case Whole():
            return thumbnail(path)
    raise BrokenFile(f"a slide is opened by tiles, not by a {type(at).__name__.lower()}")


def _video(path: Path, at: Locator) -> np.ndarray:
    from osler.readers.video_open import frame_at, middle_frame  # OpenCV is an extra

    match at:
        case Clip() if 0 <= at.start_ms < at.end_ms:
            return frame_at(path, at.start_ms)
        case Clip():
            raise BrokenFile(f"from {at.start_ms} to {at.end_ms} ms there is nothing to show")
        case Whole():
            return middle_frame(path)
    raise BrokenFile(f"a video is opened by its clock, not by a {type(at).__name__.lower()}")
