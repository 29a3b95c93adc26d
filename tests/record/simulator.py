"""A hospital's system as a journal of writes, and what it would have answered at any instant.

    history = stories.random_history(random.Random(7))      a hidden true past of one patient
    history.answers(FactKind.CONDITION, as_of=then, known_at=now)
    history.facts()                     the same, in the order in which Osler receives it

The truth is event sourced: a question is answered by replaying, in the order in which the hospital
wrote them, the writes that it had made by `known_at` (and that Osler had by `received_by`) into a
table of rows, and by reading the rows that stand. A row knows when it holds because the story that
made it says so; nothing here asks a `Fact` for its clocks.

What the rules leave open is not generated: two versions of one identity always lie apart by more
than the precision with which either was written (a test of its own makes those that do not, and
expects both); a stated end of something over has passed when it is written; a resolution without
a date follows a stated beginning; several stages or specimens under one code. An allergy without
a beginning holds from when its last version was written. Events whose dates overlap are generated:
every one that may be the last is expected. Whether a result that is pending is shown beside the
last one is left open: such rows are left out on both sides.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from osler.record.fact import Assertion, Fact, FactKind
from osler.record.source import Stream

__all__ = [
    "EVENTS",
    "Answer",
    "Delivered",
    "History",
    "Row",
    "Said",
    "Write",
    "arrivals_of",
    "moment_of",
    "said",
]

EVENTS = frozenset(
    {
        FactKind.OBSERVATION,
        FactKind.PROCEDURE,
        FactKind.ENCOUNTER,
        FactKind.NOTE,
        FactKind.REPORT,
    }
)

Said = tuple[str, ...]
Answer = Counter[Said]


def said(fact: Fact) -> Said:
    """Everything that a statement says: all but where it was read and when it was received."""
    times = (fact.valid_from, fact.valid_to, fact.recorded_at)
    return (
        fact.kind.value, fact.code.key, fact.code.text, repr(fact.value),
        *(moment.text if moment else "" for moment in times),
        fact.status, fact.assertion.value, fact.experiencer, fact.stream.value,
        fact.identity or "", fact.replaces or "", fact.laterality or "",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One statement as the hospital's system shows it, and when it holds, in microseconds.

    `began` to `began_by` is when it began, at the precision that was written; `ended` the last
    instant at which it holds; `over` says that the system no longer lists it as current, and
    `never` that it is kept and never held.
    """

    fact: Fact
    began: int
    began_by: int
    ended: int | None = None
    over: bool = False
    never: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One line of the journal: at `at` the row of an identity was written, or taken back."""

    at: int
    settled: int
    stream: Stream
    identity: str
    rows: tuple[Row, ...]
    takes: str | None = None
    in_error: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A write as Osler receives it: `copy` counts the times that it was fetched before."""

    write: int
    received_at: datetime
    copy: int = 0


class _System:
    """The table of the hospital's system, as its writes fill it."""

    def __init__(self) -> None:
        self._rows: dict[tuple[Stream, str], tuple[Row, ...]] = {}
        self._since: dict[tuple[Stream, str], int] = {}
        self._void: set[tuple[Stream, str]] = set()
        self._taken: defaultdict[tuple[Stream, str], set[tuple[Stream, str]]] = defaultdict(set)

    def write(self, line: Write) -> None:
        """A row is overwritten whole; a row that takes another's place closes that one."""
        key = (line.stream, line.identity)
        since = self._since.setdefault(key, line.at)
        self._rows[key] = tuple(_listed(row, since) for row in line.rows)
        if line.in_error:
            self._void.add(key)
        else:
            self._void.discard(key)
        if line.takes is not None:
            other = (line.stream, line.takes)
            self._taken[key].discard(other)  # the last word of two that claim each other's place
            self._taken[other].add(key)

    def standing(self) -> Iterator[Row]:
        """The rows that nobody took back and whose place no row that stands by its word took."""
        for key, rows in self._rows.items():
            if key not in self._void and not self._taken[key] - self._void:
                yield from rows


