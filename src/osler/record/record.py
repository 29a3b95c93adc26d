"""One patient as of a valid time and a known time: the view that everything else asks.

record = store.record(identifier, as_of=then, known_at=now)
record.state(FactKind.CONDITION)     what holds, one fact a business identity
record.history(code)                 every statement of one concept, oldest first
record.timeline()                    everything that has a time, oldest first
record.conflicts()                   state facts that disagree and neither replaces the other
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from osler.record.fact import Assertion, Code, Fact, FactKind
from osler.record.moment import Moment
from osler.record.patient import Patient
from osler.record.source import Source

__all__ = ["BIRTH_DATE", "SEX", "Conflict", "Record"]

BIRTH_DATE = "birth date"
SEX = "sex"

_ERROR = "entered-in-error"
_ENDED = {_ERROR, "resolved", "inactive", "remission", "stopped", "completed",
          "cancelled", "refuted", "not-done"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Statements about one concept that cannot all hold."""

    code: Code
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The facts that held by `as_of` and were known by `known_at` (None: no limit)."""

    patient: Patient
    facts: tuple[Fact, ...]
    sources: tuple[Source, ...]
    as_of: datetime | None = None
    known_at: datetime | None = None

    @classmethod
    def of(
        cls,
        patient: Patient,
        facts: Iterable[Fact],
        sources: Sequence[Source],
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> "Record":
        """Keep what had begun by `as_of` and what had been recorded and received by `known_at`."""
        kept = tuple(f for f in facts if _begun(f, as_of) and _known(f, known_at))
        return cls(
            patient=patient, facts=kept, sources=tuple(sources), as_of=as_of, known_at=known_at
        )

    def of_kind(self, kind: FactKind) -> list[Fact]:
        """Every statement of one kind, oldest first, without those entered in error.

        A later version that was entered in error takes the earlier ones with it.
        """
        found = [f for f in self.facts if f.kind is kind]
        last = {(f.stream, f.identity): f.status for f in sorted(found, key=_when_known)}
        return sorted(
            (
                f
                for f in found
                if f.status != _ERROR and (not f.identity or last[f.stream, f.identity] != _ERROR)
            ),
            key=_when,
        )

    def state(self, kind: FactKind) -> list[Fact]:
        """What holds of one state kind: the last version of each identity, if not ended."""
        latest: dict[tuple[str, str], Fact] = {}
        for fact in sorted((f for f in self.facts if f.kind is kind), key=_when_known):
            latest[(fact.stream, fact.identity or _alone(fact))] = fact
        return sorted(
            (f for f in latest.values() if f.status not in _ENDED and not self._over(f)),
            key=_when,
        )

    def history(self, code: str) -> list[Fact]:
        """Every statement of one concept, by `Code.key` or its words, oldest first."""
        wanted = code.casefold()
        found = [f for f in self.facts if wanted in (f.code.key.casefold(), f.code.text.casefold())]
        return sorted(found, key=_when)

    def timeline(self) -> list[Fact]:
        """Everything that has a time, oldest first."""
        timed = (f for f in self.facts if f.valid_from or f.recorded_at)
        return sorted(timed, key=_when)

    def conflicts(self) -> list[Conflict]:
        """Concepts that one statement asserts and another denies, neither replacing the other."""
        by_code: dict[str, list[Fact]] = defaultdict(list)
        for kind in (FactKind.CONDITION, FactKind.ALLERGY):
            for fact in self.state(kind):
                by_code[fact.code.key].append(fact)
        return [
            Conflict(code=facts[0].code, facts=tuple(facts))
            for facts in by_code.values()
            if {Assertion.PRESENT, Assertion.ABSENT} <= {f.assertion for f in facts}
        ]

    def source(self, digest: str) -> Source | None:
        """The source of that digest, if it belongs to this record."""
        return next((s for s in self.sources if s.digest == digest), None)

    def birth_date(self) -> Moment | None:
        """The date of birth as last stated, or None."""
        stated = [f for f in self.history(BIRTH_DATE) if isinstance(f.value, Moment)]
        return stated[-1].value if stated and isinstance(stated[-1].value, Moment) else None

    def sex(self) -> str | None:
        """Administrative sex as last stated, or None."""
        stated = [f for f in self.history(SEX) if isinstance(f.value, str)]
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

    def _over(self, fact: Fact) -> bool:
        # Without an `as_of` the record is asked for the present, which is what was known last.
        end, now = fact.valid_to, self.as_of or self.known_at
        return end is not None and now is not None and end.latest < now


def _alone(fact: Fact) -> str:
    """A statement without a business identity is replaced by nothing but itself."""
    return f"{fact.evidence} {fact.code.key}"


def _begun(fact: Fact, as_of: datetime | None) -> bool:
    """Undated facts count from when they were recorded: nobody can have known them earlier."""
    began = fact.valid_from or fact.recorded_at
    return as_of is None or began is None or began.earliest <= as_of


def _known(fact: Fact, known_at: datetime | None) -> bool:
    if known_at is None:
        return True
    recorded = fact.recorded_at.earliest if fact.recorded_at else fact.received_at
    return fact.received_at <= known_at and recorded <= known_at


def _when(fact: Fact) -> tuple[datetime, str]:
    moment = fact.valid_from or fact.recorded_at
    return (moment.earliest if moment else fact.received_at, fact.code.text)


def _when_known(fact: Fact) -> tuple[datetime, datetime]:
    recorded = fact.recorded_at.earliest if fact.recorded_at else fact.received_at
    return (recorded, fact.received_at)
