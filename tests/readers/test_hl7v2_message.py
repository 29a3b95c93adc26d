"""The grammar: delimiters that are declared, characters that are declared, and every escape."""

import pytest

from osler.errors import BrokenFile
from osler.readers.hl7v2_message import Element, Marks, is_hl7v2, parse

MARKS = Marks(
    field="|", component="^", repetition="~", escape="\\", subcomponent="&", truncation="#",
    encoding="latin-1",
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f\P\g", r"a|b^c&d~e\f#g"),
        (r"one\.br\two", "one\ntwo"),
        (r"one\.sp+2\two", "one\n\ntwo"),
        (r"one\.sp 999\two", "one" + 9 * "\n" + "two"),
        (r"\H\bold\N\ \.in+4\text", "bold text"),
        (r"caf\XE9\ \X4142\ \X00\!", "café AB \N{REPLACEMENT CHARACTER}!"),
        (r"C:\path\to, \Q\, \X4\, 5\6", r"C:\path\to, \Q\, \X4\, 5\6"),
        ("nul\x00", "nul\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_escapes(written: str, meant: str) -> None:
    assert Element(raw=written, marks=MARKS).text == meant


def test_empty_is_unknown_and_two_quotes_delete() -> None:
    segment = parse(b'MSH|^~\\&|\rPID|""||a^""^c~~d', "x").segments[1]
    assert segment.first(1).null
    assert not segment.first(2).null
    assert [segment.part(n) for n in (1, 2, 9)] == ["", "", ""]
    assert (segment.part(3, 2), segment.part(3, 3), segment.part(3, 4)) == ("", "c", "")
    assert [element.raw for element in segment.elements(3)] == ['a^""^c', "d"]


def test_the_delimiters_are_those_that_the_message_declares() -> None:
    message = parse(b"MSH#*-!+#APP#H*1.2*ISO\rPID#1##77***ADT+1.9+ISO*MR-88!R!#x", "x")
    pid = message.segments[1]
    assert (pid.part(3), pid.part(3, 4, 2)) == ("77", "1.9")
    assert pid.elements(3)[1].text == "88-"
    assert message.header.raw(1) == "#"
    assert message.header.raw(2) == "*-!+"
    assert message.header.part(4, 2) == "1.2"
    short = parse(b"MSH|^|A^B~C", "x").header
    assert short.part(3, 2) == "B~C"


@pytest.mark.parametrize("data", [b"MSH", b"MSHABC", b"MSH|\r", b"MSH|^^~|a", b"MSH \\", b""])
def test_no_delimiters_no_message(data: bytes) -> None:
    with pytest.raises(BrokenFile, match=r"x\.hl7"):
        parse(data, "x.hl7")


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_any_line_end_parts_segments_and_a_stray_line_is_kept(end: bytes) -> None:
    data = end.join([b"MSH|^~\\&|", b"OBX|1|TX|||first", b"", b"second line", b"PV1", b"NTE|1"])
    message = parse(data, "x")
    assert [(s.number, s.name) for s in message.segments] == [
        (1, "MSH"), (2, "OBX"), (3, "PV1"), (4, "NTE"),
    ]  # fmt: skip
    assert message.segments[1].raw(5) == "first\nsecond line"
    assert "1 lines begin no segment" in message.troubles[0]


@pytest.mark.parametrize(
    ("stated", "encoding", "doubt"),
    [
        ("8859/1", "latin-1", None),
        ("UNICODE UTF-8", "utf-8", None),
        ("8859/15", "iso8859-15", None),
        ("GB 18030-2000", "gb18030", None),
        ("ASCII~ISO IR87", "iso2022_jp", None),
        ("", "utf-8", None),
        ("", "latin-1", "names no character set"),
        ("ASCII", "utf-8", "not the 'ASCII'"),
        ("UNICODE UTF-8", "latin-1", "read as Latin-1"),
        ("KOI8-R", "utf-8", "does not know the character set 'KOI8-R'"),
    ],
)
def test_the_character_set_is_the_declared_one(
    stated: str, encoding: str, doubt: str | None
) -> None:
    word = "日本" if encoding in {"gb18030", "iso2022_jp"} else "née"
    data = rf"MSH|^~\&|||||||||||||||{'|' + stated}".encode() + f"\rNTE|{word}".encode(encoding)
    message = parse(data, "x")
    assert message.segments[1].part(1) == word
    assert [doubt in t for t in message.troubles] == [True] if doubt else not message.troubles


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (b"MSH|^~\\&|LIS|", True),
        (b"\x0bMSH|^~\\&|LIS|", True),
        (b"\xef\xbb\xbf\r\nFHS|^~\\&|LIS", True),
        (b"BHS$%~\\&$", True),
        (b"MSHA is a name", False),
        (b"MSH: melanocyte stimulating", False),
        (b"The MSH|^~\\&| segment", False),
    ],
)
def test_it_is_known_by_its_first_bytes(head: bytes, known: bool) -> None:
    assert is_hl7v2(head) is known
