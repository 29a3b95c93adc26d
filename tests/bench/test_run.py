"""Benchmarks: nothing that was learned from is measured on."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from osler.bench.run import run
from osler.errors import ModelAltered, WrongUse
from osler.judge.specialty import Specialty
from osler.learn.folder import labelled_images
from tests.learn.painted import DRAWS, write_folder


def test_what_it_learned_from_is_left_out(painted: Specialty) -> None:
    result = run(painted, painted.folder.parent / "data", draws=DRAWS)
    parts = painted.training["parts"]
    learned = sum(sum(parts[name]["counts"].values()) for name in ("fit", "tune", "calibrate"))
    assert result.left_out == learned
    assert result.items == 80 - learned == sum(parts["validation"]["counts"].values())


def test_it_measures_what_the_card_says(painted: Specialty) -> None:
    result = run(painted, painted.folder.parent / "data", draws=DRAWS)
    card = (painted.folder / "README.md").read_text(encoding="utf-8")
    assert f"| AUROC | {result.evaluation.metrics['auroc']} |" in card


def test_a_stated_part_can_be_asked_for(painted: Specialty, tmp_path: Path) -> None:
    data = write_folder(tmp_path / "other", 40, ("split", "filename", "label"))
    for path in data.glob("*.png"):  # the painted data again, but as other files
        path.write_bytes(path.read_bytes() + b"\0")
    result = run(painted, data, "validation", draws=DRAWS)
    assert (result.items, result.left_out, result.others) == (20, 0, 20)
    with pytest.raises(WrongUse, match="states train, validation"):
        run(painted, data, "test")


def test_the_json_is_whole(painted: Specialty) -> None:
    whole = json.loads(
        json.dumps(run(painted, painted.folder.parent / "data", draws=DRAWS).to_json())
    )
    for name in ("auroc", "accuracy", "balanced_accuracy", "f1", "ece", "brier", "coverage"):
        assert whole[name]["low"] <= whole[name]["value"] <= whole[name]["high"]
        assert whole[name]["n"] == whole["n"]
    assert set(whole["per_class"]) == {"normal", "metastasis"}
    assert {"sensitivity", "ppv"} <= set(whole["per_class"]["metastasis"])
    assert set(whole["baselines"]) == {"majority", "probe"}
    assert whole["specialty"]["digest"] == painted.digest


def test_nothing_left_is_said(painted: Specialty, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(painted.folder.parent / "data", data)
    learned = set(painted.training["parts"]["fit"]["digests"])
    lines = (data / "labels.csv").read_text(encoding="utf-8").splitlines()
    examples = labelled_images(data, painted.task.labels)
    kept = [lines[0]]
    kept += [line for line, d in zip(lines[1:], examples.digests, strict=True) if d in learned]
    (data / "labels.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    with pytest.raises(WrongUse, match="learned from all of those"):
        run(painted, data)


def test_without_a_training_record_nothing_is_measured(painted: Specialty) -> None:
    training = {**painted.training, "parts": {}}
    with pytest.raises(ModelAltered, match="cannot be left out"):
        run(replace(painted, training=training), painted.folder.parent / "data", draws=DRAWS)
