"""Fitting: against scikit-learn's isotonic regression, against the truth, and coverage by class."""

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.isotonic import IsotonicRegression

from osler.errors import LearnError
from osler.judge.fit import fit_calibrator

from .examples import POPULATION, cases, fitted


def test_both_ends_are_the_isotonic_value_with_the_case_added() -> None:
    scores, truth = cases(60, seed=1)
    made = fitted(scores, truth)
    for score in made.steps:
        low, high = made.interval(score)
        for label, given in ((0, low), (1, high)):
            model = IsotonicRegression(out_of_bounds="clip")
            model.fit(np.append(scores, score), np.append(truth, label))
            assert given == pytest.approx(model.predict([score])[0], abs=1e-6)
        assert low <= made.point(score) <= high
        assert made.point(score) == pytest.approx(high / (1 - low + high))


def test_the_interval_rises_with_the_score_and_narrows_with_the_cases() -> None:
    few, many = (fitted(*cases(n, seed=2)) for n in (60, 600))
    for made in (few, many):
        assert list(made.p0) == sorted(made.p0)
        assert list(made.p1) == sorted(made.p1)
    assert np.mean(np.subtract(many.p1, many.p0)) < np.mean(np.subtract(few.p1, few.p0)) / 2
    assert len(many.steps) <= 400


def test_points_are_calibrated_on_new_cases() -> None:
    """Pooled over calibrations: of the cases given p, a share p is true."""
    pooled: list[tuple[float, float, bool]] = []
    for seed in range(20):
        scores, truth = cases(200, seed)
        made = fitted(np.round(scores, 2), truth)
        fresh, happened = cases(1000, 100 + seed)
        pooled += [(s, made.point(s), bool(t)) for s, t in zip(fresh, happened, strict=True)]
    scores, points, truth = (np.array(column) for column in zip(*pooled, strict=True))
    assert np.mean((points - truth) ** 2) < np.mean((scores - truth) ** 2) - 0.02
    for low in np.arange(0, 1, 0.2):
        inside = (points >= low) & (points < low + 0.2)
        assert np.mean(points[inside]) == pytest.approx(np.mean(truth[inside]), abs=0.03)


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.3])
@pytest.mark.parametrize("tied", [False, True], ids=["distinct", "tied"])
def test_each_class_is_covered(monkeypatch: pytest.MonkeyPatch, alpha: float, tied: bool) -> None:
    """Over many draws of calibration and test case, at least 1 - alpha within binomial bounds."""
    # The isotonic fits take the time and have no part in the sets.
    monkeypatch.setattr("osler.judge.fit._with", lambda x, y, score, label: label)
    draws = 2000
    kept = {True: 0, False: 0}
    random = np.random.default_rng(11)
    truth = np.arange(60) < 30
    for _ in range(draws):
        scores = np.where(truth, random.beta(2, 1, 60), random.beta(1, 2, 60))
        fresh = {True: random.beta(2, 1), False: random.beta(1, 2)}
        if tied:
            scores = np.round(scores, 1)
        made = fitted(scores, truth, alpha)
        for label, score in fresh.items():
            seen = round(score, 1) if tied else score
            kept[label] += label in made.prediction_set(seen)
    least, most = binom.ppf([0.0005, 0.9995], draws, 1 - alpha)
    for label in (True, False):
        assert kept[label] >= least
        # No more cautious than 30 cases make it: the rank is a whole number of them.
        assert tied or kept[label] <= most + draws / 31


def test_a_threshold_keeps_the_case_that_set_it() -> None:
    scores = np.array([i / 40 for i in range(1, 41)])
    made = fitted(scores, np.arange(40) % 2 == 0)
    assert made.keep_positive in scores
    assert made.keep_negative in scores
    assert True in made.prediction_set(made.keep_positive)
    assert False in made.prediction_set(made.keep_negative)


def test_too_few_cases_rule_nothing_out() -> None:
    scores = np.linspace(0.2, 0.8, 20)
    made = fitted(scores, np.arange(20) >= 10, alpha=0.05)
    assert made.prediction_set(0.0) == made.prediction_set(1.0) == (True, False)


def test_the_population_is_described() -> None:
    scores, truth = cases(60, seed=5)
    population = fitted(scores, truth).population
    assert (population.name, population.cases) == (POPULATION, 60)
    assert population.prevalence == pytest.approx(truth.mean(), abs=1e-4)


@pytest.mark.parametrize(
    ("scores", "truth", "said"),
    [
        ([0.5] * 19, [True] * 10 + [False] * 9, "10 positive and 9 negative"),
        ([0.5] * 20, [True] * 20, "20 positive and 0 negative"),
        ([], [], "0 positive"),
        ([float("nan")] * 20, [True, False] * 10, "from 0 to 1"),
        ([1.5] * 20, [True, False] * 10, "from 0 to 1"),
        ([0.5] * 19, [True, False] * 10, "19 scores for 20 cases"),
    ],
)
def test_what_cannot_be_fitted(scores: list[float], truth: list[bool], said: str) -> None:
    with pytest.raises(LearnError, match=said):
        fit_calibrator(scores, truth, name="t", population="p", fitted_on="2026-11-23")
