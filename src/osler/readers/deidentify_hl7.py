"""HL7 v2 messages without what tells whose they are: a list of what stays, field by field.

    rewrite_hl7(data, "results.hl7", deidentifier, people, patient)

Segments and fields that are not on the list are removed: NK1, GT1, IN1, PD1 and every Z segment
whole, names, addresses and telephone numbers from the rest. Identifiers become pseudonyms under
`urn:osler:deidentified`, dates move with the patient of their message, text is cleaned
(`osler.readers.deidentify_text`). Source: HL7 v2.8, chapters 2, 3, 4, 6, 7 and 9.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from osler.errors import BrokenFile
from osler.readers.compressed import unpacked
from osler.readers.deidentify import AUTHORITY, Deidentifier
from osler.readers.deidentify_dates import born_over_89_years_before, moved_digits
from osler.readers.deidentify_people import Known, People, Person, name_words, telling
from osler.readers.deidentify_text import Cleaner
from osler.readers.hl7v2_message import parse
from osler.readers.hl7v2_patient import whose
from osler.readers.hl7v2_values import authority
from osler.record.patient import Identifier

__all__ = ["people_of_hl7", "rewrite_hl7"]

# A field and what becomes of it: K kept, C cleaned, D a date moved, B a birth date, I a person's
# identifiers, T another identifier (a token in its place), A an address, V by OBX-2.
_FIELDS = {
    "MSH": "7D 9K 10T 11K 12K 15K 16K 17K 18K 19K 20K 21K",
    "FHS": "7D 11T", "BHS": "7D 11T", "FTS": "1K", "BTS": "1K",
    "EVN": "1K 2D 3D 4K 6D",
    "PID": "1K 2I 3I 4I 7B 8K 10K 11A 15K 16K 18I 22K 24K 25K 29D 30K 33D",
    "MRG": "1I 2I 3I 4I",
    "PV1": "1K 2K 4K 10K 14K 18K 19T 36K 41K 44D 45D 50T 51K",
    "PV2": "3C 8D 9D 11K 12C 38K",
    "ORC": "1K 2T 3T 4T 5K 6K 7D 9D 15D 16C 25K",
    "OBR": "1K 2T 3T 4C 5K 6D 7D 8D 9K 11K 12K 13C 14D 15C 18T 19C 20T 21T 22D 24K 25K 26T 27D "
           "29T 30K 31C 36D 39C 43C 44C 49K",
    "OBX": "1K 2K 3C 4K 5V 6K 7K 8K 9K 10K 11K 12D 13K 14D 17C 19D 20C 29K",
    "NTE": "1K 2K 3C 4K",
    "TXA": "1K 2K 3K 4D 6D 7D 8D 12T 13T 14T 15T 17K 18K 19K 20K",
    "SPM": "1K 2T 3T 4C 5C 6C 7C 8C 9C 11K 12K 14C 17D 18D 20K 21C 22C 24C 27K",
    "AL1": "1K 2K 3C 4K 5C 6D", "IAM": "1K 2K 3C 4K 5C 6K 7T 9C 11D 13D 17K",
    "DG1": "1K 2K 3C 4C 5D 6K 15K 17K 18K 19D 20T 21K",
    "PR1": "1K 2K 3C 4C 5D 6K 7K 9K 15C 16C 19T 20K",
    "RXA": "1K 2K 3D 4D 5C 6K 7K 8C 12K 16D 18C 19C 20K 21K 22D",
    "RXE": "2C 3K 4K 5K 6C 7C 10K 11K 12K 19K 22K 23K 24K 25K 26K 27C 32D",
    "RXO": "1C 2K 3K 4K 5C 6C 7C 9K 11K 12K 13K 18K 19K 25K 26K", "RXR": "1C 2C 3C 4C 5C",
    "RXC": "1K 2C 3K 4K", "TQ1": "1K 2K 3K 4K 5K 6K 7D 8D 9K 11C 13K 14K",
    "MSA": "1K 2T", "ERR": "3K 4K",
}  # fmt: skip
_RULES = {
    name: {int(rule[:-1]): rule[-1] for rule in rules.split()} for name, rules in _FIELDS.items()
}
_KEPT_TYPES = {"NM", "SN", "CWE", "CE", "CNE", "CF", "ST", "TX", "FT", "IS", "ID", "NR", "TM"}
_DATE_TYPES = {"DT", "TS", "DTM"}
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")
_LINE = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marks:
    field: str
    component: str
    repetition: str
    escape: str
    sub: str
    sender: str


def people_of_hl7(data: bytes, name: str) -> People:
    """Whom the PID and NK1 segments name."""
    people = People()
    marks: _Marks | None = None
    for segment in _segments(_text(data, name)):
        marks = _marks(segment) or marks
        if marks is None:
            continue
        fields = segment.split(marks.field)
        if fields[0] == "PID":
            ids = frozenset(
                who for n in (3, 2, 4) for who in _identifiers(_at(fields, n), marks, marks.sender)
            )
            known = Known(
                names=_names(fields, (5, 6, 9), marks) | _cities(fields, marks),
                words=_parts(fields, (11, 13, 14), marks)
                | telling(*_pieces(_at(fields, 19), marks), *_pieces(_at(fields, 20), marks))
                | telling(*(one.value for one in ids)),
            )
            people |= People(persons=(Person(identifiers=ids, known=known),))
        elif fields[0] in {"NK1", "GT1"}:
            where = (2, 4, 5, 6) if fields[0] == "NK1" else (3, 5, 6, 7)
            known = Known(
                names=_names(fields, where[:1], marks), words=_parts(fields, where[1:], marks)
            )
            people |= People(others=known)
    return people


def rewrite_hl7(
    data: bytes,
    name: str,
    deidentifier: Deidentifier,
    people: People,
    patient: Identifier | None = None,
) -> bytes:
    """The same messages without identity; raises `BrokenFile` where they open with no MSH."""
    text = _text(data, name)
    people = people | people_of_hl7(data, name)
    rewriter: _Rewriter | None = None
    written = []
    for message in _messages(text, name):
        owner = patient or _owner(message, name)
        cleaner = Cleaner(
            deidentifier=deidentifier, days=deidentifier.days(owner), known=people.about(owner)
        )
        for segment in message:
            marks = _marks(segment)
            if marks:
                rewriter = _Rewriter(cleaner=cleaner, marks=marks)
            elif rewriter:
                rewriter = _Rewriter(cleaner=cleaner, marks=rewriter.marks)
            new = rewriter.segment(segment) if rewriter else None
            if new is not None:
                written.append(new + "\r")
    return "".join(written).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rewriter:
    """One message's delimiters and its patient's cleaner."""

    cleaner: Cleaner
    marks: _Marks

    def segment(self, text: str) -> str | None:
        """The segment with what stays of it, or None."""
        bar = self.marks.field
        fields = text.split(bar)
        rules = _RULES.get(fields[0])
        if rules is None:
            return None
        header = fields[0] in {"MSH", "FHS", "BHS"}
        kind = _at(fields, 2) if fields[0] == "OBX" else ""
        new = [fields[0], fields[1]] if header else [fields[0]]
        for at in range(len(new), len(fields)):
            # In MSH the bar itself is field 1, so what follows it is one further on.
            number = at + 1 if header else at
            new.append(self._field(rules.get(number, ""), fields[at], kind))
        if header and fields[0] == "MSH" and len(new) > 17:
            new[17] = "UNICODE UTF-8"
        return bar.join(new).rstrip(bar) if not header else bar.join(new)

    def _field(self, rule: str, value: str, kind: str) -> str:
        if not rule or value in {"", '""'}:
            return value if rule else ""
        if rule == "V":
            rule = "D" if kind in _DATE_TYPES else "C" if kind in _KEPT_TYPES else ""
            if kind in {"NM", "SN", "NR", "TM"}:
                return value
            if not rule:
                return ""
        if rule == "K":
            return value
        again = self.marks.repetition
        return (
            again.join(self._once(rule, one) for one in value.split(again))
            if again
            else (self._once(rule, value))
        )

    def _once(self, rule: str, value: str) -> str:
        if rule == "C":
            return self._cleaned(value)
        if rule in "DB":
            return self._date(value, birth=rule == "B")
        if rule == "T":
            first = value.split(self.marks.component)[0]
            return self.cleaner.deidentifier.token("number", first) if first else ""
        if rule == "A":
            parts = [*value.split(self.marks.component), *[""] * 6]
            return self.marks.component.join(["", "", "", parts[3], "", parts[5]])
        found = list(_identifiers(value, self.marks, self.marks.sender))
        return self._pseudonym(found[0], value) if found else ""

    def _pseudonym(self, identifier: Identifier, value: str) -> str:
        hat = self.marks.component
        parts = [*value.split(hat), *[""] * 5]
        stand_in = self.cleaner.deidentifier.pseudonym(identifier).value
        return hat.join([stand_in, "", "", AUTHORITY, parts[4]]).rstrip(hat)

    def _date(self, value: str, *, birth: bool) -> str:
        first = value.split(self.marks.component)[0]
        days = self.cleaner.days
        if days is None or (
            birth and born_over_89_years_before(first, self.cleaner.deidentifier.today)
        ):
            return ""
        return moved_digits(first, days) or ""

    def _cleaned(self, value: str) -> str:
        """Component by component: a code's own parts are no text, and are never joined."""
        hat = self.marks.component
        return hat.join(self.cleaner.of(part) for part in value.split(hat))


