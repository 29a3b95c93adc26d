"""Evaluation: known numbers, paired gains, and undefined ones that stay undefined."""

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from osler.judge.calibrator import Calibrator
from osler.judge.fit import fit_calibrator
from osler.judge.task import Task
from osler.learn.evaluate import Evaluation, answers_of, evaluate
from osler.learn.recipes.histology import histology

TASK = replace(histology().task, threshold=0.6)
THREE = Task(
    name="three",
    question="?",
    kind="image",
    labels=("a", "b", "c"),
    positive=("b", "c"),
    wording={},
)


def _calibrators(task: Task) -> Mapping[str, Calibrator]:
    random = np.random.default_rng(0)
    truth = np.arange(60) % 2 == 1
    scores = np.clip(truth * 0.5 + random.uniform(0, 0.5, 60), 0, 1)
    made = fit_calibrator(
        scores.tolist(), truth.tolist(), name="x", population="p", fitted_on="2026-11-23"
    )
    return dict.fromkeys(task.positive, made)


def _rows(positive: np.ndarray) -> np.ndarray:
    return np.stack([1 - positive, positive], axis=1)


def _evaluated(count: int = 40) -> Evaluation:
    truth = np.arange(count) % 2
    good, bad = np.where(truth == 1, 0.9, 0.1), np.full(count, 0.4)
    groups = [str(i // 2) for i in range(count)]
    return evaluate(
        TASK, _calibrators(TASK), _rows(good), truth, groups, _rows(bad), np.array([3, 1]), 40
    )


def test_a_perfect_model_beside_a_blind_probe() -> None:
    result = _evaluated()
    for name in ("auroc", "accuracy", "balanced_accuracy", "f1", "sensitivity", "specificity"):
        assert result.metrics[name].value == 1
    assert result.baselines["probe"]["auroc"].value == 0.5
    assert result.baselines["majority"]["accuracy"].value == 0.5
    assert result.gains["auroc"].value == 0.5
    assert result.gains["accuracy"].value == 0.5
    assert result.gains["auroc"].low > 0


def test_groups_are_counted_as_one() -> None:
    measured = _evaluated().metrics["accuracy"]
    assert (measured.n, measured.groups) == (40, 20)


def test_sets_and_coverage_follow_from_the_calibrator() -> None:
    result = _evaluated()
    assert result.metrics["coverage"].value == 1
    assert 1 <= result.metrics["set_size"].value <= 2
    found = result.per_class["metastasis"]
    assert found["coverage_positive"].value == found["coverage_negative"].value == 1


def test_the_threshold_decides_for_two_labels() -> None:
    scores = _rows(np.array([0.55, 0.6, 0.65]))
    assert answers_of(TASK, scores).tolist() == [0, 1, 1]
    assert answers_of(replace(TASK, threshold=None), scores).tolist() == [1, 1, 1]


def test_many_labels_are_judged_one_against_the_rest() -> None:
    random = np.random.default_rng(1)
    truth = np.arange(60) % 3
    scores = np.eye(3)[truth] * 0.5 + random.dirichlet(np.ones(3), 60) * 0.5
    groups = [str(i) for i in range(60)]
    probe = random.dirichlet(np.ones(3), 60)
    result = evaluate(THREE, _calibrators(THREE), scores, truth, groups, probe, np.ones(3), 40)
    assert "sensitivity" not in result.metrics
    both = [result.per_class[label]["auroc"].value for label in ("b", "c")]
    assert result.metrics["auroc"].value == pytest.approx(np.mean(both))
    assert "auroc" not in result.per_class["a"]


# scikit-learn remarks on the one label; that is what this test is about.
@pytest.mark.filterwarnings("ignore:A single label was found")
def test_what_is_undefined_is_null_in_json() -> None:
    truth = np.zeros(12, dtype=np.int64)
    scores = _rows(np.full(12, 0.2))
    groups = [str(i) for i in range(12)]
    result = evaluate(TASK, _calibrators(TASK), scores, truth, groups, scores, np.ones(2), 40)
    whole = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert whole["auroc"]["value"] is None
    assert whole["accuracy"]["value"] == 1
    assert whole["per_class"]["metastasis"]["sensitivity"]["value"] is None
