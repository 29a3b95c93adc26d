"""Lines are counted alike by readers and by evidence, packed or not, and have a limit."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile
from osler.readers import lines
from osler.readers.lines import line_at, lines_of, opened_bytes


def test_only_a_line_feed_ends_a_line() -> None:
    data = "\ufeffa\x0bb\u2028c\r\nd\x85\n".encode()
    found = [line.decode() for _, line in lines_of(opened_bytes(data), "f")]
    assert found == ["a\x0bb\u2028c", "d\x85"]


@given(st.lists(st.text(st.characters(exclude_characters="\n\r\ufeff", codec="utf-8"))))
def test_every_line_opens_by_its_number(told: list[str]) -> None:
    data = "".join(f"{line}\n" for line in ["x", *told]).encode()
    for packed in (data, gzip.compress(data, mtime=0)):
        for number, line in enumerate(["x", *told], start=1):
            assert line_at(packed, number)[1] == line
        with pytest.raises(BrokenFile, match=f"a text of {len(told) + 1} lines"):
            line_at(packed, len(told) + 2)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST_LINE", 8)
    with pytest.raises(BrokenFile, match="line 2: longer than 8"):
        list(lines_of(io.BytesIO(b"a\n" + b"x" * 99), "f"))
    monkeypatch.setattr(lines, "UNPACKED_LIMIT", 20)
    with pytest.raises(BrokenFile, match="more than 20"):
        list(lines_of(opened_bytes(gzip.compress(b"abc\n" * 999)), "f"))


def test_damaged_gzip_names_the_line() -> None:
    with pytest.raises(BrokenFile, match="after line"):
        list(lines_of(opened_bytes(gzip.compress(b"abc\n" * 99)[:-9]), "f"))
