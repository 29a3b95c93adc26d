"""A moving picture by its own clock: frames by time, never by index, as frames may be uneven.

    video = look(path)                                   size, rate, duration, without its pixels
    frame_at(path, 1500)                                 uint8 (rows, columns, 3), upright
    frames_between(path, Clip(start_ms=0, end_ms=3000), 8)

The frame at a time is the last one whose presentation stamp is not later. OpenCV decodes, for its
wheels hold an FFmpeg under the LGPL; those of PyAV hold x264 and x265, which are GPL.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from osler.errors import BrokenFile
from osler.record.locator import Clip

# Read when the library is loaded: what it has to say of a damaged file, the reader says itself.
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
import cv2

__all__ = ["Video", "frame_at", "frames_between", "look", "middle_frame"]

Pixels = np.ndarray

_MOST_PIXELS = 50_000_000  # of one frame
_WALK = 3000  # frames whose stamps are looked at, which is two minutes of film
_MARGINS_MS = (0, 1_000, 10_000, 60_000)  # how far before the time to look for a frame to start at
_SLACK_MS = 0.51  # times are whole milliseconds, stamps are not


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """What a moving picture is; counted where it was walked to its end, else as it says itself."""

    columns: int
    rows: int
    frames: int | None
    rate_hz: float | None
    duration_s: float | None
    codec: str | None
    uneven: bool
    missing: int


def look(path: Path, name: str = "video") -> Video:
    """Walk the stamps of the first frames; raises `BrokenFile` when there is no frame."""
    with _opened(path, name) as capture:
        stamps: list[float] = []
        while len(stamps) < _WALK and capture.grab():
            stamps.append(capture.get(cv2.CAP_PROP_POS_MSEC))
        if not stamps:
            raise BrokenFile(f"{name}: no frame of it can be decoded; export it again")
        claimed = max(0, round(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        stated = _positive(capture.get(cv2.CAP_PROP_FPS))
        whole = len(stamps) < _WALK
        frames = len(stamps) if whole else claimed or None
        rate = _rate(stamps) or stated
        return Video(
            columns=int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            rows=int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
            frames=frames,
            rate_hz=round(rate, 3) if rate else None,
            duration_s=round(frames / rate, 3) if frames and rate else None,
            codec=_codec(int(capture.get(cv2.CAP_PROP_FOURCC))),
            uneven=_uneven(stamps),
            missing=max(0, claimed - len(stamps)) if whole else 0,
        )


def frame_at(path: Path, ms: int) -> Pixels:
    """The frame shown at that time; raises `BrokenFile` when the picture is over by then."""
    with _opened(path, "video") as capture:
        return _frame(capture, ms)


def frames_between(path: Path, clip: Clip, count: int) -> list[Pixels]:
    """`count` frames spread evenly over the clip, each from the middle of its part."""
    if count < 1 or not 0 <= clip.start_ms < clip.end_ms:
        raise BrokenFile(f"{count} frames of {clip}: there is nothing to show")
    step = (clip.end_ms - clip.start_ms) / count
    with _opened(path, "video") as capture:
        return [_frame(capture, int(clip.start_ms + (n + 0.5) * step)) for n in range(count)]


def middle_frame(path: Path) -> Pixels:
    """The frame half-way through, for an overview."""
    video = look(path)
    return frame_at(path, int((video.duration_s or 0) * 500))


@contextmanager
def _opened(path: Path, name: str) -> Iterator[cv2.VideoCapture]:
    """The decoder with one thread; sizes are checked before a frame is allocated."""
    try:
        capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        try:
            if not capture.isOpened():
                raise BrokenFile(f"{name}: no video that can be decoded; export it again")
            size = capture.get(cv2.CAP_PROP_FRAME_WIDTH) * capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
            if not 0 < size <= _MOST_PIXELS:
                raise BrokenFile(f"{name}: frames of {size:.0f} pixels: damaged, or too large")
            yield capture
        finally:
            capture.release()
    except cv2.error as error:
        raise BrokenFile(f"{name}: the video cannot be decoded ({error.err})") from error


def _frame(capture: cv2.VideoCapture, ms: int) -> Pixels:
    if ms < 0:
        raise BrokenFile(f"{ms} ms is before the picture begins")
    if not _go_before(capture, ms):
        raise BrokenFile(f"no frame can be decoded at or before {ms} ms")
    stamp = capture.get(cv2.CAP_PROP_POS_MSEC)
    _, shown = capture.retrieve()
    while capture.grab():
        after = capture.get(cv2.CAP_PROP_POS_MSEC)
        if after > ms + _SLACK_MS:
            break
        stamp, (_, shown) = after, capture.retrieve()
    else:
        _still_shown(capture, stamp, ms)
    if shown is None:
        raise BrokenFile(f"the frame at {ms} ms cannot be decoded")
    return np.ascontiguousarray(shown[..., ::-1])


def _go_before(capture: cv2.VideoCapture, ms: int) -> bool:
    """Decode a frame that is not later than the time, from a key frame near it or the beginning."""
    for margin in (*_MARGINS_MS, ms):
        capture.set(cv2.CAP_PROP_POS_MSEC, float(max(0, ms - margin)))
        if capture.grab() and (
            capture.get(cv2.CAP_PROP_POS_MSEC) <= ms + _SLACK_MS or margin == ms
        ):
            return True
    return False


def _still_shown(capture: cv2.VideoCapture, last_ms: float, ms: int) -> None:
    """The last frame stands for its own time, or until the end that the file states."""
    rate = _positive(capture.get(cv2.CAP_PROP_FPS)) or 1.0
    end = max(last_ms + 1000 / rate, 1000 * capture.get(cv2.CAP_PROP_FRAME_COUNT) / rate)
    if ms >= end:
        raise BrokenFile(f"{ms} ms is outside a moving picture of {end:.0f} ms")


def _rate(stamps: list[float]) -> float | None:
    """Frames a second on the average; stamps are in milliseconds."""
    if len(stamps) < 2:
        return None
    return _positive(1000 * (len(stamps) - 1) / max(stamps[-1] - stamps[0], 1e-3))


def _uneven(stamps: list[float]) -> bool:
    """Whether gaps differ by more than what a file's rounding to milliseconds explains."""
    gaps = np.diff(stamps)
    usual = float(np.median(gaps)) if len(gaps) else 0.0
    return bool(np.any(np.abs(gaps - usual) > max(2.0, 0.05 * usual)))


def _positive(value: float) -> float | None:
    return value if np.isfinite(value) and 0 < value < 1e6 else None


def _codec(fourcc: int) -> str | None:
    """The usual name of a codec by its four letters."""
    letters = fourcc.to_bytes(4, "little", signed=fourcc < 0).decode("latin-1").strip(" \x00")
    if not letters.isascii() or not letters.isprintable() or not letters:
        return None
    word = letters.lower()
    return {"fmp4": "mpeg4", "avc1": "h264", "hev1": "hevc", "hvc1": "hevc"}.get(word, word)
