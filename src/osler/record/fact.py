"""A coded statement about the patient, with its clocks, its assertion and its evidence.

    fact.code.text, fact.value          what is said
    fact.valid_from, fact.valid_to      when it holds
    fact.recorded_at                    when the hospital's system knew (or inferred, and flagged)
    fact.received_at                    when Osler read it
    fact.evidence                       the bytes that say so

    fact.began, fact.ended, fact.known  the same clocks as whole microseconds since 1970, UTC

Event facts accumulate; state facts can be superseded or conflict (`osler.record.arbitration`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from osler.record.locator import Evidence
from osler.record.media import Media
from osler.record.moment import Moment
from osler.record.source import Stream
from osler.record.tnm import Tnm
from osler.record.variant import Variant

__all__ = ["Assertion", "Code", "Fact", "FactKind", "FactValue", "Quantity", "microseconds"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BEFORE_ALL = -62_135_596_800_000_000  # the first instant of the year 1


def microseconds(when: datetime) -> int:
    """Whole microseconds since 1970 in UTC, for any year from 1 to 9999: fits 64 bits, exactly."""
    since = when - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class FactKind(StrEnum):
    """What a fact is about: states, which change, and events, which accumulate."""

    DEMOGRAPHIC = "demographic"
    CONDITION = "condition"
    ALLERGY = "allergy"
    MEDICATION = "medication"
    OBSERVATION = "observation"
    PROCEDURE = "procedure"
    ENCOUNTER = "encounter"
    REPORT = "report"
    SPECIMEN = "specimen"
    VARIANT = "variant"
    MEDIA = "media"
    NOTE = "note"


class Assertion(StrEnum):
    """How the statement stands to the patient (the axes of ConText, Harkema et al. 2009)."""

    PRESENT = "present"
    ABSENT = "absent"
    POSSIBLE = "possible"
    PENDING = "pending"
    HYPOTHETICAL = "hypothetical"
    HISTORICAL = "historical"
    FAMILY = "family"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A concept: a code of a system (both may be absent) and the words that were used."""

    text: str
    system: str | None = None
    code: str | None = None

    @property
    def key(self) -> str:
        """What makes two codes the same concept: system and code, else the words."""
        return f"{self.system}|{self.code}" if self.code else self.text.casefold()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number exactly as it was sent, with its unit; an absent unit is never inferred."""

    value: Decimal
    unit: str | None = None
    ucum: str | None = None
    comparator: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def flag(self) -> str:
        """`H` or `L` outside the reference range that came with it, else empty."""
        if self.high is not None and self.value > self.high:
            return "H"
        return "L" if self.low is not None and self.value < self.low else ""

    def __str__(self) -> str:
        # For the eye: a device's fifteen digits are shortened, the evidence opens on all of them.
        value = self.value if len(str(self.value)) <= 7 else f"{self.value:.5g}"
        return f"{self.comparator or ''}{value}{' ' + self.unit if self.unit else ''}"


FactValue = Quantity | Code | Variant | Media | Moment | Tnm | str | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One statement.

    `identity` is the business identity (a resource id, an accession), `replaces` that of a
    statement this one says that it takes the place of. `laterality` (`left`, `right`,
    `bilateral`) comes from coded fields alone, and None is unstated. `specimen` is the identity of
    the specimen that was examined.
    """

    kind: FactKind
    code: Code
    evidence: Evidence
    received_at: datetime
    value: FactValue = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    recorded_at: Moment | None = None
    recorded_inferred: bool = True
    status: str = "unknown"
    assertion: Assertion = Assertion.PRESENT
    experiencer: str = "patient"
    stream: Stream = Stream.EHR
    identity: str | None = None
    replaces: str | None = None
    laterality: str | None = None
    specimen: str | None = None

    @property
    def began(self) -> int:
        """From when it can hold: as stated, else as recorded, else as received.

        A birth date, a sex: what is said of a person without a date holds from the beginning. And
        what was recorded after it ended began before its end.
        """
        if self.valid_from:
            return microseconds(self.valid_from.earliest)
        if self.kind is FactKind.DEMOGRAPHIC:
            return _BEFORE_ALL
        end = microseconds(self.valid_to.earliest) if self.valid_to else None
        return self.known if end is None else min(self.known, end)

    @property
    def began_by(self) -> int:
        """By when it certainly held: `began` at the other end of a date without a time."""
        if self.valid_from:
            return microseconds(self.valid_from.latest)
        if self.kind is FactKind.DEMOGRAPHIC:
            return _BEFORE_ALL
        stated = microseconds(self.recorded_at.latest if self.recorded_at else self.received_at)
        return stated if self.ended is None else min(stated, self.ended)

    @property
    def ended(self) -> int | None:
        """The last instant at which it can hold, or None where no end was stated."""
        return microseconds(self.valid_to.latest) if self.valid_to else None

    @property
    def known(self) -> int:
        """From when the hospital's system can have known, else Osler."""
        return microseconds(self.recorded_at.earliest if self.recorded_at else self.received_at)

    @property
    def known_by(self) -> int:
        """By when it certainly knew: `known` at the other end of a date without a time.

        A clock that was inferred from valid time alone says nothing of the order of versions: the
        hospital can have known at any instant from then until Osler did.
        """
        if self.recorded_at is None or (
            self.recorded_inferred and self.recorded_at == self.valid_from
        ):
            return max(self.known, microseconds(self.received_at))
        return microseconds(self.recorded_at.latest)

    @property
    def received(self) -> int:
        """When Osler received it."""
        return microseconds(self.received_at)

    @property
    def said(self) -> str:
        """The statement in a few words: code and value."""
        if self.value is None or isinstance(self.value, bool) or str(self.value) == self.code.text:
            return self.code.text
        return f"{self.code.text}: {self.value}"
