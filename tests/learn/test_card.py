"""The two texts: TOML that reads back, and a card that says what must be said."""

import tomllib
from dataclasses import replace

import numpy as np
import pytest

from osler.judge.specialty import Specialty
from osler.learn.card import card, specialty_toml
from osler.learn.evaluate import evaluate
from osler.learn.recipes import RECIPES, recipe


@pytest.mark.parametrize("name", RECIPES)
def test_toml_reads_back(name: str) -> None:
    made = recipe(name)
    whole = tomllib.loads(specialty_toml(made))
    assert whole["name"] == made.name
    assert whole["limits"] == list(made.limits)
    assert whole["task"]["labels"] == list(made.task.labels)
    assert whole["task"]["wording"] == dict(made.task.wording)
    assert len(whole["contract"]["requirements"]) == len(made.contract.requirements)
    for written, wanted in zip(
        whole["contract"]["requirements"], made.contract.requirements, strict=True
    ):
        assert written["refuse"] == [str(met) for met in wanted.refuse]
        assert written.get("minimum") == wanted.minimum


def test_awkward_words_survive() -> None:
    title = 'a "quoted" \\ path\nnext line, DEL \x7f, µm'
    made = replace(recipe("histology"), title=title)
    assert tomllib.loads(specialty_toml(made))["title"] == title


def test_the_specialty_reads_as_its_recipe(painted: Specialty) -> None:
    made = recipe("histology")
    assert painted.contract == made.contract
    assert painted.task == replace(made.task, threshold=painted.task.threshold)


def test_the_card_says_what_must_be_said(painted: Specialty) -> None:
    text = (painted.folder / "README.md").read_text(encoding="utf-8")
    made = recipe("histology")
    for needed in (*made.limits, made.intended_use, made.data, "linear probe", "Seed 20261123"):
        assert needed in text
    assert painted.training["data_digest"] in text
    assert "| AUROC | " in text


# scikit-learn remarks on the one label; that is what this test is about.
@pytest.mark.filterwarnings("ignore:A single label was found")
def test_what_has_no_cases_is_said_in_words(painted: Specialty) -> None:
    scores, truth = np.tile([0.8, 0.2], (6, 1)), np.zeros(6, dtype=np.int64)
    groups = list("abcdef")
    calibrators = painted.calibrators
    result = evaluate(painted.task, calibrators, scores, truth, groups, scores, np.ones(2), 5)
    text = card(recipe("histology"), painted.training, result, "2026-11-23")
    assert "| AUROC | no cases |" in text
    assert "| nan" not in text
