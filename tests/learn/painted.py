"""A folder of painted pictures that any network can tell apart, and a specialty learned from it."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from osler.errors import ModelAltered, WeightsMissing
from osler.judge.specialty import Specialty
from osler.learn.recipe import Parts, Recipe
from osler.learn.recipes.histology import histology
from osler.learn.specialty import learn_specialty
from osler.model.weights import ready

DRAWS = 40  # of the bootstrap: enough to see that there is an interval
COLOURS = ((230, 190, 210), (110, 70, 150))


def need_base() -> None:
    """Skip where the vision weights are not set up."""
    try:
        ready("efficientnet-lite0")
    except (WeightsMissing, ModelAltered) as error:
        pytest.skip(str(error))


def paint(label: int, seed: int, side: int = 32) -> np.ndarray:
    """A noisy picture (side, side, 3) uint8 in the colour of its label."""
    random = np.random.default_rng(seed)
    noise = random.normal(0, 40, (side, side, 3))
    return np.clip(np.asarray(COLOURS[label]) + noise, 0, 255).astype(np.uint8)


def write_folder(
    folder: Path, count: int = 80, columns: Sequence[str] = ("filename", "label")
) -> Path:
    """`count` pictures, labels in turn, and the table that names them."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, columns, extrasaction="ignore", restval="")
        table.writeheader()
        for i in range(count):
            name = f"{i:03d}.png"
            Image.fromarray(paint(i % 2, i)).save(folder / name)
            part = "validation" if i % 4 < 2 and i < 40 else "train"
            table.writerow({"filename": name, "label": i % 2, "split": part})
    return folder


def small_recipe() -> Recipe:
    """The histology recipe, cut down to seconds."""
    extra = {**histology().extra, "size": 32, "views": 2, "average": 0.5}
    parts = Parts(tune=0.1, calibrate=0.4, validation=0.2, seed=1)
    return replace(histology(), epochs=2, batch=8, rate=1e-3, parts=parts, extra=extra)


def learn_painted(folder: Path) -> Specialty:
    """A sealed specialty over the painted pictures of `folder / "data"`."""
    data = write_folder(folder / "data")
    out = folder / "histology"
    learn_specialty(small_recipe(), data, out, lambda *_: None, date="2026-11-23", draws=DRAWS)
    return Specialty.load(out)
