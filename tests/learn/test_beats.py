"""Training on drawn hearts: it learns, twice the same, and leaves the random state alone."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from osler.errors import LearnError
from osler.learn.beats import BeatTrainer, drawing_weights
from osler.learn.recipe import Recipe
from osler.learn.recipes.cardiology import cardiology
from osler.learn.trainer import Examples, Trainer
from osler.model.ecg import CLASSES
from tests.learn.heart import rhythm_of, write_record

TRAINER: Trainer = BeatTrainer()


def small_recipe() -> Recipe:
    extra = {**cardiology().extra, "draws": 512, "average": 0.8}
    return replace(cardiology(), epochs=5, batch=32, rate=3e-3, extra=extra)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    folder = tmp_path_factory.mktemp("records")
    for seed in range(4):
        write_record(folder, f"r{seed}", rhythm_of(120, seed), seed=seed)
    return TRAINER.examples(folder, small_recipe())


def rows_of(examples: Examples, *records: str) -> np.ndarray:
    return np.flatnonzero(np.isin(np.asarray(examples.groups), records))


@pytest.fixture(scope="module")
def trained(examples: Examples) -> tuple[Mapping[str, torch.Tensor], list[Mapping[str, float]]]:
    heard: list[Mapping[str, float]] = []
    fit, tune = rows_of(examples, "r0", "r1"), rows_of(examples, "r2")
    return TRAINER.train(examples, fit, tune, small_recipe(), heard.append), heard


def test_it_learns_beats_of_a_heart_it_never_saw(
    examples: Examples, trained: tuple[Mapping[str, torch.Tensor], list[Mapping[str, float]]]
) -> None:
    rows = rows_of(examples, "r3")
    scores = TRAINER.scores(trained[0], examples, rows, small_recipe())
    assert scores.shape == (len(rows), 5)
    assert np.allclose(scores.sum(axis=1), 1)
    assert np.mean(scores.argmax(axis=1) == examples.labels[rows]) > 0.9


def test_progress_is_told_once_an_epoch(
    trained: tuple[Mapping[str, torch.Tensor], list[Mapping[str, float]]],
) -> None:
    heard = trained[1]
    assert [line["epoch"] for line in heard] == [1, 2, 3, 4, 5]
    assert heard[-1]["loss"] < heard[0]["loss"]


def test_the_same_recipe_gives_the_same_bytes_and_no_trace(
    examples: Examples, trained: tuple[Mapping[str, torch.Tensor], list[Mapping[str, float]]]
) -> None:
    fit, tune = rows_of(examples, "r0", "r1"), rows_of(examples, "r2")
    state = torch.random.get_rng_state()
    again = TRAINER.train(examples, fit, tune, small_recipe(), lambda _: None)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert set(again) == set(trained[0])
    assert all(torch.equal(again[name], tensor) for name, tensor in trained[0].items())


def test_a_row_scores_the_same_in_any_company(
    examples: Examples, trained: tuple[Mapping[str, torch.Tensor], list[Mapping[str, float]]]
) -> None:
    rows = rows_of(examples, "r3")
    whole = TRAINER.scores(trained[0], examples, rows, small_recipe())
    some = TRAINER.scores(trained[0], examples, rows[[70, 3]], small_recipe())
    assert np.array_equal(some, whole[[70, 3]])


def test_the_probe_is_better_than_the_commonest_class(examples: Examples) -> None:
    recipe, rows = small_recipe(), rows_of(examples, "r3")
    probe = TRAINER.probe(examples, rows_of(examples, "r0", "r1"), recipe)
    scores = TRAINER.probe_scores(probe, examples, rows, recipe)
    commonest = np.bincount(examples.labels[rows]).max() / len(rows)
    assert np.allclose(scores.sum(axis=1), 1)
    assert np.mean(scores.argmax(axis=1) == examples.labels[rows]) > commonest + 0.1


def test_a_probe_that_never_saw_a_class_never_names_it(examples: Examples) -> None:
    recipe, fit = small_recipe(), rows_of(examples, "r0")
    fit = fit[examples.labels[fit] != CLASSES.index("F")]
    probe = TRAINER.probe(examples, fit, recipe)
    scores = TRAINER.probe_scores(probe, examples, rows_of(examples, "r3"), recipe)
    assert scores[:, CLASSES.index("F")].max() < 0.01


@pytest.mark.parametrize("balance", [0.0, 0.5, 1.0])
def test_drawing(examples: Examples, balance: float) -> None:
    rows = rows_of(examples, "r0", "r1")
    weights = drawing_weights(examples, rows, balance)
    cells = [(examples.groups[row], examples.labels[row]) for row in rows]
    counts = {cell: cells.count(cell) for cell in cells}
    whole = sum(count**balance for count in counts.values())
    for cell, count in counts.items():
        own = weights[[other == cell for other in cells]]
        assert own.sum() == pytest.approx(count**balance / whole)
        assert np.ptp(own) == 0


def test_unknown_settings_are_refused(examples: Examples) -> None:
    recipe = replace(small_recipe(), extra={"speed": 3})
    with pytest.raises(LearnError, match="'speed' means nothing"):
        TRAINER.train(examples, np.arange(9), np.arange(9), recipe, lambda _: None)


def test_a_loss_that_runs_away_stops_the_run(examples: Examples) -> None:
    recipe = replace(small_recipe(), rate=1e30, epochs=2)
    rows = rows_of(examples, "r0")
    with pytest.raises(LearnError, match="lower the recipe's rate"):
        TRAINER.train(examples, rows, rows, recipe, lambda _: None)


def test_other_labels_are_refused(tmp_path: Path) -> None:
    task = replace(cardiology().task, labels=("N", "V"))
    with pytest.raises(LearnError, match="N, S, V, F, Q"):
        TRAINER.examples(tmp_path, replace(cardiology(), task=task))
