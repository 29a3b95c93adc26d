"""From folder to sealed specialty: what it holds, what it refuses, and that it repeats."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from osler.errors import LearnError
from osler.judge.specialty import Specialty
from osler.learn.recipe import Parts
from osler.learn.specialty import choose_threshold, learn_specialty, trainer_for
from tests.learn.painted import DRAWS, learn_painted, need_base, small_recipe, write_folder


def _quiet(_what: str, _values: Mapping[str, float | int]) -> None: ...


def test_a_second_run_gives_the_same_bytes(painted: Specialty, tmp_path: Path) -> None:
    again = learn_painted(tmp_path)
    assert again.digest == painted.digest


def test_the_folder_holds_what_a_reader_needs(painted: Specialty) -> None:
    assert {path.name for path in painted.folder.iterdir()} == {
        "README.md",
        "SHA256SUMS",
        "adapter.safetensors",
        "baselines.safetensors",
        "calibrators.json",
        "specialty.toml",
        "training.json",
    }
    assert painted.task.threshold is not None
    assert set(painted.calibrators) == {"metastasis"}
    assert painted.calibrators["metastasis"].population.name == small_recipe().population


def test_the_training_record_names_all_but_validation(painted: Specialty) -> None:
    parts = painted.training["parts"]
    names = {name: part.get("digests") for name, part in parts.items()}
    assert names["validation"] is None
    assert len(names["fit"]) == sum(parts["fit"]["counts"].values())
    assert not set(names["fit"]) & set(names["calibrate"])
    assert painted.training["recipe"]["extra"]["tile_px"] == 96


def test_a_run_can_be_followed(tmp_path: Path) -> None:
    need_base()
    heard: list[str] = []
    learn_specialty(
        replace(small_recipe(), epochs=1),
        write_folder(tmp_path / "data"),
        tmp_path / "out",
        lambda what, _: heard.append(what),
        date="2026-11-23",
        run_folder=tmp_path / "run",
        draws=DRAWS,
    )
    assert heard == ["divided", "epoch", "measured", "sealed"]
    lines = (tmp_path / "run" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert "loss" in json.loads(lines[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out", "run"]


def test_calibrators_can_be_fitted_out_of_fold(painted: Specialty, tmp_path: Path) -> None:
    need_base()
    recipe = small_recipe()
    heard: list[Mapping[str, float | int]] = []
    folder = learn_specialty(
        replace(recipe, parts=replace(recipe.parts, folds=3)),
        write_folder(tmp_path / "data"),
        tmp_path / "histology",
        lambda what, values: heard.append(values) if what == "epoch" else None,
        date="2026-11-23",
        draws=DRAWS,
    )
    made = Specialty.load(folder)
    assert [line.get("fold", 0) for line in heard] == [0, 0, 1, 1, 2, 2, 3, 3]
    # The weights are those of a run without folds; the calibrators have more to stand on.
    assert made.adapter.read_bytes() == painted.adapter.read_bytes()
    learned = sum(
        sum(made.training["parts"][name]["counts"].values())
        for name in ("fit", "tune", "calibrate")
    )
    assert made.calibrators["metastasis"].population.cases == learned
    about = made.training["calibrators"]
    assert (about["fitted_on"], about["groups"], len(about["folds"])) == ("out-of-fold", learned, 3)
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert (
        f"out of fold of the {learned} groups of `fit`, `tune` and `calibrate`: in 3 folds" in text
    )
    assert "| calibrate | " in text and "calibrators, out of fold |" in text


def test_a_card_says_on_what_the_calibrators_stand(painted: Specialty) -> None:
    counts = sum(painted.training["parts"]["calibrate"]["counts"].values())
    assert painted.training["calibrators"]["fitted_on"] == "calibrate"
    text = (painted.folder / "README.md").read_text(encoding="utf-8")
    assert f"were fitted on the `calibrate` part, {counts} groups." in text


def test_what_is_no_specialty_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(LearnError, match="is no specialty"):
        learn_specialty(small_recipe(), tmp_path, tmp_path, _quiet, date="2026-11-23")
    assert (tmp_path / "precious.txt").read_text(encoding="utf-8") == "mine"


def test_a_part_without_a_label_is_named(tmp_path: Path) -> None:
    data = write_folder(tmp_path / "data", 24)
    table = data / "labels.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    few = [line for line in lines[1:] if line.endswith("0")] + [lines[2]]
    table.write_text("\n".join([lines[0], *few]) + "\n", encoding="utf-8")
    recipe = replace(small_recipe(), parts=Parts())
    with pytest.raises(LearnError, match=r"the part '\w+' has no example of 'metastasis'"):
        learn_specialty(recipe, data, tmp_path / "out", _quiet, date="2026-11-23")
    assert not (tmp_path / "out").exists()


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(LearnError, match="'abacus'"):
        trainer_for("abacus")


def test_the_threshold_parts_what_can_be_parted() -> None:
    scores, truth = np.array([0.1, 0.2, 0.7, 0.9]), np.array([0, 0, 1, 1])
    assert choose_threshold(scores, truth) == pytest.approx(0.45)


def test_of_equal_thresholds_the_one_nearest_a_half_is_taken() -> None:
    scores, truth = np.array([0.1, 0.3, 0.5, 0.9]), np.array([0, 1, 0, 1])
    assert choose_threshold(scores, truth) == pytest.approx(0.7)