@dataclass(frozen=True, slots=True)
class History:
    """The journal of one patient, and how it reached Osler."""

    journal: tuple[Write, ...]
    arrivals: tuple[Delivered, ...]

    def codes(self) -> list[str]:
        """Every concept that was ever written."""
        return sorted({row.fact.code.key for line in self.journal for row in line.rows})

    def kinds(self) -> list[FactKind]:
        """Every kind that was ever written."""
        return sorted({row.fact.kind for line in self.journal for row in line.rows})

    def instants(self) -> list[int]:
        """Every instant at which an answer can change, in microseconds."""
        found: set[int] = set()
        for line in self.journal:
            found |= {line.at, line.settled}
            for row in line.rows:
                found |= {row.began, row.began_by} | ({row.ended} if row.ended else set())
        return sorted(found)

    def facts(self, arrivals: Iterable[Delivered] | None = None) -> list[Fact]:
        """What Osler reads, in the order in which it arrives."""
        chosen = self.arrivals if arrivals is None else arrivals
        return [
            replace(row.fact, received_at=one.received_at)
            for one in chosen
            for row in self.journal[one.write].rows
        ]

    def answers(
        self,
        what: str | FactKind,
        as_of: int | None,
        known_at: int | None,
        received_by: int | None = None,
    ) -> Answer:
        """What the hospital's system would have said, as far as Osler had been told."""
        system = _System()
        for line in self._told(known_at, received_by):
            system.write(line)
        rows = [row for row in system.standing() if what in (row.fact.kind, row.fact.code.key)]
        limits = (as_of, known_at, received_by, self._last_received())
        now = next(limit for limit in limits if limit is not None)
        holding = [row for row in rows if not row.never and _holds(row, as_of, now)]
        states = [row for row in holding if row.fact.kind not in EVENTS]
        return Counter(said(row.fact) for row in states + _last(holding))

    def written(self, code: str, known_at: int | None) -> set[Said]:
        """Every statement of one concept that the hospital had written."""
        told = self._told(known_at, None)
        return {said(r.fact) for line in told for r in line.rows if r.fact.code.key == code}

    def _told(self, known_at: int | None, received_by: int | None) -> list[Write]:
        heard = {
            one.write
            for one in self.arrivals
            if received_by is None or _micro(one.received_at) <= received_by
        }
        lines = [self.journal[number] for number in heard]
        known = [line for line in lines if known_at is None or line.at <= known_at]
        return sorted(known, key=lambda line: line.at)

    def _last_received(self) -> int:
        return max(_micro(one.received_at) for one in self.arrivals)


def _listed(row: Row, since: int) -> Row:
    """An undated state has been listed since it was first written, whatever was written since."""
    undated = row.fact.valid_from is None and row.fact.kind not in EVENTS
    return replace(row, began=min(row.began, since)) if undated else row


def _holds(row: Row, as_of: int | None, now: int) -> bool:
    """Whether the system lists a row; asked about no instant, it lists what is to come too."""
    if as_of is not None and row.began > as_of:
        return False
    if row.fact.kind in EVENTS:
        return True
    if as_of is None and row.over:
        return False
    return row.ended is None or now <= row.ended


def _last(rows: Sequence[Row]) -> list[Row]:
    """Of each event of each stream, every one that may be the last, given how dates are written."""
    groups: defaultdict[tuple[Stream, FactKind, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.fact.kind in EVENTS and row.fact.assertion is not Assertion.PENDING:
            groups[row.fact.stream, row.fact.kind, row.fact.code.key].append(row)
    return [
        row
        for group in groups.values()
        for row in group
        if all(other.began <= row.began_by for other in group)
    ]


def _micro(when: datetime) -> int:
    return int(when.replace(microsecond=0).timestamp()) * 1_000_000 + when.microsecond


def moment_of(micro: int) -> datetime:
    """The instant of a number of microseconds since 1970."""
    seconds, rest = divmod(micro, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def arrivals_of(rng: random.Random, journal: Sequence[Write], end: int) -> list[Delivered]:
    """Several deliveries, each in any order; some writes come years late, some come again."""
    live = {rng.randrange(journal[0].at, end) for _ in range(4)}
    days = sorted(live | {end + 10**9, end + 2 * 10**9})
    found: list[Delivered] = []
    for number, line in enumerate(journal):
        ready = max([line.settled, *(r.ended for r in line.rows if r.over and r.ended)])
        after = [day for day in days if day > ready]
        times = rng.sample(after, k=min(len(after), rng.choice((1, 1, 1, 2, 3))))
        found += [
            Delivered(write=number, received_at=moment_of(time // 10**6 * 10**6 + 10**6), copy=copy)
            for copy, time in enumerate(sorted(times))
        ]
    rng.shuffle(found)
    return sorted(found, key=lambda one: one.received_at)
