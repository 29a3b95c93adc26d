"""A clinical note as text or Markdown: one source, one NOTE fact, and its sections.

    reading = read(data, context)       the note, dated only where it says its date
    text, trouble = text_of(data)       UTF-8, UTF-16 by its mark, else Latin-1 with a warning
    item = item_of(data, source, text, at, context, troubles)    the same rules for PDF and RTF
    sections(text)                      headings with character offsets that tile the text

A note may open with lines `Date: 2024-05-01`, `Patient-ID: AUTHORITY|VALUE`, `Note-Type: ...`.
What it says of the patient is not read here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osler.errors import BrokenFile
from osler.readers.reading import Context, Item, Reading
from osler.record.fact import Code, Fact, FactKind
from osler.record.locator import Evidence, Locator, Span
from osler.record.moment import Moment
from osler.record.patient import Identifier
from osler.record.source import Source

__all__ = ["NOTE_TYPE", "Section", "item_of", "read", "sections", "text_of"]

NOTE_TYPE = "urn:osler:note-type"
"""The system of a NOTE fact's code, where the note's type was declared."""

_MATTER = re.compile(r"([A-Z][A-Za-z-]{2,30}): *(.*)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")

_MARKDOWN = r"#{1,6}[ \t]+(?P<hash>[^\n]*?)[ \t#]*$"
_CAPITALS = r"(?P<caps>[A-Z][A-Z0-9 /&,()'.-]{2,60}?)[ \t]*:"
_ALONE = r"(?P<alone>[A-Z][A-Z0-9 /&,()'-]{3,60})[ \t]*$"
# Headings in sentence case are taken only where they are usual: `Plan:` is one, `Note that:` none.
_USUAL = (
    "addendum", "allergies", "assessment", "assessment and plan", "chief complaint",
    "clinical details", "clinical history", "comparison", "comment", "conclusion",
    "current medications",
    "diagnosis",
    "discharge medications", "exam", "examination", "family history", "findings",
    "gross description", "history", "history of present illness", "hospital course", "imaging",
    "immunohistochemistry", "impression", "indication", "interpretation", "investigations",
    "laboratory", "labs", "medications", "microscopic description", "microscopy", "molecular",
    "oncologic history", "past medical history", "past surgical history", "physical examination",
    "plan", "presenting complaint", "procedure", "recommendation", "recommendations", "results",
    "review of systems", "social history", "specimen", "specimens", "subjective", "objective",
    "summary", "technique", "treatment", "vital signs", "vitals",
)  # fmt: skip
_WORDS = "|".join(re.escape(words) for words in sorted(_USUAL, key=len, reverse=True))
_HEADING = re.compile(
    rf"^[ \t]*(?:{_MARKDOWN}|{_CAPITALS}|{_ALONE}|(?P<usual>(?i:{_WORDS}))[ \t]*:)", re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Characters `[start, end)` of a note; the heading's own line begins at `start`.

    `body` is where the words under the heading begin. What stands before the first heading is a
    section whose `heading` is empty.
    """

    heading: str
    start: int
    body: int
    end: int


def read(data: bytes, context: Context) -> Reading:
    """One source of kind `note`; raises `BrokenFile` when the bytes are no text."""
    text, trouble = text_of(data, context.name)
    source = Source.of(
        data,
        kind="note",
        name=context.name,
        media_type="text/markdown" if context.name.endswith(".md") else "text/plain",
    )
    whole = Span(start=0, end=len(text))
    return Reading(items=(item_of(data, source, text, whole, context, [trouble]),))


