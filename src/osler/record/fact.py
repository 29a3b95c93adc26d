"""A coded statement about the patient, with its clocks, its assertion and its evidence.

    fact.code.text, fact.value          what is said
    fact.valid_from, fact.valid_to      when it holds
    fact.recorded_at                    when the hospital's system knew (or inferred, and flagged)
    fact.received_at                    when Osler read it
    fact.evidence                       the bytes that say so

Event facts accumulate; state facts can be superseded or conflict (`osler.record.record`).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from osler.record.locator import Evidence
from osler.record.media import Media
from osler.record.moment import Moment
from osler.record.source import Stream
from osler.record.tnm import Tnm
from osler.record.variant import Variant

__all__ = ["Assertion", "Code", "Fact", "FactKind", "FactValue", "Quantity"]


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
    def said(self) -> str:
        """The statement in a few words: code and value."""
        if self.value is None or isinstance(self.value, bool) or str(self.value) == self.code.text:
            return self.code.text
        return f"{self.code.text}: {self.value}"
