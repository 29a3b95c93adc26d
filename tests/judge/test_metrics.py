"""Metrics against scikit-learn, and intervals that know what belongs together."""

import math

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

from osler.judge.metrics import (
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


@pytest.fixture(params=range(5))
def random(request: pytest.FixtureRequest) -> np.random.Generator:
    return np.random.default_rng(request.param)


def test_scores_agree_with_scikit_learn(random: np.random.Generator) -> None:
    truth = random.integers(0, 2, 80)
    scores = np.round(np.clip(truth * 0.3 + random.random(80) * 0.7, 0, 1), 2)
    assert auroc(scores, truth) == pytest.approx(roc_auc_score(truth, scores))
    assert brier(scores, truth) == pytest.approx(brier_score_loss(truth, scores))


def test_answers_agree_with_scikit_learn(random: np.random.Generator) -> None:
    truth, answers = random.integers(0, 4, (2, 120))
    assert accuracy(answers, truth) == pytest.approx(accuracy_score(truth, answers))
    assert balanced_accuracy(answers, truth) == pytest.approx(
        balanced_accuracy_score(truth, answers)
    )
    assert macro_f1(answers, truth) == pytest.approx(f1_score(truth, answers, average="macro"))
    for label in range(4):
        one = {"labels": [label], "average": "macro"}
        assert recall_of(label)(answers, truth) == pytest.approx(
            recall_score(truth, answers, **one)
        )
        assert precision_of(label)(answers, truth) == pytest.approx(
            precision_score(truth, answers, **one)
        )


def test_an_answer_that_is_no_class_of_the_truth_is_wrong_and_no_class() -> None:
    truth, answers = np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1])
    assert balanced_accuracy(answers, truth) == pytest.approx(0.75)
    assert macro_f1(answers, truth) == pytest.approx((2 / 3 + 1) / 2)


def test_what_cannot_be_measured_is_not_a_number() -> None:
    ones = np.ones(5, dtype=int)
    assert math.isnan(auroc(np.linspace(0, 1, 5), ones))
    assert math.isnan(recall_of(0)(ones, ones))
    assert math.isnan(precision_of(0)(ones, ones))


def test_calibration_error_by_hand() -> None:
    scores = np.array([0.15, 0.15, 0.95, 1.0])
    truth = np.array([0, 1, 1, 1])
    assert ece(scores, truth) == pytest.approx((2 * 0.35 + 2 * 0.025) / 4)
    assert ece(truth.astype(float), truth) == 0


def test_the_interval_is_that_of_a_mean() -> None:
    random = np.random.default_rng(0)
    truth = np.ones(400, dtype=int)
    answers = (random.random(400) < 0.8).astype(int)
    found = measured(accuracy, answers, truth)
    half = 1.96 * math.sqrt(found.value * (1 - found.value) / 400)
    assert found.low == pytest.approx(found.value - half, abs=0.01)
    assert found.high == pytest.approx(found.value + half, abs=0.01)
    assert (found.n, found.groups) == (400, 400)
    assert str(found) == f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def test_what_belongs_together_is_drawn_together() -> None:
    """Ten items a patient, all alike: the interval must be that of the patients, not the items."""
    random = np.random.default_rng(1)
    right = np.repeat(random.random(40) < 0.7, 10).astype(int)
    patients = np.repeat(np.arange(40), 10)
    truth = np.ones(400, dtype=int)
    naive = measured(accuracy, right, truth)
    clustered = measured(accuracy, right, truth, groups=patients.tolist())
    assert clustered.value == naive.value
    assert (clustered.n, clustered.groups) == (400, 40)
    ratio = (clustered.high - clustered.low) / (naive.high - naive.low)
    assert ratio == pytest.approx(math.sqrt(10), rel=0.15)


def test_the_same_seed_draws_the_same() -> None:
    truth, answers = np.random.default_rng(2).integers(0, 2, (2, 50))
    one, two, other = (measured(accuracy, answers, truth, seed=s, draws=300) for s in (0, 0, 1))
    assert one == two
    assert (one.low, one.high) != (other.low, other.high)


def test_draws_without_a_value_are_left_out() -> None:
    truth = np.array([1] + [0] * 9)
    found = measured(auroc, np.linspace(1, 0, 10), truth, draws=200)
    assert found.value == found.low == found.high == 1
    alone = measured(auroc, np.ones(3), np.ones(3, dtype=int), draws=20)
    assert math.isnan(alone.value)
    assert math.isnan(alone.low)
