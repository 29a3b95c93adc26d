"""The bi-temporal record against an independent simulator of what the hospital's system knew."""

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from osler.record.fact import Assertion, Fact, FactKind
from osler.record.locator import Evidence, Whole
from osler.record.patient import Identifier, Patient
from osler.record.record import Record
from osler.record.source import Source
from osler.record.sql_store import SqlStore

from .examples import ANN, NOW, fact, on, record
from .simulator import Answer, Delivered, History, moment_of, said
from .stories import random_history

PAIRS = 1_000
HISTORIES = 50
STORED = 6
STORED_PAIRS = 10
_ANYONE = Patient(key=1, identifiers=(ANN,))


def when(micro: int | None) -> datetime | None:
    return None if micro is None else moment_of(micro)


def answer(facts: list[Fact]) -> Answer:
    """What was answered; whether a pending result is shown beside the last one is left open."""
    return Counter(said(one) for one in facts if one.assertion is not Assertion.PENDING)


def true(history: History, what: str | FactKind, *limits: int | None) -> Answer:
    whole = history.answers(what, *limits)
    pending = Assertion.PENDING.value
    return Counter({words: n for words, n in whole.items() if pending not in words})


def instant(rng: random.Random, instants: list[int]) -> int:
    """Any time, or just before, at or after one at which an answer may change."""
    if rng.random() < 0.3:
        return rng.randrange(instants[0], instants[-1])
    return rng.choice(instants) + rng.choice((-1, 0, 0, 1, 86_400_000_000))


def pair(rng: random.Random, history: History) -> tuple[int | None, int | None]:
    """Two random times, as-of and known-at; now and then one or both are left out."""
    instants = [one for one in history.instants() if one > 0]
    as_of, known_at = instant(rng, instants), instant(rng, instants)
    left_out = rng.random()
    if left_out < 0.03:
        return None, None
    return (None if left_out < 0.1 else as_of, None if 0.1 <= left_out < 0.2 else known_at)


def asked(history: History) -> list[str | FactKind]:
    return [*history.codes(), *history.kinds()]


def whole(history: History) -> Record:
    return Record.of(_ANYONE, history.facts(), ())