def item_of(
    data: bytes,
    source: Source,
    text: str,
    at: Locator,
    context: Context,
    troubles: Sequence[str | None] = (),
    made: Moment | None = None,
) -> Item:
    """The document with its one NOTE fact, dated and assigned by the text's own front matter.

    `made` is when its file says that it was made: it never dates the patient's state, and stands
    as `recorded_at`, inferred, where the text gives no date.
    """
    told = [trouble for trouble in troubles if trouble]
    matter = _front_matter(text)
    date = _date(matter, context, told)
    fact = Fact(
        kind=FactKind.NOTE,
        code=_code(text, matter, context),
        evidence=Evidence(source=source.digest, at=at),
        received_at=context.now,
        valid_from=date,
        recorded_at=date or made,
        recorded_inferred=True,
        status="final",
    )
    return Item(
        source=source,
        data=data,
        facts=(fact,),
        patient=_patient(matter, told),
        trouble="; ".join(told) or None,
    )


def text_of(data: bytes, name: str = "note") -> tuple[str, str | None]:
    """The note's characters, without a byte order mark, and what was doubtful in reading them."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), None
        except UnicodeDecodeError as error:
            raise BrokenFile(
                f"{name}: damaged UTF-16 at byte {error.start}: save it as UTF-8"
            ) from error
    if b"\x00" in data:
        raise BrokenFile(f"{name}: binary, or UTF-16 without a mark: save it as UTF-8")
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return data.decode("latin-1"), (
            f"line {line} is no UTF-8: read as Latin-1, in which accents and signs may be wrong"
        )


def sections(text: str) -> tuple[Section, ...]:
    """The text cut at its headings; the sections tile it, from 0 to its length."""
    found = list(_HEADING.finditer(text))
    starts = [match.start() for match in found]
    cut = []
    if text and (not starts or starts[0] > 0):
        cut.append(Section(heading="", start=0, body=0, end=starts[0] if starts else len(text)))
    for match, end in zip(found, [*starts, len(text)][1:], strict=True):
        heading = next(words for words in match.groupdict().values() if words is not None)
        cut.append(Section(heading=heading.strip(), start=match.start(), body=match.end(), end=end))
    return tuple(cut)


def _front_matter(text: str) -> Mapping[str, str]:
    """The `Key: value` lines before the first line that is none, without a title above them."""
    matter: dict[str, str] = {}
    for line in text.splitlines():
        found = _MATTER.fullmatch(line.rstrip())
        if found:
            matter.setdefault(found[1].casefold(), found[2].strip())
        elif line.strip() != "---" and (matter or not _may_precede(line)):
            break
    return matter


def _may_precede(line: str) -> bool:
    """Whether a line may stand above the front matter: a title or nothing."""
    return not line.strip() or line.startswith("#") or line.isupper()


def _date(matter: Mapping[str, str], context: Context, troubles: list[str]) -> Moment | None:
    declared = context.declared.get("date")
    stated = matter.get("date")
    if isinstance(declared, str):
        if stated and stated != declared:
            troubles.append(f"it is dated {stated}; its sidecar says {declared}, which is taken")
        return Moment.parse(declared, context.zone)
    if stated is None:
        return None
    if not _DATE.fullmatch(stated):
        troubles.append(f"its date '{stated}' is not of the form 2024-05-01: it stays undated")
        return None
    try:
        return Moment.parse(stated, context.zone)
    except BrokenFile as error:
        troubles.append(str(error))
        return None


def _code(text: str, matter: Mapping[str, str], context: Context) -> Code:
    titles = (section.heading for section in sections(text))
    title = next((words for words in titles if words), context.name.rsplit("/", 1)[-1])
    declared = context.declared.get("note_type") or matter.get("note-type")
    if isinstance(declared, str):
        return Code(text=title, system=NOTE_TYPE, code=declared)
    return Code(text=title)


def _patient(matter: Mapping[str, str], troubles: list[str]) -> Identifier | None:
    stated = matter.get("patient-id")
    if stated is None:
        return None
    authority, bar, value = stated.partition("|")
    if not bar or not authority.strip() or not value.strip():
        troubles.append(f"'Patient-ID: {stated}' names no patient: write AUTHORITY|VALUE")
        return None
    return Identifier.parse(stated)