def _text(data: bytes, name: str) -> str:
    data = unpacked(data, name)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _segments(text: str) -> Iterator[str]:
    """Segments, with lines that open none joined to the one above, as the reader has it."""
    held = ""
    for line in _LINE.split(text.replace("\x0b", "").replace("\x1c", "")):
        if _SEGMENT.match(line) and (len(line) == 3 or not line[3].isalnum()):
            if held:
                yield held
            held = line
        elif line.strip() and held:
            held += f" {line}"
    if held:
        yield held


def _messages(text: str, name: str) -> Iterator[list[str]]:
    message: list[str] = []
    any_at_all = False
    for segment in _segments(text):
        if segment.startswith(("MSH", "FHS", "BHS", "BTS", "FTS")) and message:
            yield message
            message = []
        any_at_all = any_at_all or segment.startswith(("MSH", "FHS", "BHS"))
        message.append(segment)
    if not any_at_all:
        raise BrokenFile(f"{name}: no HL7 v2 message (no MSH segment); export it again")
    yield message


def _marks(segment: str) -> _Marks | None:
    if not segment.startswith(("MSH", "FHS", "BHS")) or len(segment) < 5:
        return None
    declared = segment[4:].split(segment[3], 1)[0].ljust(4, "\0")
    return _Marks(
        field=segment[3],
        component=declared[0],
        repetition=declared[1],
        escape=declared[2],
        sub=declared[3],
        sender=_sender(segment, declared),
    )


