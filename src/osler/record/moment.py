"""A point in clinical time, kept at the precision with which it was written.

    Moment.parse("2019-05")                     any instant of that May
    Moment.parse("2019-05-04T10:00:00+02:00")   one instant
    a.before(b)                                 True, False, or None when they overlap

Grammar: FHIR R4 `dateTime` (section 2.24.0.1), with the DICOM forms `20190504` and
`20190504100000` accepted too.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, total_ordering
from zoneinfo import ZoneInfo

from osler.errors import BrokenFile

__all__ = ["Moment", "utc_now"]

_FHIR = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)
_DICOM = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d+)?)?)?([+-]\d{4})?)?", re.ASCII
)

_LONGEST = 64
_UTC_ZONE = ZoneInfo("UTC")


def utc_now() -> datetime:
    """The present, in UTC, to the second: what `received_at` is written in."""
    return datetime.now(UTC).replace(microsecond=0)


@total_ordering
@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An interval of instants `[earliest, latest]` and the text that it was read from.

    `zone_assumed` is True where the text names a time of day but no zone, so that the
    site's zone was used.
    """

    text: str
    earliest: datetime
    latest: datetime
    zone_assumed: bool = False

    @classmethod
    def parse(cls, text: str, zone: str = "UTC") -> "Moment":
        """Read a FHIR or DICOM date or time; raises `BrokenFile` for anything else."""
        if len(text) > _LONGEST:
            raise BrokenFile(f"'{text[:_LONGEST]}...' is no date: it is {len(text)} characters")
        return _parse(text, zone)

    @property
    def day(self) -> date:
        """The calendar day as written, in the writer's own zone; 1 for a month or day left out."""
        digits = "".join(c for c in self.text[:10] if c.isdigit())[:8]
        return date(int(digits[:4]), int(digits[4:6] or 1), int(digits[6:8] or 1))

    def before(self, other: "Moment") -> bool | None:
        """Whether this came before `other`; None where the two intervals overlap."""
        if self.latest < other.earliest:
            return True
        return False if self.earliest > other.latest else None

    def __lt__(self, other: "Moment") -> bool:
        """A total order for sorting; `before` is the clinical question."""
        return (self.earliest, self.latest, self.text) < (other.earliest, other.latest, other.text)

    def __str__(self) -> str:
        """For the eye: date, and hours and minutes where stated."""
        if _DICOM.fullmatch(self.text):
            day = f"{self.text[:4]}-{self.text[4:6]}-{self.text[6:8]}"
            return f"{day} {self.text[8:10]}:{self.text[10:12]}" if len(self.text) >= 12 else day
        return self.text.replace("T", " ")[:16]


# One time stands in many resources of a record; a moment never changes, so it is made once.
@lru_cache(maxsize=1 << 14)
def _parse(text: str, zone: str) -> Moment:
    found = _FHIR.fullmatch(text.strip()) or _DICOM.fullmatch(text.strip())
    if found is None:
        raise BrokenFile(f"'{text}' is no date: expected 2019, 2019-05, 2019-05-04 or a time")
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    micro = round(float(fraction or 0) * 1e6)
    site = ZoneInfo(zone)
    try:
        start = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
            59 if second == "60" else int(second or 0),  # a leap second: FHIR allows it
            min(micro, 999_999), tzinfo=site,
        )  # fmt: skip
        if offset:
            start = datetime.fromisoformat(start.replace(tzinfo=None).isoformat() + offset)
        end = _last(start, month, day, hour, minute, second)
    except ValueError as error:
        raise BrokenFile(f"'{text}' is no date: {error}") from error
    first = _instants(start)
    return Moment(
        text=text.strip(),
        earliest=min(first),
        latest=max(first if end is start else _instants(end)),
        zone_assumed=hour is not None and not offset,
    )


def _last(
    start: datetime,
    month: str | None,
    day: str | None,
    hour: str | None,
    minute: str | None,
    second: str | None,
) -> datetime:
    """The last instant of what was written: of the year, the month, the day, the minute."""
    if month is None:
        start = start.replace(month=12)
    if day is None:
        start = start.replace(day=monthrange(start.year, start.month)[1])
    if hour is None:
        start = start.replace(hour=23)
    if minute is None:
        start = start.replace(minute=59)
    return start.replace(second=59, microsecond=999_999) if second is None else start


def _instants(local: datetime) -> list[datetime]:
    """The instants that a local time can mean: two in the hour that a clock change repeats."""
    if local.tzinfo is _UTC_ZONE or not isinstance(local.tzinfo, ZoneInfo):
        return [_utc(local)]
    return [_utc(local.replace(fold=fold)) for fold in (0, 1)]


def _utc(local: datetime) -> datetime:
    """In UTC; 9999-12-31, which some systems write for "never", must not fall off the calendar."""
    try:
        return local.astimezone(UTC)
    except OverflowError:
        return local.replace(tzinfo=UTC)
