"""Notes: read as they stand, dated only by their own word, cut at their headings."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile
from osler.readers.note import NOTE_TYPE, read, sections, text_of
from osler.readers.reading import Context, Item
from osler.readers.resolve import ShownText, show
from osler.record.fact import Code, FactKind
from osler.record.locator import Span
from osler.record.patient import Identifier

NOW = datetime(2026, 10, 1, tzinfo=UTC)
NOTE = """\
ONCOLOGY CLINIC
Date: 2026-09-30
Patient-ID: urn:h|8823

HISTORY OF PRESENT ILLNESS: A woman of 65, seen with 3 findings:
cough, weight loss. Note that: no stroke.
Impression:
Stage IV.
## Plan ##
Scan.
"""


def item(text: str | bytes, name: str = "notes/clinic.txt", **declared: Any) -> Item:
    data = text if isinstance(text, bytes) else text.encode()
    (found,) = read(data, Context(name=name, now=NOW, declared=declared)).items
    return found


def test_a_note_says_when_and_whose_it_is() -> None:
    found = item(NOTE)
    (fact,) = found.facts
    assert found.patient == Identifier(authority="urn:h", value="8823")
    assert (fact.kind, fact.code, fact.value) == (FactKind.NOTE, Code(text="ONCOLOGY CLINIC"), None)
    assert str(fact.valid_from) == str(fact.recorded_at) == "2026-09-30"
    assert fact.recorded_inferred
    assert fact.evidence.at == Span(start=0, end=len(NOTE))
    assert found.trouble is None
    shown = show(found.data, found.source, fact.evidence.at)
    assert isinstance(shown, ShownText)
    assert shown.marked == NOTE


def test_what_a_note_does_not_say_stays_unknown() -> None:
    found = item("Seen on 3 May 2024.\n", name="a/letter.md")
    assert found.patient is None
    assert found.facts[0].valid_from is None
    assert found.facts[0].code == Code(text="letter.md")


@pytest.mark.parametrize("stated", ["05/06/2024", "2024-05", "1 May 2024", "2024-13-01"])
def test_no_other_form_of_date_is_guessed(stated: str) -> None:
    found = item(f"Date: {stated}\n\nHello")
    assert found.facts[0].valid_from is None
    assert found.trouble is not None
    assert stated in found.trouble


def test_a_line_in_the_middle_is_no_front_matter() -> None:
    found = item("The patient's mother was seen.\nDate: 2020-01-01\nPatient-ID: urn:h|1\n")
    assert found.patient is None
    assert found.facts[0].valid_from is None


def test_an_identifier_needs_its_authority() -> None:
    found = item("Patient-ID: 8823\n")
    assert found.patient is None
    assert found.trouble is not None
    assert "AUTHORITY|VALUE" in found.trouble


def test_the_sidecar_dates_and_types_a_note() -> None:
    found = item("Hello", date="2024-05-01", note_type="cardiology")
    assert str(found.facts[0].valid_from) == "2024-05-01"
    assert found.facts[0].code == Code(text="clinic.txt", system=NOTE_TYPE, code="cardiology")
    other = item("Date: 2024-05-02\n", date="2024-05-01")
    assert str(other.facts[0].valid_from) == "2024-05-01"
    assert other.trouble is not None
    assert "2024-05-02" in other.trouble


def test_bytes_that_are_no_utf8() -> None:
    assert text_of(b"\xef\xbb\xbfHello") == ("Hello", None)
    text, trouble = text_of(b"one\n37 \xb0C")
    assert text == "one\n37 \xb0C"
    assert trouble is not None
    assert "line 2" in trouble
    assert item(b"37 \xb0C").trouble == text_of(b"37 \xb0C")[1]
    for data in (b"\xff\xfeh", b"\xff\xfe\x00\xd8h\x00", b"a\x00b"):
        with pytest.raises(BrokenFile, match="UTF-8"):
            item(data)


def test_utf16_is_read_by_its_mark() -> None:
    for data in ("\ufeffPLAN: 37 °C".encode("utf-16-le"), "\ufeffPLAN: 37 °C".encode("utf-16-be")):
        found = item(data)
        (fact,) = found.facts
        assert fact.evidence.at == Span(start=0, end=11)
        shown = show(found.data, found.source, fact.evidence.at)
        assert isinstance(shown, ShownText)
        assert shown.marked == "PLAN: 37 °C"


def test_offsets_count_characters_after_the_mark() -> None:
    found = item("\ufeffPLAN: 37 °C".encode())
    assert found.facts[0].evidence.at == Span(start=0, end=len("PLAN: 37 °C"))


def test_sections_are_found_where_they_stand() -> None:
    found = {s.heading: NOTE[s.body : s.end].strip() for s in sections(NOTE)}
    assert list(found) == [
        "ONCOLOGY CLINIC", "HISTORY OF PRESENT ILLNESS", "Impression", "Plan",
    ]  # fmt: skip
    assert found["Impression"] == "Stage IV."
    assert found["Plan"] == "Scan."
    assert found["HISTORY OF PRESENT ILLNESS"].endswith("Note that: no stroke.")


texts = st.lists(
    st.sampled_from(
        ["PLAN:", "Impression: x", "# A\n", "\n", "free text", "A:", "HISTORY", " ", "é"]
    )
    | st.text(max_size=6)
).map("\n".join)


@given(texts)
def test_sections_tile_the_text(text: str) -> None:
    found = sections(text)
    assert "".join(text[s.start : s.end] for s in found) == text
    assert all(s.start <= s.body <= s.end for s in found)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = item(data)
    except BrokenFile:
        return
    assert found.data == data
    assert isinstance(found.facts[0].evidence.at, Span)
    assert found.facts[0].evidence.at.end == len(text_of(data)[0])


def test_real_notes_have_sections(shared_data: Path) -> None:
    path = shared_data / "notes_acibench" / "valid.csv"
    if not path.is_file():
        pytest.skip("the sample notes are absent")
    with path.open(encoding="utf-8", newline="") as file:
        notes = [row["note"] for row in csv.DictReader(file)]
    cut = [[s.heading for s in sections(note) if s.heading] for note in notes]
    assert len(notes) == 20
    assert all(len(headings) >= 4 for headings in cut)
