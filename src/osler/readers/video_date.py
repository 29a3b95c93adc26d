"""When an MP4 or MOV file was made, where its movie header says so credibly.

    created(path, now)        a Moment, or None

ISO 14496-12, section 8.2.2: seconds since 1904 in UTC. Software that has no clock writes 0, which
is 1904, or the 0 of Unix, 1970: neither is a date, nor is one that is still to come.
"""

import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from osler.record.moment import Moment

__all__ = ["created"]

_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
_FIRST = datetime(1990, 1, 1, tzinfo=UTC)  # before there was any such file
_MOST_BOXES = 256


def created(path: Path, now: datetime) -> Moment | None:
    """The creation time of the movie header; None when there is none, or none to believe."""
    with path.open("rb") as file:
        movie = _box(file, b"moov", path.stat().st_size)
        header = _box(file, b"mvhd", movie) if movie else None
        seconds = _seconds(file.read(12)) if header else None
    # A header of version 1 has 64 bits, which is more seconds than there are dates.
    if seconds is None or seconds > 1 << 33:
        return None
    when = _EPOCH + timedelta(seconds=seconds)
    if not _FIRST <= when <= now + timedelta(days=1):
        return None
    return Moment.parse(when.isoformat())


def _box(file: BinaryIO, name: bytes, end: int) -> int | None:
    """Stand at the content of the first such box before `end`; where it ends, or None."""
    at = file.tell()
    for _ in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return None
        size, found = struct.unpack(">I4s", head[:8])
        content = 8
        if size == 1 and len(head) == 16:
            (size,) = struct.unpack(">Q", head[8:])
            content = 16
        size = size or end - at
        if size < content or at + size > end:
            return None
        if found == name:
            file.seek(at + content)
            return at + size
        at += size
    return None


def _seconds(head: bytes) -> int | None:
    if len(head) < 12:
        return None
    return int.from_bytes(head[4:12] if head[0] == 1 else head[4:8], "big")
