"""HL7 v2 files: what is one message, what is several, and that no bytes break the reader."""

import gzip
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile, InputError
from osler.readers.hl7v2_text import segment_text
from osler.readers.intake import take_in
from osler.readers.reading import Context
from osler.readers.recognise import recognise
from osler.readers.resolve import show
from osler.record import locator
from osler.record.codec import fact_from_json, fact_to_json
from osler.record.patient import Identifier
from osler.record.sqlite import SqliteStore
from tests.readers.hl7v2_cases import (
    CREATININE,
    NOW,
    PANEL,
    PATIENT,
    PID,
    message,
    msh,
    opened,
    oru,
    reading,
)  # fmt: skip

ORU = (msh("ORU^R01^ORU_R01"), PID, PANEL, CREATININE.format(status="F"))
ADT = (msh("ADT^A08"), PID, "AL1|1||^Latex")


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_one_message_is_one_source_with_exactly_its_bytes(end: str) -> None:
    data = message(*ORU, end=end)
    found = reading(data)
    (item,) = found.items
    assert (found.container, item.data, item.source.kind) == (False, data, "hl7v2")
    assert item.source.name == "feed.hl7"
    assert str(item.patient) == PATIENT
    assert len(item.facts) == 5


def test_it_is_recognised_packed_or_not() -> None:
    for data in (message(*ORU), gzip.compress(message(*ORU)), b"\x0b" + message(*ORU) + b"\x1c\r"):
        context = Context(name="x.txt", now=NOW)
        assert len(recognise(data, context)(data, context).items[0].facts) == 5


def test_several_messages_are_parts_of_a_delivery() -> None:
    data = message(*ORU) + b"\r\n" + message(*ADT)
    found = reading(data)
    assert found.container
    assert [i.source.name for i in found.items] == ["feed.hl7#1", "feed.hl7#2"]
    assert [i.data.rstrip() for i in found.items] == [
        message(*ORU).rstrip(), message(*ADT).rstrip(),
    ]  # fmt: skip
    assert all(i.data in data for i in found.items)


def test_a_batch_is_counted() -> None:
    def batch(count: int, *end: str) -> bytes:
        head = message(r"FHS|^~\&|LIS", r"BHS|^~\&|LIS")
        return head + message(*ORU) + message(*ADT) + message(f"BTS|{count}", *end)

    whole, short, cut_off = (
        reading(batch(2, "FTS|1")), reading(batch(3, "FTS|1")), reading(batch(2)[:-6]),
    )  # fmt: skip
    assert [len(f.items) for f in (whole, short, cut_off)] == [2, 2, 2]
    assert [i.trouble for i in whole.items] == [None, None]
    assert "says 3 messages (BTS-1) and holds 2" in str(short.items[1].trouble)
    assert "no trailer" in str(cut_off.items[1].trouble)


def test_frames_are_no_part_of_a_message_and_an_open_one_is_said() -> None:
    framed = b"".join(b"\x0b" + message(*m) + b"\x1c\r" for m in (ORU, ADT))
    found = reading(framed)
    assert [i.data for i in found.items] == [message(*ORU), message(*ADT)]
    assert [i.trouble for i in found.items] == [None, None]
    assert reading(b"\x0b" + message(*ORU) + b"\x1c\r").container
    assert "may be cut off" in str(reading(framed[:-2]).items[1].trouble)
    junk = reading(framed.replace(b"\x1c\r\x0b", b"\x1c\rjunk\r\x0b"))
    assert "stay in the file" in str(junk.items[-1].trouble)


@pytest.mark.parametrize("kind", ["SIU^S12", "VXU^V04", "ACK", "", "ADT^A43"])
def test_what_is_not_read_is_kept_whole_and_named(kind: str) -> None:
    (item,) = reading(message(msh(kind), PID)).items
    assert item.facts == ()
    assert str(item.patient) == PATIENT
    assert f"HL7 v2 {kind} is kept whole" in str(item.trouble)


def test_segments_that_nobody_reads_are_named() -> None:
    (item,) = reading(message(*ORU, "ZPI|1|x", "GOL|1", "NTE|1||remark")).items
    assert item.trouble == "segments ZPI, GOL are kept; Osler does not read them"
    assert len(item.facts) == 5


def test_troubles_are_told_once_and_not_endlessly() -> None:
    bad = [f"OBX|{n}|NM|{n}-1^T^LN||x||||||F" for n in range(30)]
    assert "and 25 more of the kind" in str(oru(PANEL, *bad).trouble)


def test_one_broken_message_does_not_take_the_others_with_it() -> None:
    bad = b"MSH|^^~|LIS\rPID|1\r"
    found = reading(message(*ORU) + bad + message(*ADT))
    assert [len(i.facts) for i in found.items] == [5, 0, 3]
    assert found.items[1].data == bad
    assert "feed.hl7#2: MSH-2 '^^~' uses one delimiter twice" in str(found.items[1].trouble)
    with pytest.raises(BrokenFile, match="one delimiter twice"):
        reading(bad)
    with pytest.raises(BrokenFile, match="without one MSH"):
        reading(message(r"BHS|^~\&|LIS", "BTS|0"))


