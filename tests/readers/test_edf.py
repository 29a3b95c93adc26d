"""EDF, EDF+ and BDF: channels in their units, ECG leads in millivolts, and nobody guessed."""

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile, InputError, Undeclared
from osler.readers import edf as reader
from osler.readers.edf import edf_channel, edf_signal
from osler.readers.edf_open import is_edf, open_edf
from osler.readers.reading import Item
from osler.readers.resolve import ShownSignal, show
from osler.readers.signal import signal_of
from osler.record.fact import Fact
from osler.record.locator import Samples
from osler.record.media import Media

from .drawn import context
from .recordings import Head, Wave, edf, sine, words

LEADS = (sine("ECG I"), sine("ECG II", unit="mV"), sine("ECG aVR"))
NIGHT = (sine("EEG Fpz-Cz"), sine("ECG"), sine("SaO2", rate=1, unit="%"))
MARKS = words(
    [
        b"+0\x14\x14\x00+0.5\x151.5\x14Apnoea\x14\x00",
        b"+1\x14\x14\x00",
        b"+2\x14\x14\x00+2\x14Lights off\x14Doe\x14\x00",
        b"+3\x14\x14\x00",
    ]
)


def read_one(data: bytes, **fields: object) -> tuple[Item, Fact, Media]:
    (item,) = reader.read(data, context("a.edf", **fields)).items
    (fact,) = item.facts
    assert isinstance(fact.value, Media)
    return item, fact, fact.value


def test_an_ecg_is_one_source_and_nobodys() -> None:
    data = edf(*LEADS, MARKS)
    item, fact, media = read_one(data, zone="Europe/Paris")
    assert (item.source.kind, item.data, item.file, item.patient) == ("edf", data, None, None)
    assert (media.modality, fact.code.code, item.trouble) == ("ecg", "11524-6", None)
    stated = {
        "leads": "ECG I,ECG II,ECG aVR", "units": "uV,mV,uV", "rate_hz": 100.0,
        "duration_s": 4.0, "annotations": 3, "age_years": 50,
    }  # fmt: skip
    assert {name: media.get(name) for name in stated} == stated
    assert fact.valid_from is not None
    assert fact.valid_from.text == "2002-03-02T22:15:30"
    assert fact.valid_from.zone_assumed
    assert not any(name in repr((item.facts, item.trouble)) for name in ("Jane", "0234567", "1951"))


def test_it_stays_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.edf"
    path.write_bytes(edf(*LEADS))
    (item,) = reader.read_file(path, context("a.edf")).items
    assert (item.file, item.data) == (path, b"")
    assert np.array_equal(edf_signal(path).samples_mv, edf_signal(path.read_bytes()).samples_mv)


def test_ecg_leads_become_millivolts() -> None:
    signal = signal_of(edf(*LEADS), "edf")
    assert (signal.leads, signal.rate_hz, signal.duration_s) == (("I", "II", "aVR"), 100.0, 4.0)
    wave = np.round(1000 * np.sin(np.arange(400) / 9)) * 0.1
    assert np.allclose(signal.lead("I"), wave / 1000, atol=1e-4)
    assert np.allclose(signal.lead("II"), wave, atol=1e-2)


def test_other_signals_keep_their_unit() -> None:
    data = edf(*NIGHT)
    item, _, media = read_one(data)
    assert (media.modality, media.get("rate_hz"), media.get("rates_hz")) == (
        "recording", None, "100,100,1",
    )  # fmt: skip
    shown = show(data, item.source, Samples(channel="SaO2", start=1, end=3))
    assert isinstance(shown, ShownSignal)
    assert (shown.unit, shown.rate_hz, len(shown.samples_mv)) == ("%", 1.0, 4)
    shown = show(data, item.source, Samples(channel="EEG Fpz-Cz", start=0, end=400))
    assert isinstance(shown, ShownSignal)
    assert shown.unit == "mV"
    assert np.abs(shown.samples_mv).max() == pytest.approx(0.1, rel=1e-3)
    assert edf_signal(data).leads == ("ECG",)


@pytest.mark.parametrize(
    "at",
    [
        Samples(channel="EEG", start=0, end=1),
        Samples(channel="SaO2", start=0, end=5),
        Samples(channel="SaO2", start=2, end=2),
        Samples(channel="SaO2", start=-1, end=2),
    ],
)
def test_samples_that_are_not_there(at: Samples) -> None:
    data = edf(*NIGHT)
    with pytest.raises(BrokenFile, match=r"there (are|is) no"):
        show(data, read_one(data)[0].source, at)


def test_a_brain_is_no_heart() -> None:
    data = edf(sine("EEG Fpz-Cz"), sine("EEG Pz-Oz"))
    assert read_one(data)[2].modality == "eeg"
    with pytest.raises(Undeclared, match=r"no channel is an ECG lead.*EEG Fpz-Cz, EEG Pz-Oz"):
        edf_signal(data)


def test_channels_of_one_name_are_told_apart() -> None:
    data = edf(sine("ECG"), sine("ECG", unit="mV"), sine("a, b"))
    assert read_one(data)[2].get("leads") == "ECG,ECG (2),a b"
    assert edf_channel(data, "ECG (2)")[0].max() == pytest.approx(100, rel=1e-3)


