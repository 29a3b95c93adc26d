"""Trains the heartbeat classifier: the `Trainer` for ECG records.

    trainer = BeatTrainer()
    examples = trainer.examples(folder, cardiology())
    weights = trainer.train(examples, fit, tune, cardiology(), progress)

Beats are drawn by class and record with softened frequencies, for a few records hold most of the
rare beats and a network would learn those patients instead of the beats.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn import functional as F

from osler.engine.beats import BATCH, leads_of, strip_scores
from osler.engine.settings import NumericSettings
from osler.errors import LearnError
from osler.judge.metrics import macro_f1
from osler.learn.annotated import annotated_beats, strips_of
from osler.learn.probe import probe_scores
from osler.learn.recipe import Recipe
from osler.learn.trainer import Examples, Progress, Weights
from osler.model.ecg import CLASSES, BeatNet

__all__ = ["BeatTrainer", "drawing_weights"]

_PROBE_STEP = 8  # samples averaged into one: 54 points a beat, 45 Hz
_PROBE_ITERATIONS = 2000
_ABSENT = -30.0  # the probe's intercept for a class that it never saw


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """`Recipe.extra`, typed. `draws` beats make an epoch; `balance` is that of
    `drawing_weights`; `shift` in samples of 360 Hz; `stretch` and `noise` are shares of the height;
    `average` is how much of the averaged weights stays at each step."""

    draws: int = 6144
    balance: float = 0.5
    shift: int = 8
    stretch: float = 0.2
    noise: float = 0.1
    dropout: float = 0.5
    average: float = 0.99

    @classmethod
    def of(cls, extra: Mapping[str, float | int | str | bool]) -> "_Settings":
        unknown = sorted(set(extra) - set(cls.__slots__))
        if unknown:
            raise LearnError(
                f"the recipe's extra '{unknown[0]}' means nothing to the beat trainer; "
                f"it knows {', '.join(cls.__slots__)}"
            )
        whole = {name: int(extra[name]) for name in ("draws", "shift") if name in extra}
        parts = {name: float(v) for name, v in extra.items() if name not in whole}
        return cls(**whole, **parts)  # type: ignore[arg-type]  # each name was just checked


class BeatTrainer:
    """Implements `osler.learn.trainer.Trainer` for WFDB records with beat annotations."""

    def examples(self, data: Path, recipe: Recipe) -> Examples:
        """One example a beat, group = record; raises `LearnError` naming the file."""
        if recipe.task.labels != CLASSES:
            raise LearnError(f"beats are labelled {', '.join(CLASSES)}: the recipe must say so")
        return annotated_beats(data, leads_of(recipe.contract))

    def train(
        self,
        examples: Examples,
        fit: np.ndarray,
        tune: np.ndarray,
        recipe: Recipe,
        progress: Progress,
    ) -> Weights:
        """The epoch with the least balanced log loss on `tune`, weights averaged over steps."""
        settings = _Settings.of(recipe.extra)
        # One thread, so that the weights do not depend on how many cores a machine has.
        numeric = NumericSettings.here()
        with torch.random.fork_rng(devices=[]), numeric.applied(inference=False):
            torch.manual_seed(recipe.seed)
            network = BeatNet(dropout=settings.dropout)
            return _Run(examples, fit, tune, recipe, settings, network).best(progress)

    def scores(
        self, weights: Weights, examples: Examples, rows: np.ndarray, recipe: Recipe
    ) -> np.ndarray:
        """Scores (rows, 5) by `osler.engine.beats.strip_scores`, on the annotated beats."""
        return _scores(BeatNet.from_tensors(weights), examples, rows)

    def probe(self, examples: Examples, fit: np.ndarray, recipe: Recipe) -> Weights:
        """Multinomial logistic regression on the waveform at 45 Hz and the rhythm features."""
        settings = _Settings.of(recipe.extra)
        x = _probe_features(examples, fit)
        mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
        weight = drawing_weights(examples, fit, settings.balance)
        model = LogisticRegression(max_iter=_PROBE_ITERATIONS, C=0.1, tol=1e-3)
        model.fit((x - mean) / spread, examples.labels[fit], weight * len(fit))
        coefficients = np.zeros((len(CLASSES), x.shape[1]))
        intercepts = np.full(len(CLASSES), _ABSENT)
        coefficients[model.classes_] = model.coef_
        intercepts[model.classes_] = model.intercept_
        named = {"weight": coefficients, "bias": intercepts, "mean": mean, "spread": spread}
        return {f"probe.{name}": torch.from_numpy(array) for name, array in named.items()}

    def probe_scores(
        self, probe: Weights, examples: Examples, rows: np.ndarray, recipe: Recipe
    ) -> np.ndarray:
        """The baseline's scores (rows, 5)."""
        return probe_scores(probe, _probe_features(examples, rows))