def test_before_version_2_3_the_event_may_stand_in_evn_alone() -> None:
    (item,) = reading(message(msh("ADT"), "EVN|A43|20240501", PID)).items
    assert "ADT^A43 is kept whole" in str(item.trouble)


def test_a_place_shows_its_segment_or_field_and_none_that_is_not_there() -> None:
    data = message(msh("ADT^A08"), r"PID|1||a\T\b~c")
    assert segment_text(data, locator.Segment(number=2)) == r"PID|1||a\T\b~c"
    assert segment_text(data, locator.Segment(number=1)) == msh("ADT^A08")
    assert segment_text(data, locator.Segment(number=2, field=3)) == "a&b~c"
    assert segment_text(data, locator.Segment(number=1, field=2)) == r"^~\&"
    for number, field in ((0, None), (3, None), (2, 0), (2, 9), (-1, 1)):
        with pytest.raises(BrokenFile):
            segment_text(data, locator.Segment(number=number, field=field))


def test_into_the_store_and_again_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "feed.hl7").write_bytes(message(*ORU) + message(*ADT))
    (tmp_path / "other.hl7").write_bytes(message(msh("ORU^R01"), PANEL))
    with SqliteStore.open(tmp_path / "store") as store:
        files = [tmp_path / "feed.hl7", tmp_path / "other.hl7"]
        first = take_in(store, files)
        again = take_in(store, files)
        assert (first.added, again.added) == (3, 0)
        assert [str(p) for p in first.patients] == [PATIENT]
        record = store.record(Identifier.parse(PATIENT))
        assert record.sex() == "female"
        assert len(store.unassigned()) == 1
        for fact in record.facts:
            source = record.source(fact.evidence.source)
            assert source is not None
            show(store.bytes_of(source.digest), source, fact.evidence.at)


@pytest.mark.parametrize(
    "body",
    [
        40_000 * "OBX|1|NM|1-8^T^LN||5||||||F\r",
        40_000 * "OBX|1|TX|1-8^T^LN||5||||||F\r",
        "OBX|1|NM|1-8^T^LN||" + "5~" * 60_000 + "\r",
        "OBX|1|TX|1-8^T^LN||" + "a\\" * 500_000 + "\r",
        40_000 * "PID|1||8823^^^ADT01\r",
        "\r" * 5_000_000,
        "|" * 5_000_000,
        "~" * 5_000_000,
        "NTE|" + 33_000_000 * "x" + "\r",
    ],
    ids=["results", "lines", "values", "escapes", "people", "ends", "bars", "tildes", "long"],
)
def test_a_large_message_takes_time_in_proportion_or_is_refused(body: str) -> None:
    started = time.monotonic()
    try:
        found = reading(message(msh("ORU^R01"), PID) + body.encode())
    except BrokenFile as error:
        assert "more than Osler takes in" in str(error)
    else:
        assert found.items
    assert time.monotonic() - started < 30


def test_a_large_head_is_not_repeated_for_every_patient() -> None:
    head = message(msh("ORU^R01"), "NTE|" + "x" * 1_000_000)
    (item,) = reading(head + b"".join(b"PID|1||%d^^^A^MR\r" % n for n in range(100))).items
    assert item.patient is None
    assert "its PID segments name" in str(item.disputed)


SEEDS = [
    message(*ORU),
    b"\x0b" + message(*ORU) + b"\x1c\r" + message(r"BHS|^~\&|", *ADT, "BTS|1"),
    message(msh("ADT^A40"), "EVN|A40|20240501", PID, "MRG|2^^^ADT01^MR", PID, "MRG|3^^^A"),
    message(msh("MDM^T02"), PID, "TXA|1|DS|TX|20240430||||||||D1|D0||||LA", "OBX|1|TX|||a\\.sp9\\"),
    message(msh("ORU^R01"), PANEL, "OBX|1|SN|1^a||>^1^-^2|u^^UCUM|1-2|HH~A|||C|||2024", "SPM|1"),
    message(msh("ADT^A01"), PID, "PV1|1|I" + "|" * 17 + "V1", "DG1|1||C50^x^I10||2024|W"),
]  # fmt: skip
PIECES = [
    b"|", b"^", b"~", b"\\", b"&", b"\r", b"\n", b"\x0b", b"\x1c", b"\x00", b"\xff", b'""', b"MSH|",
    b"PID|", b"OBX|", b"\\X00FF\\", b"9999", b"0000", b"99991231235959-1200",
    b"00010101000000+1400", b"1e999", b"NaN", b"BTS|9999999999", b"\xc2\xb2", b"\\.sp999\\",
    b"8859/1",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 6)))
        new = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)))
        data[start:end] = new
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


@given(data=mutated())
def test_no_bytes_end_in_anything_but_a_reading_or_an_input_error(data: bytes) -> None:
    try:
        found = reading(data)
    except InputError:
        return
    for item in found.items:
        for fact in item.facts:
            assert fact_from_json(fact_to_json(fact)) == fact
            opened(item, fact)
