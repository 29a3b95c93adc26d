"""Bytes that may have been packed with gzip or bgzip, unpacked within a limit.

text = unpacked(data, "history.json.gz")
"""

import gzip
import io
import zlib

from osler.errors import BrokenFile

__all__ = ["LIMIT_BYTES", "unpacked"]

LIMIT_BYTES = 1 << 28
"""The most that one file may unpack to: past it, a small file could fill the memory."""

_GZIP = b"\x1f\x8b"


def unpacked(data: bytes, name: str, limit: int = LIMIT_BYTES) -> bytes:
    """The bytes themselves, or what they unpack to; raises `BrokenFile` when they are damaged."""
    if not data.startswith(_GZIP):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as file:
            out = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BrokenFile(f"{name}: damaged gzip ({error}); copy the file again") from error
    if len(out) > limit:
        raise BrokenFile(f"{name}: unpacks to more than {limit} bytes; split it before reading")
    return out
