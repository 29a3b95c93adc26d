"""The record: what held, what was known, what disagrees."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from osler.record.fact import Assertion, Code, FactKind
from osler.record.moment import Moment
from osler.record.record import BIRTH_DATE, SEX

from .examples import NOW, fact, on, record


def test_a_later_version_replaces_the_earlier_one_of_its_identity() -> None:
    first = fact("asthma", identity="Condition/1", recorded_at=on("2020-01-01"))
    second = fact("COPD", identity="Condition/1", recorded_at=on("2021-01-01"))
    other = fact("gout", identity="Condition/2", recorded_at=on("2019-01-01"))
    seen = record(second, first, other)
    assert {f.code.text for f in seen.state(FactKind.CONDITION)} == {"COPD", "gout"}
    assert [f.code.text for f in seen.timeline()] == ["gout", "asthma", "COPD"]


def test_streams_never_replace_each_other() -> None:
    from osler.record.source import Stream

    theirs = fact("asthma", identity="Condition/1", recorded_at=on("2020"))
    model = replace(theirs, stream=Stream.MODEL, recorded_at=on("2024"), code=Code(text="COPD"))
    state = record(theirs, model).state(FactKind.CONDITION)
    assert {f.code.text for f in state} == {"asthma", "COPD"}


def test_statements_without_identity_stand_side_by_side() -> None:
    seen = record(fact("asthma"), fact("gout"))
    assert len(seen.state(FactKind.CONDITION)) == 2


def test_entered_in_error_takes_the_identity_away_and_revives_nothing() -> None:
    first = fact("asthma", identity="Condition/1", recorded_at=on("2020"))
    error = replace(first, status="entered-in-error", recorded_at=on("2021"))
    seen = record(first, error)
    assert seen.state(FactKind.CONDITION) == []
    assert seen.of_kind(FactKind.CONDITION) == []


def test_what_ended_no_longer_holds() -> None:
    ended = fact("asthma", identity="1", status="resolved")
    past = fact("gout", identity="2", valid_to=on("2019"))
    assert record(ended).state(FactKind.CONDITION) == []
    assert record(past, as_of=datetime(2020, 6, 1, tzinfo=UTC)).state(FactKind.CONDITION) == []
    assert record(past, as_of=datetime(2019, 6, 1, tzinfo=UTC)).state(FactKind.CONDITION) == [past]


def test_as_of_hides_what_had_not_begun_and_known_at_what_nobody_knew() -> None:
    old = fact("asthma", valid_from=on("2010"), recorded_at=on("2019-03-01"))
    new = fact("gout", valid_from=on("2022"), recorded_at=on("2022"))
    then = datetime(2020, 1, 1, tzinfo=UTC)
    assert record(old, new, as_of=then).facts == (old,)
    # `known_at` is the hospital's clock, `received_by` is Osler's.
    assert record(old, known_at=then).facts == (old,)
    assert record(old, known_at=datetime(2019, 2, 1, tzinfo=UTC)).facts == ()
    assert record(old, received_by=then).facts == ()
    assert record(old, received_by=NOW).facts == (old,)
    assert record(fact("gout"), known_at=then).facts == ()
    assert record(new, as_of=None, known_at=NOW).facts == (new,)


def test_a_statement_and_its_denial_are_a_conflict() -> None:
    allergy = fact("penicillin", kind=FactKind.ALLERGY, identity="A/1")
    denied = replace(allergy, assertion=Assertion.ABSENT, identity="A/2")
    (conflict,) = record(allergy, denied).conflicts()
    assert set(conflict.facts) == {allergy, denied}
    later = replace(denied, identity="A/1", received_at=NOW + timedelta(days=1))
    assert record(allergy, later).conflicts() == []
    assert record(allergy, replace(denied, code=Code(text="latex"))).conflicts() == []


def test_history_is_by_words_or_code_whatever_the_case() -> None:
    coded = replace(fact(), code=Code(text="Cough", system="s", code="49727002"))
    seen = record(coded)
    assert seen.history("COUGH") == seen.history("s|49727002") == [coded]
    assert seen.history("fever") == []


def test_age_counts_days_as_they_were_written() -> None:
    born = fact(
        BIRTH_DATE, kind=FactKind.DEMOGRAPHIC, value=Moment.parse("2000-05-04", "Europe/Amsterdam")
    )
    seen = record(born, fact(SEX, kind=FactKind.DEMOGRAPHIC, value="female"))
    assert seen.sex() == "female"
    assert seen.age_at(Moment.parse("2018-05-03", "Europe/Amsterdam")) == 17
    assert seen.age_at(Moment.parse("2018-05-04", "Europe/Amsterdam")) == 18
    assert seen.age_at(datetime(2018, 5, 3, 12, tzinfo=UTC)) == 17
    assert seen.age_at(None) is None
    assert record().age_at(NOW) is None
    assert record().sex() is None


def test_a_result_that_was_taken_back_counts_no_more() -> None:
    first = fact("creatinine", kind=FactKind.OBSERVATION, identity="Observation/1", status="final",
                 recorded_at=on("2026-01-01"))  # fmt: skip
    other = replace(first, identity="Observation/2", code=Code(text="urea"))
    error = replace(first, status="entered-in-error", recorded_at=on("2026-01-02"))
    assert record(first, error, other).of_kind(FactKind.OBSERVATION) == [other]


def test_what_ended_is_over_without_an_as_of_too() -> None:
    ended = fact("pneumonia", status="unknown", valid_to=on("2010"))
    assert record(ended, known_at=NOW).state(FactKind.CONDITION) == []
