"""What was doubtful in a long file: the first few words of it, and a count of the rest.

doubts = Doubts()
doubts.add("line 12: ...")
doubts.told()               at most five, then "and 9,311 more like these"
"""

from dataclasses import dataclass, field

__all__ = ["Doubts"]

_LISTED = 5


@dataclass(slots=True)
class Doubts:
    """Holds five sentences, however many there are."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, sentence: str) -> None:
        """Take one more; only the first five are kept as they stand."""
        self.count += 1
        if len(self.first) < _LISTED:
            self.first.append(sentence)

    def told(self) -> tuple[str, ...]:
        """The sentences that were kept, and how many more there were."""
        more = self.count - len(self.first)
        return (*self.first, *([f"and {more:,} more like these"] if more else []))
