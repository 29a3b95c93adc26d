"""RTF: what it says, and nothing of how it looks; its characters are those that evidence counts."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile
from osler.readers.reading import Context
from osler.readers.recognise import recognise
from osler.readers.resolve import ShownText, show
from osler.readers.rtf import read
from osler.readers.rtf_text import rtf_text
from osler.record.locator import Span
from osler.record.patient import Identifier

CONTEXT = Context(name="letters/clinic.rtf", now=datetime(2026, 10, 1, tzinfo=UTC))
NOTE = rb"""{\rtf1\ansi\ansicpg1252\deff0
{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fcharset204 Times;}}
{\colortbl;\red255\green0\blue0;}{\*\generator Riched20;}{\info{\author Dr. Nobody}}
\pard Date: 2026-09-30\par
Patient-ID: urn:h|8823\par\par
\b Impression:\b0\par
37 \'b0C, \u8805? 5 mm\emdash\f1\'cf\'f0\f0  ok \{x\}\\\par
{\field{\*\fldinst{HYPERLINK "http://x"}}{\fldrslt the link}}{\pict\bin5 }}}}}}
\trowd a\cell b\cell\row{\footnote note}\u-10179?\u-8704?}"""


def test_text_is_what_a_reader_would_see() -> None:
    assert rtf_text(NOTE) == (
        "Date: 2026-09-30\nPatient-ID: urn:h|8823\n\nImpression:\n"
        "37 °C, ≥ 5 mm—Пр ok {x}\\\nthe linka\tb\t\nnote😀"
    )


def test_a_note_in_rtf_is_a_note() -> None:
    (item,) = recognise(NOTE, CONTEXT)(NOTE, CONTEXT).items
    (fact,) = item.facts
    assert (item.source.kind, item.trouble) == ("rtf", None)
    assert item.patient == Identifier(authority="urn:h", value="8823")
    assert str(fact.valid_from) == "2026-09-30"
    assert fact.evidence.at == Span(start=0, end=len(rtf_text(NOTE)))
    at = rtf_text(NOTE).index("Impression")
    shown = show(item.data, item.source, Span(start=at, end=at + 10))
    assert isinstance(shown, ShownText)
    assert shown.marked == "Impression"


def test_one_that_is_cut_or_empty_says_so() -> None:
    (cut,) = read(NOTE[:300], CONTEXT).items
    assert cut.trouble is not None
    assert "not closed" in cut.trouble
    (empty,) = read(rb"{\rtf1{\pict 00ff}}", CONTEXT).items
    assert empty.trouble is not None
    assert "no text" in empty.trouble


def test_no_rtf_and_too_deep() -> None:
    for data in (b"hello", b"{\\rtf1" + b"{" * 20_000, b"{\\rtf1" + b"\\par" * 2_100_000):
        with pytest.raises(BrokenFile, match=r"clinic\.rtf"):
            read(data, CONTEXT)


@pytest.mark.parametrize(
    "unit",
    [b"{\\field{\\*\\fldinst{HYPERLINK ", b"{\\fonttbl\\f1", b"{a}", b"\\u1?", b"\\'e4", b"\\bin9"],
)
def test_hostile_repetition_takes_time_in_proportion(unit: bytes) -> None:
    data = b"{\\rtf1" + unit * (9_000 if unit.count(b"{") > unit.count(b"}") else 100_000)
    started = time.monotonic()
    try:
        rtf_text(data)
    except BrokenFile as error:
        assert "deep" in str(error)
    assert time.monotonic() - started < 5


@given(st.binary(max_size=300), st.integers(0, len(NOTE)))
def test_any_bytes_are_text_or_an_error_of_ours(junk: bytes, at: int) -> None:
    text = rtf_text(NOTE[:6] + junk)
    text.encode()
    rtf_text(NOTE[:6] + NOTE[6:at] + junk + NOTE[at:])
