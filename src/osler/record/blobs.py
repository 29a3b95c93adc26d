"""Content-addressed files: the bytes of every source, under the name of their SHA-256.

blobs.put(data) -> digest        writing the same bytes again changes nothing
blobs.get(digest) -> data        raises `SourceAltered` when the bytes are not what they were
"""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from osler.errors import SourceAltered, StoreError
from osler.record.source import digest_of

__all__ = ["Blobs"]


@dataclass(frozen=True, slots=True)
class Blobs:
    """A folder of immutable files, two hexadecimal digits of digest a sub-folder."""

    folder: Path

    def path(self, digest: str) -> Path:
        """Where the bytes of that digest lie, or would lie."""
        return self.folder / digest[:2] / digest

    def put(self, data: bytes) -> str:
        """Keep the bytes; a file appears whole or not at all. Raises `StoreError`."""
        digest = digest_of(data)
        path = self.path(digest)
        if path.exists():
            return digest
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, data)
        except OSError as error:
            raise StoreError(
                f"cannot keep {len(data)} bytes in {self.folder} ({error.strerror}): "
                "give permission or free some room, then read again"
            ) from error
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes, checked against their digest."""
        path = self.path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise SourceAltered(
                f"source {digest[:12]} is gone from the store: restore it from a backup"
            ) from error
        except OSError as error:
            raise StoreError(
                f"source {digest[:12]} cannot be read from {self.folder} ({error.strerror}): "
                "check the folder's owner and its disk"
            ) from error
        if digest_of(data) != digest:
            raise SourceAltered(
                f"source {digest[:12]} was changed: its bytes now have digest "
                f"{digest_of(data)[:12]}; restore it from a backup"
            )
        return data


def _write_whole(path: Path, data: bytes) -> None:
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError:
        Path(partial).unlink(missing_ok=True)
        raise
