"""BeatNet: which of the five AAMI classes a heartbeat is, from its shape and its rhythm.

    network = BeatNet()
    logits_BK = network(x_BCT, r_BF)            # windows and rhythm of osler.model.beat_windows
    network = BeatNet.from_tensors(load_file(specialty.adapter))

A small residual network over the window, joined by the rhythm features. Classes: ANSI/AAMI
EC57:2012, table 3, by `CLASS_OF` from the annotation codes of MIT-BIH (WFDB annot(5)).

Shapes: B beats, C = 2 channels, T = 432 samples, F = 13 rhythm features, K = 5 classes.
"""

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Self

import torch
from torch import Tensor, nn

from osler.errors import ModelAltered
from osler.model.beat_windows import NUM_RHYTHM

__all__ = ["CLASSES", "CLASS_OF", "BeatNet"]

CLASSES = ("N", "S", "V", "F", "Q")

_SYMBOLS = {"N": "NLRej", "S": "AaJS", "V": "VE", "F": "F", "Q": "/fQ"}

CLASS_OF: Mapping[str, str] = MappingProxyType(
    {symbol: name for name, symbols in _SYMBOLS.items() for symbol in symbols}
)

_STEM = 24
_CHANNELS = (32, 32, 48)
_RHYTHM = 48
_HIDDEN = 64


class _Block(nn.Module):
    """Two convolutions and a short cut; halves the length."""

    def __init__(self, in_channels: int, out_channels: int, *, kernel: int = 5) -> None:
        super().__init__()
        pad = kernel // 2
        self.first = nn.Conv1d(in_channels, out_channels, kernel, stride=2, padding=pad, bias=False)
        self.first_norm = nn.BatchNorm1d(out_channels)
        self.second = nn.Conv1d(out_channels, out_channels, kernel, padding=pad, bias=False)
        self.second_norm = nn.BatchNorm1d(out_channels)
        self.short = nn.Conv1d(in_channels, out_channels, 1, stride=2, bias=False)

    def forward(self, x_BCT: Tensor) -> Tensor:
        y_BCT = torch.relu(self.first_norm(self.first(x_BCT)))
        return torch.relu(self.second_norm(self.second(y_BCT)) + self.short(x_BCT))


class BeatNet(nn.Module):
    """About 56,000 parameters; the mean and spread of the rhythm features travel with them."""

    rhythm_mean: Tensor
    rhythm_spread: Tensor

    def __init__(self, *, dropout: float = 0.3) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv1d(2, _STEM, 15, stride=3, padding=7, bias=False),
            nn.BatchNorm1d(_STEM),
            nn.ReLU(),
        )
        widths = (_STEM, *_CHANNELS)
        self.blocks = nn.Sequential(*(_Block(a, b) for a, b in pairwise(widths)))
        self.rhythm = nn.Sequential(
            nn.Linear(NUM_RHYTHM, _RHYTHM), nn.ReLU(), nn.Linear(_RHYTHM, _RHYTHM), nn.ReLU()
        )
        self.head = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(2 * _CHANNELS[-1] + _RHYTHM, _HIDDEN),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(_HIDDEN, len(CLASSES)),
        )
        self.register_buffer("rhythm_mean", torch.zeros(NUM_RHYTHM))
        self.register_buffer("rhythm_spread", torch.ones(NUM_RHYTHM))

    def forward(self, x_BCT: Tensor, r_BF: Tensor) -> Tensor:
        """Logits (B, K) of windows (B, C, T) and rhythm (B, F)."""
        shape_BCT = self.blocks(self.stem(x_BCT))
        rhythm_BF = self.rhythm((r_BF - self.rhythm_mean) / self.rhythm_spread)
        pooled = [shape_BCT.mean(dim=2), shape_BCT.amax(dim=2), rhythm_BF]
        logits_BK: Tensor = self.head(torch.cat(pooled, dim=1))
        return logits_BK

    def tensors(self) -> dict[str, Tensor]:
        """A flat copy of every parameter and buffer, for safetensors."""
        return {name: t.detach().clone().contiguous() for name, t in self.state_dict().items()}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> Self:
        """A network ready to answer; raises `ModelAltered` when the tensors are not its own."""
        network = cls()
        try:
            network.load_state_dict(dict(tensors), strict=True)
        except RuntimeError as error:
            raise ModelAltered(
                f"these weights are no beat classifier ({error}): install the specialty again"
            ) from error
        return network.eval()
