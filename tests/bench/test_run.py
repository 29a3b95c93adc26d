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


def _tabled(painted: Specialty, folder: Path, group_of: dict[str, str]) -> Path:
    """The painted data again, with a column of groups; returns the folder."""
    shutil.copytree(painted.folder.parent / "data", folder)
    lines = (folder / "labels.csv").read_text(encoding="utf-8").splitlines()
    names = [line.split(",")[0] for line in lines[1:]]
    grouped = [f"{line},{group_of.get(n, n)}" for line, n in zip(lines[1:], names, strict=True)]
    table = "\n".join([f"{lines[0]},group", *grouped])
    (folder / "labels.csv").write_text(table + "\n", encoding="utf-8")
    return folder


def test_the_rest_of_a_learned_group_is_left_out(painted: Specialty, tmp_path: Path) -> None:
    data = painted.folder.parent / "data"
    before = run(painted, data, draws=DRAWS)
    examples = labelled_images(data, painted.task.labels)
    learned = set(painted.training["parts"]["fit"]["digests"])
    known = next(n for n, d in zip(examples.names, examples.digests, strict=True) if d in learned)
    parts = painted.training["parts"].values()
    every = {digest for part in parts for digest in part.get("digests", ())}
    new = next(n for n, d in zip(examples.names, examples.digests, strict=True) if d not in every)
    shared = _tabled(painted, tmp_path / "shared", {known: "p1", new: "p1"})
    after = run(painted, shared, draws=DRAWS)
    assert (after.items, after.left_out) == (before.items - 1, before.left_out + 1)


def test_a_name_alone_leaves_nothing_out(painted: Specialty, tmp_path: Path) -> None:
    # Another hospital has a group of the same name, whose files were never seen.
    fit = {**painted.training["parts"]["fit"], "groups": ["101"]}
    training = {**painted.training, "parts": {**painted.training["parts"], "fit": fit}}
    other = replace(painted, training=training)
    data = _tabled(painted, tmp_path / "other", {f"{i:03d}.png": "101" for i in range(80)})
    for path in data.glob("*.png"):
        path.write_bytes(path.read_bytes() + b"\0")
    result = run(other, data, draws=DRAWS)
    assert (result.items, result.left_out) == (80, 0)


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
