"""Stretches of a genome, and whether a position is inside them: where a test could have seen.

    regions = regions_of_bed(data, "panel.bed")
    ("chr7", 55191822) in regions
    regions.bases, len(regions)

That a variant is not in a file says something only inside the regions that were callable. A BED
counts from 0 and leaves out its end (UCSC, "BED format"); here positions count from 1.
"""

import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise

from osler.errors import BrokenFile
from osler.readers.genome import chromosome_name
from osler.readers.lines import lines_of, opened_bytes

__all__ = ["Regions", "regions_of_bed"]

_MOST = 20_000_000
_NUMBER = re.compile(rb"[0-9]{1,10}")


@dataclass(slots=True)
class Regions:
    """First and last positions by chromosome, sorted and without overlap once `settled`."""

    _bounds: "dict[str, array[int]]" = field(default_factory=dict)
    _count: int = 0

    def add(self, chromosome: str, first: int, last: int) -> None:
        """Take positions `first` to `last`, both inside; one that touches the last is joined."""
        bounds = self._bounds.setdefault(chromosome, array("q"))
        if bounds and bounds[-2] <= first <= bounds[-1] + 1:
            bounds[-1] = max(bounds[-1], last)
            return
        if self._count >= _MOST:
            raise BrokenFile(f"more than {_MOST:,} callable regions; merge them before reading")
        self._count += 1
        bounds.extend((first, last))

    def settled(self) -> "Regions":
        """The same positions, sorted, every one counted once."""
        whole = Regions()
        for chromosome, bounds in self._bounds.items():
            starts = bounds[::2]
            if any(after < before for before, after in pairwise(starts)):
                pairs = sorted(zip(starts, bounds[1::2], strict=True))
            else:
                pairs = list(zip(starts, bounds[1::2], strict=True))
            for first, last in pairs:
                whole.add(chromosome, first, last)
        return whole

    def __contains__(self, place: tuple[str, int]) -> bool:
        bounds = self._bounds.get(chromosome_name(place[0]))
        if not bounds:
            return False
        index = bisect_right(bounds[::2], place[1]) - 1
        return index >= 0 and bounds[2 * index] <= place[1] <= bounds[2 * index + 1]

    def __len__(self) -> int:
        return self._count

    @property
    def bases(self) -> int:
        """How many positions there are."""
        return sum(
            sum(bounds[1::2]) - sum(bounds[::2]) + len(bounds) // 2
            for bounds in self._bounds.values()
        )


def regions_of_bed(data: bytes, name: str) -> Regions:
    """The regions of a BED file; raises `BrokenFile` with the number of a line that is none."""
    regions = Regions()
    for number, line in lines_of(opened_bytes(data), name):
        if not line.strip() or line.startswith((b"#", b"track", b"browser")):
            continue
        columns = line.split(b"\t") if b"\t" in line else line.split()
        if len(columns) < 3 or not all(_NUMBER.fullmatch(word) for word in columns[1:3]):
            raise BrokenFile(f"{name}, line {number}: expected chromosome, start and end of a BED")
        start, end = int(columns[1]), int(columns[2])
        if start >= end:
            raise BrokenFile(f"{name}, line {number}: ends at {end}, before its start {start}")
        regions.add(chromosome_name(columns[0].decode("latin-1")), start + 1, end)
    return regions.settled()
