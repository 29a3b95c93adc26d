"""What one `osler read` did, in counts and lists.

    intake.sources["fhir/Observation"], intake.facts["observation"]
    intake.rejected, intake.quarantined, intake.kept_whole

Counts are of what this reading added; what the store had already is `known`.
"""

from collections import Counter
from dataclasses import dataclass, field

from osler.readers.placing import is_about_nobody
from osler.readers.reading import Item
from osler.record.patient import Identifier
from osler.record.store import Added

__all__ = ["Intake", "Listed"]

_SAME_BYTES = "the same bytes are also another patient's: is this the right patient?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A file or source by name, and why; `digest` is what `osler record bind` takes."""

    name: str
    why: str
    digest: str = ""


@dataclass(slots=True, kw_only=True)
class Intake:
    """What was added, what was known, and what a person must look at.

    `facts` counts by what they are, `facts_from` by the kind of source that says them.
    """

    sources: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    facts_from: Counter[str] = field(default_factory=Counter)
    known: int = 0
    patients: dict[Identifier, None] = field(default_factory=dict)
    remarks: list[Listed] = field(default_factory=list)
    quarantined: list[Listed] = field(default_factory=list)
    rejected: list[Listed] = field(default_factory=list)
    kept_whole: Counter[str] = field(default_factory=Counter)

    @property
    def added(self) -> int:
        """How many sources are new."""
        return self.sources.total()

    @property
    def complete(self) -> bool:
        """Whether every file was understood and found its patient."""
        return not self.rejected and not self.quarantined

    def reject(self, name: str, why: str) -> None:
        """A file that was not understood, or only up to a point."""
        self.rejected.append(Listed(name=name, why=why))

    def note(self, added: Added) -> None:
        """A reject that was kept whole."""
        if added.new:
            self.sources["opaque"] += 1
        else:
            self.known += 1

    def count(self, item: Item, added: Added, disputed: bool) -> None:
        """A source with what it says, as it was added."""
        source = item.source
        if item.patient is None and not added.settled:
            why = item.trouble or "does not say whose it is"
            if not disputed:
                why = f"{why}: read it again with --patient, or `osler record bind` it"
            self.quarantined.append(Listed(name=source.name, why=why, digest=source.digest))
        if item.patient is not None:
            self.patients[item.patient] = None
        if not added.new:
            self.known += 1
            return
        self.sources[source.kind] += 1
        if not item.facts:
            self.kept_whole[source.kind] += 1
        self.facts.update(added.kinds)
        self.facts_from[source.kind] += added.facts
        # What is kept whole because nothing is read from it yet is counted, not listed one by one.
        if item.patient is not None and item.trouble and item.facts:
            self.remarks.append(Listed(name=source.name, why=item.trouble))
        if added.shared and not is_about_nobody(source.kind):
            self.remarks.append(Listed(name=source.name, why=_SAME_BYTES, digest=source.digest))
