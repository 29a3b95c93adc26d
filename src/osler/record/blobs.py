"""Content-addressed files: the bytes of every source, under the name of their SHA-256.

blobs.put(data) -> digest        writing the same bytes again changes nothing
blobs.put_file(path, digest)     the same of a file of any size, copied in pieces
blobs.get(digest) -> data        raises `SourceAltered` when the bytes are not what they were
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path

from osler.errors import SourceAltered, StoreError
from osler.record.source import digest_of

__all__ = ["Blobs"]

_PARTIAL = ".partial-"


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
        self._write(path, len(data), lambda file: file.write(data))
        return digest

    def put_file(self, source: Path, digest: str) -> None:
        """Keep a copy of a file whose digest is known.

        Raises `SourceAltered` where the file is no longer of that digest, and `StoreError`.
        """
        path = self.path(digest)
        if path.exists():
            return

        def copy(file: BufferedRandom) -> None:
            with source.open("rb") as opened:
                shutil.copyfileobj(opened, file, 1 << 20)
            file.seek(0)
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise SourceAltered(f"{source.name} changed while it was read: read it again")

        self._write(path, source.stat().st_size, copy)

    def remove(self, digest: str) -> None:
        """Erase the file, if there is one."""
        self.path(digest).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Take away what a writer that was killed left half-written; nobody else may be writing."""
        for partial in self.folder.glob(f"*/{_PARTIAL}*"):
            partial.unlink(missing_ok=True)

    def _write(self, path: Path, size: int, fill: Callable[[BufferedRandom], object]) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, fill)
        except OSError as error:
            raise StoreError(
                f"cannot keep {size} bytes in {self.folder} ({error.strerror}): "
                "give permission or free some room, then read again"
            ) from error

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
        return self.checked(data, digest)

    def check(self, digest: str) -> None:
        """Read the file in pieces; raises `SourceAltered` when it is gone or not what it was."""
        try:
            with self.path(digest).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            self.get(digest)  # says what is wrong
            return
        if found != digest:
            raise SourceAltered(
                f"source {digest[:12]} was changed: its bytes now have digest {found[:12]}; "
                "restore it from a backup"
            )

    def checked(self, data: bytes, digest: str) -> bytes:
        """The same bytes; raises `SourceAltered` when they are not of that digest."""
        if digest_of(data) != digest:
            raise SourceAltered(
                f"source {digest[:12]} was changed: its bytes now have digest "
                f"{digest_of(data)[:12]}; restore it from a backup"
            )
        return data


def _write_whole(path: Path, fill: Callable[[BufferedRandom], object]) -> None:
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=_PARTIAL)
    try:
        with os.fdopen(handle, "w+b") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        Path(partial).unlink(missing_ok=True)
