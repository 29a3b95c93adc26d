"""Short films that the tests write for themselves: frame n is a grey of its own."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

STEP = 12
"""Grey levels from one frame to the next."""


def write_film(
    path: Path, frames: int = 20, rate_hz: float = 10.0, size: tuple[int, int] = (64, 48)
) -> Path:
    """MPEG-4 in the container of the path's ending; `size` is columns, rows."""
    code = cv2.VideoWriter.fourcc(*("VP80" if path.suffix == ".webm" else "mp4v"))
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, rate_hz, size)
    assert writer.isOpened()
    for n in range(frames):
        writer.write(np.full((size[1], size[0], 3), n * STEP % 256, np.uint8))
    writer.release()
    return path


def write_gif(path: Path, durations_ms: list[int]) -> Path:
    """An animated GIF with a time for every frame."""
    frames = [Image.new("RGB", (32, 24), (n * 40, 0, 0)) for n in range(len(durations_ms))]
    frames[0].save(
        path, "GIF", save_all=True, append_images=frames[1:], duration=durations_ms, disposal=2
    )
    return path
