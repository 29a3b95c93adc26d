"""Pictures to network input, with Pillow: a stated size, scaled to [-1, 1].

    x_CHW = to_tensor(image, 224)              # stretched to 224 x 224
    x_CHW = to_tensor(image, 224, fit="pad")   # proportions kept, black around

The resize is bilinear with antialiasing: Pillow widens the filter when it shrinks a picture. The
scaling, (x - 0.5) / 0.5, is the one the EfficientNet-Lite weights were trained with.

Shapes: C channels (3), H height, W width.
"""

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from osler.errors import WrongUse

__all__ = ["Fit", "to_tensor"]

Fit = Literal["stretch", "pad"]


def to_tensor(
    image: Image.Image | NDArray[np.generic], size: int, *, fit: Fit = "stretch"
) -> Tensor:
    """A picture as x_CHW, float32 in [-1, 1], `size` x `size` pixels.

    `image` is a Pillow picture, or an array (H, W) or (H, W, 3) of uint8 or of floats in [0, 1].
    Grey is repeated in three channels. Raises WrongUse for any other array: 16-bit frames have to
    be windowed to [0, 1] first, since only their reader knows the window.
    """
    if size < 1:
        raise WrongUse(f"A picture cannot be resized to {size} pixels; give a size of 1 or more.")
    planes = _planes(image)
    resized = [_resize(plane, size, fit) for plane in planes]
    x_CHW = np.stack([np.asarray(plane, dtype=np.float32) for plane in resized])
    if planes[0].mode == "L":
        x_CHW /= 255.0
    if len(planes) == 1:
        x_CHW = np.repeat(x_CHW, 3, axis=0)
    return torch.from_numpy((x_CHW - 0.5) / 0.5)


def _planes(image: Image.Image | NDArray[np.generic]) -> list[Image.Image]:
    """One plane for grey, three for colour: mode L (0 to 255) or F (0 to 1)."""
    if isinstance(image, Image.Image):
        if image.mode.startswith(("I", "F")):
            raise WrongUse(
                f"A Pillow picture of mode {image.mode} has no stated range. "
                "Window it to an array of floats in [0, 1] first."
            )
        return [image] if image.mode == "L" else list(image.convert("RGB").split())
    if image.ndim == 2:
        return [_plane(image)]
    if image.ndim == 3 and image.shape[2] == 3:
        return [_plane(image[:, :, channel]) for channel in range(3)]
    raise WrongUse(
        f"A picture array has shape {image.shape}; give (height, width) or (height, width, 3), "
        "one frame at a time."
    )


def _plane(plane: NDArray[np.generic]) -> Image.Image:
    if plane.size == 0:
        raise WrongUse(f"A picture array of shape {plane.shape} has no pixels.")
    if plane.dtype == np.uint8:
        return Image.fromarray(np.ascontiguousarray(plane))
    if not np.issubdtype(plane.dtype, np.floating):
        raise WrongUse(
            f"A picture array has type {plane.dtype}; window it to uint8 or to floats in [0, 1]."
        )
    values = np.ascontiguousarray(plane, dtype=np.float32)
    # Written so that a NaN fails the test too.
    if not (values.min() >= 0 and values.max() <= 1):
        raise WrongUse(
            f"A picture array of floats runs from {values.min():g} to {values.max():g}; "
            "window it to [0, 1] first."
        )
    return Image.fromarray(values)


def _resize(plane: Image.Image, size: int, fit: Fit) -> Image.Image:
    if fit == "stretch":
        return plane.resize((size, size), Image.Resampling.BILINEAR)
    return ImageOps.pad(plane, (size, size), Image.Resampling.BILINEAR, color=0)
