"""What of the record stands beside the findings: problems, drugs, variants, reports, last labs.

    summarise(record) -> statements, each with its evidence

Allergies and drugs are given whole, never shortened. Of measurements the last of each kind is
shown, those outside their range first.
"""

from osler.assess.assessment import Statement
from osler.record.fact import Assertion, Fact, FactKind, Quantity
from osler.record.record import Record

__all__ = ["summarise"]

_MOST_MEASUREMENTS = 24
_MOST_REPORTS = 8


def summarise(record: Record) -> tuple[Statement, ...]:
    """The statements, group by group."""
    conditions = record.of_kind(FactKind.CONDITION)
    family = [f for f in conditions if f.assertion is Assertion.FAMILY]
    own = [f for f in record.state(FactKind.CONDITION) if f.assertion is not Assertion.FAMILY]
    reports = record.of_kind(FactKind.REPORT)[-_MOST_REPORTS:]
    notes = record.of_kind(FactKind.NOTE)[-_MOST_REPORTS:]
    groups = {
        "Problems": own,
        "Allergies and intolerances": record.state(FactKind.ALLERGY),
        "Current drugs": record.state(FactKind.MEDICATION),
        "Family history": family,
        "Variants reported": record.of_kind(FactKind.VARIANT),
        "Last reports and notes (their text was not interpreted)": reports + notes,
        "Last measurements": _measurements(record),
    }
    return tuple(_statement(group, fact) for group, facts in groups.items() for fact in facts)


def _statement(group: str, fact: Fact) -> Statement:
    said = fact.said
    if fact.assertion is Assertion.FAMILY:
        said = f"{fact.experiencer}: {said}"
    elif fact.assertion is not Assertion.PRESENT:
        said = f"{fact.assertion.value}: {said}"
    if fact.kind is FactKind.VARIANT and fact.status != "final":
        said = f"{said} ({fact.status})"
    return Statement(
        group=group,
        text=said,
        when=str(fact.valid_from) if fact.valid_from else None,
        flag=_flag(fact),
        evidence=fact.evidence,
    )


def _measurements(record: Record) -> list[Fact]:
    last: dict[str, Fact] = {}
    for fact in record.of_kind(FactKind.OBSERVATION):
        if isinstance(fact.value, Quantity):
            last[fact.code.key] = fact
    shown = sorted(last.values(), key=lambda fact: (_flag(fact) == "", fact.said))
    return shown[:_MOST_MEASUREMENTS]


def _flag(fact: Fact) -> str:
    return fact.value.flag if isinstance(fact.value, Quantity) else ""
