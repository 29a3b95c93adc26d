"""What disagrees among the statements that hold, found in near-linear time: group, then compare.

    conflicts_in(held, standing)      one `Conflict` a topic, with the reasons

Finds what `relation` finds on every pair (tests/record/test_conflict.py), without asking every
pair: statements of one topic are gathered by stance, and only stances that differ are laid over
time. And it knows more: uncoded words that another statement ties to a code mean that code.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations, product

from osler.record.arbitration import span_of
from osler.record.denial import denied_by, is_denied
from osler.record.fact import Code, Fact, FactKind
from osler.record.relation import contradiction, same_content
from osler.record.topic import Stance, Topic, topic_of

__all__ = ["Conflict", "conflicts_in"]

_Placed = tuple[int, Fact]
_Said = tuple[Stance, list[_Placed]]
_Stances = dict[Stance, list[_Placed]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Statements about one thing that cannot all hold, and why."""

    code: Code
    facts: tuple[Fact, ...]
    why: str


def conflicts_in(held: Sequence[Fact], standing: Sequence[Fact]) -> list[Conflict]:
    """Every disagreement among statements that hold, in the order of the first of each.

    `standing` has those that hold and those that ended: of two versions that no clock puts in
    order, one may say that the state ended.
    """
    place = {id(fact): number for number, fact in enumerate(standing)}
    found: dict[frozenset[int], Conflict] = {}
    for one in (*_undetermined(standing), *_by_topic(held), *_denials(held)):
        found.setdefault(frozenset(place[id(fact)] for fact in one.facts), one)
    return sorted(found.values(), key=lambda one: place[id(one.facts[0])])


def _undetermined(facts: Sequence[Fact]) -> Iterator[Conflict]:
    """Versions of one identity that no clock puts in order, from several sources."""
    versions: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.identity:
            versions[fact.stream, fact.identity].append(fact)
    for several in versions.values():
        first = several[0]
        sources = {f.evidence.source for f in several}
        # Of two contents and two sources, some two statements differ in both.
        if len(sources) > 1 and not all(same_content(f, first) for f in several[1:]):
            why = "versions of one statement, and no clock says which is the later"
            yield Conflict(code=first.code, facts=tuple(several), why=why)


def _by_topic(facts: Sequence[Fact]) -> Iterator[Conflict]:
    groups: dict[tuple[Topic, str], _Stances] = {}
    coded = _coded_words(facts)
    for number, fact in enumerate(facts):
        topic = topic_of(fact)
        stance = Stance.of(fact, topic)
        bare = topic[0] == fact.kind and not fact.code.code
        meant: Iterable[Topic] = coded[topic] if bare and topic in coded else (topic,)
        for one in meant:
            stances = groups.setdefault((one, fact.experiencer), {})
            stances.setdefault(stance, []).append((number, fact))
    for (topic, _), stances in groups.items():
        if len(stances) > 1:
            clashing, why = _clashes(topic, stances)
            if clashing:
                found = [fact for _, fact in sorted(clashing.items())]
                yield Conflict(code=found[0].code, facts=tuple(found), why="; ".join(why))


def _coded_words(facts: Iterable[Fact]) -> Mapping[Topic, Iterable[Topic]]:
    """Words that some statement of the kind uses with a code: uncoded, they mean the same."""
    codes: dict[Topic, dict[Topic, None]] = defaultdict(dict)
    for fact in facts:
        if fact.code.code:
            codes[fact.kind, fact.code.text.casefold()][fact.kind, fact.code.key] = None
    return codes


def _clashes(topic: Topic, stances: _Stances) -> tuple[dict[int, Fact], dict[str, None]]:
    clashing: dict[int, Fact] = {}
    why: dict[str, None] = {}
    if not _may_clash(stances):
        return clashing, why
    whole = sum(map(len, stances.values()))
    for (one, mine), (other, theirs) in _pairs(stances):
        against = contradiction(topic, one, other)
        if against is None:
            continue
        if not against[1]:
            mine, theirs = _meeting(mine, theirs), _meeting(theirs, mine)
        if mine:
            why[against[0]] = None
            clashing.update(mine)
            clashing.update(theirs)
        if len(clashing) == whole:
            break
    return clashing, why


def _pairs(stances: _Stances) -> Iterator[tuple[_Said, _Said]]:
    """The stances that may contradict each other: of one specimen, and of none beside any."""
    shared = Counter(stance.identity for stance in stances if stance.identity)
    parts: dict[str | None, _Stances] = defaultdict(dict)
    elsewhere: _Stances = {}
    for stance, placed in stances.items():
        # Whose prescription it is counts only where that one says something else too.
        if stance.identity and shared[stance.identity] == 1:
            stance = stance._replace(identity=None)
        parts[stance.specimen].setdefault(stance, []).extend(placed)
        if stance.specimen is not None:
            elsewhere.setdefault(stance._replace(specimen=""), []).extend(placed)
    for part in parts.values():
        yield from combinations(part.items(), 2)
    yield from product(parts[None].items(), elsewhere.items())


def _may_clash(stances: Iterable[Stance]) -> bool:
    """A cheap question first: most topics (laboratory values) have nothing that could."""
    return any(
        len({getattr(stance, name) for stance in stances}) > 1
        for name in ("assertion", "value", "laterality")
    )


def _meeting(mine: Iterable[_Placed], theirs: Iterable[_Placed]) -> list[_Placed]:
    """Those of `mine` whose span meets the span of any of `theirs`."""
    spans = sorted(span_of(fact) for _, fact in theirs)
    starts = [start for start, _ in spans]
    ends = list(accumulate((end for _, end in spans), max))
    met = []
    for number, fact in mine:
        start, end = span_of(fact)
        before = bisect_right(starts, end)
        if before and ends[before - 1] >= start:
            met.append((number, fact))
    return met


def _denials(facts: Sequence[Fact]) -> Iterator[Conflict]:
    """ "No known allergy" beside an allergy."""
    allergies = [(n, f) for n, f in enumerate(facts) if f.kind is FactKind.ALLERGY]
    by_class: dict[tuple[str, str], list[_Placed]] = defaultdict(list)
    for number, fact in enumerate(facts):
        if (denied := denied_by(fact)) is not None:
            by_class[denied, fact.experiencer].append((number, fact))
    for (denied, whose), denials in by_class.items():
        against = [(n, f) for n, f in allergies if f.experiencer == whose and is_denied(f, denied)]
        met = dict(_meeting(denials, against)) | dict(_meeting(against, denials))
        if met:
            found = [fact for _, fact in sorted(met.items())]
            why = f"an allergy, and no known {denied + ' ' if denied else ''}allergy"
            yield Conflict(code=denials[0][1].code, facts=tuple(found), why=why)
