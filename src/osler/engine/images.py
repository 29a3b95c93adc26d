"""Runs an image specialty: EfficientNet-Lite0 with the specialty's changes and its linear head.

    model = ImageModel(specialty)
    model.scores([image])            (1, labels), each row sums to 1
    model.evidence_map(image)        (h, w): what each region adds to the log-odds

A picture can be looked at from several sides (up to four turns, each mirrored) and the logits
averaged: tissue has no up. The views of one picture are one call of the network, so no picture
shares a call with another, and its score cannot depend on its neighbours.
Shapes: V views, C channels, H height, W width, K labels; h, w cells of the last feature map.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import torch
from torch import Tensor

from osler.engine.adapter import load_adapter
from osler.engine.settings import NumericSettings
from osler.errors import ModelAltered
from osler.judge.specialty import Specialty
from osler.model.efficientnet import NUM_FEATURES, EfficientNetLite0, load_efficientnet
from osler.model.pixels import to_tensor

__all__ = ["DELTA", "ImageModel", "adapted", "logits_of", "softmax", "turned"]

DELTA: Final = "delta."  # adapter tensors of this prefix are added to the base's of that name


class ImageModel:
    """One image specialty, ready to be asked; nothing it holds changes after construction."""

    def __init__(self, specialty: Specialty) -> None:
        """Load base and adapter; raises `WeightsMissing` or `ModelAltered`."""
        adapter = load_adapter(specialty)
        try:
            extra = adapter.about["extra"]
            self._size, self._views = int(extra["size"]), int(extra["views"])
        except (KeyError, TypeError) as error:
            raise ModelAltered(
                f"{specialty.adapter} does not say its input size and views: train it again"
            ) from error
        self.labels = specialty.task.labels
        self.settings = replace(NumericSettings.here(), batch=self._views)
        self._head_weight = adapter.tensor("head.weight")
        self._head_bias = adapter.tensor("head.bias")
        if self._head_weight.shape != (len(self.labels), NUM_FEATURES):
            raise ModelAltered(f"{specialty.adapter} answers other labels than its task has")
        self._network = adapted(load_efficientnet(), adapter.weights)
        self._positive = [self.labels.index(label) for label in specialty.task.positive]

    def scores(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Scores (n, K) float64 of pictures (H, W, 3) or (H, W), uint8 or floats in [0, 1]."""
        if not images:
            return np.empty((0, len(self.labels)))
        prepared = (to_tensor(image, self._size) for image in images)
        weight, bias = self._head_weight, self._head_bias
        return softmax(logits_of(self._network, weight, bias, prepared, self._views))

    def evidence_map(self, image: np.ndarray, label: str | None = None) -> np.ndarray:
        """What each region (h, w) of a picture adds to a label's evidence, in logit units.

        The cells sum to the label's logit less the mean of the other logits, which for two labels
        is its log-odds: pooling is a mean and the head is linear, so the split is exact (class
        activation mapping, Zhou et al. 2016, equation 2; the bias is shared by all cells alike).
        `label` defaults to the first positive one.
        """
        k = self._positive[0] if label is None else self.labels.index(label)
        contrast = torch.full((len(self.labels),), -1.0 / (len(self.labels) - 1))
        contrast[k] = 1.0
        with self.settings.applied():
            f_VCHW = self._network.features(_views_of(to_tensor(image, self._size), self._views))
            cells_VHW = torch.einsum("vchw,c->vhw", f_VCHW, contrast @ self._head_weight)
            cells_VHW = cells_VHW + contrast @ self._head_bias
            upright = [turned(cells_VHW[v], v, back=True) for v in range(self._views)]
            mean_HW = torch.stack(upright).mean(dim=0).numpy().astype(np.float64)
        return mean_HW / mean_HW.size


def adapted(base: EfficientNetLite0, weights: Mapping[str, Tensor]) -> EfficientNetLite0:
    """The base with an adapter's differences added, in evaluation mode, channels last.

    Raises `ModelAltered` for a tensor that the base has no place for.
    """
    state = base.state_dict()
    for name, delta in weights.items():
        if not name.startswith(DELTA):
            continue
        own = state.get(name.removeprefix(DELTA))
        if own is None or own.shape != delta.shape:
            raise ModelAltered(f"the adapter's {name} has no place in the base: train it again")
        own.add_(delta.to(own.dtype))
    for parameter in base.parameters():
        if parameter.dim() == 4:
            # Halves the time of this network's depthwise convolutions on a processor.
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return base.eval()


def logits_of(
    network: EfficientNetLite0,
    weight_KC: Tensor,
    bias_K: Tensor,
    pictures: Iterable[Tensor],
    views: int,
) -> np.ndarray:
    """Logits (n, K) of pictures x_CHW, each averaged over that many views."""
    rows = []
    with replace(NumericSettings.here(), batch=views).applied():
        for x_CHW in pictures:
            f_VC = network.features(_views_of(x_CHW, views)).mean(dim=(-2, -1))
            rows.append((f_VC @ weight_KC.T + bias_K).mean(dim=0).numpy())
    return np.stack(rows).astype(np.float64)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Rows (n, K) that sum to 1, in float64."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return shares


def turned(x_HW: Tensor, view: int, *, back: bool = False) -> Tensor:
    """View 0 to 7 of the last two axes: `view % 4` quarter turns, mirrored from 4 on; or back."""
    if back:
        x_HW = x_HW.flip(-1) if view >= 4 else x_HW
        return torch.rot90(x_HW, -(view % 4), (-2, -1))
    x_HW = torch.rot90(x_HW, view % 4, (-2, -1))
    return x_HW.flip(-1) if view >= 4 else x_HW


def _views_of(x_CHW: Tensor, views: int) -> Tensor:
    stacked = torch.stack([turned(x_CHW, view) for view in range(views)])
    return stacked.contiguous(memory_format=torch.channels_last)
