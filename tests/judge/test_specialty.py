"""A specialty's folder: every file under its seal, or it is not loaded."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from osler.errors import ModelAltered, NotFound
from osler.judge.contract import Met
from osler.judge.specialty import SUMS, Specialty, find_specialty, installed, seal_folder
from osler.judge.task import Task

from .examples import calibrator

TOML = """
name = "pathology"
title = "Lymph nodes"
version = "1"
intended_use = "to draw attention"
limits = ["not for children"]
network = "images"
base = "efficientnet-lite0"

[task]
question = "Does this section show metastasis?"
kind = "image"
labels = ["normal", "metastasis"]
positive = ["metastasis"]
wording = { normal = "no metastasis was found" }
threshold = 0.4

[contract]
modality = "histology"

[[contract.requirements]]
attribute = "stain"
why = "trained on it"
one_of = ["H&E"]

[[contract.requirements]]
attribute = "age_years"
why = "adults"
minimum = 18.0
refuse = ["violated"]
"""


@pytest.fixture
def folder(own_home: Path) -> Path:
    made = own_home / "specialties" / "pathology"
    made.mkdir(parents=True)
    (made / "specialty.toml").write_text(TOML)
    (made / "adapter.safetensors").write_bytes(b"weights")
    (made / "calibrators.json").write_text(json.dumps({"metastasis": calibrator().to_json()}))
    (made / "training.json").write_text(json.dumps({"seed": 7}))
    (made / "README.md").write_text("# Card\n")
    (made / "figures").mkdir()
    (made / "figures" / "roc.svg").write_text("<svg/>")
    seal_folder(made)
    return made


def test_a_sealed_folder_says_what_it_is(folder: Path) -> None:
    loaded = Specialty.load(folder)
    assert (loaded.name, loaded.version, loaded.limits) == ("pathology", "1", ("not for children",))
    assert loaded.task.labels == ("normal", "metastasis")
    assert loaded.task.threshold == 0.4
    assert loaded.calibrators == {"metastasis": calibrator()}
    assert loaded.training == {"seed": 7}
    assert loaded.adapter.read_bytes() == b"weights"
    assert [r.refuse for r in loaded.contract.requirements] == [
        (Met.NO, Met.UNKNOWN),
        (Met.NO,),
    ]
    assert loaded.digest == seal_folder(folder), "sealing again changes nothing"


FILES = ["specialty.toml", "adapter.safetensors", "calibrators.json", "training.json", "README.md",
         "figures/roc.svg"]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_altered(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ModelAltered, match="was changed since it was sealed"):
        Specialty.load(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_missing(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelAltered, match="is missing"):
        Specialty.load(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_the_seal_does_not_name(folder: Path, name: str) -> None:
    """Without this, a line taken out of the seal would free its file to change at will."""
    lines = (folder / SUMS).read_text().splitlines(keepends=True)
    (folder / SUMS).write_text("".join(line for line in lines if name not in line))
    with pytest.raises(ModelAltered, match="is not named"):
        Specialty.load(folder)


def test_a_file_too_many(folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"a desktop's own")
    Specialty.load(folder)
    (folder / "extra.safetensors").write_bytes(b"weights")
    with pytest.raises(ModelAltered, match=r"extra\.safetensors is not named"):
        Specialty.load(folder)


@pytest.mark.parametrize("name", FILES[:4])
def test_a_folder_sealed_without_a_part(folder: Path, name: str) -> None:
    (folder / name).unlink()
    seal_folder(folder)
    with pytest.raises(ModelAltered, match=name):
        Specialty.load(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("specialty.toml", "name = "),
        ("specialty.toml", TOML.replace("limits", "limitations")),
        ("specialty.toml", TOML.replace('"violated"', '"perhaps"')),
        ("specialty.toml", TOML.replace('labels = ["normal", "metastasis"]', "")),
        ("specialty.toml", b"\xff\xfe"),
        ("calibrators.json", "{"),
        ("calibrators.json", "[]"),
        ("calibrators.json", '{"metastasis": {"name": "x"}}'),
        ("calibrators.json", '{"metastasis": 3}'),
        ("training.json", b"\xff"),
    ],
)
def test_a_sealed_file_in_the_wrong_form(folder: Path, name: str, content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(data)
    seal_folder(folder)
    with pytest.raises(ModelAltered):
        Specialty.load(folder)


def test_a_folder_without_a_seal(folder: Path) -> None:
    (folder / SUMS).unlink()
    with pytest.raises(NotFound, match="it has no SHA256SUMS"):
        Specialty.load(folder)


def test_what_was_trained_here_is_found_by_name(folder: Path) -> None:
    assert find_specialty("pathology").folder == folder
    assert "pathology" in [specialty.name for specialty in installed()]
    with pytest.raises(NotFound, match=r"'palmistry'.*pathology.*osler learn"):
        find_specialty("palmistry")


def test_what_was_trained_here_comes_before_what_ships(folder: Path) -> None:
    for shipped in installed():
        if shipped.folder != folder:
            copied = shutil.copytree(shipped.folder, folder.parent / shipped.folder.name)
            assert find_specialty(shipped.name).folder == copied


def test_answers_are_worded() -> None:
    stated: dict[str, Any] = {"labels": ("a", "b"), "positive": ("b",), "wording": {"a": "no b"}}
    task = Task(name="t", question="b?", kind="image", **stated)
    assert task.worded("a") == "no b"
    assert task.worded("b") == "b"
    assert task.threshold is None
