"""Which of many statements hold: versions, corrections, replacements and ends, by three clocks.

    current(facts, as_of=None, known_at=None, received_by=None)      what holds
    latest(current(...))                                            of event facts, the last

The rules; all clocks are microseconds since 1970, UTC, and a date without a time is an interval.
 1. Known: `known <= known_at` by the hospital's clock and `received <= received_by` by Osler's.
    Nothing else is looked at. A limit of None is no limit.
 2. Versions: statements of one (stream, identity). A version is certainly older where its
    `known_by` is before another's `known`. Of those that are not, the last received stands; those
    received at one instant are undetermined (or parts of one version) and stand together.
 3. In error: where every version left by 2 is `entered-in-error`, `deleted` or `nullified`, the
    identity is gone and no earlier version revives; where only some are, the others stand. A later
    version that is not in error reinstates it.
 4. Replacement: a known statement that `replaces` an identity of its stream takes away all its
    versions, whenever recorded, unless its own identity is gone by 3; chains count throughout and
    revive nothing. Of a ring that stands whose word was last by (known, received), or all that tie.
 5. Without an identity a statement is replaced by nothing. Streams never touch each other.
 6. Valid time, after 1 to 5: `began <= as_of`; no `as_of` hides nothing that is still to begin.
    A state without a stated beginning begins when any version of its identity was first known.
    Never held: refuted, cancelled, not-done, rejected, superseded, replaced.
 7. Ends, of state kinds only (demographic, condition, allergy, medication). By an open status:
    until `ended`, inclusive. By an ending one (resolved, inactive, remission, stopped, completed,
    ended, discontinued, finished): until `ended`, but not past `received`; with no stated end,
    until just before `known`; and never where no `as_of` is given. Without an `as_of`, the instant
    asked for is `known_at`, else `received_by`, else when anything given here was last received.
 8. Events accumulate. The state of an event's code is the last by valid time in each stream and
    scope (`latest`): whatever did not certainly begin before the last one began, pending ones
    aside. Scopes are statements apart under one code: cT and pT, the receptors of two specimens.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Protocol, TypeVar

from osler.record.fact import Assertion

__all__ = ["STATES", "Claim", "Name", "current", "holds", "in_error", "known_by_then",
           "last_version", "latest", "newest", "overlap", "span_of", "standing", "taken_back",
           "until"]  # fmt: skip

STATES = frozenset({"demographic", "condition", "allergy", "medication"})
"""The kinds that change; all others are events, which accumulate."""

_IN_ERROR = frozenset({"entered-in-error", "deleted", "nullified"})
_NEVER = frozenset({"refuted", "cancelled", "not-done", "rejected", "superseded", "replaced"})
_ENDED = frozenset({"resolved", "inactive", "remission", "stopped", "completed", "ended",
                    "discontinued", "finished"})  # fmt: skip

_FOREVER = 2**63 - 1

Name = tuple[str, str]
"""A stream and an identity in it."""


class Claim(Protocol):
    """What arbitration needs of a statement: a `Fact`, or a row of columns that stands for one."""

    # Every one is a question, so that both properties and the fields of a tuple answer it.
    @property
    def kind(self) -> str: ...
    @property
    def stream(self) -> str: ...
    @property
    def identity(self) -> str | None: ...
    @property
    def replaces(self) -> str | None: ...
    @property
    def status(self) -> str: ...
    @property
    def assertion(self) -> str: ...
    @property
    def began(self) -> int: ...
    @property
    def began_by(self) -> int: ...
    @property
    def ended(self) -> int | None: ...
    @property
    def known(self) -> int: ...
    @property
    def known_by(self) -> int: ...
    @property
    def received(self) -> int: ...


class Scoped(Claim, Protocol):
    """A claim with its scope (`osler.record.topic.scope_of`)."""

    @property
    def scope(self) -> str: ...


C = TypeVar("C", bound=Claim)
S = TypeVar("S", bound=Scoped)


def current(
    claims: Iterable[C],
    as_of: int | None = None,
    known_at: int | None = None,
    received_by: int | None = None,
) -> list[C]:
    """What holds, in the order given. The module's docstring has the rules."""
    seen = known_by_then(claims, known_at, received_by)
    present = next((limit for limit in (as_of, known_at, received_by) if limit is not None), None)
    if present is None:
        present = max((c.received for c in seen), default=0)
    first = first_known(seen)
    return [c for c in standing(seen) if holds(c, as_of, present, first)]


def first_known(claims: Iterable[Claim]) -> dict[Name, int]:
    """When any version of each identity was first known."""
    first: dict[Name, int] = {}
    for claim in claims:
        if claim.identity:
            name = (claim.stream, claim.identity)
            first[name] = min(claim.known, first.get(name, claim.known))
    return first


def known_by_then(
    claims: Iterable[C], known_at: int | None = None, received_by: int | None = None
) -> list[C]:
    """Rule 1: what the hospital knew by `known_at` and Osler had by `received_by`."""
    return [
        c
        for c in claims
        if (known_at is None or c.known <= known_at)
        and (received_by is None or c.received <= received_by)
    ]


