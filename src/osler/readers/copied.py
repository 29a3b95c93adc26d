"""Passages of a note that already stood in an earlier one: copied forward, so no new evidence.

    for passage in copied_from(text, [(digest, earlier_text), ...]):
        text[passage.start : passage.end]       stood at passage.source_start of passage.source

A passage is at least 12 words in the same order; case, spaces and line breaks do not count, any
other character does. The first earlier note that holds it is named. Time grows with the length of
the texts: runs of words are looked up by hash and compared word by word.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["WORDS", "Copied", "copied_from"]

WORDS = 12
"""The least number of words that make a passage: shorter runs are the language of the trade."""

_WORD = re.compile(r"\S+")
_Word = tuple[str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """Characters `[start, end)` of a note, and where the same words begin in the earlier one."""

    start: int
    end: int
    source: str
    source_start: int


def copied_from(text: str, earlier: Sequence[tuple[str, str]]) -> list[Copied]:
    """The passages of `text` that stand in `earlier` (name and text, oldest first), in order."""
    words = _words(text)
    sources = [(name, _words(old)) for name, old in earlier]
    known = _shingles(sources)
    found: list[Copied] = []
    at = 0
    while at + WORDS <= len(words):
        place = known.get(_key(words, at))
        length = _alike(words, at, sources[place[0]][1], place[1]) if place else 0
        if place is None or length < WORDS:
            at += 1
            continue
        name, old = sources[place[0]]
        start, end = words[at][1], words[at + length - 1][2]
        found.append(Copied(start=start, end=end, source=name, source_start=old[place[1]][1]))
        at += length
    return found


def _words(text: str) -> list[_Word]:
    return [(found[0].casefold(), found.start(), found.end()) for found in _WORD.finditer(text)]


def _shingles(sources: Sequence[tuple[str, list[_Word]]]) -> dict[int, tuple[int, int]]:
    """Where each run of `WORDS` words stood first: source and word."""
    known: dict[int, tuple[int, int]] = {}
    for number, (_, words) in enumerate(sources):
        for at in range(len(words) - WORDS + 1):
            known.setdefault(_key(words, at), (number, at))
    return known


def _key(words: list[_Word], at: int) -> int:
    return hash(tuple(word for word, _, _ in words[at : at + WORDS]))


def _alike(words: list[_Word], at: int, old: list[_Word], begins: int) -> int:
    """How many words are the same from these two places on."""
    most = min(len(words) - at, len(old) - begins)
    for offset in range(most):
        if words[at + offset][0] != old[begins + offset][0]:
            return offset
    return most
