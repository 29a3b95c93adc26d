"""The histology recipe: asked only of what it learned."""

import pytest

from osler.errors import NotFound
from osler.judge.contract import unmet
from osler.learn.recipes import RECIPES, recipe
from osler.learn.recipes.histology import histology
from osler.record.media import Media

GOOD: dict[str, str | float | None] = {"anatomy": "lymph node", "stain": "H&E", "spacing_um": 0.5}


def test_a_stated_lymph_node_is_admitted() -> None:
    contract = histology().contract
    notes = contract.check(Media(modality="histology", attributes=GOOD).get)
    assert contract.admits(notes)
    assert not unmet(notes)


@pytest.mark.parametrize(
    "change",
    [
        {"anatomy": "breast"},
        {"anatomy": None},
        {"stain": "IHC"},
        {"stain": None},
        {"spacing_um": 2.0},
        {"spacing_um": 0.1},
        {"spacing_um": None},
    ],
)
def test_anything_else_is_not_assessed(change: dict[str, str | float | None]) -> None:
    contract = histology().contract
    media = Media(modality="histology", attributes={**GOOD, **change})
    assert not contract.admits(contract.check(media.get))


def test_no_sign_is_never_called_normal_to_a_clinician() -> None:
    task = histology().task
    assert "normal" not in task.worded("normal")


def test_recipes_are_found_by_name() -> None:
    assert {name: recipe(name).name for name in RECIPES} == {name: name for name in RECIPES}
    with pytest.raises(NotFound, match="there are: cardiology, histology"):
        recipe("alchemy")
