"""Dates move by whole days: precision, intervals and the time of day stay."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.readers.deidentify_dates import born_over_89_years_before, moved, moved_digits

DAYS = st.dates(min_value=date(1901, 1, 1))


@given(DAYS, DAYS, st.integers(-365, -1))
def test_intervals_stay(one: date, two: date, days: int) -> None:
    a, b = moved(one.isoformat(), days), moved(two.isoformat(), days)
    assert a and b
    assert date.fromisoformat(a) - date.fromisoformat(b) == one - two
    plain = moved_digits(f"{one:%Y%m%d}", days)
    assert plain and datetime.strptime(plain, "%Y%m%d").date() == one + timedelta(days=days)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("2019-05-04T10:00:00.123+02:00", "2019-03-25T10:00:00.123+02:00"),
        ("2019-05-04", "2019-03-25"),
        ("2019-05", "2019-04"),
        ("2019", "2019"),
        ("2019-13-40", None),
        ("0000-01-01", None),
        ("0001-01-01", None),
        ("May", None),
    ],
)
def test_precision_stays(text: str, new: str | None) -> None:
    assert moved(text, -40) == new


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("20190504101500.25+0200", "20190325101500.25+0200"),
        ("201905", "201904"),
        ("20190504", "20190325"),
        ("20190230", None),
        ("", None),
    ],
)
def test_digits_alone(text: str, new: str | None) -> None:
    assert moved_digits(text, -40) == new


@pytest.mark.parametrize(
    ("born", "over"),
    [
        ("1935-12-31", True), ("1936-01-01", True), ("1936-01-02", False), ("1935", True),
        ("1936", False), ("1960", False), ("", False),
    ],
)  # fmt: skip
def test_ninety_is_over_89(born: str, over: bool) -> None:
    assert born_over_89_years_before(born, date(2026, 1, 1)) is over
