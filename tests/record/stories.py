"""Random clinical pasts: each story is one row of the hospital's system and what became of it.

    history = random_history(random.Random(7))

A story walks through time and writes to the journal: a condition begins, is resolved, comes back;
a drug starts, changes its dose, stops; a sample is taken, its result comes later, is corrected or
turns out to be another patient's. Each write says by itself when its row holds.
"""

import random
from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from osler.record.fact import Assertion, Code, Fact, FactKind, FactValue, Quantity
from osler.record.locator import Evidence, Whole
from osler.record.moment import Moment
from osler.record.source import Stream
from osler.record.tnm import Tnm

from .simulator import EVENTS, History, Row, Write, arrivals_of, moment_of

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_START = 1_420_070_400 * _SECOND  # 2015-01-01
_YEARS = 8 * 365 * _DAY
_SNOMED, _LOINC = "http://snomed.info/sct", "http://loinc.org"

_CODES: dict[FactKind, list[Code]] = {
    FactKind.CONDITION: [
        Code(text="Asthma", system=_SNOMED, code="195967001"),
        Code(text="COPD", system=_SNOMED, code="13645005"),
        Code(text="Breast cancer", system=_SNOMED, code="254837009"),
        Code(text="low back pain"),
    ],
    FactKind.ALLERGY: [Code(text="Penicillin", system=_SNOMED, code="91936005"), Code(text="nuts")],
    FactKind.MEDICATION: [
        Code(text="Metformin", system="http://rxnorm.example", code="6809"),
        Code(text="Letrozole", system="http://rxnorm.example", code="72965"),
    ],
    FactKind.OBSERVATION: [
        Code(text="Creatinine", system=_LOINC, code="2160-0"),
        Code(text="Haemoglobin", system=_LOINC, code="718-7"),
        Code(text="Systolic pressure", system=_LOINC, code="8480-6"),
        Code(text="Diastolic pressure", system=_LOINC, code="8462-4"),
    ],
    FactKind.PROCEDURE: [Code(text="Mastectomy", system=_SNOMED, code="172043006")],
    FactKind.NOTE: [
        Code(text="discharge summary"),
        Code(text="Clinic letter", system=_LOINC, code="34117-2"),
    ],
    FactKind.DEMOGRAPHIC: [Code(text="Marital status", system=_LOINC, code="45404-1")],
}  # fmt: skip
_STAGES = {"cT": "21905-5", "pT": "21899-0", "ypT": "21899-y", "rT": "21899-r"}
_CLOSED = {FactKind.MEDICATION: ("stopped", "completed", "discontinued")}
_OPEN = {FactKind.CONDITION: "active", FactKind.ALLERGY: "active", FactKind.MEDICATION: "active"}


@dataclass(slots=True)
class _Span:
    """A time as somebody wrote it, and the first and last instant that it may mean."""

    text: str
    first: int
    last: int


@dataclass(slots=True)
class _Past:
    """What is common to the stories of one patient."""

    rng: random.Random
    zone: ZoneInfo
    journal: list[Write] = field(default_factory=list)
    busy: list[int] = field(default_factory=list)

    def write(self, at: int, precision: str | None = None) -> _Span:
        """An instant as written, to the second in any zone or less exactly in the site's."""
        at -= at % _SECOND
        if precision is None:
            precision = self.rng.choice(("second", "second", "second", "day"))
        if precision == "second":
            offset = timezone(timedelta(minutes=self.rng.choice((0, 60, -300, 330))))
            return _Span(moment_of(at).astimezone(offset).isoformat(), at, at)
        local = moment_of(at).astimezone(self.zone)
        year, month, day = local.year, local.month, local.day
        if precision == "day":
            first, last, text = (month, day), (month, day), f"{year:04}-{month:02}-{day:02}"
        elif precision == "month":
            first, last = (month, 1), (month, monthrange(year, month)[1])
            text = f"{year:04}-{month:02}"
        else:
            first, last, text = (1, 1), (12, 31), f"{year:04}"
        begin = datetime(year, *first, tzinfo=self.zone)
        end = datetime(year, *last, 23, 59, 59, tzinfo=self.zone)
        return _Span(
            text, int(begin.timestamp()) * _SECOND, int(end.timestamp()) * _SECOND + _SECOND - 1
        )

    def parsed(self, span: _Span) -> Moment:
        return Moment.parse(span.text, self.zone.key)


