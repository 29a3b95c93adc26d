"""Dates moved by whole days, in the form and to the precision in which they were written.

    moved("2019-05-04T10:00:00+02:00", -40)     2019-03-25T10:00:00+02:00
    moved("2019-05", -40)                       2019-04 (from the middle of the month)
    moved_digits("20190504", -40)               20190325: DICOM and HL7

None where the text is no date, or would fall out of the calendar.
"""

import re
from datetime import date, timedelta

__all__ = ["born_over_89_years_before", "moved", "moved_digits", "shifted"]

_FHIR = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)([T ][\d:.+Z-]*)?)?)?", re.ASCII)
_DIGITS = re.compile(r"(\d{4})(?:(\d\d)(?:(\d\d)(\d*(?:\.\d*)?(?:[+-]\d{4})?))?)?", re.ASCII)
_OLDEST = 89


def shifted(day: date, days: int) -> date | None:
    """The day so many days on, or None outside the years 1 to 9999."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def moved(text: str, days: int) -> str | None:
    """A FHIR date, dateTime or instant (R4, 2.24.0.1)."""
    return _moved(_FHIR, text, days, "-")


def moved_digits(text: str, days: int) -> str | None:
    """A DICOM DA or DT (PS3.5, 6.2) or an HL7 DT, TS or DTM (2.A.21)."""
    return _moved(_DIGITS, text, days, "")


def born_over_89_years_before(text: str, today: date) -> bool:
    """Whether a birth date tells of an age over 89 (Safe Harbor, 45 CFR 164.514(b)(2)(i)(C))."""
    digits = "".join(c for c in text if c.isdigit())[:8]
    if len(digits) < 4 or not digits.isascii():
        return False
    latest = digits[:4] + (digits[4:8] + "1231"[len(digits) - 4 :])[:4]
    return latest <= f"{today.year - _OLDEST - 1:04}{today:%m%d}"


def _moved(form: re.Pattern[str], text: str, days: int, between: str) -> str | None:
    found = form.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, rest = found.groups()
    try:
        start = date(int(year), int(month or 7), int(day or (15 if month else 1)))
    except ValueError:
        return None
    new = shifted(start, days)
    if new is None:
        return None
    parts = [f"{new.year:04}", *([f"{new.month:02}"] if month else [])]
    return between.join([*parts, *([f"{new.day:02}"] if day else [])]) + (rest or "")
