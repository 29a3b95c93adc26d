"""Trains an image classifier: EfficientNet-Lite0, fine-tuned, with a linear head.

    trainer = ImageTrainer()
    examples = trainer.examples(folder, histology())
    weights = trainer.train(examples, fit, tune, histology(), progress)

Pictures are turned, mirrored and shifted in colour as they are drawn; the running statistics of
batch normalisation stay the base's (a few hundred pictures would only blur them); what is kept is
an average over the last steps. The weights are differences from the base, in half precision, and
every score, here and later, is computed from them as rounded.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from osler.engine.images import DELTA, adapted, logits_of, softmax, turned
from osler.engine.settings import NumericSettings
from osler.errors import LearnError
from osler.judge.metrics import auroc, macro_f1
from osler.learn.folder import labelled_images, picture
from osler.learn.probe import fit_probe, probe_scores
from osler.learn.recipe import Recipe
from osler.learn.trainer import Examples, Progress, Weights
from osler.model.efficientnet import NUM_FEATURES, EfficientNetLite0, load_efficientnet
from osler.model.pixels import to_tensor

__all__ = ["ImageTrainer"]

_CLIP = 5.0
_WARM_UP = 0.1  # share of the steps


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """`Recipe.extra`, typed. `size` in pixels; `head_rate` times the recipe's rate for the head;
    `jitter` of colour as a share of the range; `average` of the weights per step; `views` of each
    picture when it is scored."""

    size: int
    head_rate: float = 10.0
    jitter: float = 0.1
    dropout: float = 0.2
    average: float = 0.98
    views: int = 8
    tile_px: int = 0  # these two are the assessor's: the field that one picture of training shows
    tile_spacing_um: float = 0.0

    @classmethod
    def of(cls, extra: Mapping[str, float | int | str | bool]) -> "_Settings":
        unknown = sorted(set(extra) - set(cls.__slots__))
        if unknown or "size" not in extra:
            wrong = f"'{unknown[0]}' is unknown" if unknown else "'size' is missing"
            raise LearnError(
                f"the recipe's extra: {wrong}; the image trainer knows {', '.join(cls.__slots__)}"
            )
        whole = {name: int(extra[name]) for name in ("size", "views", "tile_px") if name in extra}
        parts = {name: float(value) for name, value in extra.items() if name not in whole}
        return cls(**whole, **parts)  # type: ignore[arg-type]  # each name was just checked


class ImageTrainer:
    """Implements `osler.learn.trainer.Trainer` for folders of labelled pictures.

    While it trains, the resized pictures of `fit` and `tune` are held in memory: 12 bytes a pixel.
    """

    def examples(self, data: Path, recipe: Recipe) -> Examples:
        """One example a picture; raises `LearnError` naming the line that is wrong."""
        return labelled_images(data, recipe.task.labels)

    def train(
        self,
        examples: Examples,
        fit: np.ndarray,
        tune: np.ndarray,
        recipe: Recipe,
        progress: Progress,
    ) -> Weights:
        """The epoch whose averaged weights have the least log loss on `tune`."""
        settings = _Settings.of(recipe.extra)
        # One thread, so that the weights do not depend on how many cores a machine has.
        numeric = replace(NumericSettings.here(), batch=recipe.batch)
        with torch.random.fork_rng(devices=[]), numeric.applied(inference=False):
            torch.manual_seed(recipe.seed)
            return _Run(examples, fit, tune, recipe, settings).best(progress)

    def scores(
        self, weights: Weights, examples: Examples, rows: np.ndarray, recipe: Recipe
    ) -> np.ndarray:
        """Scores (rows, labels) by the functions of `osler.engine.images`."""
        settings = _Settings.of(recipe.extra)
        network = adapted(load_efficientnet(), weights)
        head = weights["head.weight"], weights["head.bias"]
        if not len(rows):
            return np.empty((0, len(recipe.task.labels)))
        pictures = _tensors(examples, rows, settings.size)
        return softmax(logits_of(network, *head, pictures, settings.views))

    def probe(self, examples: Examples, fit: np.ndarray, recipe: Recipe) -> Weights:
        """Logistic regression on the base's pooled features, upright pictures only."""
        features = _frozen_features(examples, fit, _Settings.of(recipe.extra).size)
        groups = [examples.groups[row] for row in fit]
        return fit_probe(features, examples.labels[fit], groups, len(recipe.task.labels))

    def probe_scores(
        self, probe: Weights, examples: Examples, rows: np.ndarray, recipe: Recipe
    ) -> np.ndarray:
        """The baseline's scores (rows, labels)."""
        features = _frozen_features(examples, rows, _Settings.of(recipe.extra).size)
        return probe_scores(probe, features)


class _Network(nn.Module):
    """The base and a linear head over its pooled features."""

    def __init__(self, num_labels: int, dropout: float) -> None:
        super().__init__()
        self.base = load_efficientnet()
        del self.base.classifier
        self.head = nn.Linear(NUM_FEATURES, num_labels)
        # From nothing: the first steps then move the head, not the base.
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.dropout = dropout
        self.eval()

    def forward(self, x_BCHW: Tensor) -> Tensor:
        f_BC = self.base.features(x_BCHW).mean(dim=(-2, -1))
        logits_BK: Tensor = self.head(F.dropout(f_BC, self.dropout))
        return logits_BK


