"""The beat model: from a sealed folder to answers beat by beat, at the recording's own rate."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from osler.engine.adapter import save_adapter
from osler.engine.beats import BeatModel, Beats
from osler.errors import ModelAltered, NotFound, Undeclared
from osler.judge.specialty import Specialty, seal_folder
from osler.learn.card import specialty_toml
from osler.learn.recipes.cardiology import cardiology
from osler.model.ecg import BeatNet
from osler.readers.signal import Signal
from tests.learn.heart import draw, rhythm_of


def sealed(folder: Path) -> Specialty:
    """A specialty of an untrained network: what it says means nothing, how it says it does."""
    folder.mkdir()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        tensors = BeatNet().tensors()
    save_adapter(folder / "adapter.safetensors", tensors, {"base": "none", "base_digest": None})
    (folder / "specialty.toml").write_text(specialty_toml(cardiology()), encoding="utf-8")
    for name in ("calibrators.json", "training.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    seal_folder(folder)
    return Specialty.load(folder)


@pytest.fixture
def specialty(tmp_path: Path) -> Specialty:
    return sealed(tmp_path / "cardiology")


def signal_of(beats: int = 80, rate_hz: float = 500.0) -> Signal:
    lead, _ = draw(rhythm_of(beats, seed=2), rate_hz)
    samples = np.stack([0.1 * lead, lead], axis=1)
    return Signal(samples_mv=samples, rate_hz=rate_hz, leads=("V1", "II"))


def same(a: Beats, b: Beats) -> bool:
    arrays = ((a.peaks, b.peaks), (a.scores, b.scores), (a.windows, b.windows))
    return all(np.array_equal(x, y) for x, y in arrays)


def test_every_beat_is_scored_and_placed(specialty: Specialty) -> None:
    signal = signal_of()
    beats = BeatModel(specialty).classify(signal)
    assert beats.lead == "II" and beats.rate_hz == 500
    assert abs(len(beats.peaks) - 80) <= 2
    assert beats.scores.shape == (len(beats.peaks), 5)
    assert np.allclose(beats.scores.sum(axis=1), 1)
    assert np.all((beats.windows[:, 0] <= beats.peaks) & (beats.peaks < beats.windows[:, 1]))
    assert beats.windows.min() >= 0 and beats.windows.max() <= len(signal.samples_mv)
    assert beats.answers.shape == beats.peaks.shape


def test_the_same_recording_gives_the_same_bytes(specialty: Specialty) -> None:
    threads = torch.get_num_threads()
    assert same(
        BeatModel(specialty).classify(signal_of()), BeatModel(specialty).classify(signal_of())
    )
    assert torch.get_num_threads() == threads


def test_marked_beats_take_the_place_of_found_ones(specialty: Specialty) -> None:
    model, signal = BeatModel(specialty), signal_of()
    found = model.classify(signal)
    assert same(model.classify(signal, found.peaks), found)
    assert len(model.classify(signal, found.peaks[:5]).scores) == 5


def test_silence_has_no_beats(specialty: Specialty) -> None:
    silent = replace(signal_of(), samples_mv=np.zeros((5000, 2)))
    beats = BeatModel(specialty).classify(silent)
    assert beats.peaks.shape == (0,) and beats.scores.shape == (0, 5)
    assert beats.windows.shape == (0, 2)


def test_mlii_comes_before_ii(specialty: Specialty) -> None:
    signal = replace(signal_of(), leads=("II", "MLII"))
    assert BeatModel(specialty).classify(signal).lead == "MLII"


def test_an_absent_lead_and_a_low_rate_are_refused(specialty: Specialty) -> None:
    model = BeatModel(specialty)
    with pytest.raises(NotFound, match="no lead MLII or II"):
        model.classify(replace(signal_of(), leads=("V1", "V5")))
    with pytest.raises(Undeclared, match="too few"):
        model.classify(replace(signal_of(), rate_hz=50.0))


def test_a_specialty_of_another_kind_is_refused(specialty: Specialty) -> None:
    with pytest.raises(ModelAltered, match="not a classifier of heartbeats"):
        BeatModel(replace(specialty, network="image-classifier"))


def test_swapped_weights_are_refused(specialty: Specialty) -> None:
    specialty.adapter.write_bytes(specialty.adapter.read_bytes() + b"\0")
    with pytest.raises(ModelAltered, match="changed since it was sealed"):
        BeatModel(specialty)
