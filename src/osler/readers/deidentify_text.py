"""Structured identifiers in free text: dates moved, numbers, addresses and known names taken out.

    clean("Seen 2024-05-01, MRN 8823, call 555-201-3344", cleaner)
    "Seen 2024-03-22, [identifier], call [phone]"

Found are: dates (`osler.readers.deidentify_text_dates`), telephone numbers, e-mail, URLs and IP
addresses, labelled fields (`Name:`, `DOB:`, `MRN`), national numbers (US SSN; NHS number and BSN
by their check digit), post codes and street addresses, names after a title, ages over 89, and
whatever the delivery's structured files say of this patient (`People`).

THIS IS NO GUARANTEE: a name that stands in free text without a title or a label, and that no other
file of the delivery gives, is not found; nor is a nickname, a misspelling, a relative or a story
that tells who somebody is. Text that leaves the hospital needs a person's eyes.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from osler.errors import WrongUse
from osler.readers.deidentify import Deidentifier
from osler.readers.deidentify_people import Known
from osler.readers.deidentify_text_dates import DATE, dates
from osler.record.patient import Identifier

__all__ = ["CAUTION", "Cleaner", "clean"]

CAUTION = (
    "names in free text that no file of the delivery declares are not found: "
    "de-identified notes need a person's eyes before they leave the hospital"
)
"""What is said to whoever asked for it."""

_ID, _NAME, _PHONE, _ADDRESS = "[identifier]", "[name]", "[phone]", "[address]"

_FRONT = re.compile(r"^(Patient-ID:[ \t]*)(\S.*?)[ \t]*\r?$", re.MULTILINE)
# A field ends at the line, at a gap, or where the next label begins.
_END = r"(?=[ \t]{2,}|\t|;|\||[ ]+[A-Z][\w/-]*(?: [A-Za-z]+)?:|[ \t]*\r?$)"
_NAMES = re.compile(
    r"\b(?:(?:patient|pt|full|first|last|given|family|middle|maiden|mother'?s|father'?s|"
    r"next of kin|emergency|contact|provider|physician|doctor|surgeon|nurse)(?:'s)? name|name|"
    r"surname|forename|next of kin|emergency contact|attending|referring physician|"
    r"(?:dictated|signed|electronically signed|transcribed|reported|verified) by)"
    rf"[ \t]*:[ \t]*(?P<value>\S[^\n]{{0,120}}?){_END}",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESSES = re.compile(
    r"\b(?:(?:home |mailing |street )?address|lives at|residing at)[ \t]*:?[ \t]+"
    r"(?P<value>[^\n]{1,160}?)(?=[ \t]{2,}|\t|;|\||[ \t]*\r?$)",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBERS = re.compile(
    r"\b(?:MRN|medical record(?: number| no)?|hospital (?:number|no)|NHS(?: number| no)?|SSN|"
    r"social security(?: number| no)?|BSN|account(?: number| no)?|accession(?: number| no)?|"
    r"patient (?:ID|number|no)|case (?:number|no)|chart (?:number|no)|policy(?: number| no)?|"
    r"insurance (?:ID|number|no)|member ID|licen[cs]e(?: number| no)?|passport(?: number| no)?|"
    r"visit (?:ID|number|no)|encounter (?:ID|number|no)|serial (?:number|no)|NPI|DEA)\b"
    r"[ \t]*[.#:]*[ \t]*#?(?P<value>(?=[\w/.-]*\d)\w[\w/.-]*\w(?: \d[\d ]*\d)?)",
    re.IGNORECASE,
)
_PLAIN: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("[e-mail]", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")),
    ("[url]", re.compile(r"\b(?:https?|ftp)://\S+|\bwww\.[\w-]+\.\S+", re.IGNORECASE)),
    (_ID, re.compile(r"(?<![\d-])\d{3}-\d\d-\d{4}(?![\d-])")),
    ("[ip]", re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")),
    (_PHONE, re.compile(
        r"(?<![\w.+])\+\d{1,3}[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d{1,4}"
        r"(?:[ .-]?\d{2,4}){1,4}(?!\w)")),
    (_PHONE, re.compile(
        r"(?<![\w.-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}"
        r"(?:(?: ?x| ext\.? ?)\d{1,6})?(?![\w-])")),
    (_PHONE, re.compile(r"(?<![\w.-])0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}(?![\w-])")),
    (_ADDRESS, re.compile(
        r"(?<![\w.])\d{1,6}[A-Za-z]? (?:[A-Z][\w'-]* ){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Lane|"
        r"Ln|Drive|Boulevard|Blvd|Court|Crescent|Close|Terrace|Place|Way|STREET|AVENUE|ROAD|LANE)\b\.?"
        r"(?:,? (?:Apt|Unit|Suite|Flat|Apartment)\.? [\w-]+)?")),
    ("[postcode]", re.compile(r"(?<=[A-Z]{2} )\d{5}(?:-\d{4})?(?![\w-])")),
    ("[postcode]", re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}\b")),
    ("[postcode]", re.compile(r"\b[1-9]\d{3} ?[A-Z]{2}(?=,? +[A-Z][a-z]{2,})")),
    (_NAME, re.compile(
        r"\b(?:Dr|Mr|Mrs|Ms|Miss|Prof|Professor|Doctor)\.? +"
        r"(?P<value>[A-Z][\w'’-]+(?: [A-Z](?:\.|[a-z'’-]+))*)")),
)  # fmt: skip
_PHONES = re.compile(
    r"\b(?:tel|telephone|phone|fax|mobile|cell|pager|bleep)\b\.?"
    r"(?: (?:number|no)\.?)?[ \t]*:?[ \t]*"
    r"(?P<value>[+(]?\d[\d ().-]{4,20}\d)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[^\W_]+")
_TEN = re.compile(r"(?<![\w.-])\d{3} ?\d{3} ?\d{4}(?![\w-])")
_NINE = re.compile(r"(?<![\w.-])\d{9}(?![\w-])")
_BORN = re.compile(
    r"\b(?:DOB|D\.O\.B\.|date of birth|birth ?date|born(?: on)?)[ \t]*[:.]?[ \t]*"
    r"(?P<value>(?:[\w,./-]+ ){0,2}?(?:[\w/.]+[/.-])?(?P<year>1[89]\d\d|20\d\d)"
    r"(?:-\d\d-\d\d)?)(?!\d)",
    re.IGNORECASE,
)
_OLDEST = 89
_AGE = re.compile(
    r"(?<![\w.])(?P<value>9\d|1[0-2]\d)(?=[ -]?(?:years?|yrs?|y/?o|Y)\b)"
    r"|(?<=\baged )(?P<aged>9\d|1[0-2]\d)(?!\d|\.\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaner:
    """What text is cleaned with: the key, how far its dates move, and who is known."""

    deidentifier: Deidentifier
    days: int | None
    known: Known = field(default_factory=Known)

    def of(self, text: str, *, names: bool = True) -> str:
        """The text without what tells whose it is.

        With `names` False, known names stay: for a code's own words, where "White" is nobody's.
        """
        return clean(text, self, names=names)


def clean(text: str, cleaner: Cleaner, *, names: bool = True) -> str:
    """The text with every find replaced; what is found first wins where two overlap."""
    starts: list[int] = []
    taken: list[tuple[int, int, str]] = []
    for start, end, put in _finds(text, cleaner, names):
        at = bisect_left(starts, start)
        before_ends = taken[at - 1][1] if at else 0
        next_starts = starts[at] if at < len(starts) else len(text) + 1
        if start < end and before_ends <= start and end <= next_starts:
            starts.insert(at, start)
            taken.insert(at, (start, end, put))
    parts, last = [], 0
    for start, end, put in taken:
        parts += [text[last:start], put]
        last = end
    return "".join([*parts, text[last:]])


def _finds(text: str, cleaner: Cleaner, names: bool) -> Iterator[tuple[int, int, str]]:
    yield from _front_matter(text, cleaner.deidentifier)
    for form, put in ((_NUMBERS, _ID), (_NAMES, _NAME), (_ADDRESSES, _ADDRESS), (_PHONES, _PHONE)):
        for found in form.finditer(text):
            # A labelled date is still moved as a date: what is labelled here is none.
            yield *found.span("value"), put
    yield from _known(text, cleaner.known, names)
    for found in _BORN.finditer(text):
        if int(found["year"]) < cleaner.deidentifier.today.year - _OLDEST:
            yield *found.span("value"), DATE
    yield from dates(text, cleaner.days)
    for form, right in ((_TEN, _is_nhs), (_NINE, _is_bsn)):
        for found in form.finditer(text):
            if right([int(c) for c in found[0] if c.isdigit()]):
                yield found.start(), found.end(), _ID
    for put, form in _PLAIN:
        for found in form.finditer(text):
            yield *found.span("value" if "value" in form.groupindex else 0), put
    for found in _AGE.finditer(text):
        yield found.start(), found.end(), "90+"


def _front_matter(text: str, deidentifier: Deidentifier) -> Iterator[tuple[int, int, str]]:
    for found in _FRONT.finditer(text):
        try:
            put = deidentifier.pseudonym(Identifier.parse(found[2]))
        except WrongUse:
            yield *found.span(2), _ID
        else:
            yield *found.span(2), f"{put.authority}|{put.value}"


def _known(text: str, known: Known, names: bool) -> Iterator[tuple[int, int, str]]:
    """Words wherever they stand; of names also the runs ("Jane Q. Doe", "DOE, Jane")."""
    index = _index(known)
    tokens = set(_TOKEN.findall(text.casefold()))
    near = {word for token in tokens & index.words.keys() for word in index.words[token]}
    for word in sorted(near, key=len, reverse=True):
        for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
            yield found.start(), found.end(), _ID
    here = {name for token in tokens & index.names.keys() for name in index.names[token]}
    if not names or not here:
        return
    one = "|".join(re.escape(name) for name in sorted(here, key=len, reverse=True))
    whole = re.compile(rf"(?<!\w)(?:{one})(?:,? (?:[A-Z]\.? )?(?:{one}))*(?!\w)", re.IGNORECASE)
    for found in whole.finditer(text):
        # One word in small letters is a word ("young", "white"); two together are a name.
        if not found[0].islower() or " " in found[0]:
            yield found.start(), found.end(), _NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """Names and words by their first run of letters or digits: a cohort's are many thousands."""

    names: dict[str, list[str]]
    words: dict[str, list[str]]


@lru_cache(maxsize=64)
def _index(known: Known) -> _Index:
    index = _Index(names={}, words={})
    for kind, by_token in ((known.names, index.names), (known.words, index.words)):
        for word in kind:
            tokens = _TOKEN.findall(word.casefold())
            if tokens:
                by_token.setdefault(tokens[0], []).append(word)
    return index


def _is_nhs(digits: list[int]) -> bool:
    """The NHS number's check digit, modulus 11 (NHS Data Dictionary, NHS NUMBER)."""
    weighed = sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=False))
    return (11 - weighed % 11) % 11 == digits[9]


def _is_bsn(digits: list[int]) -> bool:
    """The eleven-test of the Dutch burgerservicenummer, its last digit weighed with -1."""
    weights = (*range(9, 1, -1), -1)
    return any(digits) and sum(d * w for d, w in zip(digits, weights, strict=True)) % 11 == 0
