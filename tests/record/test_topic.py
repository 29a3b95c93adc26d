"""What statements are about, and the form in which they compare."""

from decimal import Decimal
from typing import Any

import pytest

from osler.record.fact import Code, Fact, FactKind, Quantity
from osler.record.tnm import Tnm
from osler.record.topic import Stance, scope_of, topic_of

from .examples import fact, on

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"


def seen(value: Any = None, text: str = "x", code: str | None = None, **fields: Any) -> Fact:
    """An observation, by its words or a code of LOINC or SNOMED CT."""
    fields.setdefault("kind", FactKind.OBSERVATION)
    made = fact(text, value=value, **fields)
    system = LOINC if code and "-" in code else SNOMED
    said = Code(text=text, system=system, code=code) if code else made.code
    return Fact(**{**{name: getattr(made, name) for name in made.__slots__}, "code": said})


TOPICS = [
    (seen("pos", "ER"), ("receptor", "ER")),
    (seen("pos", "Oestrogen receptor status"), ("receptor", "ER")),
    (seen("pos", code="16112-5"), ("receptor", "ER")),
    (seen("pos", "PgR"), ("receptor", "PR")),
    (seen("pos", code="85339-0"), ("receptor", "PR")),
    (seen("pos", "HER2/neu"), ("receptor", "HER2")),
    (seen("pos", "HER-2 receptor status"), ("receptor", "HER2")),
    (seen(Quantity(value=Decimal(90), unit="%"), "ER"), ("observation", "er")),
    (seen("pos", "ER", kind=FactKind.CONDITION), ("condition", "er")),
    (seen("pos", "ER visit"), ("observation", "er visit")),
    (seen("A", "ABO group"), ("blood group", "")),
    (seen("A", "ABO and Rh blood type"), ("blood group", "")),
    (seen("A", code="882-1"), ("blood group", "")),
    (seen("+", code="10331-7"), ("blood group", "")),
    (seen("+", "Rhesus factor"), ("blood group", "")),
    (seen("120", "blood pressure"), ("observation", "blood pressure")),
    (seen(Tnm.parse("ypT2"), "T"), ("tnm", "ypT")),
    (seen(on("1961"), "Birth Date", kind=FactKind.DEMOGRAPHIC), ("for life", "birth date")),
    (seen("London", "address", kind=FactKind.DEMOGRAPHIC), ("demographic", "address")),
    (seen(text="Asthma", kind=FactKind.CONDITION), ("condition", "asthma")),
    (seen(code="195967001", kind=FactKind.CONDITION), ("condition", f"{SNOMED}|195967001")),
]


@pytest.mark.parametrize("case", TOPICS, ids=lambda case: f"{case[0].code.text} {case[0].value}")
def test_what_a_statement_is_about(case: tuple[Fact, tuple[str, str]]) -> None:
    assert topic_of(case[0]) == case[1]


VALUES: list[tuple[Fact, Any]] = [
    (seen("Positive (90 %)", "ER"), "positive"),
    (seen("not detected", "ER"), "negative"),
    (seen("neg", "PR"), "negative"),
    (seen("borderline", "PR"), "equivocal"),
    (seen("pending", "PR"), None),
    (seen("0", "HER2"), None),
    (seen("1+", "HER2"), "negative"),
    (seen("IHC 2+", "HER2"), "equivocal"),
    (seen("3 +", "HER2"), "positive"),
    (seen("not amplified", "HER2"), "negative"),
    (seen("amplified", "HER2"), "positive"),
    (seen(Code(text="Positive", system=SNOMED, code="10828004"), "ER"), "positive"),
    (seen("AB", "ABO group"), ("AB", None)),
    (seen("A Rh(D) positive", "blood type"), ("A", "+")),
    (seen("O-", "blood group"), ("O", "-")),
    (seen("Negative", "Rh factor"), (None, "-")),
    (seen("Positive", code="10331-7"), (None, "+")),
    (seen("F", "sex", kind=FactKind.DEMOGRAPHIC), "female"),
    (seen(" Female", "sex", kind=FactKind.DEMOGRAPHIC), "female"),
    (seen("5 mg", "x", kind=FactKind.MEDICATION), (frozenset({("5", "mg")}), frozenset())),
    (seen("0,5 Tablets", "x", kind=FactKind.MEDICATION),
     (frozenset({("0.5", "tablet")}), frozenset())),
    (seen("2 x per 1 d", "x", kind=FactKind.MEDICATION),
     (frozenset(), frozenset({("2", "1", "d")}))),
    (seen("120", "creatinine"), None),
]  # fmt: skip


@pytest.mark.parametrize("case", VALUES, ids=lambda case: f"{case[0].code.text} {case[0].value}")
def test_what_compares(case: tuple[Fact, Any]) -> None:
    assert Stance.of(case[0]).value == case[1]
    assert Stance.of(case[0], topic_of(case[0])) == Stance.of(case[0])


def test_whose_prescription_it_is_counts_for_doses_alone() -> None:
    drug = {"kind": FactKind.MEDICATION, "identity": "M/1"}
    assert Stance.of(fact("warfarin", value="5 mg", **drug)).identity == "M/1"
    assert Stance.of(fact("warfarin", **drug)).identity is None
    assert Stance.of(fact("asthma", identity="C/1", value="x")).identity is None


@pytest.mark.parametrize(
    ("told", "scope"),
    [
        (seen(Tnm.parse("cT1c")), "cT"),
        (seen(Tnm.parse("T1")), "T"),
        (seen(Tnm.parse("rpT1", "8")), "rpT 8"),
        (seen("pos", "ER", specimen="S1"), "S1"),
        (seen("pos", "ER"), ""),
        (seen("1.0", "creatinine", specimen="S1"), ""),
    ],
)
def test_what_sets_statements_of_one_code_apart(told: Fact, scope: str) -> None:
    assert scope_of(told) == scope
