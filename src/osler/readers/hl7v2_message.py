"""One HL7 v2 message in ER7 (bars and hats): its delimiters, characters and segments.

    message = parse(data, "results.hl7")
    message.first("PID")                       a Segment, or None
    message.segments[2].elements(3)[0].part(4, 2)      component 4, subcomponent 2, unescaped

Segments count from 1 and fields as the standard counts them (MSH-1 is the bar). A line that opens
no segment goes on with the field above it. Source: HL7 v2.8, chapter 2, sections 2.5 to 2.7 and
2.14.9 (MSH); tables 0104 and 0211.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from osler.errors import BrokenFile

__all__ = ["HEADER", "NULL", "Element", "Marks", "Message", "Segment", "is_hl7v2", "parse"]

NULL = '""'
"""What deletes a value at the receiver; an empty field says nothing."""

_MARK = rb"[!-/:-@\[-`{-~]"
HEADER = rb"(?P<bar>" + _MARK + rb")((?:(?!(?P=bar))" + _MARK + rb"){1,5})(?=(?P=bar)|[\r\n]|\Z)"
"""What follows `MSH`, `FHS` or `BHS`: the bar, then the other delimiters up to the next bar."""

_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x0b]*(?:MSH|FHS|BHS)" + HEADER)
_HEADER = re.compile(rb"MSH" + HEADER)
_LINE = re.compile(r"[^\r\n]+")

_LONGEST = 32 << 20  # bytes of one message
_MOST_PARTS = 250_000  # segments and repetitions: each may become a fact
_MOST_FIELDS = 2_000_000

# HL7 table 0211; spaces, hyphens and underlines aside.
_CHARSETS = {
    "ASCII": "ascii", "ISOIR6": "ascii", "ISOIR100": "latin-1", "UNICODEUTF8": "utf-8",
    "UTF8": "utf-8", "ISOIR192": "utf-8", "ISOIR14": "iso2022_jp_2", "ISOIR87": "iso2022_jp_2",
    "ISOIR159": "iso2022_jp_2", "GB180302000": "gb18030", "KSX1001": "euc_kr", "BIG5": "big5",
    **{f"8859/{part}": f"iso8859-{part}" for part in (*range(1, 12), 13, 14, 15, 16)},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The delimiters that MSH-1 and MSH-2 declare (empty: not declared), and the encoding."""

    field: str
    component: str
    repetition: str = ""
    escape: str = ""
    subcomponent: str = ""
    truncation: str = ""
    encoding: str = "utf-8"

    def plain(self, text: str) -> str:
        """The text with its escape sequences (section 2.7) resolved; unknown ones stay."""
        text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        if not self.escape or self.escape not in text:
            return text
        sign = re.escape(self.escape)
        known = rf"{sign}([FSTREPHN]|X(?:[0-9A-Fa-f]{{2}})+|\.[a-z]{{2}}[ +]?\d{{0,3}}){sign}"
        return re.sub(known, lambda found: self._meant(found[1]), text)

    def _meant(self, word: str) -> str:
        if word[0] == "X":
            meant = bytes.fromhex(word[1:]).decode(self.encoding, errors="replace")
            return meant.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        if word[0] == ".":
            lines = {".br": 1, ".sp": min(int(word[3:].strip(" +") or 1), 9), ".ce": 1}
            return "\n" * lines.get(word[:3], 0)
        letters = {
            "F": self.field, "S": self.component, "T": self.subcomponent, "R": self.repetition,
            "E": self.escape, "P": self.truncation,
        }  # fmt: skip
        return letters.get(word, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One repetition of a field."""

    raw: str
    marks: Marks

    @property
    def null(self) -> bool:
        """Whether it says that the value is deleted."""
        return self.raw.strip() == NULL

    @property
    def text(self) -> str:
        """All of it, unescaped: for the types that have no components."""
        return "" if self.null else self.marks.plain(self.raw)

    def part(self, component: int, sub: int = 1) -> str:
        """A component, or a subcomponent of it; empty where it is empty, null or not there."""
        if not self.raw:
            return ""
        found = _nth(_nth(self.raw, self.marks.component, component), self.marks.subcomponent, sub)
        return "" if found.strip() == NULL else self.marks.plain(found).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment: `fields[0]` is its name, `fields[n]` field n as it stands in the message."""

    number: int
    fields: tuple[str, ...]
    marks: Marks

    @property
    def name(self) -> str:
        """`PID`, `OBX`, ..."""
        return self.fields[0]

    def raw(self, field: int) -> str:
        """The field as it stands, empty where it is not there."""
        return self.fields[field] if field < len(self.fields) else ""

    def elements(self, field: int) -> list[Element]:
        """The repetitions of a field that are not empty."""
        raw = self.raw(field)
        sign = self.marks.repetition
        parts = raw.split(sign) if sign else [raw]
        return [Element(raw=part, marks=self.marks) for part in parts if part.strip()]

    def first(self, field: int) -> Element:
        """The first repetition, empty where there is none."""
        raw, sign = self.raw(field), self.marks.repetition
        if sign and sign in raw:
            raw = next((part for part in raw.split(sign) if part.strip()), "")
        return Element(raw=raw, marks=self.marks)

    def part(self, field: int, component: int = 1, sub: int = 1) -> str:
        """A component of the first repetition."""
        return self.first(field).part(component, sub)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The segments of one message, MSH first, and what was doubtful in reading them."""

    segments: tuple[Segment, ...]
    troubles: tuple[str, ...] = ()

    @property
    def header(self) -> Segment:
        """MSH."""
        return self.segments[0]

    @property
    def type(self) -> str:
        """The message code: `ADT`, `ORU`, `MDM`."""
        return self.header.part(9, 1)

    @property
    def trigger(self) -> str:
        """The event: `A01`, `R01`; before v2.3 it may stand in EVN-1 alone."""
        event = self.first("EVN")
        return self.header.part(9, 2) or (event.part(1) if event else "")

    def all(self, name: str) -> Iterator[Segment]:
        """The segments of one name, in order."""
        return (segment for segment in self.segments if segment.name == name)

    def first(self, name: str) -> Segment | None:
        """The first segment of that name, or None."""
        return next(self.all(name), None)


def is_hl7v2(head: bytes) -> bool:
    """Whether these bytes begin as an HL7 v2 message, batch or MLLP frame does."""
    return _OPENING.match(head) is not None


def parse(data: bytes, name: str) -> Message:
    """The message in these bytes, which begin at its MSH; raises `BrokenFile`."""
    found = _HEADER.match(data)
    if found is None:
        raise BrokenFile(f"{name}: MSH-1 and MSH-2 declare no delimiters; ask for it to be resent")
    signs = (found[1] + found[2]).decode("ascii")
    if len(set(signs)) < len(signs):
        raise BrokenFile(f"{name}: MSH-2 '{signs[1:]}' uses one delimiter twice; have it resent")
    _check_size(data, signs, name)
    text, encoding, doubt = _decoded(data, signs)
    padded = signs.ljust(6, "\0")
    bar, component, repetition, escape, sub, truncation = (c.strip("\0") for c in padded)
    marks = Marks(
        field=bar, component=component, repetition=repetition, escape=escape, subcomponent=sub,
        truncation=truncation, encoding=encoding,
    )  # fmt: skip
    lines, strays = _lines(text, bar)
    troubles = [doubt] if doubt else []
    if strays:
        troubles.append(
            f"{strays} lines begin no segment (a line break inside a field?): each is read as part "
            "of the field above it"
        )
    segments = tuple(_segment(n, line, marks) for n, line in enumerate(lines, start=1))
    return Message(segments=segments, troubles=tuple(troubles))


def _check_size(data: bytes, signs: str, name: str) -> None:
    """Refuse what would fill the memory, before anything is made of it."""
    repetition = signs[2:3].encode()
    parts = data.count(b"\r") + data.count(b"\n") + (data.count(repetition) if repetition else 0)
    fields = data.count(signs[:1].encode())
    if len(data) > _LONGEST or parts > _MOST_PARTS or fields > _MOST_FIELDS:
        raise BrokenFile(
            f"{name}: one message of {len(data)} bytes, {parts} segments and repetitions and "
            f"{fields} fields, which is more than Osler takes in; have it sent in parts"
        )


def _nth(text: str, sign: str, place: int) -> str:
    if not sign or sign not in text:
        return text if place == 1 else ""
    parts = text.split(sign, place)
    return parts[place - 1] if place <= len(parts) else ""


def _segment(number: int, line: str, marks: Marks) -> Segment:
    fields = line.split(marks.field)
    if fields[0] == "MSH":
        fields.insert(1, marks.field)
    return Segment(number=number, fields=tuple(fields), marks=marks)


def _lines(text: str, bar: str) -> tuple[list[str], int]:
    """The segments, and how many lines were none and went to the one above."""
    opens = re.compile(rf"[A-Z][A-Z0-9]{{2}}(?:{re.escape(bar)}|\Z)")
    found: list[list[str]] = []
    strays = 0
    for line in (match[0] for match in _LINE.finditer(text)):
        if not found or opens.match(line):
            found.append([line])
        elif line.strip():
            found[-1].append(line)
            strays += 1
    return ["\n".join(lines) for lines in found], strays


def _decoded(data: bytes, signs: str) -> tuple[str, str, str | None]:
    """The characters, the encoding that gave them, and a doubt (section 2.14.9.18)."""
    first = re.split(rb"[\r\n]", data, maxsplit=1)[0].decode("latin-1").split(signs[0])
    stated = first[17] if len(first) > 17 else ""
    sets = [word.strip() for word in (stated.split(signs[2]) if len(signs) > 2 else [stated])]
    encodings = [_CHARSETS.get(re.sub(r"[ _-]", "", word.upper())) for word in sets if word]
    # A repetition switches to a further set by escapes of ISO 2022, whose decoder reads both.
    wanted = "iso2022_jp_2" if "iso2022_jp_2" in encodings else next(iter(encodings), None)
    doubt = None
    if any(encodings) or not stated.strip():
        try:
            return data.decode(wanted or "utf-8"), wanted or "utf-8", None
        except UnicodeDecodeError:
            doubt = f"its bytes are not the '{stated[:20]}' that MSH-18 states" if stated else None
    else:
        doubt = f"Osler does not know the character set '{stated[:20]}' of MSH-18"
    try:
        return data.decode("utf-8"), "utf-8", f"{doubt}: read as UTF-8" if doubt else None
    except UnicodeDecodeError:
        why = doubt or "MSH-18 names no character set, and its bytes are no UTF-8"
        return data.decode("latin-1"), "latin-1", f"{why}: read as Latin-1; accents may be wrong"
