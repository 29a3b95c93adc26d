"""How two statements stand to each other: one line a pair, the earlier one first."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from osler.record.fact import Assertion, Code, Fact, FactKind, Quantity
from osler.record.locator import Evidence, Span, Whole
from osler.record.relation import Relation, relation, same_content
from osler.record.source import Stream
from osler.record.tnm import Tnm

from .examples import fact, on

SUPPORT, REFINE, SUPERSEDE, CONFLICT = (
    Relation.SUPPORT, Relation.REFINE, Relation.SUPERSEDE, Relation.CONFLICT
)  # fmt: skip
ALLERGY, MEDICATION, OBSERVATION, DEMOGRAPHIC = (
    FactKind.ALLERGY, FactKind.MEDICATION, FactKind.OBSERVATION, FactKind.DEMOGRAPHIC
)  # fmt: skip
_COUNT = iter(range(10**6))
OLD, NEW = "11" * 32, "22" * 32
DAY = on("2020-05-04")


def of(text: str, kind: FactKind = FactKind.CONDITION, **fields: Any) -> Fact:
    """A statement of a source of its own, valid from one day."""
    fields.setdefault("valid_from", DAY)
    fields.setdefault("source", f"{next(_COUNT):064x}")
    return fact(text, kind=kind, **fields)


def dose(text: str, identity: str | None, **fields: Any) -> Fact:
    return of("warfarin", MEDICATION, value=text, identity=identity, **fields)


def receptor(value: str, specimen: str | None = None, text: str = "ER", **fields: Any) -> Fact:
    return of(text, OBSERVATION, value=value, specimen=specimen, **fields)


def staged(value: str, day: str = "2020-05-04", edition: str | None = None) -> Fact:
    return of("stage", OBSERVATION, value=Tnm.parse(value, edition), valid_from=on(day))


def group(category: str) -> Fact:
    return of("stage", OBSERVATION, value=Tnm(axis="group", category=category))


def lab(value: str, unit: str = "mg/dL") -> Fact:
    return of("creatinine", OBSERVATION, value=Quantity(value=Decimal(value), unit=unit))


def born(text: str) -> Fact:
    return of("birth date", DEMOGRAPHIC, value=on(text))


def sex(word: str) -> Fact:
    return of("sex", DEMOGRAPHIC, value=word)


def blood(value: str, text: str = "ABO group", day: str = "2020-05-04") -> Fact:
    return of(text, OBSERVATION, value=value, valid_from=on(day))


CODED = Code(text="asthma", system="http://snomed.info/sct", code="195967001")
COUGH, ASTHMA = of("cough"), of("asthma")
V1 = of("asthma", identity="1", recorded_at=on("2020-01-01"), recorded_inferred=False)
V2 = replace(V1, recorded_at=on("2021-01-01"))
SAME_DAY = replace(V1, status="resolved", evidence=Evidence(source=NEW, at=Whole()))
LEFT, RIGHT = of("mass", laterality="left"), of("mass", laterality="right")
PENICILLIN = of("Penicillin V", ALLERGY)
NONE_KNOWN = of("No known allergies", ALLERGY)
NKA = replace(NONE_KNOWN, code=Code(text="x", system="http://snomed.info/sct", code="716186003"))
NO_FOOD = replace(
    NONE_KNOWN, code=Code(text="x", system="http://snomed.info/sct", code="429625007")
)
absent: dict[str, Any] = {"assertion": Assertion.ABSENT}
possible: dict[str, Any] = {"assertion": Assertion.POSSIBLE}
father: dict[str, Any] = {"experiencer": "father"}

PAIRS: dict[str, tuple[Fact, Fact, Relation | None]] = {
    "two things": (COUGH, ASTHMA, None),
    "the same": (ASTHMA, of("asthma"), SUPPORT),
    "the same, of another stream": (ASTHMA, of("asthma", stream=Stream.MODEL), SUPPORT),
    "the same of one source": (of("asthma", source=OLD), of("asthma", source=OLD), None),
    "at times that do not meet": (
        of("asthma", valid_to=on("2020-06-01")), of("asthma", valid_from=on("2021-01-01")), None),
    # versions
    "a later version": (V1, V2, SUPERSEDE),
    "an earlier version that came late": (V2, V1, None),
    "a replacement": (V1, of("COPD", identity="2", replaces="1"), SUPERSEDE),
    "a replacement in another stream": (
        V1, of("COPD", identity="2", replaces="1", stream=Stream.MODEL), None),
    "versions that no clock tells apart": (V1, SAME_DAY, CONFLICT),
    "the same version from two places": (
        V1, replace(V1, evidence=Evidence(source=NEW, at=Whole())), SUPPORT),
    "an error": (ASTHMA, of("asthma", status="entered-in-error"), None),
    # present and absent
    "present and absent": (ASTHMA, of("asthma", **absent), CONFLICT),
    "absent twice": (of("asthma", **absent), of("asthma", **absent), SUPPORT),
    "absent before it began": (
        of("asthma", **absent, valid_to=on("2020-06-01")), of("asthma", valid_from=on("2021")),
        None),
    "somebody else's": (ASTHMA, of("asthma", **father), None),
    "somebody else's absent": (ASTHMA, of("asthma", **absent, **father), None),
    "possible, then present": (of("asthma", **possible), ASTHMA, REFINE),
    "possible, then absent": (of("asthma", **possible), of("asthma", **absent), REFINE),
    "present, then possible": (ASTHMA, of("asthma", **possible), None),
    # sides
    "no side stated, then one": (of("mass"), LEFT, REFINE),
    "a side, then none stated": (LEFT, of("mass"), SUPPORT),
    "two sides can be two lesions": (LEFT, RIGHT, None),
    "absent on the other side": (LEFT, replace(RIGHT, **absent), None),
    "two sides of one specimen": (
        replace(LEFT, specimen="S1"), replace(RIGHT, specimen="S1"), CONFLICT),
    "two sides of two specimens": (
        replace(LEFT, specimen="S1"), replace(RIGHT, specimen="S2"), None),
    # more exact
    "a date inside a month": (of("asthma", valid_from=on("2020-05")), ASTHMA, REFINE),
    "a date, then its month": (ASTHMA, of("asthma", valid_from=on("2020-05")), SUPPORT),
    "an undated one dated": (
        of("asthma", valid_from=None, recorded_at=DAY), ASTHMA, REFINE),
    "words, then a code": (ASTHMA, replace(of("asthma"), code=CODED), REFINE),
    "a code, then words": (replace(ASTHMA, code=CODED), of("Asthma"), SUPPORT),
    "two codes with the same words": (
        replace(ASTHMA, code=CODED), replace(of("asthma"), code=replace(CODED, code="2")), None),
    "a value where there was none": (of("rash", OBSERVATION), of("rash", OBSERVATION, value="mild"),
                                     REFINE),
    # doses
    "two doses from two prescriptions": (dose("5 mg", "a"), dose("3 mg", "b"), CONFLICT),
    "the same dose from two": (dose("5 mg", "a"), dose("5 mg daily", "b"), None),
    "two doses in turn": (
        dose("5 mg", "a", valid_to=on("2020-06-01")), dose("3 mg", "b", valid_from=on("2021")),
        None),
    "two doses of one prescription": (
        dose("5 mg", "a", source=OLD), dose("3 mg", "a", source=OLD), None),
    "dose in milligrams and in tablets": (dose("5 mg", "a"), dose("as directed", "b"), None),
    "how often": (dose("5 mg 1 x per 1 d", "a"), dose("5 mg 2 x per 1 d", "b"), CONFLICT),
    # stage
    "T1, then T1c": (staged("cT1"), staged("cT1c"), REFINE),
    "T1c, then T1": (staged("cT1c"), staged("cT1"), SUPPORT),
    "TX, then T2": (staged("cTX"), staged("cT2"), REFINE),
    "T1 and T2 at one time": (staged("cT1"), staged("cT2"), CONFLICT),
    "T1 and T2 a year apart": (staged("cT1"), staged("cT2", "2021-05-04"), None),
    "clinical and pathological": (staged("cT2"), staged("pT1"), None),
    "before and after therapy": (staged("pT2"), staged("ypT0"), None),
    "at recurrence": (staged("cT1"), staged("rcT4"), None),
    "a prefix and none": (staged("cT1"), staged("T2"), None),
    "two editions": (staged("pT1", edition="7"), staged("pT2", edition="8"), None),
    "an edition and none": (staged("pT1", edition="7"), staged("pT2"), CONFLICT),
    "the edition added": (staged("pT1"), staged("pT1", edition="8"), REFINE),
    "T and N": (staged("pT1"), staged("pN1"), None),
    "group II, then IIA": (group("II"), group("IIA"), REFINE),
    "group I and II": (group("I"), group("II"), CONFLICT),
    "group I and IV": (group("I"), group("IV"), CONFLICT),
    # receptors
    "receptor of one specimen": (receptor("positive", "S1"), receptor("negative", "S1"), CONFLICT),
    "receptor of one specimen, years later": (
        receptor("positive", "S1"), receptor("negative", "S1", valid_from=on("2024")), CONFLICT),
    "receptor of two specimens": (receptor("positive", "S1"), receptor("negative", "S2"), None),
    "the same of two specimens": (receptor("positive", "S1"), receptor("positive", "S2"), None),
    "receptor without specimen at one time": (
        receptor("positive"), receptor("negative"), CONFLICT),
    "receptor without specimen, years later": (
        receptor("positive"), receptor("negative", valid_from=on("2024")), None),
    "receptor under two names": (
        receptor("positive", "S1"), receptor("neg", "S1", "Estrogen receptor"), CONFLICT),
    "two receptors": (receptor("positive", "S1"), receptor("negative", "S1", "PR"), None),
    "HER2 2+ and 3+": (
        receptor("2+", "S1", "HER2"), receptor("score 3+", "S1", "HER2"), CONFLICT),
    "HER2 3+ and positive": (
        receptor("3+", "S1", "HER2"), receptor("positive", "S1", "HER2"), SUPPORT),
    # allergies
    "an allergy, none known": (PENICILLIN, NONE_KNOWN, CONFLICT),
    "none known, an allergy": (NONE_KNOWN, PENICILLIN, CONFLICT),
    "an allergy, none known, coded": (PENICILLIN, NKA, CONFLICT),
    "no food allergy beside a drug's": (PENICILLIN, NO_FOOD, None),
    "no food allergy beside nuts": (of("peanut", ALLERGY), NO_FOOD, CONFLICT),
    "none known, in a condition": (PENICILLIN, of("NKDA"), CONFLICT),
    "none known, of the father": (PENICILLIN, of("NKDA", **father), None),
    "none known until the allergy": (
        replace(NKA, valid_to=on("2020-05-01"), valid_from=on("2010")), PENICILLIN, None),
    "two allergies": (PENICILLIN, of("latex", ALLERGY), None),
    # for life
    "two birth dates": (born("1961-03-04"), born("1961-03-05"), CONFLICT),
    "a year of birth, then a date": (born("1961"), born("1961-03-05"), REFINE),
    "two sexes": (sex("F"), sex("male"), CONFLICT),
    "one sex": (sex("F"), sex("f"), SUPPORT),
    "two blood groups": (blood("A"), blood("O"), CONFLICT),
    "two blood groups years apart": (blood("A"), blood("O", day="2010-01-01"), CONFLICT),
    "a group and its Rh": (blood("A"), blood("A Rh positive", "blood group"), None),
    "two Rh": (blood("A pos", "blood type"), blood("negative", "Rh factor"), CONFLICT),
    # laboratory
    "two numbers of one day": (lab("1.0"), lab("2.0"), None),
    "a number twice": (lab("1.0"), lab("1.00"), SUPPORT),
    "a number in another unit": (lab("1.0"), lab("1.0", "umol/L"), None),
}  # fmt: skip
TABLE = tuple(PAIRS.values())


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair(name: str) -> None:
    earlier, later, expected = PAIRS[name]
    assert relation(earlier, later) is expected


@pytest.mark.parametrize("name", PAIRS)
def test_a_conflict_is_one_from_either_side(name: str) -> None:
    one, other, _ = PAIRS[name]
    ways = {relation(one, other), relation(other, one)}
    assert CONFLICT not in ways or ways <= {CONFLICT}


def test_text_that_was_copied_forward_supports_nothing() -> None:
    first = of("asthma")
    again = replace(of("asthma"), evidence=Evidence(source=NEW, at=Span(start=3, end=9)))
    assert relation(first, again) is SUPPORT
    assert relation(first, again, {again.evidence}) is None
    assert relation(first, again, {replace(again.evidence, source=OLD)}) is SUPPORT
    denied = replace(again, assertion=Assertion.ABSENT)
    assert relation(first, denied, {again.evidence}) is CONFLICT, "a copy can still disagree"


def test_the_same_content_is_the_same_whoever_says_it() -> None:
    assert same_content(ASTHMA, of("asthma", identity="9", stream=Stream.PATIENT))
    assert not same_content(ASTHMA, of("asthma", laterality="left"))
    assert not same_content(ASTHMA, of("asthma", status="resolved"))
    assert not same_content(lab("1.0"), lab("1.1"))
