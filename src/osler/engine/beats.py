"""Heartbeats through a specialty: find them in one lead, classify each.

    model = BeatModel(specialty)
    beats = model.classify(signal)          osler.readers.signal.Signal
    beats.peaks, beats.scores               (n,) samples at the recording's own rate; (n, 5)

Beats go through the network in batches of one fixed size, so that a beat's scores never depend
on how many others there are.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from osler.engine.adapter import load_adapter
from osler.engine.settings import NumericSettings
from osler.errors import ModelAltered
from osler.judge.contract import Contract
from osler.judge.specialty import Specialty
from osler.model.beat_windows import AFTER, BEFORE, RATE_HZ, Strip
from osler.model.beats_detect import detect_beats
from osler.model.ecg import CLASSES, BeatNet
from osler.readers.signal import Signal

__all__ = ["BATCH", "NETWORK", "BeatModel", "Beats", "leads_of", "strip_scores"]

NETWORK = "beat-classifier"
BATCH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Beats:
    """Every beat of one lead: `peaks` (n,), `scores` (n, labels) with rows summing to 1.

    `windows` (n, 2) are the samples `[start, end)` that the network looked at. Peaks and windows
    count samples of the recording at `rate_hz`, its own rate.
    """

    lead: str
    rate_hz: float
    peaks: np.ndarray
    scores: np.ndarray
    windows: np.ndarray

    @property
    def answers(self) -> np.ndarray:
        """The label index (n,) with the highest score."""
        return np.asarray(self.scores.argmax(axis=1))


class BeatModel:
    """A specialty whose network is the beat classifier."""

    def __init__(self, specialty: Specialty) -> None:
        """Load the weights; raises `ModelAltered` when they do not fit the network or task."""
        if specialty.network != NETWORK or specialty.task.labels != CLASSES:
            raise ModelAltered(
                f"specialty '{specialty.name}' is made for network '{specialty.network}' and "
                f"labels {', '.join(specialty.task.labels)}: not a classifier of heartbeats"
            )
        self.specialty = specialty
        self.leads = leads_of(specialty.contract)
        self.settings = replace(NumericSettings.here(), batch=BATCH)
        self._network = BeatNet.from_tensors(load_adapter(specialty).weights)

    def classify(self, signal: Signal, peaks: np.ndarray | None = None) -> Beats:
        """Classify every beat of the first lead that the contract names.

        `peaks` (n,) takes the place of detection where somebody has marked the beats. Raises
        `NotFound` when the lead is absent, `Undeclared` when the rate is too low.
        """
        lead = signal.present(*self.leads)
        lead_mv = signal.lead(lead)
        if peaks is None:
            peaks = detect_beats(lead_mv, signal.rate_hz)
        strip = Strip.of(lead_mv, signal.rate_hz, peaks)
        return Beats(
            lead=lead,
            rate_hz=signal.rate_hz,
            peaks=peaks,
            scores=strip_scores(self._network, strip, np.arange(len(peaks)), self.settings),
            windows=_seen(strip, signal.rate_hz, len(lead_mv)),
        )


def leads_of(contract: Contract) -> tuple[str, ...]:
    """The leads that a contract allows, in its order of preference."""
    for requirement in contract.requirements:
        if requirement.attribute == "leads" and requirement.one_of:
            return requirement.one_of
    raise ModelAltered("the contract of a beat classifier must name its leads")


def strip_scores(
    network: BeatNet, strip: Strip, rows: np.ndarray, settings: NumericSettings
) -> np.ndarray:
    """Scores (rows, 5) float64 of those beats of a strip, `settings.batch` in a call.

    The network must be in evaluation mode.
    """
    scores = np.zeros((len(rows), len(CLASSES)))
    with settings.applied():
        for start in range(0, len(rows), settings.batch):
            chosen = rows[start : start + settings.batch]
            # Filled up by repeating the first beat: one shape, hence one order of every sum.
            whole = np.concatenate([chosen, np.repeat(chosen[:1], settings.batch - len(chosen))])
            logits_BK = network(
                torch.from_numpy(strip.windows(whole)), torch.from_numpy(strip.rhythm[whole])
            )
            shares_BK = torch.softmax(logits_BK.double(), dim=1)
            scores[start : start + len(chosen)] = shares_BK[: len(chosen)].numpy()
    return scores


def _seen(strip: Strip, rate_hz: float, length: int) -> np.ndarray:
    """The window (n, 2) of each beat in samples of the recording, kept inside it."""
    edges = np.stack([strip.peaks - BEFORE, strip.peaks + AFTER], axis=1) * (rate_hz / RATE_HZ)
    return np.clip(np.round(edges).astype(np.int64), 0, length)
