"""Folds share no group, and a score out of fold comes from a model that never saw the group."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import LearnError
from osler.learn.cross import divide_folds, out_of_fold
from osler.learn.recipe import Parts, Recipe
from osler.learn.recipes.histology import histology
from osler.learn.trainer import Examples, Progress, Trainer, Weights


class SeeingTrainer:
    """Its weights are the rows that it was given; its score of a row is whether it was among them.

    Column 0: the row stood in `fit` or `tune`. Column 1: the row's own number, to know it again.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[set[int], set[int], set[int]]] = []

    def examples(self, data: Path, recipe: Recipe) -> Examples:
        raise NotImplementedError

    def train(
        self,
        examples: Examples,
        fit: np.ndarray,
        tune: np.ndarray,
        recipe: Recipe,
        progress: Progress,
    ) -> Weights:
        progress({"epoch": 1})
        return {"fit": torch.from_numpy(fit), "tune": torch.from_numpy(tune)}

    def scores(
        self, weights: Weights, examples: Examples, rows: np.ndarray, recipe: Recipe
    ) -> np.ndarray:
        fit, tune = (set(weights[part].tolist()) for part in ("fit", "tune"))
        self.calls.append((fit, tune, set(rows.tolist())))
        groups = {examples.groups[row] for row in fit | tune}
        seen = [examples.groups[row] in groups for row in rows]
        return np.column_stack([seen, rows]).astype(np.float64)

    def probe(self, examples: Examples, fit: np.ndarray, recipe: Recipe) -> Weights:
        raise NotImplementedError

    def probe_scores(
        self, probe: Weights, examples: Examples, rows: np.ndarray, recipe: Recipe
    ) -> np.ndarray:
        raise NotImplementedError


def _recipe(folds: int, seed: int = 1) -> Recipe:
    return replace(histology(), parts=Parts(folds=folds, seed=seed))


def _examples(groups: list[str], labels: list[int]) -> Examples:
    names = tuple(f"{i}.png" for i in range(len(groups)))
    return Examples(
        names=names,
        groups=tuple(groups),
        labels=np.asarray(labels),
        stated=(None,) * len(groups),
        digests=names,
        inputs=names,
    )


def _patients(count: int, each: int = 4) -> Examples:
    """Patients of `each` rows; the first row of each is positive."""
    groups = [f"p{i:02d}" for i in range(count) for _ in range(each)]
    return _examples(groups, [int(i % each == 0) for i in range(len(groups))])


@st.composite
def _crowds(draw: st.DrawFn) -> Examples:
    sizes = draw(st.lists(st.integers(1, 9), min_size=9, max_size=40))
    groups = [f"g{i}" for i, size in enumerate(sizes) for _ in range(size)]
    labels = draw(st.lists(st.integers(0, 1), min_size=len(groups), max_size=len(groups)))
    return _examples(groups, labels)


@given(_crowds(), st.integers(3, 6), st.integers(0, 5))
def test_folds_share_no_group_and_cover_all(examples: Examples, count: int, seed: int) -> None:
    rows = np.arange(len(examples))
    try:
        folds = divide_folds(examples, rows, _recipe(count, seed))
    except LearnError as error:
        assert "has no example of 'metastasis'" in str(error)
        return
    assert len(folds) == count
    assert sorted(np.concatenate(folds).tolist()) == rows.tolist()
    groups = [{examples.groups[row] for row in fold} for fold in folds]
    assert sum(map(len, groups)) == len(set().union(*groups))


def test_only_the_rows_asked_for_are_divided() -> None:
    rows = np.arange(8, 40)
    folds = divide_folds(_patients(12), rows, _recipe(4))
    assert sorted(np.concatenate(folds).tolist()) == rows.tolist()


@given(st.integers(0, 3))
def test_the_same_seed_gives_the_same_folds_in_any_order(seed: int) -> None:
    examples = _patients(20)
    order = np.random.default_rng(seed).permutation(len(examples))
    moved = replace(
        examples,
        groups=tuple(examples.groups[i] for i in order),
        labels=examples.labels[order],
    )
    rows = np.arange(len(examples))
    one = divide_folds(examples, rows, _recipe(4))
    again = divide_folds(examples, rows, _recipe(4))
    two = divide_folds(moved, rows, _recipe(4))
    for first, second, third in zip(one, again, two, strict=True):
        assert np.array_equal(first, second)
        assert {examples.groups[i] for i in first} == {moved.groups[i] for i in third}


def test_another_seed_divides_equals_otherwise() -> None:
    examples = _patients(20)
    one, two = (divide_folds(examples, np.arange(80), _recipe(4, seed)) for seed in (1, 2))
    assert any(not np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_positives_spread_over_folds() -> None:
    # Four groups hold nearly all positives, as a few records do most ectopic beats.
    sizes = [(40, 60)] * 4 + [(1, 99)] * 8
    groups = [f"g{i:02d}" for i, (some, none) in enumerate(sizes) for _ in range(some + none)]
    labels = [label for some, none in sizes for label in [1] * some + [0] * none]
    examples = _examples(groups, labels)
    folds = divide_folds(examples, np.arange(len(labels)), _recipe(4))
    assert [int(examples.labels[fold].sum()) for fold in folds] == [42] * 4
    assert [len(fold) for fold in folds] == [300] * 4


@pytest.mark.parametrize("folds", [-1, 1, 2])
def test_too_few_folds_are_refused(folds: int) -> None:
    with pytest.raises(LearnError, match=r"folds is -?\d: write 0, or 3"):
        divide_folds(_patients(9), np.arange(36), _recipe(folds))


def test_a_label_of_too_few_groups_is_named() -> None:
    examples = replace(_patients(9), labels=np.asarray([1] * 12 + [0] * 24))
    with pytest.raises(LearnError, match=r"no example of 'metastasis'.*lower"):
        divide_folds(examples, np.arange(36), _recipe(4))


@given(_crowds(), st.integers(3, 5))
def test_a_score_comes_from_a_model_that_never_saw_the_group(
    examples: Examples, count: int
) -> None:
    recipe, asked = _recipe(count), np.arange(3, len(examples))
    try:
        folds = divide_folds(examples, asked, recipe)
    except LearnError:
        return
    trainer = SeeingTrainer()
    protocol: Trainer = trainer
    heard: list[Mapping[str, float | int]] = []
    rows, scores = out_of_fold(protocol, examples, folds, recipe, heard.append)
    assert np.array_equal(rows, asked)
    assert not scores[:, 0].any()
    assert np.array_equal(scores[:, 1], rows)
    assert heard == [{"fold": k, "epoch": 1} for k in range(1, count + 1)]
    for fit, tune, scored in trainer.calls:
        assert fit | tune | scored == set(asked.tolist())
        assert len(fit) + len(tune) + len(scored) == len(asked)
    # Each fold chose one network's epoch.
    assert sorted(row for _, tune, _ in trainer.calls for row in tune) == asked.tolist()
