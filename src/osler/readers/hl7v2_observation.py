"""One OBX of HL7 v2 to facts: a value of every type, its status, and what its flags add.

facts = observations(result, obx, run)      `run`: the OBX segments that are one text with it

A flag (OBX-8) that the reference range does not already say is a fact beside its value: a culture's
`R`, a panic value's `HH`. Source: HL7 v2.8, section 7.4.2; tables 0078, 0085, 0125.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from osler.readers.hl7v2_message import Element, Segment
from osler.readers.hl7v2_text import TEXTS, text_of_run
from osler.readers.hl7v2_values import Told, coded, number, quantity, table
from osler.record.fact import Assertion, Code, Fact, FactKind, FactValue, Quantity
from osler.record.moment import Moment

__all__ = ["Result", "observations"]

_WRONG = "entered-in-error"
_STATUS = {
    "F": "final", "V": "final", "U": "final", "P": "preliminary", "R": "preliminary",
    "S": "preliminary", "C": "corrected", "A": "amended", "B": "amended", "D": _WRONG, "W": _WRONG,
    "X": "cancelled", "I": "registered", "N": "not-asked", "": "unknown",
}  # fmt: skip
_FLAGS = {
    "L": "low", "H": "high", "LL": "critically low", "HH": "critically high",
    "<": "below the instrument's scale", ">": "above the instrument's scale", "A": "abnormal",
    "AA": "critically abnormal", "S": "susceptible", "R": "resistant", "I": "intermediate",
    "MS": "moderately susceptible", "VS": "very susceptible", "U": "significant change up",
    "D": "significant change down", "B": "better", "W": "worse", "POS": "positive",
    "NEG": "negative", "IND": "indeterminate", "DET": "detected", "ND": "not detected",
    "RR": "reactive", "NR": "non-reactive", "WR": "weakly reactive",
}  # fmt: skip
_AMENDING = {"C", "A", "B", "D", "W"}
_CODED = {"CE", "CWE", "CNE", "CF"}
_TIMES = {"DT", "TS", "DTM"}
_WORDS = {"ID", "IS", "TM"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an order says of all its results; `seen` are the identities that were given already."""

    told: Told
    order: str | None
    status: str
    specimen: str | None
    start: Moment | None
    end: Moment | None
    known: Moment | None
    seen: set[str]


def observations(result: Result, obx: Segment, run: Sequence[Segment]) -> Iterator[Fact]:
    """The facts of one OBX, or of several that are one text."""
    letter = obx.part(11) or result.status
    told, status = result.told, _STATUS.get(letter)
    if letter == "O":
        return  # "order detail description only; no result"
    if status is None:
        told.doubt(obx, 11, "is no status of table 0085")
    values = list(_values(told, obx, run))
    if letter == "U" and not values:
        told.doubt(obx, 11, "makes a result final that is not sent again: it stays as it was")
        return
    null = obx.first(5).null
    fact = _fact(result, obx, _WRONG if null else status or "unknown")
    name = _name(result, obx)
    for index, value in enumerate(values or [None]):
        base = replace(fact, identity=_identity(result, obx, name, index))
        yield replace(base, value=value)
        yield from _flags(told, obx, base, value)


def _fact(result: Result, obx: Segment, status: str) -> Fact:
    told, own = result.told, result.told.moment(obx, 14)
    code = coded(obx.first(3))
    place = 5 if obx.raw(5).strip() else 3 if code else None
    return told.fact(
        FactKind.OBSERVATION,
        code or Code(text="observation without a code"),
        obx,
        place,
        valid_from=own or result.start,
        valid_to=None if own else result.end,
        recorded_at=result.known,
        status=status,
        assertion=Assertion.PENDING if status == "registered" else Assertion.PRESENT,
        specimen=result.specimen,
    )


def _name(result: Result, obx: Segment) -> str | None:
    """Order, OBX-3 and OBX-4: what a correction of this result has too."""
    if result.order is None:
        return None
    code = coded(obx.first(3))
    sub = f".{obx.part(4)}" if obx.part(4) else ""
    return f"{result.order}#{code.key if code else ''}{sub}"


