"""Whom a delivery is about: what its structured files say of people, to be looked for elsewhere.

    people = people_of(bundle) | people_of(header)
    known = people.about(patient)               names and words to find in this patient's notes
    leaks(rewritten, people)                    [] where none of it is left

Nothing of this is ever written down; it lives as long as the reading.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from osler.errors import BrokenFile
from osler.readers.compressed import unpacked
from osler.record.patient import NO_AUTHORITY, Identifier

__all__ = ["Known", "People", "Person", "leaks", "name_words", "telling"]

_LETTERS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_TITLES = {"dr", "mr", "mrs", "ms", "miss", "prof", "jr", "sr", "md", "phd", "ii", "iii", "anon"}
_SHORTEST_WORD = 5  # a shorter number or word says too little to be looked for everywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """`names` are single words of names, `words` whatever else tells who somebody is."""

    names: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One patient, as one file of the delivery has it."""

    identifiers: frozenset[Identifier]
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Patients, everybody else who is named, and which reference means which patient."""

    persons: tuple[Person, ...] = ()
    others: Known = Known()
    references: Mapping[str, Identifier] = field(default_factory=dict)

    def __or__(self, other: "People") -> "People":
        """Both together."""
        return People(
            persons=(*self.persons, *(p for p in other.persons if p not in self.persons)),
            others=_joined((self.others, other.others)),
            references={**self.references, **other.references},
        )

    def about(self, patient: Identifier | None) -> Known:
        """What to look for in this patient's files: of everybody, where nobody knows whose."""
        his = [p.known for p in self.persons if patient and _is(p, patient)]
        if not his:
            his = [person.known for person in self.persons]
        return _joined((self.others, *his))


def name_words(*names: str) -> frozenset[str]:
    """The single words of names, without titles and initials."""
    words = (word for name in names for word in _LETTERS.findall(name))
    return frozenset(w for w in words if len(w) > 1 and w.casefold() not in _TITLES)


def telling(*words: str) -> frozenset[str]:
    """Those long enough to be looked for wherever they stand."""
    return frozenset(w.strip() for w in words if len(w.strip()) >= _SHORTEST_WORD)


def leaks(data: bytes, people: People) -> list[str]:
    """What of these people still stands in the bytes (packed ones are unpacked); [] is good.

    Names are looked for as whole words, with their first letter as it is written or all in
    capitals; everything else as a run of characters whatever its case.
    """
    try:
        plain = unpacked(data, "rewritten")
    except BrokenFile:
        plain = data
    known = _joined((people.others, *(person.known for person in people.persons)))
    text = plain.decode("utf-8", errors="ignore") + "\n" + plain.decode("latin-1")
    folded = text.casefold()
    words = set(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text))
    found = {w for w in known.words if _stands(w.casefold(), folded)}
    found |= {name for name in known.names if len(name) > 2 and words & {name, name.upper()}}
    return sorted(found)


def _stands(word: str, text: str) -> bool:
    """Whether it stands there on its own: digits inside a longer number are not it."""
    at = text.find(word)
    while at >= 0:
        around = text[max(at - 1, 0) : at] + text[at + len(word) : at + len(word) + 1]
        if not any(sign.isalnum() for sign in around):
            return True
        at = text.find(word, at + 1)
    return False


def _joined(several: Iterable[Known]) -> Known:
    names: set[str] = set()
    words: set[str] = set()
    for known in several:
        names |= known.names
        words |= known.words
    return Known(names=frozenset(names), words=frozenset(words))


def _is(person: Person, patient: Identifier) -> bool:
    if patient in person.identifiers:
        return True
    return any(
        one.value == patient.value and NO_AUTHORITY & {one.authority, patient.authority}
        for one in person.identifiers
    )
