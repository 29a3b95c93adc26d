"""Bytes gathered by key, in memory up to a budget and past it in one temporary file.

    with Spill() as spill:
        spill.add("TCGA-2F-A9KO-01", line)
        spill.take("TCGA-2F-A9KO-01")       what was added under it, in order

So that a table of many patients is cut into one source each in one pass, however large it is.
"""

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import BinaryIO, Self

from osler.errors import BrokenFile

__all__ = ["BUDGET_BYTES", "Spill"]

BUDGET_BYTES = 96 << 20
"""Bytes that are held before they go to the temporary file."""

_MOST_KEYS = 200_000


class Spill:
    """Open while it is in use; the temporary file goes with it."""

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        """Start empty."""
        self._budget = budget
        self._held: dict[str, bytearray] = {}
        self._places: dict[str, list[tuple[int, int]]] = {}
        self._size = 0
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, key: str, data: bytes) -> None:
        """Add to what is under the key; raises `BrokenFile` past 200,000 keys."""
        held = self._held.get(key)
        if held is None:
            if len(self._held) >= _MOST_KEYS:
                raise BrokenFile(f"more than {_MOST_KEYS:,} samples in one table; split it")
            held = self._held[key] = bytearray()
        held += data
        self._size += len(data)
        if self._size > self._budget:
            self._write()

    def keys(self) -> Iterator[str]:
        """The keys in the order in which they came."""
        yield from self._held

    def take(self, key: str) -> bytes:
        """All that was added under the key."""
        parts = bytearray()
        if self._file is not None:
            for start, size in self._places.get(key, ()):
                self._file.seek(start)
                parts += self._file.read(size)
        return bytes(parts + self._held[key])

    def _write(self) -> None:
        # Made by need: a small table never touches the disk.
        file = self._file = self._file or tempfile.TemporaryFile()  # noqa: SIM115
        start = file.seek(0, 2)
        for key, held in self._held.items():
            if held:
                self._places.setdefault(key, []).append((start, len(held)))
                start += file.write(held)
                self._held[key] = bytearray()
        self._size = 0