def drawing_weights(examples: Examples, rows: np.ndarray, balance: float) -> np.ndarray:
    """The chance (rows,) that each row is drawn next, summing to 1.

    The beats of one class in one record are drawn in proportion to their count to the power
    `balance`: 1 as they come, 0 every such group alike. So a class that one patient holds nearly
    alone (fusion beats, record 208) stays rare, and one that many share is drawn often.
    """
    record = np.unique(np.asarray(examples.groups)[rows], return_inverse=True)[1]
    cells = np.stack([examples.labels[rows], record], axis=1)
    _, cell, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    weights = (counts**balance / counts)[cell.reshape(-1)]
    return np.asarray(weights / weights.sum())


class _Run:
    """One training run: what it draws from, its optimiser, and the averaged weights."""

    def __init__(
        self,
        examples: Examples,
        fit: np.ndarray,
        tune: np.ndarray,
        recipe: Recipe,
        settings: _Settings,
        network: BeatNet,
    ) -> None:
        self.examples, self.fit, self.tune = examples, fit, tune
        self.recipe, self.settings, self.network = recipe, settings, network
        self.inputs = strips_of(examples)
        self.random = np.random.default_rng(recipe.seed)
        self.weights = drawing_weights(examples, fit, settings.balance)
        rhythm = self.inputs.rhythm(fit)
        network.rhythm_mean.copy_(torch.from_numpy(rhythm.mean(axis=0)))
        network.rhythm_spread.copy_(torch.from_numpy(rhythm.std(axis=0) + 1e-3))
        self.averaged = network.tensors()
        self.optimiser = torch.optim.AdamW(
            network.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser,
            max_lr=recipe.rate,
            total_steps=recipe.epochs * (settings.draws // recipe.batch),
        )

    def best(self, progress: Progress) -> Weights:
        """Train every epoch; keep the one with the least loss on `tune`."""
        least, kept = float("inf"), self.averaged
        for epoch in range(1, self.recipe.epochs + 1):
            loss = self._epoch()
            if not np.isfinite(loss):
                raise LearnError(f"the loss of epoch {epoch} is {loss}: lower the recipe's rate")
            held, f1 = self._tuned()
            progress({"epoch": epoch, "loss": loss, "tune_loss": held, "tune_macro_f1": f1})
            if held < least:
                least, kept = held, {name: t.clone() for name, t in self.averaged.items()}
        return kept

    def _epoch(self) -> float:
        self.network.train()
        losses = []
        for windows, rhythm, labels in self._batches():
            loss = F.cross_entropy(self.network(windows, rhythm), labels)
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimiser.step()
            self.schedule.step()
            self._average()
            losses.append(float(loss.detach()))
        return float(np.mean(losses))

    def _batches(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """An epoch of drawn beats, each moved, stretched in height and made a little noisy."""
        batch, noise = self.recipe.batch, self.settings.noise
        for _ in range(self.settings.draws // batch):
            rows = self.fit[self.random.choice(len(self.fit), batch, p=self.weights)]
            shift = self.random.integers(-self.settings.shift, self.settings.shift + 1, batch)
            windows = self.inputs.windows(rows, shift)
            height = 1 + self.settings.stretch * self.random.uniform(-1, 1, (batch, 1, 1))
            hum = noise * self.random.standard_normal((batch, 1, windows.shape[2]))
            rhythm = self.inputs.rhythm(rows)
            yield (
                torch.from_numpy((windows * height + hum).astype(np.float32)),
                torch.from_numpy(rhythm),
                torch.from_numpy(self.examples.labels[rows]),
            )

    def _average(self) -> None:
        """Move the averaged weights towards the present ones (Polyak averaging)."""
        keep = self.settings.average
        for name, tensor in self.network.state_dict().items():
            if tensor.is_floating_point():
                self.averaged[name].lerp_(tensor, 1 - keep)
            else:
                self.averaged[name].copy_(tensor)

    def _tuned(self) -> tuple[float, float]:
        """Balanced log loss and macro F1 of the averaged network on `tune`."""
        scores = _scores(BeatNet.from_tensors(self.averaged), self.examples, self.tune)
        labels = self.examples.labels[self.tune]
        weight = drawing_weights(self.examples, self.tune, self.settings.balance)
        own = np.maximum(scores[np.arange(len(labels)), labels], 1e-12)
        return float(-(weight * np.log(own)).sum()), macro_f1(scores.argmax(axis=1), labels)


def _scores(network: BeatNet, examples: Examples, rows: np.ndarray) -> np.ndarray:
    scores = np.zeros((len(rows), len(CLASSES)))
    settings = replace(NumericSettings.here(), batch=BATCH)
    for strip, where, beats in strips_of(examples).by_strip(rows):
        scores[where] = strip_scores(network, strip, beats, settings)
    return scores


def _probe_features(examples: Examples, rows: np.ndarray) -> np.ndarray:
    """(rows, 68): the beat in steps of 8 samples, and its rhythm."""
    inputs = strips_of(examples)
    beats = inputs.windows(rows)[:, 0]
    coarse = beats.reshape(len(rows), -1, _PROBE_STEP).mean(axis=2)
    return np.concatenate([coarse, inputs.rhythm(rows)], axis=1).astype(np.float64)
