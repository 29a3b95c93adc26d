"""When a model may be asked: what its input must be, and what happens when it is not.

notes = contract.check(media.get)
contract.admits(notes)     False: not assessed, because ...
unmet(notes)               each one a visible line in the report, and no probability
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan

__all__ = ["Contract", "ContractNote", "Met", "Requirement", "unmet"]

Stated = str | int | float | bool | None


class Met(StrEnum):
    """Whether an input keeps a requirement."""

    YES = "met"
    NO = "violated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One attribute of the input (names and units: `osler.record.media.ATTRIBUTES`).

    `refuse` holds the outcomes for which the model is not asked at all; for the others it is
    asked, the note is shown, and its number stays a score.
    """

    attribute: str
    why: str
    one_of: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    refuse: tuple[Met, ...] = (Met.NO, Met.UNKNOWN)

    def check(self, seen: Stated) -> "ContractNote":
        """Compare with what was stated; None is unknown and never taken for met."""
        if _says_nothing(seen):
            met = Met.UNKNOWN
        elif self.one_of:
            # A recording states several leads in one attribute; any one of them will do.
            words = {word.strip().casefold() for word in (str(seen), *str(seen).split(","))}
            met = Met.YES if words & {w.casefold() for w in self.one_of} else Met.NO
        else:
            met = Met.YES if self._within(seen) else Met.NO
        return ContractNote(requirement=self, met=met, seen=seen)

    def _within(self, seen: Stated) -> bool:
        if self.minimum is None and self.maximum is None:
            return True
        if isinstance(seen, bool | str) or seen is None:
            return False
        low = self.minimum is None or seen >= self.minimum
        return low and (self.maximum is None or seen <= self.maximum)

    @property
    def wanted(self) -> str:
        """What is asked for, in words."""
        if self.one_of:
            return " or ".join(self.one_of)
        if self.minimum is not None and self.maximum is not None:
            return f"{self.minimum:g} to {self.maximum:g}"
        if self.minimum is not None:
            return f"at least {self.minimum:g}"
        return f"at most {self.maximum:g}" if self.maximum is not None else "stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractNote:
    """One requirement held against one input."""

    requirement: Requirement
    met: Met
    seen: Stated

    @property
    def refuses(self) -> bool:
        """Whether this outcome alone keeps the model from being asked."""
        return self.met is not Met.YES and self.met in self.requirement.refuse

    def __str__(self) -> str:
        name = self.requirement.attribute.replace("_", " ")
        wanted = f"the model needs {self.requirement.wanted} ({self.requirement.why})"
        match self.met:
            case Met.UNKNOWN:
                return f"{name} is not stated; {wanted}"
            case Met.NO:
                return f"{name} is {self.seen}; {wanted}"
            case _:
                return f"{name} is {self.seen}, as the model needs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The input contract of a task: the modality first, then what else must hold."""

    modality: str
    requirements: tuple[Requirement, ...]

    def check(self, stated: Callable[[str], Stated]) -> tuple[ContractNote, ...]:
        """A note for every requirement, met ones included."""
        return tuple(r.check(stated(r.attribute)) for r in self.requirements)

    @staticmethod
    def admits(notes: Sequence[ContractNote]) -> bool:
        """Whether the model may be asked."""
        return not any(note.refuses for note in notes)


def _says_nothing(seen: Stated) -> bool:
    """None, an empty text and not-a-number are three ways of not knowing."""
    if isinstance(seen, float):
        return isnan(seen)
    return seen is None or (isinstance(seen, str) and not seen.strip())


def unmet(notes: Sequence[ContractNote]) -> tuple[ContractNote, ...]:
    """The notes that a reader must see."""
    return tuple(note for note in notes if note.met is not Met.YES)
