"""How a later statement stands to an earlier one about the same thing.

relation(earlier, later)      a `Relation`, or None: neither bears on the other

SUPERSEDE  a later version of one identity, or one that names it as replaced (arbitration, 2 and 4)
CONFLICT   both cannot hold at a time that they share: present and absent, two values of what has
           one, two sides or two receptor results of one specimen, an allergy and "none known"
REFINE     compatible, and more: a value, a side, an exact date, a code, a subcategory of TNM
SUPPORT    the same from another source that is not a copy
Stages of other dates, other editions, or clinical and pathological ones never conflict: a tumour
that grew is not staged anew. Two sides without a common specimen can be two lesions.
"""

from collections.abc import Container
from enum import StrEnum

from osler.record.arbitration import in_error, newest, overlap, span_of
from osler.record.denial import denied_by, is_denied
from osler.record.fact import Assertion, Code, Fact, FactKind, FactValue, Quantity
from osler.record.locator import Evidence
from osler.record.moment import Moment
from osler.record.tnm import Tnm
from osler.record.topic import Stance, Topic, topic_of

__all__ = ["Relation", "contradiction", "relation", "same_content"]

_PLAIN = frozenset({Assertion.PRESENT, Assertion.ABSENT})
_SIDES = frozenset({"left", "right"})


class Relation(StrEnum):
    """What a later statement does to an earlier one."""

    SUPPORT = "support"
    REFINE = "refine"
    SUPERSEDE = "supersede"
    CONFLICT = "conflict"


def relation(earlier: Fact, later: Fact, copied: Container[Evidence] = ()) -> Relation | None:
    """The relation of `later` to `earlier`; text at an evidence in `copied` supports nothing."""
    if earlier.stream is later.stream:
        if later.replaces and later.replaces == earlier.identity:
            return Relation.SUPERSEDE
        if earlier.identity and earlier.identity == later.identity:
            last = newest((earlier, later))
            if len(last) == 1:
                return Relation.SUPERSEDE if last[0] is later else None
            # Of one source they are parts of one version, and compare as any two do.
            if earlier.evidence.source != later.evidence.source:
                return _undetermined(earlier, later, copied)
    if in_error(earlier) or in_error(later) or earlier.experiencer != later.experiencer:
        return None
    meet = overlap(span_of(earlier), span_of(later))
    if not _same_thing(earlier, later):
        return Relation.CONFLICT if meet and _denies(earlier, later) else None
    against = contradiction(topic_of(earlier), Stance.of(earlier), Stance.of(later))
    if against:
        return Relation.CONFLICT if meet or against[1] else None
    if not meet or _apart(earlier.specimen, later.specimen):
        return None
    return _agreement(earlier, later, copied)


def contradiction(topic: Topic, one: Stance, other: Stance) -> tuple[str, bool] | None:
    """Why two stances on a topic cannot both hold, and whether at no time; else None."""
    if not {one.assertion, other.assertion} <= _PLAIN or _apart(one.specimen, other.specimen):
        return None
    same_specimen = one.specimen is not None and one.specimen == other.specimen
    if one.assertion is not other.assertion:
        if {one.laterality, other.laterality} == _SIDES:
            return None
        return "stated as present and as absent", same_specimen
    if one.assertion is Assertion.ABSENT:
        return None
    if same_specimen and {one.laterality, other.laterality} == _SIDES:
        return "left and right of one specimen", True
    if one.value is None or other.value is None or not _differ(topic, one, other):
        return None
    why = f"{one.shown} and {other.shown}"
    if topic[0] in {"for life", "blood group"}:
        return why, True
    if topic[0] == "receptor":
        return f"{why}{' of one specimen' if same_specimen else ' at one time'}", same_specimen
    return f"{why} at one time", False


def same_content(one: Fact, other: Fact) -> bool:
    """Whether two statements say the same, whoever says it and wherever."""
    return (
        (one.kind, one.code.key, one.status, one.assertion, one.experiencer)
        == (other.kind, other.code.key, other.status, other.assertion, other.experiencer)
        and (one.laterality, one.specimen) == (other.laterality, other.specimen)
        and (one.valid_from, one.valid_to) == (other.valid_from, other.valid_to)
        and one.value == other.value
    )


def _undetermined(earlier: Fact, later: Fact, copied: Container[Evidence]) -> Relation | None:
    if not same_content(earlier, later):
        return Relation.CONFLICT
    return None if _is_copy(earlier, later, copied) else Relation.SUPPORT


def _same_thing(one: Fact, other: Fact) -> bool:
    mine, theirs = topic_of(one), topic_of(other)
    if mine == theirs:
        return True
    # The same words once with a code and once without are one concept; two codes are two.
    bare = one.code.code is None or other.code.code is None
    words = one.code.text.casefold() == other.code.text.casefold()
    return mine[0] == theirs[0] and mine[0] in set(FactKind) and bare and words


