"""The seam between what is common to all training and what one kind of input needs.

`osler.learn.images` and `osler.learn.beats` are its two implementations; `osler.learn.specialty`
splits, trains, calibrates, measures and seals with either.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from osler.learn.recipe import Recipe

__all__ = ["Examples", "Progress", "Trainer", "Weights"]

Weights = Mapping[str, torch.Tensor]
Progress = Callable[[Mapping[str, float | int]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Labelled items of one folder, row by row.

    `names` (n) say which item; `groups` (n) which independent group it belongs to (patient,
    record, else the item itself); `labels` (n,) index `Task.labels`; `stated` (n) is the part
    that the folder gives it, or None; `digests` (n) the SHA-256 of the item's file; `inputs` is
    whatever the trainer reads rows from.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    labels: np.ndarray
    stated: tuple[str | None, ...]
    digests: tuple[str, ...]
    inputs: Sequence[object]

    def __len__(self) -> int:
        return len(self.names)


class Trainer(Protocol):
    """Training and scoring for one kind of network. Row sets are integer arrays into `Examples`.

    Everything is deterministic: same recipe, data and machine, same bytes.
    """

    def examples(self, data: Path, recipe: Recipe) -> Examples:
        """Read a folder; raises `LearnError` naming the file and line that is wrong."""

    def train(
        self,
        examples: Examples,
        fit: np.ndarray,
        tune: np.ndarray,
        recipe: Recipe,
        progress: Progress,
    ) -> Weights:
        """Train on `fit`, choose the epoch on `tune`; calls `progress` once an epoch."""

    def scores(
        self, weights: Weights, examples: Examples, rows: np.ndarray, recipe: Recipe
    ) -> np.ndarray:
        """Raw scores (rows, labels), rows summing to 1, computed as the engine computes them."""

    def probe(self, examples: Examples, fit: np.ndarray, recipe: Recipe) -> Weights:
        """The baseline: multinomial logistic regression on fixed features, fitted on `fit`."""

    def probe_scores(
        self, probe: Weights, examples: Examples, rows: np.ndarray, recipe: Recipe
    ) -> np.ndarray:
        """The baseline's scores (rows, labels)."""