def test_twenty_four_bits() -> None:
    stored = np.array([[0, 1, -1, 8_388_607, -8_388_608]], np.int32)
    wave = Wave(
        label="ECG", stored=stored, digital=("-8388608", "8388607"),
        physical=("-8388608", "8388607"),
    )  # fmt: skip
    data = edf(wave, head=Head(bdf=True, reserved="24BIT"))
    assert is_edf(data[:4096])
    samples, _, unit = edf_channel(data, "ECG")
    assert unit == "mV"
    assert np.allclose(samples * 1000, stored[0], atol=1)


@pytest.mark.parametrize(
    ("head", "day"),
    [
        (Head(recorded="", date="02.03.84"), "2084-03-02"),
        (Head(recorded="", date="02.03.85"), "1985-03-02"),
        (Head(recorded="Startdate X X X X", date="01.01.85"), None),
        (Head(recorded="", date="01.01.85"), None),
        (Head(recorded="", date="31.02.01"), None),
        (Head(recorded="", date="        "), None),
        (Head(recorded="Startdate 99-MAR-2002"), None),
    ],
)
def test_the_day_it_was_recorded(head: Head, day: str | None) -> None:
    fact = read_one(edf(*LEADS, head=head))[1]
    assert (str(fact.valid_from.day) if fact.valid_from else None) == day


@pytest.mark.parametrize("patient", ["", "X X X X", "MCH F 02-MAY-2051 A", "Jane Doe", "a b c-d-e"])
def test_an_age_that_is_not_stated(patient: str) -> None:
    assert read_one(edf(*LEADS, head=Head(patient=patient)))[2].get("age_years") is None


def test_what_is_not_all_there_is_said() -> None:
    whole = edf(*LEADS)
    item, _, media = read_one(whole[:-500])
    assert item.trouble == "4 data records announced, 3 there"
    assert media.get("duration_s") == 3.0
    gaps = read_one(edf(*LEADS, head=Head(reserved="EDF+D", records="-1")))[0]
    assert gaps.trouble == "it has gaps: samples count what was recorded, not the clock"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (edf(*LEADS)[:900], "announced"),
        (edf(*LEADS)[:1100], "not one whole data record"),
        (edf(*LEADS, head=Head(record_s="0")), "100 samples in a record of 0 s"),
        (edf(*LEADS, head=Head(record_s="-1")), "in a record of -1 s"),
        (edf(*LEADS, head=Head(record_s="nan")), "'nan' is no number"),
        (edf(Wave(label="a", stored=np.zeros((1, 9)), digital=("5", "5"))), "no scale"),
        (edf(Wave(label="a", stored=np.zeros((1, 9)), digital=("0", "1e-99"))), "no scale"),
        (edf(Wave(label="a", stored=np.zeros((1, 9)), physical=("a", "5"))), "'a' is no number"),
        (b"0".ljust(300), "no EDF header"),
        (b"", "empty"),
    ],
)
def test_a_damaged_header(data: bytes, says: str) -> None:
    with pytest.raises(BrokenFile, match=says):
        reader.read(data, context("a.edf"))


def test_a_header_that_announces_the_earth() -> None:
    data = edf(*LEADS).replace(b"100     ", b"99999999")
    with pytest.raises(BrokenFile, match="not one whole data record"):
        reader.read(data, context("a.edf"))


SMALL = edf(sine("ECG I", rate=4, records=2), words([b"+0\x14\x14\x00", b""], 8))


@given(st.integers(0, len(SMALL) - 1), st.binary(min_size=1, max_size=8))
def test_any_bytes_changed_are_read_or_refused(at: int, change: bytes) -> None:
    altered = SMALL[:at] + change + SMALL[at + len(change) :]
    try:
        read_one(altered)
        edf_signal(altered)
    except InputError:
        return


@given(st.integers(0, len(SMALL)))
def test_cut_short_anywhere_it_is_read_in_part_or_refused(length: int) -> None:
    try:
        item, _, _ = read_one(SMALL[:length])
    except BrokenFile:
        return
    assert (item.trouble is None) == (length == len(SMALL))


@pytest.mark.parametrize("bdf", [False, True])
def test_the_samples_are_those_of_an_independent_reader(bdf: bool) -> None:
    edfio = pytest.importorskip("edfio")
    rng = np.random.default_rng(0)
    waves = [
        Wave(label="ECG II", stored=rng.integers(-2000, 2000, (5, 50)), physical=("-3.1", "4.2")),
        Wave(label="Resp", stored=rng.integers(-2000, 2000, (5, 10)), unit="L"),
    ]
    data = edf(*waves, head=Head(bdf=bdf))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = (edfio.read_bdf if bdf else edfio.read_edf)(io.BytesIO(data))
    ours = open_edf(data, "a")
    for channel, signal in zip(ours.channels, theirs.signals, strict=True):
        assert channel.rate_hz == signal.sampling_frequency
        assert np.allclose(ours.samples(channel), signal.data, rtol=1e-5, atol=1e-5)