def standing(claims: Iterable[C]) -> list[C]:
    """Rules 2 to 5: what no later version, error or replacement takes away, in the order given."""
    claims = list(claims)
    last = {name: last_version(several) for name, several in _versions(claims).items()}
    gone = {name for name, right in last.items() if not right}
    gone |= _replaced(claims, gone)
    stand = {id(c) for name, right in last.items() if name not in gone for c in right}
    return [c for c in claims if (id(c) in stand if c.identity else not in_error(c))]


def taken_back(claims: Iterable[C]) -> set[Name]:
    """Rule 3: the identities that are gone because they were entered in error."""
    return {name for name, several in _versions(claims).items() if not last_version(several)}


def last_version(versions: Collection[C]) -> list[C]:
    """Rules 2 and 3: what the last version of an identity leaves; nothing where it is in error."""
    last = versions if len(versions) == 1 else newest(versions)
    return [c for c in last if not in_error(c)]


def _versions(claims: Iterable[C]) -> dict[Name, list[C]]:
    versions: dict[Name, list[C]] = defaultdict(list)
    for claim in claims:
        if claim.identity:
            versions[claim.stream, claim.identity].append(claim)
    return versions


def newest(versions: Collection[C]) -> list[C]:
    """Rule 2: the version that is last; several where no clock can tell."""
    last = max(c.known for c in versions)
    # Intervals that reach `last` overlap there, all of them: no ring of earlier and later arises.
    may = [c for c in versions if c.known_by >= last]
    arrived = max(c.received for c in may)
    return [c for c in may if c.received == arrived]


def in_error(claim: Claim) -> bool:
    """Whether it takes back its whole identity."""
    return claim.status in _IN_ERROR


def holds(
    claim: Claim,
    as_of: int | None,
    present: int | None,
    first: Mapping[Name, int] = MappingProxyType({}),
) -> bool:
    """Rules 6 and 7, of a statement that stands; `present` is the instant when `as_of` is None."""
    if claim.status in _NEVER or (as_of is not None and _begins(claim, first) > as_of):
        return False
    if claim.kind not in STATES:
        return True
    if as_of is None and claim.status in _ENDED:
        return False
    end, now = until(claim), present if as_of is None else as_of
    return end is None or now is None or now <= end


def _begins(claim: Claim, first: Mapping[Name, int]) -> int:
    """Rule 6: when it began, or for a state that does not say so, when it was first known.

    A state that begins at the instant at which it was known is one that does not say.
    """
    if claim.kind in STATES and claim.identity and claim.began == claim.known:
        return min(claim.began, first.get((claim.stream, claim.identity), claim.began))
    return claim.began


def until(claim: Claim) -> int | None:
    """Rule 7: the last instant at which a state can hold, or None where it goes on."""
    if claim.status not in _ENDED:
        return claim.ended
    # A planned end that lies ahead of the word that it is over was not the end.
    return claim.known - 1 if claim.ended is None else min(claim.ended, claim.received)


def span_of(claim: Claim) -> tuple[int, int]:
    """From when to when it can hold: a state until its end, an event as dated."""
    if claim.kind in STATES:
        end = until(claim)
        return claim.began, _FOREVER if end is None else max(end, claim.began)
    return claim.began, max(claim.began_by, claim.ended or claim.began_by)


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two spans share an instant."""
    return one[0] <= other[1] and other[0] <= one[1]


def latest(claims: Iterable[S]) -> list[S]:
    """Rule 8, of the statements about one code: the last of each stream and scope."""
    results = [c for c in claims if c.assertion != Assertion.PENDING]
    began: dict[tuple[str, str], int] = {}
    for claim in results:
        where = (claim.stream, claim.scope)
        began[where] = max(began.get(where, claim.began), claim.began)
    return [c for c in results if c.began_by >= began[c.stream, c.scope]]


def _replaced(claims: Iterable[Claim], gone: Collection[Name]) -> set[Name]:
    """Rule 4: the names that another takes the place of, directly or along a chain."""
    edges: dict[Name, set[Name]] = defaultdict(set)
    when: dict[Name, tuple[int, int]] = {}
    for number, claim in enumerate(claims):
        # A line break keeps a nameless statement from bearing the name of any other.
        name = (claim.stream, claim.identity or f"\n{number}")
        if not claim.replaces or name in gone or claim.replaces == claim.identity:
            continue
        if not claim.identity and in_error(claim):
            continue
        edges[name].add((claim.stream, claim.replaces))
        when[name] = max(when.get(name, (claim.known, 0)), (claim.known, claim.received))
    if not edges:
        return set()
    taken = {target for targets in edges.values() for target in targets}
    found: set[Name] = set()
    _spread([name for name in edges if name not in taken], edges, found)
    ring = sorted((n for n in edges if n not in found and n in taken), key=when.__getitem__)
    for _, tied in groupby(reversed(ring), key=when.__getitem__):
        _spread([name for name in tied if name not in found], edges, found)
    return found


def _spread(
    starts: Collection[Name], edges: Mapping[Name, Iterable[Name]], found: set[Name]
) -> None:
    """Add to `found` everything that can be reached from `starts`, but not those."""
    first, todo = set(starts), list(starts)
    while todo:
        for target in edges.get(todo.pop(), ()):
            if target not in found and target not in first:
                found.add(target)
                todo.append(target)
