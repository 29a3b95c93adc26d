"""The statements that deny allergies: "no known allergy", of all or of one class.

denied_by(fact)              "" all, "drug", "food" or "environment"; None where it denies none
is_denied(allergy, "drug")   whether that allergy cannot stand beside it

SNOMED CT: 716186003, 409137002, 428607008, 429625007, all below 716186003 |No known allergy|.
"""

import re

from osler.record.fact import Assertion, Fact, FactKind

__all__ = ["denied_by", "is_denied"]

_SNOMED = "http://snomed.info/sct|"
_CODES = {
    _SNOMED + "716186003": "", _SNOMED + "409137002": "drug",
    _SNOMED + "428607008": "environment", _SNOMED + "429625007": "food",
}  # fmt: skip
_WORDS = re.compile(
    r"(?:no|denies|nil) (?:any )?(?:known )?(?:(drug|medication|food|environmental) )?allerg.*"
    r"|nk(d?)a",
    re.IGNORECASE,
)
_CLASS = {
    "food": re.compile(
        r"nuts?\b|egg|milk|fish|soy|wheat|gluten|fruit|food|sesame|dairy", re.IGNORECASE
    ),
    "environment": re.compile(
        r"pollen|dust|mite|mou?ld|dander|\bcat\b|\bdog\b|animal|grass|tree|\bbee|wasp|venom"
        r"|ragweed|environment|latex",
        re.IGNORECASE,
    ),
}
_MAY_DENY = frozenset({FactKind.ALLERGY, FactKind.CONDITION, FactKind.OBSERVATION})


def denied_by(fact: Fact) -> str | None:
    """Which allergies this denies: "" all, or a class of them; None where it denies none."""
    if fact.assertion is not Assertion.PRESENT or fact.kind not in _MAY_DENY:
        return None
    if fact.code.key in _CODES:
        return _CODES[fact.code.key]
    words = _WORDS.fullmatch(fact.code.text.strip())
    if words is None:
        return None
    said = (words[1] or ("drug" if words[2] else "")).casefold()
    return {"medication": "drug", "environmental": "environment"}.get(said, said)


def is_denied(allergy: Fact, denied: str) -> bool:
    """Whether an allergy falls under a denial; one whose class is not plain counts as a drug's."""
    if allergy.kind is not FactKind.ALLERGY or allergy.assertion is not Assertion.PRESENT:
        return False
    if denied_by(allergy) is not None:
        return False
    if not denied:
        return True
    words = allergy.code.text
    return next((name for name, form in _CLASS.items() if form.search(words)), "drug") == denied
