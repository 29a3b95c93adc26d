"""WFDB records: one source of header and signals, always the same bytes, in millivolts."""

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.errors import BrokenFile, InputError, Undeclared, UnknownFormat
from osler.readers.reading import Context, Item
from osler.readers.signal import signal_of
from osler.readers.wfdb_record import read, signal_files, wfdb_signal
from osler.record.media import Media
from tests.learn.heart import draw, write_record

NOW = datetime(2026, 10, 1, tzinfo=UTC)
HEADER = b"r 2 100 4\nr.dat 16 200/mV 16 0 0 0 0 MLII\nr.dat 16 100/uV 16 0 0 0 0 V1\n"
SAMPLES = np.array([[200, 100], [400, 200], [-200, 0], [0, 0]], "<i2").tobytes()


def read_one(header: bytes = HEADER, samples: bytes = SAMPLES, name: str = "a/r.hea") -> Item:
    reading = read(header, Context(name=name, now=NOW, companions={"r.dat": samples}))
    assert len(reading.items) == 1 and not reading.container
    return reading.items[0]


def media_of(item: Item) -> Media:
    value = item.facts[0].value
    assert isinstance(value, Media)
    return value


def shared_item(folder: Path, name: str) -> Item:
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".hea"}
    header = (folder / name).read_bytes()
    return read(header, Context(name=name, now=NOW, companions=files)).items[0]


def test_every_channel_in_volts_becomes_millivolts() -> None:
    signal = wfdb_signal(read_one().data)
    assert signal.leads == ("MLII", "V1") and signal.rate_hz == 100
    assert signal.samples_mv[:, 0].tolist() == [1, 2, -1, 0]
    assert signal.samples_mv[:, 1].tolist() == pytest.approx([0.001, 0.002, 0, 0])


def test_the_same_files_are_the_same_source_wherever_they_lay() -> None:
    here, there = read_one(), read_one(name="elsewhere/r.hea")
    assert here.data == there.data and here.source.digest == there.source.digest
    assert here.source.kind == "wfdb" and here.patient is None and here.trouble is None


def test_one_other_sample_is_another_source() -> None:
    other = bytearray(SAMPLES)
    other[0] ^= 1
    assert read_one(samples=bytes(other)).source.digest != read_one().source.digest


def test_the_source_is_a_plain_tar_without_times() -> None:
    with tarfile.open(fileobj=io.BytesIO(read_one().data), mode="r:") as tar:
        entries = tar.getmembers()
    assert [entry.name for entry in entries] == ["r.dat", "r.hea"]
    assert {(e.mtime, e.uid, e.gid, e.uname) for e in entries} == {(0, 0, 0, "")}


def test_the_fact_states_what_contracts_ask_for(tmp_path: Path) -> None:
    write_record(tmp_path, "r", "NNNN")
    media = media_of(shared_item(tmp_path, "r.hea"))
    assert media.get("modality") == "ecg" and media.get("leads") == "V1,MLII"
    assert media.get("rate_hz") == 360 and media.get("age_years") == 61
    drawn, _ = draw("NNNN")
    assert media.get("duration_s") == pytest.approx(len(drawn) / 360, abs=1e-3)


@pytest.mark.parametrize(
    ("remark", "age"),
    [(b"# 69 M 1 2 x1", 69), (b"# age: 81", 81), (b"# <age>: 25  <sex>: M", 25), (b"# -1 M", None)],
)
def test_the_age_is_read_where_it_is_stated(remark: bytes, age: int | None) -> None:
    assert media_of(read_one(HEADER + remark + b"\n")).get("age_years") == age


def test_a_start_needs_a_date() -> None:
    dated = HEADER.replace(b"r 2 100 4", b"r 2 100 4 10:30:00 21/05/1977")
    assert wfdb_signal(read_one(dated).data).start == "1977-05-21T10:30:00"
    timed = HEADER.replace(b"r 2 100 4", b"r 2 100 4 10:30:00")
    assert wfdb_signal(read_one(timed).data).start is None


def test_a_missing_signal_file_is_named() -> None:
    with pytest.raises(BrokenFile, match=r"a/r.hea names r.dat"):
        read(HEADER, Context(name="a/r.hea", now=NOW))


def test_a_channel_that_is_no_voltage_is_left_out_and_told() -> None:
    item = read_one(HEADER.replace(b"100/uV", b"100/NU"))
    assert wfdb_signal(item.data).leads == ("MLII",)
    assert item.trouble is not None and "V1 (NU)" in item.trouble


def test_no_voltage_at_all_is_refused() -> None:
    with pytest.raises(Undeclared, match="no channel in volts"):
        read_one(HEADER.replace(b"100/uV", b"100/NU").replace(b"200/mV", b"200/mmHg"))


@pytest.mark.parametrize("file", [b"../r.dat", b"/r.dat", b"~", b".."])
def test_a_header_reaches_no_other_folder(file: bytes) -> None:
    with pytest.raises(BrokenFile, match="stand beside their header"):
        signal_files(HEADER.replace(b"r.dat", file), "r.hea")


def test_segments_are_refused_by_name() -> None:
    with pytest.raises(UnknownFormat, match="several segments"):
        read(b"r/2 2 100 4\na 2\nb 2\n", Context(name="r.hea", now=NOW))


def test_a_cut_signal_file_is_damaged() -> None:
    with pytest.raises(BrokenFile, match=r"r.hea or its signal file is damaged"):
        read_one(samples=SAMPLES[:5])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(HEADER)), st.binary(max_size=20))
def test_damage_is_an_input_error(noise: bytes, cut: int, samples: bytes) -> None:
    try:
        read_one(HEADER[:cut] + noise, samples)
    except InputError:
        return


def test_a_source_that_is_no_tar_is_damaged() -> None:
    with pytest.raises(BrokenFile, match="no tar"):
        signal_of(b"no tar at all", "wfdb")


@pytest.mark.parametrize(
    ("name", "leads", "age"),
    [("s0010_re.hea", 15, 81), ("test01_00s.hea", 4, 25), ("a103l.hea", 2, None)],
)
def test_records_of_other_databases(
    shared_data: Path, name: str, leads: int, age: int | None
) -> None:
    item = shared_item(shared_data / "ecg_samples", name)
    signal = signal_of(item.data, item.source.kind)
    assert len(signal.leads) == leads and media_of(item).get("age_years") == age
    assert 0.01 < float(np.nanstd(signal.samples_mv)) < 5  # millivolts, not raw units


def test_a_header_that_promises_more_than_memory_holds() -> None:
    with pytest.raises(BrokenFile, match="damaged"):
        read_one(b"r 1 360 999999999999\nr.dat 16 200 16 0 0 0 0 II\n")


def test_a_name_too_long_for_a_tar() -> None:
    with pytest.raises(BrokenFile, match="longer than the 100 bytes"):
        read_one(name="n" * 120 + ".hea")
