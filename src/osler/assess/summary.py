"""What of the record stands beside the findings: problems, allergies, drugs, variants, last labs.

    summarise(record) -> statements, each with its evidence

Allergies and drugs are given whole, never shortened. Of measurements the last of each kind is
shown, those outside their range first.
"""

from osler.assess.assessment import Statement
from osler.record.fact import Assertion, Fact, FactKind, Quantity
from osler.record.record import Record

__all__ = ["ALLERGIES", "DRUGS", "MEASUREMENTS", "PROBLEMS", "VARIANTS", "summarise"]

PROBLEMS = "Problems"
ALLERGIES = "Allergies and intolerances"
DRUGS = "Current drugs"
VARIANTS = "Variants reported"
MEASUREMENTS = "Last measurements"

_MOST_MEASUREMENTS = 24


def summarise(record: Record) -> tuple[Statement, ...]:
    """The statements in the order of the groups above."""
    return (
        *(_statement(PROBLEMS, fact) for fact in record.state(FactKind.CONDITION)),
        *(_statement(ALLERGIES, fact) for fact in record.state(FactKind.ALLERGY)),
        *(_statement(DRUGS, fact) for fact in record.state(FactKind.MEDICATION)),
        *(_statement(VARIANTS, fact) for fact in record.of_kind(FactKind.VARIANT)),
        *_measurements(record),
    )


def _statement(group: str, fact: Fact) -> Statement:
    said = fact.said
    if fact.assertion is not Assertion.PRESENT:
        said = f"{fact.assertion.value}: {said}"
    return Statement(
        group=group,
        text=said,
        when=str(fact.valid_from) if fact.valid_from else None,
        flag=fact.value.flag if isinstance(fact.value, Quantity) else "",
        evidence=fact.evidence,
    )


def _measurements(record: Record) -> list[Statement]:
    last: dict[str, Fact] = {}
    for fact in record.of_kind(FactKind.OBSERVATION):
        if isinstance(fact.value, Quantity):
            last[fact.code.key] = fact
    shown = [_statement(MEASUREMENTS, fact) for fact in last.values()]
    shown.sort(key=lambda s: (s.flag == "", s.text))
    return shown[:_MOST_MEASUREMENTS]
