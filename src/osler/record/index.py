"""The statements of one record by code, kind and identity, so that a question reads few of them.

    index = Index(facts)
    index.standing                  what no later version takes away, at the record's own limits
    index.standing_then(rows, k)    the same of some rows, when the hospital knew less
    index.asked("creatinine")       states, and series of events, of a concept or a kind

Built once a record, part by part, when first asked for.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from osler.record.arbitration import (
    STATES,
    Name,
    first_known,
    in_error,
    known_by_then,
    last_version,
    standing,
    taken_back,
)
from osler.record.fact import Fact, FactKind
from osler.record.topic import scope_of

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
    scope: str
    text: str
    source: str

    @classmethod
    def of(cls, place: int, fact: Fact) -> "Row":
        """The row of the fact that stands at `place`."""
        return cls(
            place, fact.kind, fact.code.key, fact.stream, fact.identity, fact.replaces, fact.status,
            fact.assertion, fact.began, fact.began_by, fact.ended, fact.known, fact.known_by,
            fact.received, scope_of(fact), fact.code.text, fact.evidence.source,
        )  # fmt: skip


_NEWEST_FIRST = attrgetter("began")

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

    def asked(self, what: str | FactKind) -> tuple[list[Row], list[list[Row]]]:
        """Rows of a kind, or of a concept by `Code.key` or its words: states, and events apart.

        Events stand in one list for each code, stream and scope, the newest first.
        """
        question = (isinstance(what, FactKind), what.casefold())
        if question not in self._asked:
            held = self.by_kind if question[0] else self.by_name
            states: list[Row] = []
            series: dict[tuple[str, ...], list[Row]] = defaultdict(list)
            for row in held.get(question[1], ()):
                if row.kind in STATES:
                    states.append(row)
                else:
                    series[row.kind, row.code, row.stream, row.scope].append(row)
            for rows in series.values():
                rows.sort(key=_NEWEST_FIRST, reverse=True)
            self._asked[question] = states, list(series.values())
        return self._asked[question]

    @cached_property
    def standing(self) -> frozenset[int]:
        """The places of what stands when everything here is known."""
        return frozenset(row.place for row in standing(self.rows))

    @cached_property
    def taken_back(self) -> Collection[Name]:
        """The identities that were entered in error."""
        return taken_back(self.rows)

    @cached_property
    def first_known(self) -> Mapping[Name, int]:
        """When any version of each identity was first known."""
        return first_known(self.rows)

    def standing_then(self, rows: Iterable[Row], known_at: int) -> list[Row]:
        """Those of `rows` that stood when the hospital knew no more than by then."""
        stood, contested = [], []
        for row in rows:
            name = (row.stream, row.identity or "")
            if row.known > known_at:
                continue
            if not row.identity:
                if not in_error(row):
                    stood.append(row)
            elif name in self._replacing:
                contested.append(row)
            else:
                versions = self._versions[name]
                if len(versions) > 1:
                    versions = [other for other in versions if other.known <= known_at]
                # The usual case first: most statements have one version.
                if not in_error(row) and (len(versions) == 1 or row in last_version(versions)):
                    stood.append(row)
        rivals = self._with_replacing((row.stream, row.identity or "") for row in contested)
        left = {row.place for row in standing(known_by_then(rivals, known_at))}
        return stood + [row for row in contested if row.place in left]

    @cached_property
    def _asked(self) -> dict[tuple[bool, str], tuple[list[Row], list[list[Row]]]]:
        """What was asked before: a record is asked the same again, of another time."""
        return {}

    @cached_property
    def last_received(self) -> int:
        """When Osler last received anything that is here."""
        return max((row.received for row in self.rows), default=0)

    @cached_property
    def _versions(self) -> Mapping[Name, list[Row]]:
        """All versions of each identity."""
        found: dict[Name, list[Row]] = defaultdict(list)
        for row in self.rows:
            if row.identity:
                found[row.stream, row.identity].append(row)
        return found

    @cached_property
    def _replacing(self) -> Mapping[Name, list[Row]]:
        """What says that it takes the place of an identity, by that identity."""
        found: dict[Name, list[Row]] = defaultdict(list)
        for row in self.rows:
            if row.replaces and row.replaces != row.identity:
                found[row.stream, row.replaces].append(row)
        return found

    def _with_replacing(self, names: Iterable[Name]) -> Iterable[Row]:
        """The versions of these and of everything that may replace them, along any chain."""
        todo = list(names)
        found: dict[int, Row] = {}
        met = set(todo)
        while todo:
            name = todo.pop()
            rivals = self._replacing.get(name, ())
            found.update((row.place, row) for row in (*self._versions.get(name, ()), *rivals))
            more = {(row.stream, row.identity) for row in rivals if row.identity} - met
            met |= more
            todo += more
        return found.values()
