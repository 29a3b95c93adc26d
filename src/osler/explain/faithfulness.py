"""Does a map of evidence show what the model went by? Deletion and insertion, against chance.

    judged = faithfulness(score, image, evidence)
    judged.deletion, judged.random_deletion      lower than random: the marked cells mattered
    judged.insertion, judged.random_insertion    higher than random: they were enough
    judged.better_than_random

Source: Petsiuk, Das and Saenko 2018, "RISE: Randomized Input Sampling for Explanation of
Black-box Models", section 4.3. Removed cells are replaced by the blurred picture, which keeps
the colour of the tissue, in both measures.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from osler.errors import WrongUse

__all__ = ["Faithfulness", "faithfulness"]

Score = Callable[[list[np.ndarray]], np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faithfulness:
    """Mean score along the way, in [0, 1], for the map and for the mean of random maps."""

    deletion: float
    random_deletion: float
    insertion: float
    random_insertion: float

    @property
    def better_than_random(self) -> bool:
        """Whether the map beats the mean random one in both measures."""
        return self.deletion < self.random_deletion and self.insertion > self.random_insertion


def faithfulness(
    score: Score,
    image: np.ndarray,
    evidence: np.ndarray,
    *,
    steps: int = 8,
    random_maps: int = 5,
    seed: int = 0,
) -> Faithfulness:
    """Judge a map `evidence` (h, w) of an image (H, W, 3) uint8 by what `score` says of edits.

    `score` takes a list of images and gives one number in [0, 1] each. It is asked about
    `2 * (steps - 1) * (1 + random_maps) + 2` images. Raises `WrongUse` for a map that is not
    two-dimensional or has fewer than two cells.
    """
    if evidence.ndim != 2 or evidence.size < 2:
        raise WrongUse(f"a map of evidence has shape {evidence.shape}; give (rows, columns)")
    random = np.random.default_rng(seed)
    orders = [np.argsort(-evidence, axis=None, kind="stable")]
    orders += [random.permutation(evidence.size) for _ in range(random_maps)]
    blurred = _blurred(image)
    ends = score([image, blurred])
    counts = _counts(evidence.size, steps)
    deletions, insertions = [], []
    for order in orders:
        masks = [_mask(order[:count], evidence.shape, image.shape) for count in counts]
        without = [np.where(mask, blurred, image) for mask in masks]
        only = [np.where(mask, image, blurred) for mask in masks]
        scores = score(without + only) if masks else np.empty(0)
        deletions.append(_area([ends[0], *scores[: len(masks)], ends[1]], counts, evidence.size))
        insertions.append(_area([ends[1], *scores[len(masks) :], ends[0]], counts, evidence.size))
    return Faithfulness(
        deletion=deletions[0],
        random_deletion=float(np.mean(deletions[1:])),
        insertion=insertions[0],
        random_insertion=float(np.mean(insertions[1:])),
    )


def _counts(cells: int, steps: int) -> list[int]:
    """How many cells are changed at each step, without none and all."""
    counts = np.unique(np.round(np.linspace(0, cells, steps + 1)).astype(int))
    return [int(count) for count in counts[1:-1]]


def _area(scores: list[float], counts: list[int], cells: int) -> float:
    """The mean score over the share of cells changed (trapezoids)."""
    shares = np.asarray([0, *counts, cells]) / cells
    values = np.asarray(scores, dtype=np.float64)
    return float(np.sum(np.diff(shares) * (values[1:] + values[:-1]) / 2))


def _mask(chosen: np.ndarray, cells: tuple[int, ...], shape: tuple[int, ...]) -> np.ndarray:
    """True (H, W, 1) where one of the chosen cells lies."""
    marked = np.zeros(cells, dtype=bool)
    marked.flat[chosen] = True
    rows = np.arange(shape[0]) * cells[0] // shape[0]
    columns = np.arange(shape[1]) * cells[1] // shape[1]
    return np.asarray(marked[np.ix_(rows, columns)][..., None])


def _blurred(image: np.ndarray) -> np.ndarray:
    # An eighth of the side wipes out nuclei and glands and keeps the stain.
    radius = max(image.shape[:2]) / 8
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius)))
