"""PDF: text by page and character, dated by its own words; scans and locked files say what is."""

import io
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from osler.errors import BrokenFile, InputError
from osler.readers.reading import Context, Item
from osler.readers.recognise import recognise
from osler.readers.resolve import ShownText, show
from osler.readers.worker import Worker
from osler.record.locator import Page, Whole
from osler.record.patient import Identifier

pytest.importorskip("pypdfium2")

from osler.readers.pdf import page_text, pages, read

CONTEXT = Context(name="letters/clinic.pdf", now=datetime(2026, 10, 1, tzinfo=UTC))
FIRST = ["Date: 2026-09-30", "Patient-ID: urn:h|8823", "Impression:", "Stage IV."]


def pdf(*texts: list[str], made: str | None = "D:20261001083000+02'00'", extra: str = "") -> bytes:
    """A document with a page of lines for each list, its streams deflated."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(texts)))
    font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(texts)}>>",
        f"<<{f'/CreationDate({made})' if made else ''}>>",
    ]
    streams: list[bytes] = []
    for n, lines in enumerate(texts):
        shown = " ".join(f"({line}) Tj T*" for line in lines)
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {5 + 2 * n} 0 R"
            f"/Resources<</Font<</F1 {font}>>>>>>"
        )
        streams.append(zlib.compress(f"BT /F1 12 Tf 14 TL 72 720 Td {shown} ET".encode("latin-1")))
        objects.append(f"<</Length {len(streams[-1])}/Filter/FlateDecode>>")
    return assembled(objects, streams, extra)


def assembled(objects: list[str], streams: list[bytes], extra: str = "") -> bytes:
    out, starts, left = b"%PDF-1.7\n", [], list(streams)
    for number, body in enumerate(objects, 1):
        starts.append(len(out))
        out += f"{number} 0 obj\n{body}\n".encode()
        if "/Length" in body:
            out += b"stream\n" + left.pop(0) + b"\nendstream\n"
        out += b"endobj\n"
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    count = len(objects) + 1
    trailer = f"<</Size {count}/Root 1 0 R/Info 3 0 R{extra}>>"
    head = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer {trailer}\n"
    return out + f"{head}startxref\n{len(out)}\n%%EOF\n".encode()


def item(data: bytes) -> Item:
    (found,) = recognise(data, CONTEXT)(data, CONTEXT).items
    return found


def test_a_note_in_pdf_is_a_note() -> None:
    found = item(pdf(FIRST, ["Second page."]))
    (fact,) = found.facts
    assert (found.source.kind, found.trouble) == ("pdf", None)
    assert found.patient == Identifier(authority="urn:h", value="8823")
    assert str(fact.valid_from) == str(fact.recorded_at) == "2026-09-30"
    assert isinstance(fact.evidence.at, Page)
    shown = show(found.data, found.source, fact.evidence.at)
    assert isinstance(shown, ShownText)
    assert shown.marked.split("\n") == FIRST
    second = show(found.data, found.source, Page(number=2, start=0, end=6))
    assert isinstance(second, ShownText)
    assert (second.marked, second.after) == ("Second", " page.")


def test_when_it_was_made_is_no_clinical_date() -> None:
    (fact,) = item(pdf(["Hello"])).facts
    assert fact.valid_from is None
    assert str(fact.recorded_at) == "2026-10-01 08:30"
    assert fact.recorded_inferred
    for made in (None, "D:99", "D:20261399", "yesterday"):
        assert item(pdf(["Hello"], made=made)).facts[0].recorded_at is None


def test_a_scan_is_kept_and_says_that_it_has_no_text() -> None:
    file = io.BytesIO()
    Image.new("L", (60, 80), 255).save(file, "pdf")
    found = item(file.getvalue())
    assert found.facts[0].evidence.at == Whole()
    assert found.trouble == "no text layer: nothing can be searched or quoted"
    part = item(pdf(FIRST, []))
    assert part.trouble is not None
    assert "page 2" in part.trouble


def test_a_place_that_is_not_there() -> None:
    found = item(pdf(["Hello"]))
    for at in (
        Page(number=2, start=0, end=1),
        Page(number=0, start=0, end=1),
        Page(number=1, start=0, end=99),
    ):
        with pytest.raises(BrokenFile, match="outside"):
            show(found.data, found.source, at)


def test_locked_damaged_and_huge_files_are_refused() -> None:
    locked = pdf(
        ["Hello"],
        extra="/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4"
        f"/O<{'11' * 32}>/U<{'22' * 32}>>>",
    )
    many = assembled(
        ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 6000>>", "<<>>"], []
    )
    with pytest.raises(BrokenFile, match=r"clinic\.pdf.*encrypted"):
        read(locked, CONTEXT)
    with pytest.raises(BrokenFile, match=r"clinic\.pdf"):
        read(b"%PDF-1.7\n" + b"\x00" * 500, CONTEXT)
    with pytest.raises(BrokenFile, match="6000"):
        read(many, CONTEXT)


def test_a_bomb_ends_in_the_worker(tmp_path: Path) -> None:
    """A page of a few kilobytes that unpacks to hundreds of megabytes of drawing."""
    bomb = zlib.compress(
        zlib.compress(b"(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj\n" * 12_000_000, 9), 9
    )
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[4 0 R]/Count 1>>", "<<>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R>>",
        f"<</Length {len(bomb)}/Filter[/FlateDecode/FlateDecode]>>",
    ]  # fmt: skip
    path = tmp_path / "bomb.pdf"
    path.write_bytes(assembled(objects, [bomb]))
    started = time.monotonic()
    with Worker(seconds=5) as worker:
        try:
            worker.read("pdf", path, CONTEXT)
        except BrokenFile as error:
            assert "clinic.pdf" in str(error)
        assert time.monotonic() - started < 10
        path.write_bytes(pdf(["Hello"]))
        assert worker.read("pdf", path, CONTEXT).items[0].trouble is None


def test_the_same_bytes_give_the_same_text() -> None:
    data = pdf(FIRST, ["alpha one", "beta two"])
    assert pages(data) == pages(data) == ["\n".join(FIRST), "alpha one\nbeta two"]
    assert page_text(data, Page(number=2, start=0, end=1)) == "alpha one\nbeta two"
    assert pages(b"\xef\xbb\xbf\r\n" + data) == pages(data)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_bytes_are_read_or_refused(data: st.DataObject) -> None:
    sound = pdf(FIRST, ["Second page."])
    at = data.draw(st.integers(9, len(sound)))
    junk = data.draw(st.binary(max_size=30))
    cut = data.draw(st.integers(0, 40))
    try:
        (found,) = read(sound[:at] + junk + sound[at + cut :], CONTEXT).items
    except InputError:
        return
    assert found.source.kind == "pdf"