def _denies(one: Fact, other: Fact) -> bool:
    for denial, allergy in ((one, other), (other, one)):
        denied = denied_by(denial)
        if denied is not None and is_denied(allergy, denied):
            return True
    return False


def _apart(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _differ(topic: Topic, one: Stance, other: Stance) -> bool:
    mine, theirs = one.value, other.value
    if topic[0] == FactKind.MEDICATION:
        if one.identity is not None and one.identity == other.identity:
            return False
        return _unlike(mine, theirs)
    if topic[0] == "blood group":
        return _unlike(mine, theirs)
    if isinstance(mine, Tnm) and isinstance(theirs, Tnm):
        if _apart(mine.edition, theirs.edition):
            return False
        return not (_within(mine, theirs) or _within(theirs, mine))
    if isinstance(mine, Moment) and isinstance(theirs, Moment):
        return mine.before(theirs) is not None
    return type(mine) is type(theirs) and mine != theirs


def _unlike(mine: object, theirs: object) -> bool:
    """Whether some part that both state differs: amounts and frequency, ABO and Rh."""
    assert isinstance(mine, tuple) and isinstance(theirs, tuple)
    return any(a and b and a != b for a, b in zip(mine, theirs, strict=True))


def _within(fine: Tnm, coarse: Tnm) -> bool:
    """Whether a category is the other or a subcategory of it: T1c of T1, IIA of II, all of X."""
    if coarse.category in {"X", fine.category}:
        return True
    rest = fine.category.removeprefix(coarse.category)
    return rest != fine.category and not rest.startswith(("I", "V"))


def _agreement(earlier: Fact, later: Fact, copied: Container[Evidence]) -> Relation | None:
    """REFINE or SUPPORT of two statements that do not contradict each other, or neither."""
    if earlier.assertion is not later.assertion:
        unsure = earlier.assertion is Assertion.POSSIBLE and later.assertion in _PLAIN
        return Relation.REFINE if unsure else None
    if _apart(earlier.laterality, later.laterality):
        return None
    more = _more(earlier.value, later.value)
    if more is None and _in_other_words(earlier, later):
        more = False
    if more is None:
        return None
    if (
        more
        or (earlier.laterality is None and later.laterality is not None)
        or (earlier.code.code is None and later.code.code is not None)
        or _sharper(earlier.valid_from, later.valid_from)
    ):
        return Relation.REFINE
    return None if _is_copy(earlier, later, copied) else Relation.SUPPORT


def _in_other_words(one: Fact, other: Fact) -> bool:
    """Whether both give the same of what has one value: "F" and "female", "3+" and "positive"."""
    mine = Stance.of(one).value
    single = topic_of(one)[0] in {"for life", "receptor", "blood group"}
    return single and mine is not None and mine == Stance.of(other).value


def _more(before: FactValue, after: FactValue) -> bool | None:
    """Whether the later value says more than the earlier; None where they do not agree."""
    if before is None or after is None:
        return after is not None
    if isinstance(before, Tnm) and isinstance(after, Tnm):
        if _within(after, before):
            return after.category != before.category or (
                before.edition is None and after.edition is not None
            )
        return False if _within(before, after) else None
    if isinstance(before, Moment) and isinstance(after, Moment):
        return None if before.before(after) is not None else _sharper(before, after)
    if isinstance(before, Quantity) and isinstance(after, Quantity):
        same = (before.value, before.comparator) == (after.value, after.comparator)
        units = (before.ucum or before.unit) == (after.ucum or after.unit)
        return False if same and units else None
    if isinstance(before, str | Code) and isinstance(after, str | Code):
        if str(before).casefold() == str(after).casefold():
            return isinstance(after, Code) and (
                after.code is not None and getattr(before, "code", None) is None
            )
        keys = [v.key for v in (before, after) if isinstance(v, Code) and v.code]
        return False if len(keys) == 2 and keys[0] == keys[1] else None
    return False if before == after else None


def _sharper(before: Moment | None, after: Moment | None) -> bool:
    """Whether a date lies inside an earlier one and is narrower."""
    if before is None or after is None:
        return after is not None
    outer, inner = (before.earliest, before.latest), (after.earliest, after.latest)
    return outer != inner and outer[0] <= inner[0] and inner[1] <= outer[1]


def _is_copy(one: Fact, other: Fact, copied: Container[Evidence]) -> bool:
    """Whether the two are one statement seen twice: the same source, or text carried forward."""
    same = one.evidence.source == other.evidence.source
    return same or one.evidence in copied or other.evidence in copied
