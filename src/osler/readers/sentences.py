"""A note's sentences by character, so that one of them can be shown, quoted or judged alone.

    for sentence in sentences(text):
        text[sentence.start : sentence.end]

Sentences are in order, do not overlap, begin and end with a character that is not a space, and
together hold every such character of the text. A heading or a bullet's item on lines of its own is
one. Rules only, one pass, no model; time grows with the length of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Sentence", "sentences"]

# Never the end of a sentence: something always follows.
_ALWAYS_GO_ON = frozenset(
    ["dr", "mr", "mrs", "ms", "prof", "st", "e.g", "i.e", "eg", "ie", "vs", "v", "cf", "approx",
     "ca", "no", "nos", "fig", "figs", "ref", "vol", "resp", "incl", "esp", "nr", "tel"]
)  # fmt: skip
# Perhaps the end: only where a capital follows.
_MAY_GO_ON = frozenset(
    ["i.v", "p.o", "i.m", "s.c", "b.i.d", "t.i.d", "q.i.d", "q.d", "p.r.n", "q.h.s", "o.d", "a.m",
     "p.m", "etc", "inc", "jr", "sr", "y.o", "mg", "ml", "mcg", "kg", "cm", "mm", "hr", "hrs",
     "min", "sec", "wk", "wks", "yr", "yrs", "mo", "tab", "tabs", "cap", "caps", "temp", "neg",
     "pos", "hx", "dx", "tx", "rx", "pt", "pts", "w.r.t", "al", "u.s"]
)  # fmt: skip
_BULLET = re.compile(r"(?:[-*•·–o]|\d{1,2}[.)]|\(\d{1,2}\)|[a-z][.)])[ \t]+(?=\S)")
# Of a run of marks only its start is tried, and nothing is given back: linear in a million dots.
_STOP = re.compile(r"(?<![.?!])[.?!]++[\"'”’)\]]{0,3}(?=\s|,[A-Z])")
_WORD_BEFORE = re.compile(r"[\w.]{1,12}\Z")
_LIST_NUMBER = re.compile(r"(?:\d{1,2}|[A-Za-z])\Z")
_HEADING_LINE = re.compile(r"(?:#{1,6} .*|[A-Z][A-Za-z /&,()'-]{1,60}:|[A-Z][A-Z /&,()'-]{2,60})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Characters `[start, end)` of a text."""

    start: int
    end: int


def sentences(text: str) -> tuple[Sentence, ...]:
    """The text's sentences; none for a text of spaces."""
    found: list[Sentence] = []
    for start, end in _blocks(text):
        found.extend(_in_block(text, start, end))
    return tuple(found)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Runs of lines that were wrapped by width, so that a sentence may go on across them.

    A line break is one of the writer's own, and ends a sentence, before a blank line, a bullet or
    a heading, after a heading, and where the next line's first word would still have fitted.
    """
    block: list[tuple[int, int]] = []
    width = 0
    for start, end in _lines(text):
        line = text[start:end]
        if block and (not line or _breaks(text, block[-1], (start, end), width)):
            yield block[0][0], block[-1][1]
            block, width = [], 0
        if line:
            block.append((start, end))
            width = max(width, len(line))
    if block:
        yield block[0][0], block[-1][1]


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Each line without the spaces around it."""
    at = 0
    for line in text.splitlines(keepends=True):
        left = len(line) - len(line.lstrip())
        kept = line.strip()
        yield at + (left if kept else 0), at + (left + len(kept) if kept else 0)
        at += len(line)


def _breaks(text: str, last: tuple[int, int], line: tuple[int, int], width: int) -> bool:
    """Whether the break between these two lines is the writer's own."""
    above, below = text[last[0] : last[1]], text[line[0] : min(line[1], line[0] + 200)]
    if _BULLET.match(below) or _is_heading(above) or _is_heading(text[line[0] : line[1]]):
        return True
    if below[0].islower():
        return False
    first = len(below.split(maxsplit=1)[0])
    return len(above) + 1 + first <= max(width, 50)


def _is_heading(line: str) -> bool:
    return len(line) <= 80 and _HEADING_LINE.match(line) is not None


def _in_block(text: str, start: int, end: int) -> Iterator[Sentence]:
    at = start
    for stop in _STOP.finditer(text, start, end):
        if stop.end() < end and _ends(text, at, stop, end):
            yield Sentence(start=at, end=stop.end())
            at = stop.end()
            while at < end and text[at].isspace():
                at += 1
    if at < end:
        yield Sentence(start=at, end=end)


def _ends(text: str, start: int, stop: re.Match[str], end: int) -> bool:
    """Whether a sentence that began at `start` ends with this mark."""
    after = text[stop.end() : min(end, stop.end() + 40)].lstrip()
    if not after:
        return True
    if stop[0] != "." or after[0] == ",":
        return not after[0].islower() or len(stop[0]) > 1
    before = text[max(start, stop.start() - 12) : stop.start()]
    found = _WORD_BEFORE.search(before)
    word = found[0].casefold() if found else ""
    if word in _ALWAYS_GO_ON and not (word == "no" and after[0].isalpha()):
        return False
    if stop.start() - start <= 2 and _LIST_NUMBER.match(text[start : stop.start()]):
        return False  # the number of an item stays with it
    if len(word) == 1 and word.isalpha() and before[-1:].isupper() and before[:-1].endswith(" "):
        return after[0].isupper() and len(after) > 1 and _opens(after)  # J. Smith, vitamin C. The
    if word in _MAY_GO_ON or "." in word.strip("."):
        return after[0].isupper() or bool(_BULLET.match(after))
    return not after[0].islower() or len(word) > 3


def _opens(after: str) -> bool:
    """Whether these words open a sentence as few names do."""
    first = after.split(maxsplit=1)[0].casefold()
    return first in {"a", "an", "and", "he", "she", "it", "in", "no", "on", "patient", "the",
                     "there", "they", "this", "we", "is", "was", "with", "at"}  # fmt: skip
