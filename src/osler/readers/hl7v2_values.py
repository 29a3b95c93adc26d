"""HL7 v2 data types to Osler's nouns: codes, identifiers, times, numbers, and a fact with clocks.

    coded(element)                      Code | None, of CE, CWE, CNE
    told.moment(segment, 7)             Moment | None; a wrong date is put on `troubles`
    told.fact(FactKind.CONDITION, code, segment, 3, ...)

Source: HL7 v2.8, chapter 2A; table 0396 (coding systems).
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from osler.errors import BrokenFile
from osler.readers.hl7v2_message import Element, Message, Segment
from osler.readers.reading import Context
from osler.record import locator
from osler.record.fact import Assertion, Code, Fact, FactKind, FactValue, Quantity
from osler.record.moment import Moment

__all__ = [
    "SIDES", "Told", "authority", "coded", "entity", "number", "quantity", "range_of", "sender_of",
    "system_of", "table",
]  # fmt: skip

_SYSTEMS = {
    "LN": "http://loinc.org",
    "SCT": "http://snomed.info/sct",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "I9": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9CDX": "http://hl7.org/fhir/sid/icd-9-cm",
    "UCUM": "http://unitsofmeasure.org",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "C4": "http://www.ama-assn.org/go/cpt",
    "CPT": "http://www.ama-assn.org/go/cpt",
    "ICDO3": "http://terminology.hl7.org/CodeSystem/icd-o-3",
}
_PREFERRED = ("LN", "SCT", "RXNORM", "I10C", "I10")
_TRIPLES = ((1, 2, 3), (4, 5, 6), (10, 11, 12))  # the code, its alternate, the second (v2.7)

_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})", re.ASCII)
_BETWEEN = re.compile(r"([+-]?[\d.]+)\s*-\s*([+-]?[\d.]+)", re.ASCII)
_BEYOND = re.compile(r"([<>])=?\s*([+-]?[\d.]+)", re.ASCII)
_TIME = re.compile(r"(\d{4,14})(\.\d{1,4})?([+-]\d{4})?", re.ASCII)
_PRECISION = {"Y": 4, "L": 6, "D": 8, "H": 10, "M": 12, "S": 14}
_OID = re.compile(r"[0-2](?:\.\d+)+", re.ASCII)

SIDES = {
    "L": "left", "7771000": "left", "R": "right", "24028007": "right",
    "BIL": "bilateral", "B": "bilateral", "51440002": "bilateral",
}  # fmt: skip
"""Site modifiers that name a side: HL7 table 0495 and SNOMED CT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message and what a fact needs of its surroundings; `troubles` collects what is lost.

    `person` is who it is about, in words that tell identities of two patients apart; `sender` the
    facility and application (MSH-4, MSH-3) whose numbers its numbers are where nobody else's.
    """

    message: Message
    digest: str
    context: Context
    person: str
    sender: str
    troubles: list[str] = field(default_factory=list)
    clock: list[Moment | None] = field(default_factory=list)  # asked once: EVN may be far to seek

    def doubt(self, segment: Segment, place: int, words: str) -> None:
        """Put on `troubles` that a field was not understood; never its content."""
        self.troubles.append(f"segment {segment.number}, {segment.name}-{place} {words}")

    def moment(self, segment: Segment | None, place: int, component: int = 1) -> Moment | None:
        """The TS, DTM or DT there; MSH-7's offset holds where it has none (section 2A.3.21)."""
        if segment is None or not (text := segment.part(place, component)):
            return None
        precise = segment.part(place, 2) if component == 1 else ""
        found = self.time(text, precise)
        if found is None:
            self.doubt(segment, place, "is no date")
        return found

    def time(self, text: str, precision: str = "") -> Moment | None:
        """The moment of an HL7 date or time, or None where it is none."""
        found = _TIME.fullmatch(text)
        if found is None:
            return None
        digits, fraction, offset = found[1], found[2] or "", found[3] or ""
        length = _PRECISION.get(precision, 0)
        if 0 < length < len(digits):
            digits, fraction = digits[:length], ""
        if len(digits) > 8 and not offset:
            offset = self._offset()
        if len(digits) == 6:
            digits, offset = f"{digits[:4]}-{digits[4:]}", ""
        elif len(digits) <= 8:
            offset = ""
        try:
            return Moment.parse(digits + fraction + offset, self.context.zone)
        except (BrokenFile, OverflowError):
            return None

    def _offset(self) -> str:
        found = _TIME.fullmatch(self.message.header.part(7))
        return (found[3] or "") if found else ""

    def sent(self) -> Moment | None:
        """When the hospital's system recorded the event (EVN-2), else made the message (MSH-7)."""
        if not self.clock:
            event = self.message.first("EVN")
            self.clock.append(self.moment(event, 2) or self.moment(self.message.header, 7))
        return self.clock[0]

    def fact(
        self,
        kind: FactKind,
        code: Code,
        segment: Segment,
        place: int | None,
        *,
        value: FactValue = None,
        valid_from: Moment | None = None,
        valid_to: Moment | None = None,
        recorded_at: Moment | None = None,
        status: str = "unknown",
        assertion: Assertion = Assertion.PRESENT,
        identity: str | None = None,
        replaces: str | None = None,
        laterality: str | None = None,
        specimen: str | None = None,
    ) -> Fact:
        """A fact of this message; `place` is the field that says it."""
        known = recorded_at or self.sent()
        return Fact(
            kind=kind,
            code=code,
            evidence=locator.Evidence(
                source=self.digest, at=locator.Segment(number=segment.number, field=place)
            ),
            received_at=self.context.now,
            value=value,
            valid_from=valid_from,
            valid_to=valid_to,
            recorded_at=known or valid_from,
            recorded_inferred=known is None,
            status=status,
            assertion=assertion,
            identity=identity,
            replaces=replaces,
            laterality=laterality,
            specimen=specimen,
        )