@dataclass(slots=True)
class _Story:
    """One row of the hospital's system on its way through the years."""

    past: _Past
    kind: FactKind
    identity: str
    stream: Stream
    codes: list[Code]
    values: list[FactValue]
    at: int
    onset: _Span | None
    status: str
    planned: _Span | None = None
    takes: str | None = None
    laterality: str | None = None
    last: _Span | None = None

    def step(self, days: int = 400) -> _Span:
        """When the next write is made: certainly after the last, at times by a second only."""
        rng = self.past.rng
        if self.last is not None and self.last.first == self.last.last and rng.random() < 0.15:
            self.last = self.past.write(self.last.last + _SECOND, "second")
        else:
            self.at += rng.randrange(3 * _DAY, days * _DAY)
            self.last = self.past.write(self.at)
        self.at = max(self.at, self.last.last)
        return self.last

    def put(
        self,
        written: _Span,
        *,
        status: str | None = None,
        end: _Span | None = None,
        over: bool = False,
        never: bool = False,
        error: bool = False,
        pending: bool = False,
        assertion: Assertion = Assertion.PRESENT,
        keep_link: bool = True,
    ) -> None:
        past, rows = self.past, []
        takes = self.takes if keep_link else None
        end = end or self.planned
        onset = self.onset
        if self.kind is FactKind.DEMOGRAPHIC:
            onset, end = None, None
        for code, value in zip(self.codes, self.values, strict=True):
            fact = Fact(
                kind=self.kind, code=code, evidence=Evidence(source="0" * 64, at=Whole()),
                received_at=moment_of(0), value=None if pending else value,
                valid_from=past.parsed(onset) if onset else None,
                valid_to=past.parsed(end) if end else None,
                recorded_at=past.parsed(written), recorded_inferred=False,
                status=status or self.status, assertion=Assertion.PENDING if pending else assertion,
                stream=self.stream, identity=self.identity, replaces=takes,
                laterality=self.laterality,
            )  # fmt: skip
            began = onset or written
            first = -(10**18) if self.kind is FactKind.DEMOGRAPHIC else began.first
            until = end.last if end else written.first - 1 if over else None
            rows.append(
                Row(
                    fact=fact, began=first, began_by=began.last, ended=until, over=over, never=never
                )
            )
        past.journal.append(
            Write(
                at=written.first, settled=written.last, stream=self.stream, takes=takes,
                identity=self.identity, rows=tuple(rows), in_error=error,
            )
        )  # fmt: skip

    def live(self, turns: int) -> None:
        """Write the row, then let things happen to it."""
        rng = self.past.rng
        late = rng.randrange(0, 30 * _DAY) if rng.random() < 0.8 else rng.randrange(2 * 365 * _DAY)
        self.last = self.past.write(self.at + late)
        self.at = self.last.last
        self.put(self.last, pending=self.kind in EVENTS and rng.random() < 0.2)
        for _ in range(turns):
            self.turn()

    def turn(self) -> None:
        """One thing that happens to the row."""
        rng = self.past.rng
        link = rng.random() < 0.5
        choice = rng.random()
        written = self.step()
        if choice < 0.12:
            self.put(written, status=rng.choice(("entered-in-error", "deleted", "nullified")),
                     error=True, keep_link=link)  # fmt: skip
        elif choice < 0.18:
            status = rng.choice(("refuted", "cancelled", "not-done", "rejected"))
            self.put(written, status=status, never=True, keep_link=link)
        elif choice < 0.5 and self.kind in _OPEN and self.onset is not None:
            self.end(written, link)
        else:
            self.amend(rng)
            self.put(written, keep_link=link)

    def end(self, written: _Span, link: bool) -> None:
        """It is over: since a stated time that has passed, or since nobody says when."""
        rng = self.past.rng
        assert self.onset is not None
        status = rng.choice(_CLOSED.get(self.kind, ("resolved", "inactive", "remission")))
        kept, self.planned = self.planned, None
        since = self.onset.last
        if rng.random() < 0.6 and written.first - since > 2 * _DAY:
            end = self.past.write(
                rng.randrange(since, written.first - _DAY), rng.choice(("second", "day"))
            )
            if end.last < written.first:
                self.put(written, status=status, end=end, over=True, keep_link=link)
                self.planned = kept
                return
        self.put(written, status=status, over=True, keep_link=link)

    def amend(self, rng: random.Random) -> None:
        """A correction: of the value, the concept, the beginning, or a planned end."""
        choice = rng.random()
        if choice < 0.4:
            self.values = [_value(rng, self.kind, old) for old in self.values]
        elif choice < 0.6 and len(self.codes) == 1 and not isinstance(self.values[0], Tnm):
            self.codes = [rng.choice(_CODES[self.kind])]
        elif choice < 0.8 and self.onset is not None:
            shift = rng.randrange(-200 * _DAY, 200 * _DAY)
            self.onset = self.past.write(self.onset.first + shift, _precision(rng, self.kind))
            self.planned = None
        elif self.kind is FactKind.MEDICATION and self.onset is not None:
            until = self.onset.last + rng.randrange(_DAY, 900 * _DAY)
            self.planned = self.past.write(until, rng.choice(("second", "day", "month")))
        if self.kind in EVENTS:
            self.status = rng.choice(("final", "amended", "corrected"))


