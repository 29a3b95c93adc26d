"""Cases whose true probabilities are known, and a calibrator fitted on them."""

from functools import cache

import numpy as np

from osler.judge.calibrator import Calibrator
from osler.judge.fit import fit_calibrator

POPULATION = "Made up (for tests)"


def cases(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores (n,) in [0, 1] and truth (n,): the score s is true with probability s squared."""
    random = np.random.default_rng(seed)
    scores = random.random(count)
    return scores, random.random(count) < scores**2


def fitted(scores: np.ndarray, truth: np.ndarray, alpha: float = 0.1) -> Calibrator:
    return fit_calibrator(
        scores.tolist(), truth.tolist(), name="t/finding", population=POPULATION,
        fitted_on="2026-11-23", alpha=alpha,
    )  # fmt: skip


@cache
def calibrator() -> Calibrator:
    """Forty cases, half of them positive."""
    scores = np.linspace(0.01, 0.99, 40)
    return fitted(scores, (np.arange(40) * 7) % 40 < scores * 40)