def authority(namespace: str, universal: str, kind: str) -> str:
    """The name of an HD: its universal id as a URI where it has one, else its namespace."""
    if not universal:
        return namespace
    if kind == "ISO" or (not kind and _OID.fullmatch(universal)):
        return f"urn:oid:{universal.removeprefix('urn:oid:')}"
    if kind in {"UUID", "GUID"}:
        return f"urn:uuid:{universal.removeprefix('urn:uuid:').lower()}"
    return universal


def sender_of(message: Message) -> str:
    """The sending facility and application (MSH-4, MSH-3)."""
    return f"{_hd(message.header, 4)}/{_hd(message.header, 3)}"


def _hd(segment: Segment, place: int) -> str:
    return authority(*(segment.part(place, part) for part in (1, 2, 3)))


def entity(segment: Segment | None, place: int, sender: str) -> str | None:
    """The name of an EI with who gave it; a number alone is the sender's own."""
    if segment is None or not (value := segment.part(place)):
        return None
    giver = authority(*(segment.part(place, part) for part in (2, 3, 4)))
    return f"{giver or sender}|{value}"


def coded(element: Element) -> Code | None:
    """The code of a CE, CWE or CNE in the system that Osler's knowledge is written in, else the
    first; None where neither code nor words are given."""
    parts = [tuple(element.part(n) for n in triple) for triple in _TRIPLES]
    given = [part for part in parts if part[0]]
    ranked = sorted(given, key=lambda part: _rank(part[2]))
    best = ranked[0] if ranked else ("", "", "")
    # CWE-9 is what the sender wrote before anybody coded it.
    text = next((w for w in (best[1], *(p[1] for p in parts), element.part(9), best[0]) if w), "")
    if not text:
        return None
    return Code(text=text, system=system_of(best[2]), code=best[0] or None)


def _rank(name: str) -> int:
    return _PREFERRED.index(name) if name in _PREFERRED else len(_PREFERRED)


def system_of(name: str) -> str | None:
    """The URI of a coding system of table 0396; a name that Osler does not know stays a name."""
    if found := re.fullmatch(r"HL7(\d{4})", name):
        return f"http://terminology.hl7.org/CodeSystem/v2-{found[1]}"
    return _SYSTEMS.get(name.upper()) or (f"hl7:{name}" if name else None)


def table(number: int, code: str, words: str) -> Code:
    """A code of one of HL7's own tables."""
    system = f"http://terminology.hl7.org/CodeSystem/v2-{number:04}"
    return Code(text=words, system=system, code=code)


def number(text: str) -> Decimal | None:
    """An NM with the digits that were sent, or None for anything else."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def range_of(text: str) -> tuple[Decimal | None, Decimal | None]:
    """Low and high of a reference range (OBX-7): `3.5-5.1`, `<5`, `>=40`; words give none."""
    if between := _BETWEEN.fullmatch(text):
        low, high = number(between[1]), number(between[2])
        return (low, high) if low is not None and high is not None and low <= high else (None, None)
    if beyond := _BEYOND.fullmatch(text):
        bound = number(beyond[2])
        return (bound, None) if beyond[1] == ">" else (None, bound)
    return None, None


def quantity(obx: Segment, value: Decimal, comparator: str | None = None) -> Quantity:
    """A number with the unit of OBX-6 and the range of OBX-7; UCUM only where OBX-6 says so."""
    unit = obx.first(6)
    named = ((unit.part(1), unit.part(3)), (unit.part(4), unit.part(6)))
    low, high = range_of(obx.part(7))
    return Quantity(
        value=value,
        unit=unit.part(1) or unit.part(2) or None,
        ucum=next((code for code, system in named if code and system.upper() == "UCUM"), None),
        comparator=comparator,
        low=low,
        high=high,
    )
