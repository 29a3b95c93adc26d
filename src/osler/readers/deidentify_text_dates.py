"""Dates in running text: found in the forms in which they are written, moved, written alike.

    for start, end, words in dates(text, -40): ...       "3 May 2024" -> "24 March 2024"

05/01/2024 is May or January: the other dates of the text decide, or a field of more than 12. Where
nothing does, or no shift is given, or the year is left out, `[date]` stands in its place.
"""

import re
from calendar import month_abbr, month_name
from collections.abc import Iterator
from datetime import date

from osler.readers.deidentify_dates import moved, moved_digits, shifted

__all__ = ["DATE", "dates"]

DATE = "[date]"

_MONTHS = {name.casefold(): i for i, name in enumerate(month_name) if i}
_MONTHS |= {name.casefold(): i for i, name in enumerate(month_abbr) if i} | {"sept": 9}
_M = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")"
_ISO = re.compile(
    r"(?<![\d.-])\d{4}-\d\d(?:-\d\d(?:[T ]\d\d:\d\d[\d:.]*(?:Z|[+-]\d\d:?\d\d)?)?)?(?![\d-])"
)
_PLAIN = re.compile(
    r"(?<![\w.])(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4}(?:\d\d)?)?(?![\w.])"
)
_NUMBERS = re.compile(
    r"(?<![\d/.-])(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?P=sep)(?P<year>\d{4}|\d\d)(?![\d/-]|\.\d)"
)
_YEAR_FIRST = re.compile(
    r"(?<![\d/.-])(?P<year>(?:19|20)\d\d)(?P<sep>[/.])(?P<b>\d{1,2})(?P=sep)(?P<a>\d{1,2})(?![\d/-]|\.\d)"
)
_DAY_FIRST = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})(?P<th>st|nd|rd|th)?(?P<one>[ -]|\sof\s){_M}(?P<dot>\.?)"
    r"(?:(?P<two>,? |-)(?P<year>\d{4}|\d\d(?!\d|:)))?(?!\w)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b{_M}(?P<dot>\.?)(?P<one> )(?P<day>\d{{1,2}})(?P<th>st|nd|rd|th)?"
    r"(?:(?P<two>,? )(?P<year>\d{4}))?(?!\w)",
    re.IGNORECASE,
)
_MONTH_YEAR = re.compile(
    rf"\b{_M}(?P<dot>\.?)(?P<one>,? )(?P<year>(?:19|20)\d\d)(?!\w)", re.IGNORECASE
)
_SHORT = re.compile(r"(?<![\d/.])(?P<a>0?[1-9]|1[0-2])/(?P<year>(?:19|20)\d\d)(?![\d/])")


def dates(text: str, days: int | None) -> Iterator[tuple[int, int, str]]:
    """Every date with what to write in its place; two may overlap, the first one given counts."""
    day_first = _order(text)
    for found in _ISO.finditer(text):
        yield found.start(), found.end(), _iso(found[0], days)
    for form in (_NUMBERS, _YEAR_FIRST):
        for found in form.finditer(text):
            yield found.start(), found.end(), _numbers(found, days, day_first)
    for form in (_DAY_FIRST, _MONTH_FIRST):
        for found in form.finditer(text):
            if found["month"][0].isupper() or found["year"]:
                yield found.start(), found.end(), _named(found, days, form is _DAY_FIRST)
    for found in _MONTH_YEAR.finditer(text):
        new = _day(found["year"], _MONTHS[found["month"].casefold()], 15, days)
        put = f"{_month(found, new)}{found['one']}{new.year}" if new else DATE
        yield found.start(), found.end(), put
    for found in _SHORT.finditer(text):
        new = _day(found["year"], int(found["a"]), 15, days)
        put = f"{new.month:0{len(found['a'])}}/{new.year}" if new else DATE
        yield found.start(), found.end(), put
    for found in _PLAIN.finditer(text):
        digits = moved_digits(found[0], days) if days is not None else None
        yield found.start(), found.end(), digits or DATE


def _iso(text: str, days: int | None) -> str:
    return (moved(text, days) if days is not None else None) or DATE


def _order(text: str) -> bool | None:
    """Whether 05/01 is the fifth of January here; None where nothing tells, or both are used."""
    told = set()
    for found in _NUMBERS.finditer(text):
        first, second = int(found["a"]), int(found["b"])
        if found["sep"] != "." and max(first, second) > 12:
            told.add(first > 12)
    return told.pop() if len(told) == 1 else None


def _numbers(found: re.Match[str], days: int | None, day_first: bool | None) -> str:
    first, second = int(found["a"]), int(found["b"])
    if found["sep"] == "." or found.re is _YEAR_FIRST or first > 12:
        day_first = True
    elif second > 12 or first == second:
        day_first = False
    if day_first is None:
        return DATE
    day, month = (first, second) if day_first else (second, first)
    new = _day(found["year"], month, day, days)
    if new is None:
        return DATE
    one, two = (new.day, new.month) if day_first else (new.month, new.day)
    widths = (len(found["a"]), len(found["b"]))
    year = f"{new.year:04}"[-len(found["year"]) :]
    parts = [f"{one:0{widths[0]}}", f"{two:0{widths[1]}}", year]
    if found.re is _YEAR_FIRST:
        parts.reverse()
    return found["sep"].join(parts)


def _named(found: re.Match[str], days: int | None, day_first: bool) -> str:
    if found["year"] is None:
        return DATE
    month = _MONTHS[found["month"].casefold()]
    new = _day(found["year"], month, int(found["day"]), days)
    if new is None:
        return DATE
    day = f"{new.day:0{len(found['day'])}}{_ordinal(new.day) if found['th'] else ''}"
    pair = (day, _month(found, new)) if day_first else (_month(found, new), day)
    year = f"{new.year:04}"[-len(found["year"]) :]
    return f"{pair[0]}{found['one']}{pair[1]}{found['two']}{year}"


def _month(found: re.Match[str], new: date) -> str:
    """The month's name, short where it was, in the case in which it was written."""
    was = found["month"]
    short = len(was) <= 4 and was.casefold() not in {"june", "july"}
    name = month_abbr[new.month] if short and was.casefold() != "may" else month_name[new.month]
    name = name.upper() if was.isupper() else name
    return name + found["dot"]


def _ordinal(day: int) -> str:
    return "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _day(year: str, month: int, day: int, days: int | None) -> date | None:
    if days is None:
        return None
    # Two digits: a year to come is no year of a note, so what is past this century's end is 19..
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 50 else 1900)
    try:
        return shifted(date(full, month, day), days)
    except ValueError:
        return None
