"""DICOM ECGs: the recorded rhythm in millivolts, whose it is, and refusal of unknown scales."""

import io
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest

from osler.errors import BrokenFile, Undeclared
from osler.readers.dicom_ecg import dicom_signal, ecg_item
from osler.readers.reading import Context
from osler.readers.signal import signal_of
from osler.record.media import Media
from osler.record.patient import Identifier

CONTEXT = Context(name="IM1", now=datetime(2026, 10, 1, tzinfo=UTC))
TWELVE = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


@pytest.fixture
def dataset(shared_data: Path) -> pydicom.Dataset:
    return pydicom.dcmread(shared_data / "dicom" / "waveform_ecg.dcm")


def bytes_of(dataset: pydicom.Dataset) -> bytes:
    out = io.BytesIO()
    dataset.save_as(out)
    return out.getvalue()


def test_twelve_leads_whose_sums_keep_einthovens_law(dataset: pydicom.Dataset) -> None:
    signal = signal_of(bytes_of(dataset), "dicom/ecg")
    assert signal.leads == TWELVE and signal.rate_hz == 1000 and len(signal.samples_mv) == 10_000
    i, ii, iii = (signal.lead(name) for name in ("I", "II", "III"))
    assert np.abs(i + iii - ii).max() < 0.01  # millivolts: I + III = II
    assert 0.3 < np.ptp(ii) < 5


def test_the_item_says_what_and_whose(dataset: pydicom.Dataset) -> None:
    item = ecg_item(dataset, b"its bytes", CONTEXT)
    media = item.facts[0].value
    assert isinstance(media, Media) and item.source.kind == "dicom/ecg"
    assert media.get("leads") == ",".join(TWELVE) and media.get("age_years") == 42
    assert media.get("rate_hz") == 1000 and media.get("duration_s") == 10
    assert item.patient == Identifier(authority="dicom", value="642341")
    moment = item.facts[0].valid_from
    assert moment is not None and moment.text == "20130125105919"


def test_the_issuer_is_the_authority(dataset: pydicom.Dataset) -> None:
    dataset.IssuerOfPatientID = "General"
    patient = ecg_item(dataset, b"", CONTEXT).patient
    assert patient == Identifier(authority="General", value="642341")


def test_a_derived_beat_is_no_rhythm(dataset: pydicom.Dataset) -> None:
    dataset.WaveformSequence = dataset.WaveformSequence[::-1]
    assert len(dicom_signal(bytes_of(dataset)).samples_mv) == 10_000
    dataset.WaveformSequence = dataset.WaveformSequence[:1]
    with pytest.raises(BrokenFile, match="no recorded waveform"):
        ecg_item(dataset, b"", CONTEXT)


def test_units_and_correction_count(dataset: pydicom.Dataset) -> None:
    before = dicom_signal(bytes_of(dataset)).lead("II")
    channel = dataset.WaveformSequence[0].ChannelDefinitionSequence[1]
    channel.ChannelSensitivityUnitsSequence[0].CodeValue = "mV"
    channel.ChannelSensitivityCorrectionFactor = "0.5"
    assert np.allclose(dicom_signal(bytes_of(dataset)).lead("II"), before * 500)


@pytest.mark.parametrize("keyword", ["ChannelSensitivity", "ChannelSensitivityUnitsSequence"])
def test_an_unknown_scale_is_not_guessed(dataset: pydicom.Dataset, keyword: str) -> None:
    del dataset.WaveformSequence[0].ChannelDefinitionSequence[2][keyword]
    with pytest.raises(Undeclared, match="lead III states no sensitivity"):
        ecg_item(dataset, b"", CONTEXT)


def test_pressure_is_no_voltage(dataset: pydicom.Dataset) -> None:
    channel = dataset.WaveformSequence[0].ChannelDefinitionSequence[0]
    channel.ChannelSensitivityUnitsSequence[0].CodeValue = "mm[Hg]"
    with pytest.raises(Undeclared, match="no unit of voltage"):
        ecg_item(dataset, b"", CONTEXT)


def test_cut_samples_are_damage(dataset: pydicom.Dataset) -> None:
    group = dataset.WaveformSequence[0]
    group.WaveformData = group.WaveformData[:100]
    with pytest.raises(BrokenFile, match="multiplex group 0"):
        ecg_item(dataset, b"", CONTEXT)


def test_bytes_that_are_no_dicom() -> None:
    with pytest.raises(BrokenFile, match="damaged DICOM"):
        dicom_signal(b"nothing")
