"""What the beat network sees: windows that hold the beat, and which beats come early."""

import numpy as np
import pytest

from osler.model.beat_windows import BEFORE, NUM_RHYTHM, WINDOW, Strip
from tests.learn.heart import draw


def strip_of(symbols: str, rate_hz: float = 360.0) -> Strip:
    lead, peaks = draw(symbols, rate_hz)
    return Strip.of(lead, rate_hz, peaks)


def test_shapes() -> None:
    strip = strip_of("NNNNVNNN")
    assert strip.windows(np.arange(8)).shape == (8, 2, WINDOW)
    assert strip.windows(np.arange(8)).dtype == np.float32
    assert strip.rhythm.shape == (8, NUM_RHYTHM) and strip.rhythm.dtype == np.float32


def test_the_qrs_stands_where_the_window_says() -> None:
    beat = strip_of("N" * 12).windows(np.array([5]))[0, 0]
    assert abs(int(np.argmax(np.abs(beat))) - BEFORE) <= 4


def test_the_second_channel_is_what_differs_from_the_patient() -> None:
    other = strip_of("NNNNNNVNNN").windows(np.arange(10))[:, 1]
    size = np.abs(other).max(axis=1)
    assert size[6] > 4 * size[2]


def test_an_early_beat_is_early_and_its_pause_long() -> None:
    rhythm = strip_of("NNNNNNANNN").rhythm
    before, after, against = rhythm[:, 0], rhythm[:, 1], rhythm[:, 2]
    assert before[6] == pytest.approx(np.log(0.55), abs=0.1)
    assert abs(before[3]) < 0.1 and abs(after[6]) < 0.1 and against[6] < -0.4


def test_height_in_millivolts_does_not_matter() -> None:
    lead, peaks = draw("NNNNVNNN")
    one, ten = Strip.of(lead, 360.0, peaks), Strip.of(10 * lead, 360.0, peaks)
    assert np.allclose(one.windows(np.arange(8)), ten.windows(np.arange(8)), atol=1e-4)
    assert np.allclose(one.rhythm, ten.rhythm, atol=1e-5)


@pytest.mark.parametrize("rate_hz", [125.0, 250.0, 500.0, 1000.0])
def test_any_rate_shows_the_same_beat(rate_hz: float) -> None:
    rows = np.arange(2, 10)
    here, there = strip_of("NNNNNNVNNNNN"), strip_of("NNNNNNVNNNNN", rate_hz)
    pairs = zip(here.windows(rows)[:, 0], there.windows(rows)[:, 0], strict=True)
    assert min(float(np.corrcoef(a, b)[0, 1]) for a, b in pairs) > 0.9
    assert np.abs(here.rhythm[rows, :7] - there.rhythm[rows, :7]).max() < 0.1


@pytest.mark.parametrize("beats", [0, 1, 2])
def test_too_few_beats_have_no_rhythm(beats: int) -> None:
    lead, peaks = draw("NNN")
    strip = Strip.of(lead, 360.0, peaks[:beats])
    assert strip.windows(np.arange(beats)).shape == (beats, 2, WINDOW)
    assert not strip.rhythm.any()


def test_beats_at_the_very_ends_are_filled_with_zero() -> None:
    lead, _ = draw("NNNN")
    strip = Strip.of(lead, 360.0, np.array([0, 400, len(lead) - 1]))
    assert np.isfinite(strip.windows(np.arange(3), np.array([-8, 0, 8]))).all()


def test_a_flat_lead_stays_finite() -> None:
    strip = Strip.of(np.full(3600, np.nan), 360.0, np.array([500, 900, 1300, 1700]))
    assert np.isfinite(strip.rhythm).all() and not strip.windows(np.arange(4)).any()
