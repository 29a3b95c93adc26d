"""The statements of one record by code, kind and identity, so that a question reads few of them.

    index = Index(facts)
    index.standing                  what no later version takes away, at the record's own limits
    index.standing_then(rows, k)    the same of some rows, when the hospital knew less

Built once a record, part by part, when first asked for.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from osler.record.arbitration import Name, known_by_then, standing, taken_back
from osler.record.fact import Fact

__all__ = ["BY_TIME", "Index", "Row"]


class Row(NamedTuple):
    """A fact's columns for arbitration, and its place among the facts; a `Claim`."""

    place: int
    kind: str
    code: str
    stream: str
    identity: str | None
    replaces: str | None
    status: str
    assertion: str
    began: int
    began_by: int
    ended: int | None
    known: int
    known_by: int
    received: int
    text: str
    source: str

    @classmethod
    def of(cls, place: int, fact: Fact) -> "Row":
        """The row of the fact that stands at `place`."""
        return cls(
            place, fact.kind, fact.code.key, fact.stream, fact.identity, fact.replaces, fact.status,
            fact.assertion, fact.began, fact.began_by, fact.ended, fact.known, fact.known_by,
            fact.received, fact.code.text, fact.evidence.source,
        )  # fmt: skip


BY_TIME = attrgetter("began", "text", "known", "received", "source")
"""The order of rows on a page: by valid time, and the same however they arrived."""


@dataclass(eq=False)
class Index:
    """Where the facts of one record are; makes nothing until it is asked."""

    facts: Sequence[Fact]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """One row a fact, in the order of the facts."""
        return tuple(Row.of(place, fact) for place, fact in enumerate(self.facts))

    @cached_property
    def by_name(self) -> Mapping[str, list[Row]]:
        """Rows by `Code.key` and by the words that were used, both in lower case."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row, fact in zip(self.rows, self.facts, strict=True):
            key, words = row.code.casefold(), fact.code.text.casefold()
            found[key].append(row)
            if words != key:
                found[words].append(row)
        return found

    @cached_property
    def by_kind(self) -> Mapping[str, list[Row]]:
        """Rows by kind."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            found[row.kind].append(row)
        return found

    @cached_property
    def standing(self) -> frozenset[int]:
        """The places of what stands when everything here is known."""
        return frozenset(row.place for row in standing(self.rows))

    @cached_property
    def taken_back(self) -> Collection[Name]:
        """The identities that were entered in error."""
        return taken_back(self.rows)

    def standing_then(self, rows: Iterable[Row], known_at: int) -> frozenset[int]:
        """The places of what stood when less was known: at least of `rows`, with their rivals."""
        rivals: dict[int, Row] = {}
        asked: set[Name] = set()
        for row in rows:
            name = self._circle(row)
            if name is None:
                rivals[row.place] = row
            elif name not in asked:
                asked.add(name)
                rivals.update((rival.place, rival) for rival in self._circles[1][name])
        seen = known_by_then(rivals.values(), known_at)
        return frozenset(row.place for row in standing(seen))

    @cached_property
    def last_received(self) -> int:
        """When Osler last received anything that is here."""
        return max((row.received for row in self.rows), default=0)

    def _circle(self, row: Row) -> Name | None:
        if not row.identity:
            # A nameless statement that replaces another is found with what it replaces.
            return self._root((row.stream, row.replaces)) if row.replaces else None
        return self._root((row.stream, row.identity))

    def _root(self, name: Name) -> Name:
        joined = self._circles[0]
        while (above := joined.get(name, name)) != name:
            name = above
        return name

    @cached_property
    def _circles(self) -> tuple[Mapping[Name, Name], Mapping[Name, list[Row]]]:
        """Identities tied by `replaces`, to their root, and all rows of each root."""
        joined: dict[Name, Name] = {}

        def root(name: Name) -> Name:
            path = []
            while (above := joined.get(name, name)) != name:
                path.append(name)
                name = above
            joined.update((below, name) for below in path)
            return name

        for row in self.rows:
            if row.identity and row.replaces:
                joined[root((row.stream, row.replaces))] = root((row.stream, row.identity))
        members: dict[Name, list[Row]] = defaultdict(list)
        for row in self.rows:
            if row.identity or row.replaces:
                members[root((row.stream, row.identity or row.replaces or ""))].append(row)
        return {name: root(name) for name in joined}, members
