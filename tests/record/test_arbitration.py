"""The rules of arbitration, one after the other, as tables; and what holds of any history."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.record.arbitration import current, standing
from osler.record.fact import Assertion, Fact, FactKind, microseconds
from osler.record.source import Stream
from osler.record.tnm import Tnm

from .examples import NOW, fact, on, record

OBSERVATION = FactKind.OBSERVATION


def said(text: str, known: str = "2020-01-01", **fields: Any) -> Fact:
    """A statement of identity 1, unless it is said otherwise, known on a day."""
    fields.setdefault("identity", "1")
    return fact(text, recorded_at=on(known), recorded_inferred=False, **fields)


def wrong(text: str, known: str, **fields: Any) -> Fact:
    return said(text, known, status="entered-in-error", **fields)


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)


def texts(facts: list[Fact]) -> list[str]:
    return sorted(f.code.text for f in facts)


A20, B21, C22 = said("a", "2020-01-01"), said("b", "2021-01-01"), said("c", "2022-01-01")
DAY, HOUR = "2020-05-01", "2020-05-01T10:00:00Z"
LATE = NOW.replace(hour=13)


def other(text: str, known: str, identity: str, replaces: str | None = None, **more: Any) -> Fact:
    return said(text, known, identity=identity, replaces=replaces, **more)


STANDING = {
    # rule 2: versions
    "the later version": ([A20, B21, C22], "c"),
    "the later version, though it arrived first": ([C22, A20, B21], "c"),
    "received last does not beat known last": ([replace(A20, received_at=LATE), B21], "b"),
    "two of one day: no clock tells": ([said("a", DAY), said("b", DAY)], "ab"),
    "a day and an hour of it: no clock tells": ([said("a", DAY), said("b", HOUR)], "ab"),
    "of those, the last received": ([said("a", DAY, received_at=LATE), said("b", HOUR)], "a"),
    "a month that ends before": ([said("a", "2020-04"), said("b", DAY)], "b"),
    "two identities": ([A20, other("b", "2021", "2")], "ab"),
    # rule 3: in error
    "taken back": ([A20, wrong("a", "2021-01-01")], ""),
    "taken back, nothing earlier revives": ([A20, B21, wrong("b", "2022-01-01")], ""),
    "deleted": ([A20, replace(B21, status="deleted")], ""),
    "nullified": ([A20, replace(B21, status="nullified")], ""),
    "reinstated": ([A20, wrong("b", "2021-01-01"), C22], "c"),
    "the error arrived last, and is older": ([C22, wrong("b", "2021-01-01")], "c"),
    "an error of the same day: the others stand": ([said("a", DAY), wrong("b", DAY)], "a"),
    "an error without identity takes back itself": ([A20, wrong("b", "2021", identity=None)], "a"),
    # rule 4: replacement
    "replaced": ([A20, other("b", "2021", "2", "1")], "b"),
    "replaced by something older": ([A20, other("b", "2019", "2", "1")], "b"),
    "replaced, all versions": ([A20, C22, other("b", "2021", "2", "1")], "b"),
    "a chain": ([A20, other("b", "2021", "2", "1"), other("c", "2022", "3", "2")], "c"),
    "a chain whose middle is not here": ([A20, other("c", "2022", "3", "2")], "ac"),
    "the replacement was taken back": ([A20, wrong("b", "2021", identity="2", replaces="1")], "a"),
    "a chain revives nothing": (
        [A20, other("b", "2021", "2", "1"), other("c", "2022", "3", "2"),
         wrong("c", "2023", identity="3")], "b"),
    "of a ring the last word": (
        [other("a", "2020", "1", "2"), other("b", "2021", "2", "1")], "b"),
    "a ring of three": (
        [other("a", "2020", "1", "2"), other("b", "2022", "2", "3"), other("c", "2021", "3", "1")],
        "b"),
    "a ring whose words tie": (
        [other("a", "2020", "1", "2"), other("b", "2020", "2", "1")], "ab"),
    "a ring with something behind it": (
        [other("a", "2020", "1", "2"), other("b", "2021", "2", "1"), other("c", "2022", "3", "2")],
        "c"),
    "itself replaced": ([other("a", "2020", "1", "1")], "a"),
    "without identity, but replacing": ([A20, said("b", "2021", identity=None, replaces="1")], "b"),
    # rule 5: streams and no identity
    "another stream": ([A20, replace(B21, stream=Stream.MODEL)], "ab"),
    "another stream takes back": ([A20, wrong("a", "2021", stream=Stream.PATIENT)], "a"),
    "another stream replaces": ([A20, other("b", "2021", "2", "1", stream=Stream.MODEL)], "ab"),
    "without identity": ([replace(A20, identity=None), replace(B21, identity=None)], "ab"),
}  # fmt: skip


@pytest.mark.parametrize("name", STANDING)
def test_what_stands(name: str) -> None:
    facts, expected = STANDING[name]
    for order in (facts, facts[::-1], facts[1:] + facts[:1]):
        assert texts(standing(order)) == sorted(expected)
        assert texts(record(*order).state(FactKind.CONDITION)) == sorted(expected)


ALLERGY = said("penicillin", "2018-06-01", kind=FactKind.ALLERGY)
UPDATED = said("penicillin", "2022-06-01", kind=FactKind.ALLERGY, value="rash")
DRUG = said("tamoxifen", "2018-06-01", kind=FactKind.MEDICATION, valid_from=on("2018-06-01"))
PLANNED = replace(DRUG, valid_to=on("2023-06-01"))
RESOLVED = said("gout", "2020-06-01", status="resolved", valid_from=on("2018-06-01"))
RESULT = said("ER", "2018-06-01", kind=OBSERVATION, valid_from=on("2018-06-01"))

TIMES = [
    # facts, as of, known at, how many hold
    ([ALLERGY], "2018-05-31", None, 0),
    ([ALLERGY], "2018-06-02", None, 1),
    ([ALLERGY, UPDATED], "2020-01-01", None, 1),  # undated: it held before its last version
    ([ALLERGY, UPDATED], "2020-01-01", "2020-01-01", 1),
    ([ALLERGY, UPDATED], "2018-05-01", None, 0),
    ([ALLERGY, UPDATED], None, "2018-05-01", 0),
    ([ALLERGY, replace(UPDATED, status="refuted")], "2020-01-01", None, 0),
    ([ALLERGY, replace(UPDATED, status="refuted")], "2020-01-01", "2020-01-01", 1),
    ([ALLERGY, replace(UPDATED, status="entered-in-error")], "2020-01-01", None, 0),
    ([ALLERGY, replace(UPDATED, valid_from=on("2021-01-01"))], "2020-01-01", None, 0),
    ([ALLERGY, replace(UPDATED, valid_from=on("2021-01-01"))], "2020-01-01", "2020-01-01", 1),
    ([RESOLVED], "2019-01-01", None, 1),  # resolved without a date: until just before known
    ([RESOLVED], "2020-05-31", None, 1),
    ([RESOLVED], "2020-06-01", None, 0),
    ([RESOLVED], None, None, 0),
    ([replace(RESOLVED, recorded_at=on("2020-06-01T12:00:00Z"))], "2020-06-01", None, 0),
    ([replace(RESOLVED, recorded_at=on("2020-06-01T12:00:01Z"))], "2020-06-01", None, 1),
    ([replace(RESOLVED, valid_to=on("2019-03-01"))], "2019-02-28", None, 1),
    ([replace(RESOLVED, valid_to=on("2019-03-01"))], "2019-03-01", None, 1),  # inclusive
    ([replace(RESOLVED, valid_to=on("2019-03-01"))], "2019-03-02", None, 0),
    ([PLANNED], "2023-06-01", None, 1),
    ([PLANNED], "2023-06-02", None, 0),
    ([PLANNED], None, "2020-01-01", 1),
    ([PLANNED], None, None, 0),  # over by the time that Osler received it
    ([replace(PLANNED, status="stopped")], "2022-01-01", None, 1),
    ([replace(DRUG, status="stopped", valid_to=on("2030-06-01"))], "2028-01-01", None, 0),
    ([replace(DRUG, status="not-done")], "2020-01-01", None, 0),
    ([replace(DRUG, valid_from=on("2027-01-01"))], None, None, 1),  # still to begin
    ([replace(DRUG, valid_from=on("2027-01-01"))], "2026-01-01", None, 0),
    ([replace(RESULT, status="completed", valid_to=on("2018-06-02"))], "2026-01-01", None, 1),
    ([replace(RESULT, status="cancelled")], "2026-01-01", None, 0),
    ([RESULT], "2018-05-31", None, 0),
]


@pytest.mark.parametrize("case", TIMES, ids=lambda case: f"{case[1]}-{case[2]}-{case[3]}")
def test_what_holds_when(case: tuple[list[Fact], str | None, str | None, int]) -> None:
    facts, as_of, known_at, count = case
    then, known = as_of and at(as_of), known_at and at(known_at)
    kind = facts[0].kind
    assert len(record(*facts).state(kind, then or None, known or None)) == count
    limited = record(*facts, as_of=then, known_at=known)
    assert len(limited.state(kind)) == count
    instants = [None if not one else microseconds(one) for one in (then, known)]
    assert len(current(facts, *instants)) == count


def result(text: str, day: str, value: Any = None, **fields: Any) -> Fact:
    fields.setdefault("identity", f"{day} {value} {fields.get('specimen')}")
    return said(text, day, kind=OBSERVATION, valid_from=on(day), value=value, **fields)


C_T = Tnm(axis="T", category="2", prefix="c", edition="8")
P_T = Tnm(axis="T", category="1c", prefix="p", edition="8")
EVENTS = {
    "the last by when it was taken": (
        [result("ER", "2019-01-01", "old"), result("ER", "2020-01-01", "new")], {"new"}),
    "a late arrival is not the last": (
        [replace(result("ER", "2019-01-01", "old"), received_at=LATE),
         result("ER", "2020-01-01", "new")], {"new"}),
    "of one day both": (
        [result("ER", DAY, "one"), result("ER", DAY, "two")], {"one", "two"}),
    "within a year that was written alone": (
        [result("ER", "2020", "one"), result("ER", DAY, "two")], {"one", "two"}),
    "a pending one hides nothing": (
        [result("ER", "2019-01-01", "old"),
         result("ER", "2020-01-01", assertion=Assertion.PENDING)], {"old"}),
    "a cancelled one hides nothing": (
        [result("ER", "2019-01-01", "old"), result("ER", "2020-01-01", "x", status="cancelled")],
        {"old"}),
    "a model's result hides none of the hospital's": (
        [result("ER", "2019-01-01", "old"), result("ER", "2020-01-01", "x", stream=Stream.MODEL)],
        {"old", "x"}),
    "two specimens": (
        [result("ER", "2019-01-01", "old", specimen="S1"),
         result("ER", "2020-01-01", "new", specimen="S2")], {"old", "new"}),
    "one specimen, reported anew": (
        [result("ER", "2019-01-01", "old", specimen="S1"),
         result("ER", "2020-01-01", "new", specimen="S1")], {"new"}),
    "clinical and pathological T": (
        [result("T", "2019-01-01", C_T), result("T", "2020-01-01", P_T)], {C_T, P_T}),
    "clinical T of two editions": (
        [result("T", "2019-01-01", replace(C_T, edition="7")), result("T", "2020-01-01", C_T)],
        {replace(C_T, edition="7"), C_T}),
    "a recurrence does not restage": (
        [result("T", "2019-01-01", C_T),
         result("T", "2023-01-01", replace(C_T, prefix="r", category="4"))],
        {C_T, replace(C_T, prefix="r", category="4")}),
}  # fmt: skip


@pytest.mark.parametrize("name", EVENTS)
def test_the_state_of_an_event(name: str) -> None:
    facts, expected = EVENTS[name]
    for order in (facts, facts[::-1]):
        assert {f.value for f in record(*order).state(facts[0].code.text)} == expected
        then = record(*order).state(facts[0].code.text, known_at=NOW.replace(hour=11))
        assert {f.value for f in then} == expected


def test_progression_is_an_event_and_leaves_the_stage_as_it_was() -> None:
    stage = result("T", "2019-01-01", C_T)
    growth = said("progression of breast cancer", "2023-01-01", identity="2")
    seen = record(stage, growth)
    assert seen.state("T") == [stage]
    assert seen.conflicts() == []


DAYS = st.integers(0, 5).map(lambda n: f"202{n}-0{n + 1}-1{n}")
WHEN = st.one_of(DAYS, DAYS.map(lambda day: day[:7]), DAYS.map(lambda day: f"{day}T10:00:00Z"))
FACTS = st.builds(
    lambda text, known, kind, identity, replaces, status, stream, begins, ends, received: fact(
        text, recorded_at=on(known), recorded_inferred=False, kind=kind, identity=identity,
        replaces=replaces, status=status, stream=stream, valid_from=begins and on(begins),
        valid_to=ends and on(ends), received_at=NOW.replace(hour=received),
    ),
    st.sampled_from("ab"), WHEN, st.sampled_from([FactKind.CONDITION, OBSERVATION]),
    st.sampled_from(["1", "2", "3", None]), st.sampled_from([None, None, "1", "2", "3"]),
    st.sampled_from(["active", "final", "resolved", "entered-in-error", "refuted"]),
    st.sampled_from([Stream.EHR, Stream.EHR, Stream.MODEL]), st.none() | WHEN, st.none() | WHEN,
    st.integers(12, 14),
)  # fmt: skip
HISTORY = st.lists(FACTS, max_size=9, unique=True)
INSTANT = st.none() | st.integers(2019, 2027).map(lambda year: datetime(year, 6, 15, tzinfo=UTC))
ASKED = st.sampled_from([FactKind.CONDITION, OBSERVATION, "a", "b"])


@given(HISTORY, INSTANT, INSTANT, ASKED, st.randoms(use_true_random=False))
def test_the_order_of_the_facts_changes_nothing(
    facts: list[Fact], as_of: datetime | None, known: datetime | None, what: str, rng: random.Random
) -> None:
    shuffled = rng.sample(facts, k=len(facts))
    here, there = record(*facts), record(*shuffled)
    assert set(here.state(what, as_of, known)) == set(there.state(what, as_of, known))
    one, two = ({frozenset(c.facts) for c in seen.conflicts()} for seen in (here, there))
    assert one == two


@given(HISTORY, INSTANT, INSTANT, ASKED)
def test_the_same_again_changes_nothing(
    facts: list[Fact], as_of: datetime | None, known: datetime | None, what: str
) -> None:
    twice = record(*facts, *map(replace, facts)).state(what, as_of, known)
    assert set(twice) == set(record(*facts).state(what, as_of, known))


@given(HISTORY, INSTANT, INSTANT, ASKED)
def test_a_record_within_limits_answers_as_one_that_is_asked_within_them(
    facts: list[Fact], as_of: datetime | None, known: datetime | None, what: str
) -> None:
    asked = record(*facts).state(what, as_of, known)
    assert asked == record(*facts, as_of=as_of, known_at=known).state(what)
    limit = microseconds(known) if known else None
    assert all(limit is None or f.known <= limit for f in asked)
    assert all(as_of is None or f.valid_from is None or f.began <= microseconds(as_of)
               for f in asked)  # fmt: skip
    assert set(asked) <= set(current(facts, microseconds(as_of) if as_of else None, limit))


@given(st.lists(FACTS, max_size=8, unique=True))
def test_where_every_clock_differs_what_stands_stands_again(facts: list[Fact]) -> None:
    apart = [replace(f, recorded_at=on(f"2020-01-01T00:00:{n:02}Z")) for n, f in enumerate(facts)]
    left = standing(apart)
    assert standing(left) == left
