"""The image trainer: the same weights twice, and the engine's own scores."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from osler.engine.adapter import load_adapter
from osler.engine.images import ImageModel
from osler.errors import LearnError
from osler.judge.specialty import Specialty
from osler.learn.folder import picture
from osler.learn.images import ImageTrainer
from osler.learn.trainer import Examples
from tests.learn.painted import need_base, small_recipe, write_folder

FIT, TUNE = np.arange(16), np.arange(16, 22)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    need_base()
    folder = write_folder(tmp_path_factory.mktemp("pictures"), 24)
    return ImageTrainer().examples(folder, small_recipe())


def test_the_same_recipe_gives_the_same_bytes(examples: Examples) -> None:
    heard: list[Mapping[str, float | int]] = []
    one = ImageTrainer().train(examples, FIT, TUNE, small_recipe(), heard.append)
    two = ImageTrainer().train(examples, FIT, TUNE, small_recipe(), heard.append)
    assert set(one) == set(two)
    assert all(one[name].numpy().tobytes() == two[name].numpy().tobytes() for name in one)
    assert [line["epoch"] for line in heard] == [1, 2, 1, 2]
    assert heard[:2] == heard[2:]


def test_another_seed_gives_other_weights(examples: Examples) -> None:
    recipe = replace(small_recipe(), epochs=1)
    one = ImageTrainer().train(examples, FIT, TUNE, recipe, lambda _: None)
    two = ImageTrainer().train(examples, FIT, TUNE, replace(recipe, seed=1), lambda _: None)
    assert not np.array_equal(one["head.weight"].numpy(), two["head.weight"].numpy())


def test_differences_are_small_enough_to_ship(examples: Examples) -> None:
    recipe = replace(small_recipe(), epochs=1)
    weights = ImageTrainer().train(examples, FIT, TUNE, recipe, lambda _: None)
    assert sum(t.numel() * t.element_size() for t in weights.values()) < 15e6


def test_its_scores_are_the_engines_to_the_bit(painted: Specialty) -> None:
    trainer = ImageTrainer()
    folder = painted.folder.parent / "data"
    examples = trainer.examples(folder, small_recipe())
    rows = np.arange(7)
    scores = trainer.scores(load_adapter(painted).weights, examples, rows, small_recipe())
    pictures = [picture(folder / examples.names[row]) for row in rows]
    assert scores.tobytes() == ImageModel(painted).scores(pictures).tobytes()


def test_a_loss_that_runs_away_stops_the_run(examples: Examples) -> None:
    with pytest.raises(LearnError, match="lower the recipe's rate"):
        ImageTrainer().train(
            examples, FIT, TUNE, replace(small_recipe(), rate=1e30), lambda _: None
        )


@pytest.mark.parametrize("extra", [{}, {"size": 32, "colour": 1}])
def test_extras_it_does_not_know_are_refused(examples: Examples, extra: Mapping[str, int]) -> None:
    with pytest.raises(LearnError, match="the recipe's extra"):
        ImageTrainer().train(
            examples, FIT, TUNE, replace(small_recipe(), extra=extra), lambda _: None
        )


def test_no_rows_give_no_scores(painted: Specialty, tmp_path: Path) -> None:
    trainer = ImageTrainer()
    examples = trainer.examples(write_folder(tmp_path, 2), small_recipe())
    weights = load_adapter(painted).weights
    none = np.empty(0, dtype=np.int64)
    assert trainer.scores(weights, examples, none, small_recipe()).shape == (0, 2)
