"""One patient as of a valid time and a known time: the view that everything else asks.

record = store.record(identifier, as_of=then, known_at=now)
record.state(FactKind.CONDITION)     what holds, by the rules of `osler.record.arbitration`
record.state("creatinine")           of one concept, by `Code.key` or its words
record.history(code)                 every statement of one concept, oldest first
record.timeline()                    everything that has a time, oldest first
record.conflicts()                   what disagrees, and why
record.safety()                      allergies, anticoagulants and the like, all of them
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from osler.record.arbitration import STATES, holds, in_error, latest
from osler.record.conflict import Conflict, conflicts_in
from osler.record.fact import Fact, FactKind, microseconds
from osler.record.index import BY_TIME, Index, Row
from osler.record.locator import Evidence
from osler.record.moment import Moment
from osler.record.patient import Patient
from osler.record.relation import Relation, relation
from osler.record.safety import hazard
from osler.record.source import Source, Stream

__all__ = ["BIRTH_DATE", "SEX", "Conflict", "Record"]

BIRTH_DATE = "birth date"
SEX = "sex"

_AT_ONCE = 16  # of the newest events at a time: the last one is nearly always among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What was known within the limits of one patient (None: no limit). Build it with `of`.

    `facts` are those that had begun by `as_of`; `index` has those still to begin too, since a
    correction may say that something began later than was thought.
    """

    patient: Patient
    facts: tuple[Fact, ...]
    sources: tuple[Source, ...]
    as_of: datetime | None = None
    known_at: datetime | None = None
    received_by: datetime | None = None
    grown_at: datetime | None = None
    index: Index = field(repr=False, compare=False)

    @classmethod
    def of(
        cls,
        patient: Patient,
        facts: Iterable[Fact],
        sources: Sequence[Source],
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        received_by: datetime | None = None,
        grown_at: datetime | None = None,
    ) -> "Record":
        """Keep what the hospital knew by `known_at` and Osler had by `received_by`.

        `grown_at` is when the last source came, whether or not it said anything new.
        """
        known, received = _instant(known_at), _instant(received_by)
        kept = tuple(
            f
            for f in facts
            if (known is None or f.known <= known) and (received is None or f.received <= received)
        )
        then = _instant(as_of)
        return cls(
            patient=patient,
            facts=kept if then is None else tuple(f for f in kept if f.began <= then),
            sources=tuple(sources),
            as_of=as_of,
            known_at=known_at,
            received_by=received_by,
            grown_at=grown_at,
            index=Index(kept),
        )

    def of_kind(self, kind: FactKind) -> list[Fact]:
        """Every statement of one kind, oldest first, without those entered in error.

        Of events the corrected version alone; of states the earlier versions too, but for those
        of an identity that was taken back.
        """
        index, then = self.index, _instant(self.as_of)
        rows = [r for r in index.by_kind.get(kind, ()) if then is None or r.began <= then]
        if kind in STATES:
            gone = index.taken_back
            rows = [r for r in rows if not in_error(r) and (r.stream, r.identity) not in gone]
        else:
            rows = [r for r in rows if r.place in index.standing]
        return self._facts(rows)

    def state(
        self,
        what: str | FactKind,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> list[Fact]:
        """What holds of a kind or a concept, oldest first; of events, the last of each code.

        The limits default to the record's own; `known_at` cannot ask for more than it has.
        """
        then, present, index = _instant(as_of or self.as_of), self._present, self.index
        less: int | None = None
        if known_at is not None and (self.known_at is None or known_at < self.known_at):
            less = present = microseconds(known_at)

        def held(rows: Sequence[Row]) -> list[Row]:
            may = [r for r in rows if self._holds(r, then, present)]
            if less is not None:
                return index.standing_then(may, less)
            return [r for r in may if r.place in index.standing]

        states, series = index.asked(what)
        if less is not None:
            series = [[row for row in rows if row.known <= less] for rows in series]
        events = [row for rows in series for row in _last(rows, then, held)]
        return self._facts([*held(states), *events])

    def history(self, code: str) -> list[Fact]:
        """Every statement of one concept, by `Code.key` or its words, oldest first."""
        then = _instant(self.as_of)
        rows = self.index.by_name.get(code.casefold(), ())
        return self._facts([r for r in rows if then is None or r.began <= then])

    def timeline(
        self,
        kinds: Collection[FactKind] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> list[Fact]:
        """Everything that has a time and touches `[start, end]`, oldest first."""
        first, last = _instant(start), _instant(end)
        timed = (
            f
            for f in self.facts
            if (f.valid_from or f.recorded_at)
            and (kinds is None or f.kind in kinds)
            and (first is None or f.began_by >= first or (f.ended or first - 1) >= first)
            and (last is None or f.began <= last)
        )
        return sorted(timed, key=_when)

    def replaced(self) -> list[Fact]:
        """What a later version, a correction or a replacement took away, in no order."""
        return [f for place, f in enumerate(self.index.facts) if place not in self.index.standing]

    def conflicts(self) -> list[Conflict]:
        """What disagrees among the statements that hold, and why."""
        then, present, stand = _instant(self.as_of), self._present, self.index.standing
        rows = [
            r
            for r in self.index.rows
            if r.place in stand
            # What is held may state no beginning, and then began before this version of it.
            and (then is None or r.began <= then or self._holds(r, then, present))
        ]
        return conflicts_in(self._held(), self._facts(rows))

    def support(self, fact: Fact, copied: Container[Evidence] = ()) -> list[Fact]:
        """The statements of other sources that say the same, copies not counted, oldest first."""
        names = dict.fromkeys((fact.code.key.casefold(), fact.code.text.casefold()))
        rows = {r.place: r for name in names for r in self.index.by_name.get(name, ())}
        return [
            other
            for other in self._facts([r for r in rows.values() if r.place in self.index.standing])
            if other is not fact and relation(other, fact, copied) is Relation.SUPPORT
        ]

    def safety(self) -> list[Fact]:
        """Allergies, anticoagulants, antiplatelet drugs, pregnancy, implants: all that hold."""
        return [fact for fact in self._held() if hazard(fact)]

    def source(self, digest: str) -> Source | None:
        """The source of that digest, if it belongs to this record."""
        return next((s for s in self.sources if s.digest == digest), None)

    def birth_date(self) -> Moment | None:
        """The date of birth as last stated, or None."""
        stated = [f for f in self._last_stated(BIRTH_DATE) if isinstance(f.value, Moment)]
        return stated[-1].value if stated and isinstance(stated[-1].value, Moment) else None

    def sex(self) -> str | None:
        """Administrative sex as last stated, or None."""
        stated = [f for f in self._last_stated(SEX) if isinstance(f.value, str)]
        return str(stated[-1].value) if stated else None

    def age_at(self, when: Moment | datetime | None) -> int | None:
        """Whole years of age at an instant, or None when either date is unknown."""
        born = self.birth_date()
        if born is None or when is None:
            return None
        # Days as they were written: in UTC, a birthday in Amsterdam begins the evening before.
        then = when.day if isinstance(when, Moment) else when.date()
        start = born.day
        return then.year - start.year - ((then.month, then.day) < (start.month, start.day))

    @property
    def _present(self) -> int:
        """The instant that is asked for where nobody named a valid time."""
        named = _instant(self.known_at or self.received_by)
        if named is not None:
            return named
        return max(_instant(self.grown_at) or 0, self.index.last_received)

    def _holds(self, row: Row, then: int | None, present: int) -> bool:
        return holds(row, then, present, self.index.first_known)

    def _held(self) -> list[Fact]:
        """All that holds, events as they accumulate, oldest first."""
        then, present, stand = _instant(self.as_of), self._present, self.index.standing
        return self._facts(
            [r for r in self.index.rows if r.place in stand and self._holds(r, then, present)]
        )

    def _last_stated(self, code: str) -> list[Fact]:
        """The statements of the person that hold, the hospital's last known at the end."""
        held = (f for f in self.state(code) if f.kind is FactKind.DEMOGRAPHIC)
        return sorted(held, key=lambda f: (f.stream is Stream.EHR, f.known, f.received, _when(f)))

    def _facts(self, rows: Iterable[Row]) -> list[Fact]:
        return [self.index.facts[row.place] for row in sorted(rows, key=BY_TIME)]


def _last(
    rows: Sequence[Row], then: int | None, held: Callable[[Sequence[Row]], list[Row]]
) -> list[Row]:
    """The last that holds of a series, newest first: walk back until there is one."""
    begun = 0 if then is None else bisect_left(rows, -then, key=lambda row: -row.began)
    for at in range(begun, len(rows), _AT_ONCE):
        some = latest(held(rows[at : at + _AT_ONCE]))
        if some:
            # One that began earlier, on a day or in a year, may have gone on until then.
            since = max(row.began for row in some)
            return latest(held([row for row in rows[begun:] if row.began_by >= since]))
    return []


def _instant(when: datetime | None) -> int | None:
    return None if when is None else microseconds(when)


def _when(fact: Fact) -> tuple[datetime, str, int, int, str]:
    moment = fact.valid_from or fact.recorded_at
    began = moment.earliest if moment else fact.received_at
    return (began, fact.code.text, fact.known, fact.received, fact.evidence.source)
