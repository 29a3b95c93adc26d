"""The bytes of sources and deliveries, by digest: small ones in the database, large ones in files.

    contents.put(data) -> digest          inside a transaction; the same bytes again change nothing
    contents.put_file(path, digest)       copied in pieces
    contents.get(digest) -> bytes         raises `SourceAltered` when they are not what they were
    contents.file(digest) -> Path | None  where a large one lies

Small bytes in the same transaction as what is read from them: a thousand of them cost one
write to the disk, and a reader that is killed leaves none behind.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from osler.errors import SourceAltered
from osler.record.blobs import Blobs
from osler.record.database import Database
from osler.record.source import digest_of

__all__ = ["SMALL_BYTES", "Contents"]

SMALL_BYTES = 1 << 16


@dataclass(slots=True)
class Contents:
    """Where bytes are kept; what was put since the last `flush` is still on its way."""

    database: Database
    blobs: Blobs
    _waiting: dict[str, bytes] = field(default_factory=dict)
    _doomed: list[str] = field(default_factory=list)

    def put(self, data: bytes, digest: str | None = None) -> str:
        """Keep the bytes; raises `StoreError`."""
        if len(data) > SMALL_BYTES:
            return self.blobs.put(data)
        digest = digest or digest_of(data)
        self._waiting[digest] = data
        return digest

    def put_file(self, path: Path, digest: str) -> None:
        """Keep a file of that digest; raises `SourceAltered` where it changed since it was read."""
        if path.stat().st_size > SMALL_BYTES:
            self.blobs.put_file(path, digest)
        elif self.put(path.read_bytes()) != digest:
            raise SourceAltered(f"{path.name} changed while it was read: read it again")

    def flush(self) -> None:
        """Write what waits into the open transaction."""
        self.database.executemany(
            "INSERT INTO contents VALUES (?, ?) ON CONFLICT DO NOTHING",
            list(self._waiting.items()),
        )
        self._waiting.clear()

    def discard(self) -> None:
        """Forget what waits and what was to go: the transaction failed."""
        self._waiting.clear()
        self._doomed.clear()

    def get(self, digest: str) -> bytes:
        """The bytes, checked against their digest."""
        for (data,) in self.database.execute(
            "SELECT data FROM contents WHERE digest = ?", (digest,)
        ):
            return self.blobs.checked(bytes(data), digest)
        return self.blobs.get(digest)

    def check(self, digest: str) -> None:
        """Hold the bytes against their digest, however many; raises `SourceAltered`."""
        if self.file(digest):
            self.blobs.check(digest)
        else:
            self.get(digest)

    def file(self, digest: str) -> Path | None:
        """Where the bytes lie as a file, unchecked; None for small ones and for what is gone."""
        path = self.blobs.path(digest)
        return path if path.is_file() else None

    def remove(self, digests: Iterable[str]) -> None:
        """Erase these for good: rows in the open transaction, files once `unlink` is called."""
        for digest in digests:
            self.database.execute("DELETE FROM contents WHERE digest = ?", (digest,))
            self._doomed.append(digest)

    def unlink(self) -> None:
        """Erase the files of what was removed, after the transaction stands."""
        for digest in self._doomed:
            self.blobs.remove(digest)
        self._doomed.clear()