def _identity(result: Result, obx: Segment, name: str | None, index: int) -> str | None:
    """A second value or result under the same name is told apart by its place."""
    if name is None:
        return None
    name = f"{name}~{index + 1}" if index else name
    if name in result.seen:
        result.told.doubt(obx, 4, "does not part this result from another of the same code")
        name = f"{name}@{obx.number}"
    result.seen.add(name)
    return name


def _flags(told: Told, obx: Segment, base: Fact, value: FactValue) -> Iterator[Fact]:
    said = value.flag if isinstance(value, Quantity) else ""
    words = [e.part(1).upper() for e in obx.elements(8)]
    more = [w for w in words if w not in {"", "N", "NULL", said}]
    known = [flag for flag in more if flag in _FLAGS]
    if len(known) < len(more):
        told.doubt(obx, 8, "is no flag that Osler knows")
    if not known and obx.part(11) in _AMENDING and base.identity:
        # What is corrected may have been flagged; without this its flag would stand.
        yield _flag(told, obx, replace(base, status=_WRONG), 0, None)
    for index, flag in enumerate(known):
        yield _flag(told, obx, base, index, table(78, flag, _FLAGS[flag]))


def _flag(told: Told, obx: Segment, base: Fact, index: int, value: Code | None) -> Fact:
    return replace(
        base,
        code=Code(text=f"{base.code.text}: interpretation"),
        value=value,
        evidence=told.fact(base.kind, base.code, obx, 8 if value else 11).evidence,
        identity=f"{base.identity}!{index}" if base.identity else None,
    )


def _values(told: Told, obx: Segment, run: Sequence[Segment]) -> Iterator[FactValue]:
    """The values of OBX-5; words for what is none of its type, and trouble."""
    kind = obx.part(2).upper()
    if obx.first(5).null:
        return
    if kind in TEXTS:
        if text := text_of_run(run):
            yield text
        return
    for element in obx.elements(5):
        value = _READERS[kind](obx, element, told) if kind in _READERS else None
        if value is not None:
            yield value
        elif kind in {"", "NM", "SN", *_CODED, *_TIMES}:
            told.doubt(obx, 5, f"is no {kind}: kept as text" if kind else "has no type: as text")
            yield element.text
        elif kind == "ED":
            told.doubt(obx, 5, "is an enclosed document: kept; Osler does not open it here")
        else:
            # A type of persons or addresses among them: their names become no facts.
            told.doubt(obx, 5, f"of type {kind[:3]} is kept; Osler does not read it")


def _numeric(obx: Segment, element: Element, told: Told) -> FactValue:
    value = number(element.part(1))
    return None if value is None else quantity(obx, value)


def _structured(obx: Segment, element: Element, told: Told) -> FactValue:
    """SN: a comparator and a number is a quantity; a range, a ratio or a grade is words."""
    sign, first, between, second = (element.part(n) for n in (1, 2, 3, 4))
    low, high = number(first), number(second)
    unit = f" {obx.part(6)}" if obx.part(6) else ""
    if low is None or (second and high is None):
        return None
    if not between and not second:
        if sign in {"", "=", "<", ">", "<=", ">="}:
            return quantity(obx, low, None if sign in {"", "="} else sign)
        return f"{sign}{first}{unit}" if sign == "<>" else None
    if between == "-" and second:
        return f"{sign}{first} to {second}{unit}"
    if between in {":", "/"} and second:
        return f"{sign}{first}{between}{second}{unit}"
    return f"{sign}{first}+{unit}" if between == "+" and not second else None


def _concept(obx: Segment, element: Element, told: Told) -> FactValue:
    return coded(element)


def _time(obx: Segment, element: Element, told: Told) -> FactValue:
    return told.time(element.part(1))


def _word(obx: Segment, element: Element, told: Told) -> FactValue:
    return element.text or None


_READERS: Mapping[str, Callable[[Segment, Element, Told], FactValue]] = {
    "NM": _numeric,
    "SN": _structured,
    **dict.fromkeys(_CODED, _concept),
    **dict.fromkeys(_TIMES, _time),
    **dict.fromkeys(_WORDS, _word),
}
