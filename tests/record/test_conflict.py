"""Conflicts: agreement with the relation of every pair, and time that grows with the facts."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from osler.record.arbitration import current
from osler.record.conflict import conflicts_in
from osler.record.fact import Assertion, Code, Fact, FactKind
from osler.record.relation import Relation, relation
from osler.record.tnm import Tnm

from .examples import fact, on, record
from .test_relation import TABLE

_SOURCES = ["ab" * 32, "cd" * 32]


def _said(facts: Any) -> set[int]:
    return {id(one) for one in facts}


def test_every_pair_of_the_table_is_found_when_it_conflicts() -> None:
    for earlier, later, expected in TABLE:
        found = conflicts_in([earlier, later], [earlier, later])
        if earlier.status != "entered-in-error" and expected is not Relation.SUPERSEDE:
            assert bool(found) == (expected is Relation.CONFLICT), (earlier, later, found)


_TOLD: list[tuple[FactKind, str, list[Any]]] = [
    (FactKind.CONDITION, "asthma", [None]),
    (FactKind.MEDICATION, "warfarin", ["5 mg", "2 mg", "2 mg, 2 x per 1 d", None]),
    (FactKind.OBSERVATION, "HER2", ["positive", "negative", "2+", "pending"]),
    (FactKind.OBSERVATION, "stage", [Tnm.parse(text) for text in ("pT1", "pT1c", "pT2")]),
    (FactKind.DEMOGRAPHIC, "birth date", [on("1950"), on("1950-05"), on("1951")]),
    (FactKind.ALLERGY, "penicillin", [None]),
    (FactKind.ALLERGY, "no known allergies", [None]),
]


@st.composite
def _statements(draw: st.DrawFn) -> Fact:
    kind, text, values = draw(st.sampled_from(_TOLD))
    return fact(
        text,
        kind=kind,
        value=draw(st.sampled_from(values)),
        assertion=draw(st.sampled_from([Assertion.PRESENT] * 3 + [Assertion.ABSENT])),
        valid_from=on(draw(st.sampled_from(["2019", "2019-05-04", "2020-01-01"]))),
        valid_to=draw(st.sampled_from([None, on("2020-06-30"), on("2019-06-01")])),
        recorded_at=on("2021"),
        specimen=draw(st.sampled_from([None, "S1", "S2"])),
        laterality=draw(st.sampled_from([None, "left", "right"])),
        identity=draw(st.sampled_from(["1", "2", None])),
        source=draw(st.sampled_from(_SOURCES)),
    )


@settings(max_examples=400)
@given(st.lists(_statements(), max_size=8))
def test_what_conflicts_by_pairs_conflicts_in_the_group(told: list[Fact]) -> None:
    facts = current(told, as_of=None)
    pairs = {
        id(one)
        for pair in combinations(facts, 2)
        if relation(*pair) is Relation.CONFLICT
        for one in pair
    }
    found = conflicts_in(facts, facts)
    named = {id(one) for conflict in found for one in conflict.facts}
    assert named >= pairs
    # Versions that no clock puts in order are named together, those that agree among them too.
    tied = {
        id(one)
        for pair in combinations(facts, 2)
        if pair[0].identity and pair[0].identity == pair[1].identity
        for one in pair
    }
    assert named - pairs <= tied
    assert all(conflict.why and len(conflict.facts) > 1 for conflict in found)


def test_versions_that_no_clock_orders_are_shown_even_where_one_ended() -> None:
    active = fact("asthma", identity="1", recorded_at=on("2020-05-04"))
    ended = fact("asthma", identity="1", recorded_at=on("2020-05-04"), status="resolved",
                 source="cd" * 32)  # fmt: skip
    seen = record(active, ended)
    assert seen.state(FactKind.CONDITION) == [active]
    (conflict,) = seen.conflicts()
    assert _said(conflict.facts) == _said((active, ended))
    assert "no clock" in conflict.why


def test_words_with_and_without_their_code_are_one_thing() -> None:
    bare = fact("Asthma")
    coded = replace(bare, code=replace(bare.code, system="s", code="1"))
    denied = replace(bare, assertion=Assertion.ABSENT)
    assert len(record(coded, denied).conflicts()) == 1


def test_words_that_two_codes_share_are_held_against_both() -> None:
    bare = fact("Asthma")
    one = replace(bare, code=replace(bare.code, system="s", code="1"))
    other = replace(bare, code=replace(bare.code, system="s", code="2"))
    denied = replace(bare, assertion=Assertion.ABSENT)
    seen = record(one, other, denied)
    assert {frozenset(map(id, c.facts)) for c in seen.conflicts()} == {
        frozenset(map(id, (one, denied))), frozenset(map(id, (other, denied)))
    }  # fmt: skip
    assert relation(one, denied) is relation(other, denied) is Relation.CONFLICT


def test_words_mean_the_code_that_another_statement_ties_them_to() -> None:
    bare = fact("MI")
    coded = replace(bare, code=Code(text="Heart attack", system="s", code="1"))
    tie = replace(coded, code=replace(coded.code, text="MI"))
    denied = replace(bare, assertion=Assertion.ABSENT)
    assert record(coded, denied).conflicts() == []
    (conflict,) = record(coded, tie, denied).conflicts()
    assert _said(conflict.facts) == _said((coded, tie, denied))


def test_parts_of_one_version_do_not_hide_that_another_version_says_otherwise() -> None:
    first, part = fact("a", identity="1"), fact("b", identity="1")
    again = fact("a", identity="1", source="cd" * 32)
    for order in ((first, part, again), (first, again, part), (part, again, first)):
        (conflict,) = record(*order).conflicts()
        assert _said(conflict.facts) == _said(order)
    assert record(first, part).conflicts() == []
    assert record(first, again).conflicts() == []


def test_an_undated_allergy_that_was_updated_later_conflicts_in_between_too() -> None:
    first = fact("penicillin", kind=FactKind.ALLERGY, identity="A", recorded_at=on("2018"))
    later = replace(first, recorded_at=on("2022"), value="rash")
    none = fact("NKDA", identity="B", recorded_at=on("2019"))
    then = datetime(2020, 6, 1, tzinfo=UTC)
    (conflict,) = record(first, later, none, as_of=then).conflicts()
    assert _said(conflict.facts) == _said((later, none))


def test_a_new_fact_of_another_time_is_no_conflict_at_this_one() -> None:
    here = fact("asthma", valid_from=on("2019"), valid_to=on("2020"))
    denied = fact("asthma", valid_from=on("2019"), assertion=Assertion.ABSENT)
    seen = [record(here, denied, as_of=datetime(year, 6, 1, tzinfo=UTC)) for year in (2019, 2021)]
    assert [len(one.conflicts()) for one in seen] == [1, 0]


def test_support_leaves_out_the_statement_itself_and_copies() -> None:
    one, other = fact("asthma"), fact("asthma", source="cd" * 32)
    seen = record(one, other)
    assert seen.support(one) == [other]
    assert seen.support(one, {other.evidence}) == []


def test_conflicts_among_20_000_facts_take_no_time_to_speak_of() -> None:
    doses = [f"{n} mg" for n in range(1, 400)]
    facts = [
        fact(f"drug {n % 50}", kind=FactKind.MEDICATION, value=doses[n % 399], identity=str(n),
             valid_from=on("2019"), assertion=list(Assertion)[n % 97 == 0])
        for n in range(20_000)
    ]  # fmt: skip
    began = time.process_time()
    found = conflicts_in(facts, facts)
    assert len(found) == 50
    assert time.process_time() - began < 10


def test_prescriptions_in_turn_and_results_by_specimen_take_no_quadratic_time() -> None:
    days = [on(f"{1900 + n // 20}-01-{n % 20 + 1:02}") for n in range(2_000)]
    doses = [
        fact("warfarin", kind=FactKind.MEDICATION, value=f"{n % 5} mg", identity=str(n),
             valid_from=day, valid_to=day)
        for n, day in enumerate(days)
    ]  # fmt: skip
    results = [
        fact("malaria", kind=FactKind.OBSERVATION, specimen=str(n), valid_from=day,
             assertion=Assertion.ABSENT if n % 7 else Assertion.PRESENT)
        for n, day in enumerate(days)
    ]  # fmt: skip
    began = time.process_time()
    assert conflicts_in([*doses, *results], [*doses, *results]) == []
    assert time.process_time() - began < 5
    unstated = fact("malaria", kind=FactKind.OBSERVATION, valid_from=days[8])
    (conflict,) = conflicts_in([*results, unstated], [*results, unstated])
    assert _said(conflict.facts) == _said((results[8], unstated))
