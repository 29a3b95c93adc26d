"""Beats are shown one by one; noise is not taken for a heart, and missing samples are said."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from osler.assess.heartbeats import examine_ecg
from osler.assess.study import Study
from osler.errors import NotAssessable
from osler.judge.number import Score, Site
from osler.judge.specialty import Specialty, find_specialty
from osler.model.beats_detect import detect_beats
from osler.readers.reading import Context
from osler.readers.signal import Signal
from osler.readers.wfdb_record import read
from osler.record.locator import Samples
from osler.record.patient import Identifier, Patient
from osler.record.record import Record
from tests.assess.studies import NOW
from tests.learn.heart import draw

HERE = Site(name="here")
RATE = 360.0


@dataclass(frozen=True)
class Found:
    lead: str
    peaks: np.ndarray
    scores: np.ndarray


class Widths:
    """A beat model that calls ventricular what is told to it, at the peaks that are found."""

    def __init__(self, ventricular: set[int]) -> None:
        self.ventricular = ventricular

    def classify(self, signal: Signal) -> Found:
        lead = signal.leads[0]
        peaks = detect_beats(np.nan_to_num(signal.samples_mv[:, 0]), signal.rate_hz)
        scores = np.full((len(peaks), 5), 0.02)
        for i in range(len(peaks)):
            scores[i, 2 if i in self.ventricular else 0] = 0.92
        return Found(lead, peaks, scores)


def study_of(samples: np.ndarray, folder: Path) -> Study:
    import wfdb

    wfdb.wrsamp(
        "rec", fs=RATE, units=["mV"], sig_name=["MLII"], p_signal=samples[:, None],
        fmt=["16"], write_dir=str(folder),
    )  # fmt: skip
    header = (folder / "rec.hea").read_bytes()
    companions = {"rec.dat": (folder / "rec.dat").read_bytes()}
    item = read(header, Context(name="rec.hea", now=NOW, companions=companions)).items[0]
    patient = Patient(key=1, identifiers=(Identifier.parse("1"),))
    record = Record.of(patient, item.facts, [item.source])
    return Study.of(item.facts[0], item.source, record, item.data)


@pytest.fixture
def cardiology() -> Specialty:
    return find_specialty("cardiology")


def test_a_ventricular_beat_is_counted_and_pointed_at(
    cardiology: Specialty, tmp_path: Path
) -> None:
    samples, _ = draw(["N"] * 6 + ["V"] + ["N"] * 6)
    study = study_of(samples, tmp_path)
    supra, ventricular = sorted(
        examine_ecg(Widths({6}), cardiology, study, HERE), key=lambda f: f.positive
    )
    assert not supra.positive
    assert ventricular.answer == "V"
    assert isinstance(ventricular.number, Score)
    (evidence,) = ventricular.evidence
    assert isinstance(evidence.at, Samples)
    assert evidence.at.channel == "MLII"
    assert ventricular.counts[2].number == 1
    assert ventricular.figure.data.startswith(b"<svg")


def test_noise_is_not_taken_for_a_heart(cardiology: Specialty, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 0.3, 3600 * 3)
    with pytest.raises(NotAssessable, match="noise"):
        examine_ecg(Widths(set()), cardiology, study_of(noise, tmp_path), HERE)


def test_a_flat_line_has_no_beats(cardiology: Specialty, tmp_path: Path) -> None:
    with pytest.raises(NotAssessable, match="no heartbeat"):
        examine_ecg(Widths(set()), cardiology, study_of(np.zeros(3600), tmp_path), HERE)


def test_what_is_missing_is_said(cardiology: Specialty, tmp_path: Path) -> None:
    samples, _ = draw(["N"] * 24)
    gap = samples.copy()
    gap[: len(gap) // 4] = np.nan
    whole = examine_ecg(Widths(set()), cardiology, study_of(samples, tmp_path), HERE)
    cut = examine_ecg(Widths(set()), cardiology, study_of(gap, tmp_path), HERE)
    assert not any("missing" in note for note in whole[0].notes)
    assert any("25% of lead MLII is missing" in note for note in cut[0].notes)
