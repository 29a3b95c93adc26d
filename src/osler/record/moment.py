"""A point in clinical time, kept at the precision with which it was written.

    Moment.parse("2019-05")                     any instant of that May
    Moment.parse("2019-05-04T10:00:00+02:00")   one instant
    a.before(b)                                 True, False, or None when they overlap

Grammar: FHIR R4 `dateTime` (section 2.24.0.1), with the DICOM forms `20190504` and
`20190504100000` accepted too.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import total_ordering
from zoneinfo import ZoneInfo

from osler.errors import BrokenFile

__all__ = ["Moment", "utc_now"]

_FHIR = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?$"
)
_DICOM = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)?(\d\d)?(\.\d+)?([+-]\d{4})?)?$")


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
        found = _FHIR.match(text.strip()) or _DICOM.match(text.strip())
        if found is None:
            raise BrokenFile(f"'{text}' is no date: expected 2019, 2019-05, 2019-05-04 or a time")
        year, month, day, hour, minute, second, fraction, offset = found.groups()
        micro = round(float(fraction or 0) * 1e6)
        site = ZoneInfo(zone)
        try:
            start = datetime(
                int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
                int(second or 0), min(micro, 999_999), tzinfo=site,
            )  # fmt: skip
            if offset:
                start = datetime.fromisoformat(start.replace(tzinfo=None).isoformat() + offset)
        except ValueError as error:
            raise BrokenFile(f"'{text}' is no date: {error}") from error
        end = start + _precision(start, month, day, hour, minute, second)
        return cls(
            text=text.strip(),
            earliest=start.astimezone(UTC),
            latest=end.astimezone(UTC),
            zone_assumed=hour is not None and not offset,
        )

    @classmethod
    def at(cls, instant: datetime) -> "Moment":
        """The moment of one exact instant."""
        text = instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return cls(text=text, earliest=instant, latest=instant)

    def before(self, other: "Moment") -> bool | None:
        """Whether this came before `other`; None where the two intervals overlap."""
        if self.latest < other.earliest:
            return True
        return False if self.earliest > other.latest else None

    def __lt__(self, other: "Moment") -> bool:
        """A total order for sorting; `before` is the clinical question."""
        return (self.earliest, self.latest, self.text) < (other.earliest, other.latest, other.text)

    def __str__(self) -> str:
        return self.text.replace("T", " ")[:16] if len(self.text) > 10 else self.text


def _precision(
    start: datetime,
    month: str | None,
    day: str | None,
    hour: str | None,
    minute: str | None,
    second: str | None,
) -> timedelta:
    if month is None:
        span = start.replace(year=start.year + 1) - start
    elif day is None:
        following = start.replace(day=28) + timedelta(days=4)
        span = following.replace(day=1) - start
    elif hour is None:
        span = timedelta(days=1)
    elif minute is None:
        span = timedelta(hours=1)
    elif second is None:
        span = timedelta(minutes=1)
    else:
        return timedelta(0)
    return span - timedelta(microseconds=1)
