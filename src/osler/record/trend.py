"""Where each measured quantity stands, and where it has been going.

    for trend in trends(record):
        trend.last, trend.earlier, trend.direction

Earlier values are taken in the last one's unit; those in a unit that cannot be converted, or in
none, are left out of the trend and never guessed. Of the patient alone, of one stream at a time.
"""

from collections import defaultdict
from dataclasses import dataclass

from osler.record.arbitration import holds
from osler.record.fact import Assertion, Code, Fact, FactKind, Quantity
from osler.record.record import Record
from osler.record.units import comparable

__all__ = ["Trend", "trends"]

_STEADY = 0.05  # relative change over the last few values that is called none
_BACK = 5  # values that a direction is read from


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One concept's last value and the earlier ones in the same unit, oldest first."""

    code: Code
    last: Fact
    earlier: tuple[Quantity, ...]

    @property
    def direction(self) -> str:
        """`rising`, `falling`, `steady`, or empty for a single value."""
        values = [float(q.value) for q in (*self.earlier, _quantity(self.last))][-_BACK:]
        if len(values) < 2:
            return ""
        before, now = sum(values[:-1]) / (len(values) - 1), values[-1]
        change = (now - before) / abs(before) if before else now
        if abs(change) <= _STEADY:
            return "steady"
        return "rising" if change > 0 else "falling"


def trends(record: Record) -> list[Trend]:
    """Every numeric observation of a record, the most recently measured first."""
    measured: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in record.of_kind(FactKind.OBSERVATION):
        if _measured(fact) and holds(fact, None, None):
            measured[fact.code.key, fact.stream].append(fact)
    found = [_trend(facts) for facts in measured.values()]
    return sorted(found, key=lambda t: (-t.last.began, t.code.text))


def _measured(fact: Fact) -> bool:
    """Whether it is a finite number that was measured in the patient."""
    number = isinstance(fact.value, Quantity) and fact.value.value.is_finite()
    return number and fact.assertion is Assertion.PRESENT and fact.experiencer == "patient"


def _trend(facts: list[Fact]) -> Trend:
    *before, last = facts
    quantity = _quantity(last)
    earlier = (_in_unit(_quantity(fact), quantity, last.code) for fact in before)
    return Trend(code=last.code, last=last, earlier=tuple(q for q in earlier if q))


def _in_unit(quantity: Quantity, like: Quantity, code: Code) -> Quantity | None:
    if (quantity.ucum, quantity.unit) == (like.ucum, like.unit):
        return quantity
    return comparable(like, quantity, code)


def _quantity(fact: Fact) -> Quantity:
    assert isinstance(fact.value, Quantity)  # trends() takes no other
    return fact.value
