"""How good a specialty's answers are, beside the baselines, on rows it never learned from.

    result = evaluate(task, calibrators, scores, truth, groups, probe, prior)
    result.metrics["auroc"], result.baselines["probe"]["auroc"], result.gains["auroc"]

Every number has a bootstrap interval that resamples whole groups; the gain over the probe is
resampled in pairs, both models on the same rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from osler.judge.calibrator import Calibrator
from osler.judge.metrics import (
    Measured,
    accuracy,
    auroc,
    balanced_accuracy,
    brier,
    ece,
    macro_f1,
    measured,
    precision_of,
    recall_of,
)
from osler.judge.task import Task

__all__ = ["Evaluation", "answers_of", "evaluate"]

_MANY = 2000  # rows from which fewer bootstrap draws are taken, for time
_DRAWS, _DRAWS_OF_MANY = 2000, 300

_Metric = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Metrics by name, by label, of the baselines, and the model's gain over the probe.

    `metrics` holds auroc (mean over the positive labels), accuracy, balanced_accuracy, f1 (macro),
    and for two labels sensitivity and specificity at the threshold; brier and ece of the calibrated
    point (means over the positive labels); coverage and set_size of the conformal sets. `per_class`
    holds sensitivity and ppv, and for positive labels auroc and the coverage of both classes.
    """

    metrics: Mapping[str, Measured]
    per_class: Mapping[str, Mapping[str, Measured]]
    baselines: Mapping[str, Mapping[str, Measured]]
    gains: Mapping[str, Measured]
    counts: Mapping[str, int]
    draws: int

    def to_json(self) -> dict[str, Any]:
        """Metrics at the top, `per_class`, `baselines` and `gain_over_probe` below."""
        return {
            **_plain(self.metrics),
            "per_class": {label: _plain(found) for label, found in self.per_class.items()},
            "baselines": {name: _plain(found) for name, found in self.baselines.items()},
            "gain_over_probe": _plain(self.gains),
            "counts": dict(self.counts),
            "draws": self.draws,
        }


def evaluate(
    task: Task,
    calibrators: Mapping[str, Calibrator],
    scores: np.ndarray,
    truth: np.ndarray,
    groups: Sequence[str],
    probe: np.ndarray,
    prior: np.ndarray,
    draws: int | None = None,
) -> Evaluation:
    """Judge scores (n, K) against truth (n,), beside the probe's scores (n, K).

    `prior` (K,) is how common each label was in training: the majority baseline answers with it.
    `draws` of the bootstrap are 2,000 unless told, and 300 for more than 2,000 rows.
    """
    judge = _Judge(task, truth, groups, draws)
    constant = np.tile(prior / prior.sum(), (len(truth), 1))
    answers = answers_of(task, scores)
    return Evaluation(
        metrics={
            **judge.whole(scores, answers),
            **judge.operating_point(answers),
            **judge.calibration(calibrators, scores),
        },
        per_class=judge.by_label(calibrators, scores, answers),
        baselines={
            "majority": judge.whole(constant, constant.argmax(axis=1)),
            "probe": judge.whole(probe, probe.argmax(axis=1)),
        },
        gains=judge.gains(scores, answers, probe),
        counts={label: int(np.sum(truth == k)) for k, label in enumerate(task.labels)},
        draws=judge.draws,
    )


def answers_of(task: Task, scores: np.ndarray) -> np.ndarray:
    """The label index (n,) for scores (n, K): at the threshold for two labels, else the highest."""
    if task.threshold is None or len(task.labels) != 2:
        return np.asarray(scores.argmax(axis=1))
    positive = task.labels.index(task.positive[0])
    return np.where(scores[:, positive] >= task.threshold, positive, 1 - positive)


