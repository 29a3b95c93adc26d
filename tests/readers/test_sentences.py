"""Sentences: every character that is no space in one of them, and cut where a reader would cut."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.readers.sentences import sentences
from tests.readers.sentence_labels import DEV, REPORT


def cut(text: str) -> list[str]:
    return [text[s.start : s.end] for s in sentences(text)]


def agreement(labelled: tuple[str, ...]) -> tuple[int, int, int]:
    """Beginnings that both name, that the rules alone name, that the label alone names."""
    both = ours = theirs = 0
    for marked in labelled:
        text = marked.replace("¦", "")
        told = {at - n for n, at in enumerate(i for i, c in enumerate(marked) if c == "¦")}
        found = {s.start for s in sentences(text)}
        both, ours, theirs = (
            both + len(told & found),
            ours + len(found - told),
            theirs + len(told - found),
        )
    return both, ours, theirs


def test_the_notes_the_rules_were_written_on() -> None:
    assert agreement(DEV)[1:] == (0, 0)


def test_notes_they_were_not_written_on() -> None:
    both, ours, theirs = agreement(REPORT)
    assert both / (both + ours) >= 0.95
    assert both / (both + theirs) >= 0.95


@pytest.mark.parametrize(
    ("text", "gives"),
    [
        ("", []),
        (" \n\t", []),
        ("Dr. Who came. He left.", ["Dr. Who came.", "He left."]),
        ("Ca 2.5 mmol/L. K 4.", ["Ca 2.5 mmol/L.", "K 4."]),
        ("Given i.v. fluids, e.g. saline.", ["Given i.v. fluids, e.g. saline."]),
        ("Seen by J. Smith. Well.", ["Seen by J. Smith.", "Well."]),
        ("Pain? No. Fever? Yes!", ["Pain?", "No.", "Fever?", "Yes!"]),
        ("No effusions. cardiomegaly.", ["No effusions.", "cardiomegaly."]),
        ("1. One. 2. Two.", ["1. One.", "2. Two."]),
        ("- a\n- b", ["- a", "- b"]),
        ("PLAN\nScan.", ["PLAN", "Scan."]),
        ("no mark\nNor here", ["no mark", "Nor here"]),
    ],
)
def test_where_they_end(text: str, gives: list[str]) -> None:
    assert cut(text) == gives


texts = st.lists(
    st.sampled_from(
        ["Dr.", "e.g.", "i.v.", "2.5", "mg", ".", "?", " ", "\n", "\n\n", "- ", "1. ", "PLAN", ":",
         "The", "end", ")", "A.", "\u2028", "\x1c", "\r\n", "é", "\u00a0"]
    )
).map("".join)  # fmt: skip


@given(st.one_of(texts, st.text(max_size=200)))
def test_nothing_is_lost_and_nothing_stands_twice(text: str) -> None:
    at = 0
    for sentence in sentences(text):
        assert at <= sentence.start < sentence.end <= len(text)
        assert not text[at : sentence.start].strip()
        said = text[sentence.start : sentence.end]
        assert said == said.strip()
        at = sentence.end
    assert not text[at:].strip()


@pytest.mark.parametrize(
    "unit", ["a", "a. ", ". ", "A.", ".", "A\n", " ", "a.'\")", "No. ", "x. Y", "-\n- \n"]
)
def test_long_notes_take_time_in_proportion(unit: str) -> None:
    text = unit * 300_000
    started = time.monotonic()
    sentences(text)
    assert time.monotonic() - started < 10
