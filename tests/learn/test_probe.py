"""The probe: separates what can be separated, and says so as shares."""

import numpy as np
import pytest

from osler.errors import LearnError
from osler.learn.probe import fit_probe, probe_scores


def _cloud(num_labels: int, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = np.arange(count) % num_labels
    centres = np.eye(num_labels, 6) * 4
    return centres[labels] + random.normal(0, 1, (count, 6)), labels


@pytest.mark.parametrize("num_labels", [2, 3])
def test_it_learns_clouds_apart(num_labels: int) -> None:
    x, labels = _cloud(num_labels, 120, 0)
    probe = fit_probe(x, labels, [str(i) for i in range(120)], num_labels)
    fresh, truth = _cloud(num_labels, 60, 1)
    scores = probe_scores(probe, fresh)
    assert scores.shape == (60, num_labels)
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert np.mean(scores.argmax(axis=1) == truth) > 0.95


def test_the_same_data_give_the_same_probe() -> None:
    x, labels = _cloud(2, 60, 0)
    groups = [str(i // 2) for i in range(60)]
    one, two = (fit_probe(x, labels, groups, 2) for _ in range(2))
    assert all(one[name].numpy().tobytes() == two[name].numpy().tobytes() for name in one)


def test_an_absent_label_is_refused() -> None:
    x, labels = _cloud(2, 60, 0)
    with pytest.raises(LearnError, match="no example"):
        fit_probe(x, labels, [str(i) for i in range(60)], 3)
