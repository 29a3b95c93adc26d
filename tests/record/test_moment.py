"""Moments: the precision that was written is the precision that is kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.errors import BrokenFile
from osler.record.moment import Moment, utc_now

WRITTEN = ("%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S",
           "%Y-%m-%dT%H:%M:%S.%f", "%Y%m%d", "%Y%m%d%H%M%S")  # fmt: skip
ZONES = ("UTC", "Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati")
# strftime does not pad years below 1000, hence the lower end.
instants = st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9999, 12, 31, 23, 59))
moments = st.builds(
    lambda at, form, zone: Moment.parse(at.strftime(form), zone),
    instants, st.sampled_from(WRITTEN), st.sampled_from(ZONES),
)  # fmt: skip


@settings(deadline=None)  # the machine may be busy
@given(instants, st.sampled_from(WRITTEN))
def test_an_instant_lies_in_every_way_of_writing_it(at: datetime, form: str) -> None:
    text = at.strftime(form)
    moment = Moment.parse(text)
    exact = at.replace(tzinfo=UTC)
    assert moment.text == text
    assert moment.earliest <= exact
    assert exact <= moment.latest or "%S" in form  # what the text cuts off is not in it
    assert moment.day.year == at.year


@settings(deadline=None)  # the machine may be busy
@given(moments, moments)
def test_before_is_true_false_or_unknown_and_never_both(a: Moment, b: Moment) -> None:
    assert a.earliest <= a.latest
    said = a.before(b)
    assert b.before(a) is (None if said is None else not said)
    if said:
        assert a < b
    if said is None:
        assert a.earliest <= b.latest
        assert b.earliest <= a.latest


@settings(deadline=None)  # the machine may be busy
@given(st.lists(moments, max_size=6))
def test_moments_sort_in_one_way(found: list[Moment]) -> None:
    assert sorted(found) == sorted(found, reverse=True)[::-1]
    assert all(a <= b for a, b in zip(sorted(found), sorted(found)[1:], strict=False))


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=20))
def test_anything_else_is_refused_in_words(text: str) -> None:
    try:
        Moment.parse(text)
    except BrokenFile as error:
        assert "is no date" in str(error)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2019", "2019-01-01T00:00:00", "2019-12-31T23:59:59.999999"),
        ("2020-02", "2020-02-01T00:00:00", "2020-02-29T23:59:59.999999"),
        ("2019-12", "2019-12-01T00:00:00", "2019-12-31T23:59:59.999999"),
        ("20190504", "2019-05-04T00:00:00", "2019-05-04T23:59:59.999999"),
        ("2019050410", "2019-05-04T10:00:00", "2019-05-04T10:59:59.999999"),
        ("2019-05-04T10:00", "2019-05-04T10:00:00", "2019-05-04T10:00:59.999999"),
        ("2019-05-04T10:00:00+02:00", "2019-05-04T08:00:00", "2019-05-04T08:00:00"),
        ("20190504100000-0500", "2019-05-04T15:00:00", "2019-05-04T15:00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59", "2016-12-31T23:59:59"),
        ("9999-12-31", "9999-12-31T00:00:00", "9999-12-31T23:59:59.999999"),
    ],
)
def test_the_interval_of_a_text(text: str, first: str, last: str) -> None:
    moment = Moment.parse(text)
    assert moment.earliest.replace(tzinfo=None).isoformat() == first
    assert moment.latest.replace(tzinfo=None).isoformat() == last


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2019-13", "2019-02-30", "2019-05-04T25:00", "2019-05-04T10:00+99:00",
     "2019050410.5", "0000", "19-05-04", "٢٠١٩", "2019-05-04T10:00:61Z"],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(BrokenFile, match="is no date"):
        Moment.parse(text)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("text", ["9999", "9999-12", "9999-12-31T23:59", "0001", "0001-01-01"])
def test_the_ends_of_the_calendar_hold(text: str, zone: str) -> None:
    moment = Moment.parse(text, zone)
    assert moment.earliest <= moment.latest


def test_a_time_without_a_zone_takes_the_sites_and_says_so() -> None:
    there = Moment.parse("2019-07-04T10:00:00", "Europe/Amsterdam")
    assert there.earliest == datetime(2019, 7, 4, 8, tzinfo=UTC)
    assert there.zone_assumed
    assert not Moment.parse("2019-07-04T10:00:00Z", "Europe/Amsterdam").zone_assumed
    assert not Moment.parse("2019-07-04", "Europe/Amsterdam").zone_assumed


def test_the_hour_that_a_clock_change_repeats_is_either() -> None:
    twice = Moment.parse("2019-10-27T02:30:00", "Europe/Amsterdam")
    assert twice.latest - twice.earliest == timedelta(hours=1)
    assert twice.before(Moment.parse("2019-10-27T01:00:00Z")) is None


def test_a_day_is_the_writers_own_day() -> None:
    born = Moment.parse("2000-05-04", "Europe/Amsterdam")
    assert born.earliest.date() == date(2000, 5, 3)
    assert born.day == date(2000, 5, 4)
    assert Moment.parse("2000").day == date(2000, 1, 1)


def test_the_present_is_written_to_the_second() -> None:
    assert utc_now().microsecond == 0
