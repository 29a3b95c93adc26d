"""The run's folder and the resolved recipe."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from osler.errors import ModelAltered
from osler.learn.recipes import RECIPES, recipe
from osler.learn.run import Run, data_digest, recipe_from_json, recipe_to_json
from osler.learn.trainer import Examples


def _examples(digest: str = "d") -> Examples:
    return Examples(
        names=("a", "b"),
        groups=("a", "b"),
        labels=np.array([0, 1]),
        stated=(None, "train"),
        digests=(digest, "e"),
        inputs=("a", "b"),
    )


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_survives_json(name: str) -> None:
    whole = json.loads(json.dumps(recipe_to_json(recipe(name))))
    assert recipe_from_json(whole) == recipe(name)


def test_what_is_no_recipe_is_refused() -> None:
    whole = recipe_to_json(recipe("histology"))
    del whole["task"]
    with pytest.raises(ModelAltered, match="task"):
        recipe_from_json(whole)


def test_the_digest_of_data_ignores_order_and_sees_change() -> None:
    there = _examples()
    back = replace(
        there,
        names=("b", "a"),
        labels=np.array([1, 0]),
        stated=("train", None),
        digests=("e", "d"),
    )
    assert data_digest(there) == data_digest(back)
    assert data_digest(there) != data_digest(_examples("other"))
    assert data_digest(there) != data_digest(replace(there, labels=np.array([1, 1])))


def test_a_run_writes_down_what_it_does(tmp_path: Path) -> None:
    run = Run.start(tmp_path / "run", recipe("histology"), _examples())
    run.write({"epoch": 1, "loss": 0.5})
    run.write({"epoch": 2, "loss": 0.4})
    lines = (run.folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["loss"] for line in lines] == [0.5, 0.4]
    about = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    assert about["data_digest"] == data_digest(_examples())
    stored = json.loads((run.folder / "recipe.json").read_text(encoding="utf-8"))
    assert recipe_from_json(stored) == recipe("histology")
