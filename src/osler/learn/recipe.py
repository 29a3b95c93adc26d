"""A recipe: everything that decides what a specialty becomes, as one Python value.

    recipe = recipes.histology()                 a function that returns a Recipe
    replace(recipe, seed=7)                      another run

The resolved recipe is written beside the result, with the data digest and the code version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from osler.judge.contract import Contract
from osler.judge.task import Task

__all__ = ["Parts", "Recipe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """How examples are divided; a group (patient, record) never stands in two parts.

    Where the folder states a part (`train`, `validation`), `validation` is the folder's own and
    `train` is divided by `tune` and `calibrate` shares, stratified by label, with `seed`.
    `named` puts whole groups into parts by name instead; it is how the ECG records are divided.

    `folds` 0 fits threshold and calibrators on `calibrate`. From 3 on they are fitted on scores out
    of fold over `fit`, `tune` and `calibrate` together (`osler.learn.cross`), for data of few
    groups.
    """

    tune: float = 0.1
    calibrate: float = 0.2
    validation: float = 0.2
    seed: int = 20261123
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    folds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to train, for which question, on what terms it may be asked, and how."""

    name: str
    title: str
    version: str
    intended_use: str
    limits: tuple[str, ...]
    network: str
    base: str
    population: str
    data: str
    task: Task
    contract: Contract
    parts: Parts
    seed: int
    epochs: int
    batch: int
    rate: float
    weight_decay: float
    extra: Mapping[str, float | int | str | bool] = field(default_factory=dict)