def _sender(header: str, declared: str) -> str:
    """Who sends, as the reader names them: MSH-4."""
    parts = _at(header.split(header[3]), 3).split(declared[0])
    return authority(*[*parts, "", ""][:3])


def _owner(message: list[str], name: str) -> Identifier | None:
    """Whose the reader would take the message to be."""
    if not message[0].startswith("MSH"):
        return None
    return whose(parse("\r".join(message).encode(), name)).patient


def _identifiers(field: str, marks: _Marks, sender: str) -> Iterator[Identifier]:
    """The numbers of a CX field (2A.3.14), each with who gave it (CX-4), else its sender."""
    for one in field.split(marks.repetition):
        parts = [part.strip() for part in [*one.split(marks.component), *[""] * 4]]
        if not parts[0] or parts[0] == '""':
            continue
        space, universal, kind = [*parts[3].split(marks.sub), "", ""][:3]
        stated = authority(space, universal, kind)
        yield Identifier(authority=stated or f"hl7:{sender}", value=parts[0])


def _at(fields: list[str], number: int) -> str:
    return fields[number] if number < len(fields) else ""


def _pieces(field: str, marks: _Marks) -> list[str]:
    signs = "".join(re.escape(s) for s in (marks.component, marks.repetition, marks.sub))
    return [piece.strip() for piece in re.split(f"[{signs}]", field) if piece.strip()]


def _names(fields: list[str], numbers: tuple[int, ...], marks: _Marks) -> frozenset[str]:
    return name_words(*(piece for n in numbers for piece in _pieces(_at(fields, n), marks)))


def _cities(fields: list[str], marks: _Marks) -> frozenset[str]:
    """The city of each address in PID-11 (XAD-3), where it is one word."""
    again = _at(fields, 11).split(marks.repetition)
    cities = (_at(address.split(marks.component), 2) for address in again)
    return frozenset(city for city in cities if city.isalpha())


def _parts(fields: list[str], numbers: tuple[int, ...], marks: _Marks) -> frozenset[str]:
    """Streets and telephone numbers; a state or a country alone tells nothing."""
    pieces = (piece for n in numbers for piece in _pieces(_at(fields, n), marks))
    return telling(*(piece for piece in pieces if any(c.isdigit() for c in piece)))
