"""Fits a `Calibrator` on cases that the model never saw.

calibrator = fit_calibrator(scores, truth, name="histology/metastasis",
                            population="PatchCamelyon", fitted_on="2026-11-23")
"""

from collections.abc import Sequence

import numpy as np
from sklearn.isotonic import IsotonicRegression

from osler.errors import LearnError
from osler.judge.calibrator import Calibrator
from osler.judge.number import Population

__all__ = ["fit_calibrator"]

_MOST_STEPS = 400  # quantiles of the score kept as steps: more only lengthens the file
_FEWEST = 10  # cases of each label


def fit_calibrator(
    scores: Sequence[float],
    truth: Sequence[bool],
    *,
    name: str,
    population: str,
    fitted_on: str,
    alpha: float = 0.1,
) -> Calibrator:
    """Fit on scores (n,) in [0, 1] and truth (n,); conformal sets at `1 - alpha` a class.

    Raises `LearnError` with fewer than 10 cases of either label, or scores that are no numbers.
    """
    x = np.asarray(scores, dtype=np.float64)
    y = np.asarray(truth, dtype=np.float64)
    if len(x) != len(y) or not np.all((x >= 0) & (x <= 1)):
        raise LearnError(
            f"{name} has {len(x)} scores for {len(y)} cases; each case needs one, from 0 to 1"
        )
    positives = int(y.sum())
    if min(positives, len(y) - positives) < _FEWEST:
        raise LearnError(
            f"a calibrator needs {_FEWEST} cases of each label; {population} has {positives} "
            f"positive and {len(y) - positives} negative of {name}"
        )
    steps = np.unique(x)
    if len(steps) > _MOST_STEPS:
        steps = np.unique(np.quantile(x, np.linspace(0, 1, _MOST_STEPS), method="nearest"))
    return Calibrator(
        name=name,
        population=Population(
            name=population,
            cases=len(y),
            prevalence=round(positives / len(y), 4),
            fitted_on=fitted_on,
        ),
        steps=tuple(float(s) for s in steps),
        p0=tuple(_with(x, y, s, 0.0) for s in steps),
        p1=tuple(_with(x, y, s, 1.0) for s in steps),
        alpha=alpha,
        keep_positive=_lowest_kept(x[y == 1], alpha, otherwise=0.0),
        # Negated, not taken from 1: the threshold must be the score itself, to the last bit.
        keep_negative=-_lowest_kept(-x[y == 0], alpha, otherwise=-1.0),
    )


def _with(x: np.ndarray, y: np.ndarray, score: float, label: float) -> float:
    """The isotonic value at `score` once the case (score, label) is added."""
    model = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    model.fit(np.append(x, score), np.append(y, label))
    return round(float(model.predict([score])[0]), 6)


def _lowest_kept(own: np.ndarray, alpha: float, otherwise: float) -> float:
    """The score that at least `1 - alpha` of a class reach, with the finite-sample rank."""
    rank = int(np.floor(alpha * (len(own) + 1)))
    return float(np.sort(own)[rank - 1]) if rank >= 1 else otherwise
