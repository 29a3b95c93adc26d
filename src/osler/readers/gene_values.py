"""The values of one sample's two columns: a gene, a tab, a number.

    values = values_of(data)
    values.by_gene["EGFR"]          2.1
    values.missing, values.doubled  counts of what is left out

A gene that stands twice with two different values has none: which is meant is not said.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from osler.errors import BrokenFile
from osler.readers.lines import as_text

__all__ = ["Values", "values_of"]

_MISSING = frozenset({b"", b"NA", b"NaN", b"nan", b"null", b"N/A"})
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?")
_LONGEST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """`lines` gives each gene's line; `unread` is the first cells that are no finite numbers."""

    by_gene: Mapping[str, float]
    lines: Mapping[str, int]
    missing: int
    doubled: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def trouble(self) -> str | None:
        """What was left out beside missing values, in words."""
        told = []
        if self.doubled:
            named = ", ".join(self.doubled[:5])
            told.append(f"{len(self.doubled)} genes stand twice with different values ({named})")
        if self.unread:
            told.append(f"{len(self.unread)} values are no finite numbers ({self.unread[0]})")
        return f"{'; '.join(told)}: left out" if told else None


def values_of(data: bytes) -> Values:
    """Read the two columns; raises `BrokenFile` where they are none."""
    by_gene: dict[str, float] = {}
    lines: dict[str, int] = {}
    doubled: dict[str, None] = {}
    unread: list[str] = []
    missing = 0
    # The reader wrote these lines itself: they are plain, and end with a line feed.
    for number, line in enumerate(data.removesuffix(b"\n").split(b"\n")[1:], start=2):
        gene, tab, cell = line.partition(b"\t")
        if not tab:
            raise BrokenFile(f"this profile, line {number}: no two columns")
        cell = cell.strip()
        if cell in _MISSING:
            missing += 1
            continue
        value = float(cell) if len(cell) <= _LONGEST and _NUMBER.fullmatch(cell) else float("nan")
        name = as_text(gene)
        if not isfinite(value):
            unread.append(f"line {number}: '{as_text(cell[:20])}'")
        elif by_gene.setdefault(name, value) != value:
            doubled[name] = None
        lines.setdefault(name, number)
    return Values(
        by_gene={gene: value for gene, value in by_gene.items() if gene not in doubled},
        lines=lines,
        missing=missing,
        doubled=tuple(doubled),
        unread=tuple(unread),
    )