class _Run:
    """One training run: the pictures, the network, its optimiser and the averaged weights."""

    def __init__(
        self,
        examples: Examples,
        fit: np.ndarray,
        tune: np.ndarray,
        recipe: Recipe,
        settings: _Settings,
    ) -> None:
        self.recipe, self.settings = recipe, settings
        self.pictures = torch.stack(list(_tensors(examples, fit, settings.size)))
        self.truth = torch.from_numpy(examples.labels[fit])
        self.tune = list(_tensors(examples, tune, settings.size))
        self.tune_truth = examples.labels[tune]
        self.random = np.random.default_rng(recipe.seed)
        self.network = _Network(len(recipe.task.labels), settings.dropout)
        self.start = {k: v.clone() for k, v in self.network.base.state_dict().items()}
        self.averaged = copy.deepcopy(self.network)
        self.steps = max(1, len(fit) // recipe.batch) * recipe.epochs
        head = settings.head_rate * recipe.rate
        self.optimiser = torch.optim.AdamW(
            [
                {"params": list(self.network.base.parameters()), "lr": recipe.rate},
                {"params": list(self.network.head.parameters()), "lr": head},
            ],
            weight_decay=recipe.weight_decay,
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, self._pace)

    def best(self, progress: Progress) -> Weights:
        """Train every epoch; keep the one with the least loss on `tune`."""
        least, kept = float("inf"), self._weights()
        for epoch in range(1, self.recipe.epochs + 1):
            loss = self._epoch()
            if not np.isfinite(loss):
                raise LearnError(f"the loss of epoch {epoch} is {loss}: lower the recipe's rate")
            weights = self._weights()
            seen = self._tuned(weights)
            progress({"epoch": epoch, "loss": loss, **seen})
            if seen["tune_loss"] < least:
                least, kept = seen["tune_loss"], weights
        return kept

    def _epoch(self) -> float:
        losses = []
        for x_BCHW, truth in self._batches():
            loss = F.cross_entropy(self.network(x_BCHW), truth)
            self.optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
            self.optimiser.step()
            self.schedule.step()
            self._average()
            losses.append(float(loss.detach()))
        return float(np.mean(losses))

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """An epoch of altered pictures in a new order; a short last batch is left for the next."""
        batch = min(self.recipe.batch, len(self.truth))
        order = torch.from_numpy(self.random.permutation(len(self.truth)))
        for start in range(0, len(order) - batch + 1, batch):
            rows = order[start : start + batch]
            altered = torch.stack([self._altered(self.pictures[row]) for row in rows])
            yield altered.contiguous(memory_format=torch.channels_last), self.truth[rows]

    def _altered(self, x_CHW: Tensor) -> Tensor:
        """Turned or mirrored, and every colour channel stretched and shifted a little."""
        jitter = self.settings.jitter
        draw = self.random.uniform(-jitter, jitter, (8,)).astype(np.float32)
        gain, shift = torch.from_numpy(draw[:3] + 1), torch.from_numpy(draw[3:6])
        x_CHW = turned(x_CHW, int(self.random.integers(8))) * gain[:, None, None]
        x_CHW = (x_CHW + shift[:, None, None]) * float(1 + draw[6]) + float(2 * draw[7])
        return x_CHW.clamp(-1, 1)

    def _pace(self, step: int) -> float:
        """The rate's factor: a short rise, then half a cosine to nothing."""
        warm = min(1.0, (step + 1) / max(1, _WARM_UP * self.steps))
        return float(warm * 0.5 * (1 + np.cos(np.pi * min(1.0, step / self.steps))))

    @torch.no_grad()
    def _average(self) -> None:
        """Move the averaged weights towards the present ones (Polyak averaging)."""
        present = self.network.parameters()
        for kept, new in zip(self.averaged.parameters(), present, strict=True):
            kept.lerp_(new, 1 - self.settings.average)

    @torch.no_grad()
    def _weights(self) -> dict[str, Tensor]:
        """The averaged weights as an adapter: differences from the base, in half precision."""
        made = {
            f"{DELTA}{name}": (tensor - self.start[name]).half()
            for name, tensor in self.averaged.base.named_parameters()
        }
        head = self.averaged.head
        return made | {"head.weight": head.weight.clone(), "head.bias": head.bias.clone()}

    def _tuned(self, weights: Weights) -> dict[str, float]:
        network = adapted(load_efficientnet(), weights)
        head = weights["head.weight"], weights["head.bias"]
        scores = softmax(logits_of(network, *head, self.tune, self.settings.views))
        own = np.maximum(scores[np.arange(len(scores)), self.tune_truth], 1e-12)
        positive = self.recipe.task.labels.index(self.recipe.task.positive[0])
        return {
            "tune_loss": float(-np.log(own).mean()),
            "tune_auroc": auroc(scores[:, positive], self.tune_truth == positive),
            "tune_macro_f1": macro_f1(scores.argmax(axis=1), self.tune_truth),
        }


def _tensors(examples: Examples, rows: np.ndarray, size: int) -> Iterator[Tensor]:
    return (to_tensor(picture(cast(Path, examples.inputs[row])), size) for row in rows)


def _frozen_features(examples: Examples, rows: np.ndarray, size: int) -> np.ndarray:
    """The base's pooled features (rows, 1280), one picture a call so none sways another."""
    network: EfficientNetLite0 = adapted(load_efficientnet(), {})
    features = np.empty((len(rows), NUM_FEATURES))
    with NumericSettings.here().applied():
        for i, x_CHW in enumerate(_tensors(examples, rows, size)):
            x_BCHW = x_CHW[None].contiguous(memory_format=torch.channels_last)
            features[i] = network.features(x_BCHW).mean(dim=(-2, -1))[0].numpy()
    return features
