"""What a statement is about, and what it says of it, in a form that two statements compare by.

topic_of(fact)       ("receptor", "HER2"): statements of one topic can agree or disagree
Stance.of(fact)      how it stands: assertion, value, side, specimen

Receptor and blood group codes are LOINC 2.77 and SNOMED CT International; scores of HER2 read as
in the ASCO/CAP guideline of 2018 (0 and 1+ negative, 2+ equivocal, 3+ positive).
"""

import re
from collections.abc import Hashable
from typing import NamedTuple

from osler.record.fact import Assertion, Code, Fact, FactKind, FactValue, Quantity
from osler.record.moment import Moment
from osler.record.tnm import Tnm

__all__ = ["Stance", "Topic", "scope_of", "topic_of"]

Topic = tuple[str, str]

_LOINC = "http://loinc.org|"
_SNOMED = "http://snomed.info/sct|"
_RECEPTOR = {
    _LOINC + code: name
    for name, codes in {
        "ER": ("16112-5", "85337-4", "85310-1"),
        "PR": ("40556-3", "85339-0", "16113-3", "85331-7"),
        "HER2": ("48676-1", "85319-2", "18474-7", "85318-4", "72383-3"),
    }.items()
    for code in codes
}
_RECEPTOR_WORDS = (
    ("ER", re.compile(r"(?:o?estrogen receptors?|ER)(?: status| \(ER\).*)?", re.I)),
    ("PR", re.compile(r"(?:progesterone receptors?|PR|PgR)(?: status| \(PR\).*)?", re.I)),
    ("HER2", re.compile(r"(?:HER-?2(?:/neu)?|ERBB2)(?: status| receptor status)?", re.I)),
)
_BLOOD_GROUP = {_LOINC + "882-1": "", _LOINC + "883-9": "", _LOINC + "10331-7": "rh",
                _SNOMED + "365637002": "", _SNOMED + "115758001": "rh"}  # fmt: skip
_BLOOD_WORDS = re.compile(
    r"(?:abo.*|.*blood) (?:group|type)\b.*|rh(?:esus)?(?: factor| type)?", re.I
)
_FOR_LIFE = frozenset({"birth date", "date of birth", "sex", "death", "deceased", "date of death",
                       "death date"})  # fmt: skip

_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(mg|mcg|[uµ]g|g|ml|units?|iu|meq|mmol|tablets?)\b", re.I)
_OFTEN = re.compile(r"(\d+(?:\.\d+)?) x per (\d+(?:\.\d+)?) (\w+)")
_ABO = re.compile(r"\b(AB|A|B|O)(?![a-z])")
_SIGN = re.compile(r"(pos|neg)|([+-])(?!\w)", re.I)


class Stance(NamedTuple):
    """How a statement stands on its topic; equal stances cannot disagree."""

    assertion: Assertion
    value: Hashable
    shown: str
    laterality: str | None
    specimen: str | None
    identity: str | None

    @classmethod
    def of(cls, fact: Fact, topic: Topic | None = None) -> "Stance":
        """The stance of a fact on `topic_of(fact)`, which may be given where it is at hand."""
        value = _value(topic or topic_of(fact), fact)
        # Whose statement it is counts for drugs alone: one prescription has one dose.
        own = fact.identity if fact.kind is FactKind.MEDICATION and value is not None else None
        shown = "" if value is None else str(fact.value)
        return cls(fact.assertion, value, shown, fact.laterality, fact.specimen, own)


def scope_of(fact: Fact) -> str:
    """What sets a statement apart from others of the same code: neither is a version of another.

    A category of another prefix or edition (UICC TNM), and a receptor of another specimen.
    """
    if isinstance(fact.value, Tnm):
        return f"{fact.value.scope} {fact.value.edition or ''}".strip()
    if fact.specimen and topic_of(fact)[0] == "receptor":
        return fact.specimen
    return ""


def topic_of(fact: Fact) -> Topic:
    """What the statement is about: its concept, or what several codes are codes of."""
    key = fact.code.key
    if isinstance(fact.value, Tnm):
        return ("tnm", fact.value.scope)
    if fact.kind is FactKind.OBSERVATION and not isinstance(fact.value, Quantity):
        words = fact.code.text.strip()
        receptor = _RECEPTOR.get(key) or next(
            (name for name, form in _RECEPTOR_WORDS if form.fullmatch(words)), None
        )
        if receptor:
            return ("receptor", receptor)
        if key in _BLOOD_GROUP or _BLOOD_WORDS.fullmatch(words):
            return ("blood group", "")
    if fact.kind is FactKind.DEMOGRAPHIC and key.casefold() in _FOR_LIFE:
        return ("for life", key.casefold())
    return (fact.kind, key)


def _value(topic: Topic, fact: Fact) -> Hashable:
    """What is single-valued about the topic, in a form that compares; else None."""
    value = fact.value
    if value is None:
        return None
    match topic[0]:
        case "tnm" | "for life":
            return _folded(value)
        case "receptor":
            return _receptor(topic[1], value)
        case "blood group":
            return _blood_group(fact)
        case FactKind.MEDICATION if isinstance(value, str):
            amounts = frozenset((n.replace(",", "."), u.lower().rstrip("s"))
                                for n, u in _AMOUNT.findall(value))  # fmt: skip
            return (amounts, frozenset(_OFTEN.findall(value)))
    return None


def _folded(value: FactValue) -> Hashable:
    if isinstance(value, str | Code):
        words = str(value).strip().casefold()
        return {"f": "female", "m": "male"}.get(words, words)
    return value if isinstance(value, Tnm | Moment | bool) else None


def _receptor(name: str, value: FactValue) -> str | None:
    words = str(value).strip().casefold()
    if name == "HER2" and (score := re.search(r"\b([0-3])\s?\+", words)):
        return ("negative", "negative", "equivocal", "positive")[int(score[1])]
    for form, status in (
        (r"\b(?:equivocal|indeterminate|borderline)", "equivocal"),
        (r"\b(?:negative|neg|not amplified|not detected)\b", "negative"),
        (r"\b(?:positive|pos|amplified|detected)\b", "positive"),
    ):
        if re.search(form, words):
            return status
    return None


def _blood_group(fact: Fact) -> tuple[str | None, str | None]:
    words = str(fact.value)
    rhesus = _BLOOD_GROUP.get(fact.code.key) == "rh" or fact.code.text.casefold().startswith("rh")
    abo = None if rhesus else _ABO.search(words)
    sign = _SIGN.search(words)
    positive = sign and (sign[2] == "+" or (sign[1] or "").casefold() == "pos")
    return (abo[1] if abo else None, None if not sign else "+" if positive else "-")
