"""How good answers are: the field's metrics, each with a clustered bootstrap interval.

    measured(auroc, scores, truth, groups)      Measured(value, low, high, n, groups)

Intervals resample whole groups (patients, records), never single items of one group: Miller
2024, "Adding error bars to evals", section 2.2.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = [
    "Measured",
    "accuracy",
    "auroc",
    "balanced_accuracy",
    "brier",
    "ece",
    "macro_f1",
    "measured",
    "precision_of",
    "recall_of",
]

Metric = Callable[[np.ndarray, np.ndarray], float]

_DRAWS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric with its 95 % interval, over `n` items in `groups` independent groups."""

    value: float
    low: float
    high: float
    n: int
    groups: int

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def measured(
    metric: Metric,
    given: np.ndarray,
    truth: np.ndarray,
    groups: Sequence[object] | None = None,
    seed: int = 0,
    draws: int = _DRAWS,
) -> Measured:
    """The metric of (given, truth), both (n, ...), with a percentile bootstrap over groups (n,)."""
    names, member = np.unique(
        np.arange(len(truth)) if groups is None else np.asarray(groups, dtype=str),
        return_inverse=True,
    )
    rows = [np.flatnonzero(member == g) for g in range(len(names))]
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(draws):
        chosen = np.concatenate([rows[g] for g in random.integers(0, len(rows), len(rows))])
        value = metric(given[chosen], truth[chosen])
        if np.isfinite(value):
            drawn.append(value)
    low, high = np.percentile(drawn, [2.5, 97.5]) if drawn else (np.nan, np.nan)
    return Measured(
        value=float(metric(given, truth)),
        low=float(low),
        high=float(high),
        n=len(truth),
        groups=len(names),
    )


def auroc(scores: np.ndarray, truth: np.ndarray) -> float:
    """Area under the ROC curve of scores (n,) for truth (n,) in {0, 1}; NaN with one class.

    The Mann-Whitney statistic over mid-ranks (Hanley and McNeil 1982). Our own, as the two
    below, because a bootstrap asks thousands of times and scikit-learn takes milliseconds each;
    the tests hold all three against it.
    """
    own = truth == 1
    positives, negatives = int(own.sum()), int((~own).sum())
    if not positives or not negatives:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    above = ranks[own].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def accuracy(answers: np.ndarray, truth: np.ndarray) -> float:
    """Share of answers (n,) that equal truth (n,)."""
    return float(np.mean(answers == truth))


def balanced_accuracy(answers: np.ndarray, truth: np.ndarray) -> float:
    """Mean recall over the classes present in truth."""
    return float(np.mean([np.mean(answers[truth == k] == k) for k in np.unique(truth)]))


def macro_f1(answers: np.ndarray, truth: np.ndarray) -> float:
    """Unweighted mean of F1 over the classes present in truth."""
    each = []
    for label in np.unique(truth):
        called, own = answers == label, truth == label
        each.append(2 * np.sum(called & own) / (np.sum(called) + np.sum(own)))
    return float(np.mean(each))


def brier(scores: np.ndarray, truth: np.ndarray) -> float:
    """Mean squared difference of a probability (n,) and truth (n,) in {0, 1}."""
    return float(np.mean((scores - truth) ** 2))


def ece(scores: np.ndarray, truth: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error in equal-width bins (Guo et al. 2017); depends on the bins."""
    edge = np.clip((scores * bins).astype(int), 0, bins - 1)
    gaps = [
        np.sum(edge == b) * abs(scores[edge == b].mean() - truth[edge == b].mean())
        for b in np.unique(edge)
    ]
    return float(np.sum(gaps) / len(scores))


def recall_of(label: int) -> Metric:
    """Sensitivity for one class: of the true ones, how many were found."""

    def recall(answers: np.ndarray, truth: np.ndarray) -> float:
        own = truth == label
        return float(np.mean(answers[own] == label)) if own.any() else float("nan")

    return recall


def precision_of(label: int) -> Metric:
    """Positive predictive value for one class: of those called, how many were true."""

    def precision(answers: np.ndarray, truth: np.ndarray) -> float:
        called = answers == label
        return float(np.mean(truth[called] == label)) if called.any() else float("nan")

    return precision
