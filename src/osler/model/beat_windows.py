"""What the beat network sees of a recording: a window around each QRS, and its rhythm.

    strip = Strip.of(lead_mv, rate_hz, peaks)
    strip.windows(rows)     (rows, 2, 432): the beat, and the beat less the recording's median beat
    strip.rhythm            (n, 13): intervals before and after against those around, irregularity

Everything is relative to the recording itself: a supraventricular beat is one that comes early
and otherwise looks like the patient's own, so neither millivolts nor seconds alone will tell it.
RR-interval features as in de Chazal et al. 2004 (IEEE TBME 51:1196), table II, per recording as
in Llamedo and Martinez 2011 (IEEE TBME 58:616).

Shapes: n beats, s samples.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np
from scipy.signal import butter, resample_poly, sosfiltfilt

from osler.model.beats_detect import filled, settle

__all__ = ["AFTER", "BEFORE", "NUM_RHYTHM", "RATE_HZ", "WINDOW", "Strip"]

RATE_HZ = 360  # of the MIT-BIH recordings; every other rate is resampled to it
BEFORE = 180  # samples before the QRS: 0.5 s, the P wave and the end of the T wave before it
AFTER = 252  # and after it: 0.7 s, the T wave
WINDOW = BEFORE + AFTER
NUM_RHYTHM = 13

_BAND_HZ = (0.5, 40.0)  # baseline wander below, muscle and mains above
_QRS = 36  # samples either side of the peak: 0.1 s
_LAST = 10  # beats that make the local rhythm
_CLIP = 2.0  # of a logarithm: a factor of seven is as good as infinite


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One lead, filtered, at 360 Hz, in units of its own median QRS height.

    `wave` (s + 864,) float32 with 432 zeros at either end, so that every beat has its whole
    window; `peaks` (n,) samples from the recording's start; `template` (432,) the median beat;
    `rhythm` (n, 13) float32.
    """

    wave: np.ndarray
    peaks: np.ndarray
    template: np.ndarray
    rhythm: np.ndarray

    @classmethod
    def of(cls, lead_mv: np.ndarray, rate_hz: float, peaks: np.ndarray) -> Self:
        """Prepare lead_mv (s,) with beats at `peaks` (n,), sample indices at `rate_hz`."""
        settled = settle(lead_mv, rate_hz, peaks)
        wave = _filtered(lead_mv, rate_hz)
        at = np.round(settled * (RATE_HZ / rate_hz)).astype(np.int64)
        heights = np.array([np.ptp(wave[max(p - _QRS, 0) : p + _QRS + 1]) for p in at])
        height = float(np.median(heights)) if len(heights) else 0.0
        wave = np.pad(wave / (height or 1.0), WINDOW).astype(np.float32)
        beats = _cut(wave, at, 0)
        template = np.median(beats, axis=0) if len(at) else np.zeros(WINDOW)
        return cls(
            wave=wave,
            peaks=at,
            template=template.astype(np.float32),
            rhythm=_rhythm(at, heights / (height or 1.0), beats, template),
        )

    def windows(self, rows: np.ndarray, shift: np.ndarray | int = 0) -> np.ndarray:
        """Windows (rows, 2, 432) float32 of those beats, moved by `shift` samples (training)."""
        beats = _cut(self.wave, self.peaks[rows], shift)
        return np.stack([beats, beats - self.template], axis=1)


def _filtered(lead_mv: np.ndarray, rate_hz: float) -> np.ndarray:
    ratio = Fraction(RATE_HZ / rate_hz).limit_denominator(1000)
    wave = filled(lead_mv)
    wave = wave - np.median(wave)
    if ratio != 1:
        wave = resample_poly(wave, ratio.numerator, ratio.denominator)
    band = butter(2, _BAND_HZ, "bandpass", fs=RATE_HZ, output="sos")
    return np.asarray(sosfiltfilt(band, wave))


def _cut(wave: np.ndarray, peaks: np.ndarray, shift: np.ndarray | int) -> np.ndarray:
    """Windows (n, 432) of a padded wave around peaks (n,)."""
    starts = peaks + shift + WINDOW - BEFORE
    return np.asarray(wave[starts[:, None] + np.arange(WINDOW)])


def _rhythm(
    peaks: np.ndarray, heights: np.ndarray, beats: np.ndarray, template: np.ndarray
) -> np.ndarray:
    """Features (n, 13) of intervals, height and likeness; zeros where there is no rhythm."""
    n = len(peaks)
    if n < 3:
        return np.zeros((n, NUM_RHYTHM), np.float32)
    # before[i] is the interval that ends at beat i; the first beat borrows the second's.
    before = np.maximum(np.diff(peaks, prepend=2 * peaks[0] - peaks[1]), 1) / RATE_HZ
    after = np.append(before[1:], before[-1])
    local = _running_median(before)
    unrest = np.abs(np.log(before / local))
    columns = [
        np.log(before / local),
        np.log(after / local),
        np.log(before / after),
        np.log(before / np.median(before)),
        np.log(after / np.median(before)),
        _running_median(unrest),
        *(np.log(_moved(before, by) / local) for by in (-2, -1, 2, 3)),
        np.log(np.maximum(heights, 1e-2)),
        _likeness(beats, template),
        _likeness(beats[:, BEFORE - 90 : BEFORE - 18], template[BEFORE - 90 : BEFORE - 18]),
    ]
    features: np.ndarray = np.clip(np.stack(columns, axis=1), -_CLIP, _CLIP)
    return features.astype(np.float32)


def _running_median(values: np.ndarray) -> np.ndarray:
    """The median of each value and the ten before it."""
    return np.array([np.median(values[max(i - _LAST, 0) : i + 1]) for i in range(len(values))])


def _moved(values: np.ndarray, by: int) -> np.ndarray:
    """values[i + by], the ends repeated."""
    return np.asarray(values[np.clip(np.arange(len(values)) + by, 0, len(values) - 1)])


def _likeness(beats: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Correlation (n,) of each beat (n, s) with the template (s,); zero for a flat one."""
    x = beats - beats.mean(axis=1, keepdims=True)
    y = template - template.mean()
    norm = np.sqrt((x**2).sum(axis=1) * (y**2).sum())
    return np.asarray(np.divide(x @ y, norm, out=np.zeros(len(x)), where=norm > 0))
