"""TNM categories and stage groups in FHIR: observations by LOINC code, and `Condition.stage`.

    tnm_of_observation(resource)            [Tnm], or [] where the code is no staging code
    tnm_of_stage(stage, "lung cancer")      [Tnm] of one `Condition.stage`

The prefix is the one written, else the one that the code or the type states; the edition only
where it is written. Source: LOINC 21905-5 and the codes beside it; UICC TNM, 8th edition.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from osler.errors import BrokenFile
from osler.readers.fhir_values import LOINC, Resource, codes_in, rows
from osler.record.tnm import Tnm

__all__ = ["tnm_of_observation", "tnm_of_stage"]

# LOINC code -> axis and prefix.
_CODES = {
    "21905-5": ("T", "c"), "21906-3": ("N", "c"), "21907-1": ("M", "c"), "21908-9": ("group", "c"),
    "21899-0": ("T", "p"), "21900-6": ("N", "p"), "21901-4": ("M", "p"), "21902-2": ("group", "p"),
}  # fmt: skip
_BARE = re.compile(r"(?:X|is|\d[a-d]?\d?(?:mi)?)", re.IGNORECASE)
_GROUP = re.compile(
    r"(?:(?P<prefix>[yra]?[cp])?\s*stage\s*:?\s*)?(?P<category>0|0is|occult|I{1,3}[A-E]?\d?|IV[A-E]?\d?)",
    re.IGNORECASE,
)
_EDITION = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?[ -]?ed(?:ition|\.|\b)", re.IGNORECASE)
_ABOUT_STAGE = re.compile(r"\b(?:TNM|AJCC|UICC)\b", re.IGNORECASE)
_CANCER = re.compile(
    r"cancer|carcinoma|neoplas|malignan|tumou?r|sarcoma|melanoma|lymphoma|blastoma", re.IGNORECASE
)


def tnm_of_observation(resource: Resource) -> list[Tnm]:
    """The category that a staging observation states, as one `Tnm`; [] for anything else.

    A value that denies its own code (`pT2` under clinical T) stays what it is, with a trouble.
    """
    known = next((c for c in codes_in(resource.body.get("code"), LOINC) if c in _CODES), None)
    if known is None:
        return []
    axis, prefix = _CODES[known]
    value = resource.at("/valueCodeableConcept") or resource.at("/valueString")
    about = " ".join((*_words(resource.at("/method")), *_words(resource.at("/code"))))
    edition = _edition(about, *_words(value))
    for words in _words(value):
        if found := _one(words, axis, prefix, edition):
            if found.prefix and prefix not in found.prefix and found.prefix[-1] in "cp":
                resource.troubles.append(f"its code means {prefix}{axis}, its value is {words}")
                return []
            return [found]
    return []


def tnm_of_stage(stage: Mapping[str, Any], condition: str) -> list[Tnm]:
    """What one `Condition.stage` states: categories, or a stage group where it is a cancer's."""
    kind = " ".join(_words(stage.get("type")))
    loinc = next((c for c in codes_in(stage.get("type"), LOINC) if c in _CODES), None)
    summary = stage.get("summary")
    edition = _edition(kind, *_words(summary))
    prefix = _CODES[loinc][1] if loinc else _prefix(kind)
    for words in _words(summary):
        if found := Tnm.all_in(words):
            return [_with(one, prefix, edition) for one in found]
    if not (loinc or _ABOUT_STAGE.search(kind) or _CANCER.search(f"{condition} {kind}")):
        return []
    for words in _words(summary):
        if group := _one(words, "group", prefix, edition):
            return [group]
    return []


def _one(words: str, axis: str, prefix: str | None, edition: str | None) -> Tnm | None:
    words = _EDITION.sub("", words).strip()
    if axis == "group":
        found = _GROUP.fullmatch(words)
        if found is None:
            return None
        category = found["category"].upper()
        stated = found["prefix"].lower() if found["prefix"] else prefix
        return Tnm(axis=axis, category=category, prefix=stated, edition=edition)
    if _BARE.fullmatch(words):
        words = f"{axis}{words}"
    try:
        one = Tnm.parse(words, edition)
    except BrokenFile:
        return None
    return _with(one, prefix, edition) if one.axis == axis else None


def _with(one: Tnm, prefix: str | None, edition: str | None) -> Tnm:
    """The same with what its surroundings state; `y` alone stands before c or p: `yp`."""
    stated = one.prefix
    if stated is None:
        stated = prefix
    elif stated in {"y", "r", "a"} and prefix in {"c", "p"}:
        stated = f"{stated}{prefix}"
    return Tnm(axis=one.axis, category=one.category, prefix=stated, edition=one.edition or edition)


def _prefix(kind: str) -> str | None:
    """`c` or `p` where the words of a type say one of the two."""
    said = {p for p, word in (("c", "clinical"), ("p", "patholog")) if word in kind.casefold()}
    return said.pop() if len(said) == 1 else None


def _edition(*texts: str) -> str | None:
    found = {match[1] for text in texts for match in _EDITION.finditer(text)}
    return found.pop() if len(found) == 1 else None


def _words(concept: Any) -> Iterator[str]:
    """Every text, display and code of a CodeableConcept, or a string itself."""
    if isinstance(concept, str):
        yield concept
    elif isinstance(concept, dict):
        codings = list(rows(concept.get("coding")))
        held = [concept.get("text"), *(c.get(k) for c in codings for k in ("display", "code"))]
        yield from (words for words in held if isinstance(words, str) and words.strip())
