"""Passages of a note that already stood in an earlier one: copied forward, so no new evidence.

    for passage in copied_from(text, [(digest, earlier_text), ...]):
        text[passage.start : passage.end]       stood at passage.source_start of passage.source
    record.support(fact, copied_evidence(store, record))        who else says so, copies apart

A passage is at least 12 words in the same order; case, spaces and line breaks do not count, any
other character does. The first earlier note that holds it is named. Time grows with the length of
the texts: runs of words are looked up by hash and compared word by word.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from osler.readers.resolve import ShownText, content_of, show
from osler.record.fact import Fact, FactKind
from osler.record.locator import Evidence, Locator, Page, Span
from osler.record.record import Record
from osler.record.source import Source
from osler.record.store import Store

__all__ = ["WORDS", "Copied", "copied_evidence", "copied_from"]

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
    notes = _Notes()
    for name, old in earlier:
        notes.add(name, _words(old))
    return notes.passages(_words(text))


def copied_evidence(store: Store, record: Record) -> frozenset[Evidence]:
    """The evidence of a record's facts that lies in text copied forward from its earlier notes.

    Notes go by their date, then by when they were known and received; of two that no clock tells
    apart, one is taken for the copy. Raises `SourceAltered`.
    """
    said: dict[str, list[Evidence]] = defaultdict(list)
    for fact in record.facts:
        if isinstance(fact.evidence.at, Span | Page):
            said[fact.evidence.source].append(fact.evidence)
    notes, copied = _Notes(), set()
    written = [f for f in record.of_kind(FactKind.NOTE) if f.evidence.source in said]
    for digest in dict.fromkeys(f.evidence.source for f in sorted(written, key=_age)):
        source = record.source(digest)
        if source is None:
            continue
        texts = _texts(content_of(store, source), source, said[digest])
        found = {page: _words(text) for page, text in texts.items()}
        passages = {page: notes.passages(words) for page, words in found.items()}
        for one in said[digest]:
            page, start, end = _within(one.at, texts)
            if any(p.start <= start and end <= p.end for p in passages[page]):
                copied.add(one)
        for words in found.values():
            notes.add(digest, words)
    return frozenset(copied)


class _Notes:
    """Notes in the order in which they were written, and where each run of words stood first."""

    def __init__(self) -> None:
        self._sources: list[tuple[str, list[_Word]]] = []
        self._known: dict[int, tuple[int, int]] = {}

    def add(self, name: str, words: list[_Word]) -> None:
        number = len(self._sources)
        self._sources.append((name, words))
        for at in range(len(words) - WORDS + 1):
            self._known.setdefault(_key(words, at), (number, at))

    def passages(self, words: list[_Word]) -> list[Copied]:
        found: list[Copied] = []
        at = 0
        while at + WORDS <= len(words):
            place = self._known.get(_key(words, at))
            length = _alike(words, at, self._sources[place[0]][1], place[1]) if place else 0
            if place is None or length < WORDS:
                at += 1
                continue
            name, old = self._sources[place[0]]
            start, end = words[at][1], words[at + length - 1][2]
            found.append(Copied(start=start, end=end, source=name, source_start=old[place[1]][1]))
            at += length
        return found


def _age(note: Fact) -> tuple[int, int, int, str]:
    return note.began, note.known, note.received, note.evidence.source


def _texts(data: bytes | Path, source: Source, said: Iterable[Evidence]) -> dict[int, str]:
    """The text that each page's characters count in; a note without pages is page 0."""
    ends: dict[int, int] = {}
    for one in said:
        page, end = _page(one.at), getattr(one.at, "end", 0)
        ends[page] = max(end, ends.get(page, 0))
    texts = {}
    for page, end in ends.items():
        at = Page(number=page, start=0, end=end) if page else Span(start=0, end=end)
        shown = show(data, source, at)
        texts[page] = shown.marked if isinstance(shown, ShownText) else ""
    return texts


def _page(at: Locator) -> int:
    return at.number if isinstance(at, Page) else 0


def _within(at: Locator, texts: Mapping[int, str]) -> tuple[int, int, int]:
    """Page, start and end of the words of a passage, without the space around them."""
    assert isinstance(at, Span | Page)  # copied_evidence() asks of no other
    text = texts[_page(at)][at.start : at.end]
    start = at.start + len(text) - len(text.lstrip())
    return _page(at), start, start + len(text.strip())


def _words(text: str) -> list[_Word]:
    return [(found[0].casefold(), found.start(), found.end()) for found in _WORD.finditer(text)]


def _key(words: list[_Word], at: int) -> int:
    return hash(tuple(word for word, _, _ in words[at : at + WORDS]))


def _alike(words: list[_Word], at: int, old: list[_Word], begins: int) -> int:
    """How many words are the same from these two places on."""
    most = min(len(words) - at, len(old) - begins)
    for offset in range(most):
        if words[at + offset][0] != old[begins + offset][0]:
            return offset
    return most