class _Judge:
    """What is the same for every metric: the truth, the groups, and the draws."""

    def __init__(
        self, task: Task, truth: np.ndarray, groups: Sequence[str], draws: int | None
    ) -> None:
        self.task, self.truth, self.groups = task, truth, groups
        self.draws = draws or (_DRAWS if len(truth) <= _MANY else _DRAWS_OF_MANY)
        self.positive = [task.labels.index(label) for label in task.positive]
        # (n, P): one column a positive label, one against the rest.
        self.truth_of = np.stack([truth == k for k in self.positive], axis=1).astype(np.float64)

    def measure(self, metric: _Metric, given: np.ndarray, truth: np.ndarray) -> Measured:
        return measured(metric, given, truth, self.groups, draws=self.draws)

    def whole(self, scores: np.ndarray, answers: np.ndarray) -> dict[str, Measured]:
        positive = scores[:, self.positive]
        return {
            "auroc": self.measure(_mean_over_columns(auroc), positive, self.truth_of),
            "accuracy": self.measure(accuracy, answers, self.truth),
            "balanced_accuracy": self.measure(balanced_accuracy, answers, self.truth),
            "f1": self.measure(macro_f1, answers, self.truth),
        }

    def operating_point(self, answers: np.ndarray) -> dict[str, Measured]:
        if len(self.task.labels) != 2:
            return {}
        positive = self.positive[0]
        return {
            "sensitivity": self.measure(recall_of(positive), answers, self.truth),
            "specificity": self.measure(recall_of(1 - positive), answers, self.truth),
        }

    def calibration(
        self, calibrators: Mapping[str, Calibrator], scores: np.ndarray
    ) -> dict[str, Measured]:
        made = [calibrators[self.task.labels[k]] for k in self.positive]
        points = np.stack(
            [_points(c, scores[:, k]) for c, k in zip(made, self.positive, strict=True)], axis=1
        )
        kept = np.stack(
            [_kept(c, scores[:, k]) for c, k in zip(made, self.positive, strict=True)], axis=1
        )
        held = np.take_along_axis(kept, self.truth_of.astype(int)[..., None], axis=2)[..., 0]
        return {
            "brier": self.measure(_mean_over_columns(brier), points, self.truth_of),
            "ece": self.measure(_mean_over_columns(ece), points, self.truth_of),
            "coverage": self.measure(_mean, held, self.truth_of),
            "set_size": self.measure(_mean, kept.sum(axis=2), self.truth_of),
        }

    def by_label(
        self, calibrators: Mapping[str, Calibrator], scores: np.ndarray, answers: np.ndarray
    ) -> dict[str, dict[str, Measured]]:
        found = {}
        for k, label in enumerate(self.task.labels):
            found[label] = {
                "sensitivity": self.measure(recall_of(k), answers, self.truth),
                "ppv": self.measure(precision_of(k), answers, self.truth),
            }
            if k in self.positive:
                own = (self.truth == k).astype(np.float64)
                kept = _kept(calibrators[label], scores[:, k])
                found[label] |= {
                    "auroc": self.measure(auroc, scores[:, k], own),
                    "coverage_positive": self.measure(_mean_where(1), kept[:, 1], own),
                    "coverage_negative": self.measure(_mean_where(0), kept[:, 0], own),
                }
        return found

    def gains(
        self, scores: np.ndarray, answers: np.ndarray, probe: np.ndarray
    ) -> dict[str, Measured]:
        """The model less the probe: the model's columns first, then the probe's."""
        both = np.concatenate([scores[:, self.positive], probe[:, self.positive]], axis=1)
        pair = np.stack([answers, probe.argmax(axis=1)], axis=1)
        return {
            "auroc": self.measure(_gain(_mean_over_columns(auroc)), both, self.truth_of),
            "accuracy": self.measure(_gain(accuracy), pair, self.truth),
            "balanced_accuracy": self.measure(_gain(balanced_accuracy), pair, self.truth),
            "f1": self.measure(_gain(macro_f1), pair, self.truth),
        }


def _points(calibrator: Calibrator, scores: np.ndarray) -> np.ndarray:
    return np.asarray([calibrator.point(float(score)) for score in scores])


def _kept(calibrator: Calibrator, scores: np.ndarray) -> np.ndarray:
    """Which of (negative, positive) stay in the conformal set: (n, 2) of 0 and 1."""
    sets = [calibrator.prediction_set(float(score)) for score in scores]
    return np.asarray([[False in kept, True in kept] for kept in sets], dtype=np.float64)


def _mean(given: np.ndarray, _truth: np.ndarray) -> float:
    return float(np.mean(given))


def _mean_where(label: int) -> _Metric:
    def mean(given: np.ndarray, truth: np.ndarray) -> float:
        own = truth == label
        return float(np.mean(given[own])) if own.any() else float("nan")

    return mean


def _mean_over_columns(metric: _Metric) -> _Metric:
    """The mean over columns of (n, P); a column of one class only is left out of a ranking."""

    def mean(given: np.ndarray, truth: np.ndarray) -> float:
        values = np.asarray([metric(given[:, j], truth[:, j]) for j in range(truth.shape[1])])
        known = values[np.isfinite(values)]
        return float(known.mean()) if len(known) else float("nan")

    return mean


def _gain(metric: _Metric) -> _Metric:
    """The metric of the first half of the columns less that of the second half."""

    def gain(given: np.ndarray, truth: np.ndarray) -> float:
        half = given.shape[1] // 2
        model, probe = given[:, :half], given[:, half:]
        if truth.ndim == 1:
            model, probe = model[:, 0], probe[:, 0]
        return metric(model, truth) - metric(probe, truth)

    return gain


def _plain(found: Mapping[str, Measured]) -> dict[str, dict[str, float | int | None]]:
    """JSON has no NaN: a metric that is not defined on these rows is null."""
    return {
        name: {k: v if np.isfinite(v) else None for k, v in asdict(value).items()}
        for name, value in found.items()
    }