def test_the_record_answers_as_the_hospital_would_have_at_1000_pairs_of_times() -> None:
    rng = random.Random(20261124)
    pairs = answers = 0
    for _ in range(HISTORIES):
        history = random_history(rng)
        seen = whole(history)
        for _ in range(PAIRS // HISTORIES):
            as_of, known_at = pair(rng, history)
            limits = {"as_of": when(as_of), "known_at": when(known_at)}
            limited = Record.of(_ANYONE, history.facts(), (), **limits)
            for what in asked(history):
                expected = true(history, what, as_of, known_at)
                assert answer(seen.state(what, **limits)) == expected, (what, as_of, known_at)
                assert answer(limited.state(what)) == expected, (what, as_of, known_at)
                answers += sum(expected.values())
            pairs += 1
    assert pairs == PAIRS
    assert answers > 10 * PAIRS  # the histories say something at most times


def test_what_osler_had_by_then_is_all_that_it_answers_from() -> None:
    rng = random.Random(7)
    for _ in range(30):
        history = random_history(rng)
        received = [int(one.received_at.timestamp()) * 1_000_000 for one in history.arrivals]
        for _ in range(5):
            as_of, known_at = pair(rng, history)
            by = rng.choice(received) + rng.choice((-1, 0, 1))
            seen = Record.of(_ANYONE, history.facts(), (), received_by=when(by))
            for what in asked(history):
                found = answer(seen.state(what, when(as_of), when(known_at)))
                assert found == true(history, what, as_of, known_at, by), (what, as_of, known_at)


def test_in_which_order_it_arrived_changes_nothing_once_everything_is_there() -> None:
    rng = random.Random(11)
    for _ in range(20):
        history = random_history(rng)
        times = [one.received_at for one in history.arrivals]
        last = max(times)
        other = [replace(one, received_at=last) for one in history.arrivals if not one.copy]
        rng.shuffle(other)
        here, there = whole(history), Record.of(_ANYONE, history.facts(other), ())
        for _ in range(5):
            as_of, known_at = pair(rng, history)
            for what in asked(history):
                first = answer(here.state(what, when(as_of), when(known_at)))
                assert first == answer(there.state(what, when(as_of), when(known_at)))


def test_a_history_only_grows_as_more_becomes_known() -> None:
    rng = random.Random(13)
    for _ in range(20):
        history = random_history(rng)
        instants = [one for one in history.instants() if one > 0]
        times = sorted(instant(rng, instants) for _ in range(6))
        for code in history.codes():
            before: set[tuple[str, ...]] = set()
            for time in times:
                seen = Record.of(_ANYONE, history.facts(), (), known_at=when(time))
                now = {said(one) for one in seen.history(code)}
                assert before <= now
                assert now == history.written(code, time)
                before = now


def test_of_versions_whose_order_no_clock_tells_both_are_shown() -> None:
    rng = random.Random(19)
    for number in range(50):
        day = f"20{rng.randrange(10, 24)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}"
        other = rng.choice((day, f"{day}T{rng.randrange(10, 24)}:15:30Z", day[:7]))
        pair = [
            fact(text, kind=kind, identity=f"x/{number}", recorded_at=on(stated),
                 recorded_inferred=False, valid_from=on("2009-05-04"))
            for kind in (rng.choice((FactKind.CONDITION, FactKind.OBSERVATION)),)
            for text, stated in (("asthma", day), ("COPD", other))
        ]  # fmt: skip
        rng.shuffle(pair)
        seen = record(*pair)
        assert {f.code.text for f in seen.state(pair[0].kind)} == {"asthma", "COPD"}
        # Received apart, the one that came last is the best guess, whichever it is.
        late = replace(pair[0], received_at=NOW.replace(hour=13))
        assert record(late, pair[1]).state(late.kind) == [late]


def _source(history: History, one: Delivered) -> tuple[Source, bytes, list[Fact]]:
    """The bytes that such a write arrives in: fetched again, only the count differs, or nothing."""
    line = history.journal[one.write]
    body = {"says": [said(row.fact) for row in line.rows], "fetched": one.copy // 2}
    data = json.dumps(body).encode()
    made = Source.of(data, kind="fhir/Basic", name=f"{one.write}.json")
    evidence = Evidence(source=made.digest, at=Whole())
    facts = [replace(row.fact, evidence=evidence, received_at=one.received_at) for row in line.rows]
    return replace(made, stream=line.stream), data, facts


@pytest.mark.timeout(120)
def test_the_store_answers_as_the_hospital_would_have(store: SqlStore) -> None:
    rng = random.Random(17)
    histories = {
        Identifier(authority="urn:h", value=str(n)): random_history(rng) for n in range(STORED)
    }
    coming = sorted(
        ((one, who) for who, history in histories.items() for one in history.arrivals),
        key=lambda pair: pair[0].received_at,
    )
    while coming:
        size = rng.randrange(1, 120)
        with store.writing() as act:
            for one, who in coming[:size]:
                source, data, facts = _source(histories[who], one)
                act.add(source, data, facts, patient=who)
        coming = coming[size:]
    pairs = 0
    for who, history in histories.items():
        for _ in range(STORED_PAIRS):
            as_of, known_at = pair(rng, history)
            by = rng.choice([None, *(one.received_at for one in history.arrivals)])
            told = None if by is None else int(by.timestamp()) * 1_000_000
            seen = store.record(who, when(as_of), when(known_at), by)
            for what in asked(history):
                assert answer(seen.state(what)) == true(history, what, as_of, known_at, told)
            for code in history.codes():
                found = answer(store.state(who, code, when(as_of), when(known_at)))
                assert found == true(history, code, as_of, known_at), (code, as_of, known_at)
            pairs += 1
    assert pairs == STORED * STORED_PAIRS
