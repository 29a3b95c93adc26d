"""Finding beats: every drawn one, at any rate; on real recordings better than the library's."""

from pathlib import Path

import numpy as np
import pytest
import wfdb

from osler.errors import Undeclared
from osler.model.beats_detect import detect_beats, filled, settle
from osler.model.ecg import CLASS_OF
from tests.learn.heart import draw, rhythm_of


def matched(found: np.ndarray, true: np.ndarray, tolerance: float) -> tuple[float, float]:
    """Sensitivity and positive predictive value, one found beat for one true one."""
    free, hits = list(found), 0
    for beat in true:
        near = [f for f in free if abs(f - beat) <= tolerance]
        if near:
            free.remove(min(near, key=lambda f: abs(f - beat)))
            hits += 1
        free = [f for f in free if f > beat - 2 * tolerance]
    return hits / len(true), hits / len(found)


@pytest.mark.parametrize("rate_hz", [100.0, 250.0, 360.0, 1000.0])
def test_every_drawn_beat_is_found(rate_hz: float) -> None:
    lead, true = draw(rhythm_of(60, seed=1), rate_hz)
    found = detect_beats(lead, rate_hz)
    sensitivity, ppv = matched(found, true, 0.15 * rate_hz)
    assert sensitivity == 1.0 and ppv > 0.95
    assert np.all(np.diff(found) > 0)


def test_an_upside_down_lead_has_the_same_beats() -> None:
    lead, _ = draw("N" * 20)
    assert np.array_equal(detect_beats(lead, 360.0), detect_beats(-lead, 360.0))


@pytest.mark.parametrize("lead", [np.zeros(3600), np.full(3600, np.nan), np.zeros(10)])
def test_no_signal_has_no_beats(lead: np.ndarray) -> None:
    assert detect_beats(lead, 360.0).shape == (0,)


def test_a_gap_hides_only_its_own_beats() -> None:
    lead, true = draw("N" * 40)
    lead[true[10] - 200 : true[12] + 200] = np.nan
    found = detect_beats(lead, 360.0)
    kept = np.concatenate([true[:10], true[13:]])
    assert matched(found, kept, 54) == (1.0, 1.0)


def test_missing_samples_are_bridged() -> None:
    assert filled(np.array([np.nan, 1.0, np.nan, 3.0])).tolist() == [1, 1, 2, 3]


def test_settling_forgets_where_the_mark_was() -> None:
    lead, true = draw("NNNNVNNN")
    moved = settle(lead, 360.0, true + np.array([9, -9, 5, -5, 9, 0, 3, -7]))
    assert np.array_equal(moved, settle(lead, 360.0, true))
    assert np.abs(moved - true).max() <= 36
    assert settle(lead, 360.0, np.zeros(0, np.int64)).shape == (0,)


def test_too_few_samples_a_second_are_refused() -> None:
    with pytest.raises(Undeclared, match="99 samples a second"):
        detect_beats(np.zeros(990), 99.0)


# 106 has early ventricular beats that xqrs_detect passes over, 203 is noisy.
@pytest.mark.parametrize(("record", "least"), [("101", 0.995), ("106", 0.995), ("203", 0.985)])
def test_real_recordings(shared_data: Path, record: str, least: float) -> None:
    path = str(shared_data / "ecg_mitbih" / record)
    signal, marks = wfdb.rdrecord(path, channels=[0]), wfdb.rdann(path, "atr")
    true = np.array([s for s, k in zip(marks.sample, marks.symbol, strict=True) if k in CLASS_OF])
    found = detect_beats(signal.p_signal[:, 0], 360.0)
    assert min(matched(found, true, 54)) > least
