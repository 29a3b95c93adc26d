"""One picture or recording of the record, held against the contracts of the specialties.

study = Study.of(fact, source, record, data, remark)
notes = specialty.contract.check(study.stated)
"""

from dataclasses import dataclass, replace
from typing import Self

from osler.judge.contract import ContractNote, unmet
from osler.record.fact import Fact
from osler.record.media import Media, Scalar
from osler.record.record import Record
from osler.record.source import Source

__all__ = ["Study"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A media fact with its source's bytes; contract notes once it has been checked."""

    fact: Fact
    media: Media
    source: Source
    data: bytes
    age_years: int | None
    remark: str | None = None
    notes: tuple[ContractNote, ...] = ()

    @classmethod
    def of(
        cls, fact: Fact, source: Source, record: Record, data: bytes, remark: str | None = None
    ) -> Self:
        """The study behind a media fact; the fact's value must be `Media`."""
        assert isinstance(fact.value, Media)
        return cls(
            fact=fact,
            media=fact.value,
            source=source,
            data=data,
            age_years=record.age_at(fact.valid_from),
            remark=remark,
        )

    def stated(self, attribute: str) -> Scalar:
        """What is known of an attribute; the age may also come from the record's birth date."""
        value = self.media.get(attribute)
        return self.age_years if value is None and attribute == "age_years" else value

    def held_to(self, notes: tuple[ContractNote, ...]) -> Self:
        """The same study with what its contract had to say."""
        return replace(self, notes=notes)

    @property
    def shown_notes(self) -> tuple[str, ...]:
        """The contract lines that a reader must see."""
        return tuple(str(note) for note in unmet(self.notes))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was noticed when it was read, and what a person declared with it."""
        says = self.media.get("says")
        declared = f"declared with the file: {says}" if says else None
        return (*self.doubts, declared) if declared else self.doubts

    @property
    def doubts(self) -> tuple[str, ...]:
        """What speaks against its being this patient's, or whole: a reader must see it first."""
        return tuple(line for line in (self.remark, self._age_differs()) if line)

    def _age_differs(self) -> str | None:
        """Two ages more than a year apart may mean that this is another person's study."""
        stated = self.media.get("age_years")
        if not isinstance(stated, int | float) or self.age_years is None:
            return None
        if abs(stated - self.age_years) <= 1:
            return None
        return (
            f"its header gives the age as {stated:g}, the birth date in the record makes it "
            f"{self.age_years}: is it this patient's?"
        )

    @property
    def taken(self) -> str | None:
        """When it was acquired, as far as is known."""
        return str(self.fact.valid_from) if self.fact.valid_from else None