def _precision(rng: random.Random, kind: FactKind) -> str:
    exact = ("second", "second", "day")
    return rng.choice(exact if kind in EVENTS else ("second", "day", "month", "year"))


def _value(rng: random.Random, kind: FactKind, old: FactValue = None) -> FactValue:
    if isinstance(old, Tnm):
        return replace(old, category=rng.choice(("1a", "2", "3", "4b")))
    if kind in (FactKind.OBSERVATION, FactKind.MEDICATION):
        return Quantity(value=Decimal(rng.randrange(10, 9999)) / 10, unit="mg")
    if kind in (FactKind.NOTE, FactKind.DEMOGRAPHIC):
        return f"text {rng.randrange(10**6)}"
    return None


def _story(past: _Past, kind: FactKind, number: int) -> _Story:
    rng = past.rng
    at = _START + rng.randrange(_YEARS)
    if kind in EVENTS and past.busy and rng.random() < 0.5:  # several of one day
        at = rng.choice(past.busy) + rng.choice((0, rng.randrange(_DAY // 2)))
    past.busy.append(at)
    code = rng.choice(_CODES[kind])
    codes, values = [code], [_value(rng, kind)]
    if "pressure" in code.text:  # one resource, two statements
        codes = [c for c in _CODES[kind] if "pressure" in c.text]
        values = [_value(rng, kind) for _ in codes]
    elif kind is FactKind.OBSERVATION and rng.random() < 0.15:
        prefix, stage = rng.choice(sorted(_STAGES.items()))
        codes = [Code(text=f"{prefix} category", system=_LOINC, code=stage)]
        values = [Tnm.parse(f"{prefix}2", edition="8")]
    onset: _Span | None = past.write(at, _precision(rng, kind))
    if kind is FactKind.ALLERGY and rng.random() < 0.5:
        onset = None
    return _Story(
        past=past, kind=kind, identity=f"{kind.value}/{number}",
        stream=rng.choice((Stream.EHR,) * 6 + (Stream.PATIENT, Stream.MODEL)),
        codes=codes, values=values, at=at - rng.choice((0, 0, 0, 60 * _DAY)), onset=onset,
        status=_OPEN.get(kind, "final"),
        laterality=rng.choice((None, "left")) if kind is FactKind.CONDITION else None,
    )  # fmt: skip


def random_history(rng: random.Random, stories: int = 24) -> History:
    """A patient of that many rows, over eight years."""
    past = _Past(rng=rng, zone=ZoneInfo(rng.choice(("UTC", "Europe/Berlin", "America/New_York"))))
    kinds = [*_CODES, FactKind.CONDITION, FactKind.MEDICATION, *(FactKind.OBSERVATION,) * 3]
    made: list[_Story] = []
    for number in range(stories):
        story = _story(past, rng.choice(kinds), number)
        _relate(rng, story, made)
        story.live(rng.choice((0, 0, 1, 2, 4)))
        made.append(story)
    _ring(past, made)
    journal = tuple(sorted(past.journal, key=lambda line: line.at))
    end = max(*(line.settled for line in journal), _START + _YEARS)
    return History(journal, tuple(arrivals_of(rng, journal, end)))


def _relate(rng: random.Random, story: _Story, made: list[_Story]) -> None:
    """Now and then a row takes another's place, or another stream uses the same identity."""
    peers = [other for other in made if other.kind is story.kind]
    if peers and (choice := rng.random()) < 0.4:
        other = rng.choice(peers)
        used = {(one.stream, one.identity) for one in made}
        if choice < 0.1 and (story.stream, other.identity) not in used:
            story.identity = other.identity
        elif other.identity != story.identity:
            story.takes = other.identity


def _ring(past: _Past, made: list[_Story]) -> None:
    """Two rows each say that they take the other's place: the later word counts."""
    first = _story(past, FactKind.CONDITION, 1000)
    second = replace(first, identity="condition/1001", takes=first.identity, last=None)
    first.live(1)
    second.at = first.at + 5 * _DAY
    second.live(0)
    first.takes, first.at = second.identity, second.at + 5 * _DAY
    first.put(first.step())
    made += [first, second]
