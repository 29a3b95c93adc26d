"""Pictures become network input: size, scale, fit, and what is refused."""

import numpy as np
import pytest
import torch
from PIL import Image

from osler.errors import WrongUse
from osler.model.pixels import to_tensor


def test_black_and_white_are_the_ends_of_the_scale() -> None:
    black = to_tensor(np.zeros((10, 10), dtype=np.uint8), 4)
    white = to_tensor(np.full((10, 10), 255, dtype=np.uint8), 4)
    assert black.shape == (3, 4, 4)
    assert black.dtype == torch.float32
    assert torch.equal(black, torch.full((3, 4, 4), -1.0))
    assert torch.equal(white, torch.full((3, 4, 4), 1.0))


def test_channels_keep_their_order() -> None:
    red = np.zeros((6, 8, 3), dtype=np.uint8)
    red[..., 0] = 255
    x_CHW = to_tensor(red, 5)
    assert x_CHW[0].min() == 1.0
    assert x_CHW[1:].max() == -1.0
    assert torch.equal(x_CHW, to_tensor(Image.fromarray(red), 5))


def test_floats_and_bytes_agree() -> None:
    values = np.random.default_rng(0).integers(0, 256, (40, 30), dtype=np.uint8)
    exact = to_tensor(values / 255.0, 12)
    rounded = to_tensor(values, 12)
    # Pillow rounds bytes to whole grey levels; 2 / 255 is one level on the scale of -1 to 1.
    assert (exact - rounded).abs().max() <= 2 / 255


def test_shrinking_averages_instead_of_dropping_pixels() -> None:
    stripes = np.zeros((64, 64), dtype=np.uint8)
    stripes[:, ::2] = 255
    x_CHW = to_tensor(stripes, 8)
    assert x_CHW[:, :, 1:-1].abs().max() < 0.05


def test_pad_keeps_proportions_with_black_around() -> None:
    wide = np.full((10, 20), 255, dtype=np.uint8)
    x_CHW = to_tensor(wide, 20, fit="pad")
    assert torch.equal(x_CHW[:, :5], torch.full((3, 5, 20), -1.0))
    assert torch.equal(x_CHW[:, 5:15], torch.full((3, 10, 20), 1.0))
    assert to_tensor(wide, 20).min() == 1.0


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK"])
def test_pillow_modes_of_8_bits(mode: str) -> None:
    image = Image.new("RGB", (9, 7), (255, 255, 255)).convert(mode)
    assert to_tensor(image, 3).min() == 1.0


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((4, 4), dtype=np.uint16), "uint16"),
        (np.full((4, 4), 1.5), "window it"),
        (np.full((4, 4), np.nan), "window it"),
        (np.zeros((4, 4, 4), dtype=np.uint8), "shape"),
        (np.zeros((2, 4, 4, 3), dtype=np.uint8), "one frame"),
        (np.zeros((0, 4), dtype=np.uint8), "no pixels"),
    ],
)
def test_what_has_no_stated_range_is_refused(image: np.ndarray, message: str) -> None:
    with pytest.raises(WrongUse, match=message):
        to_tensor(image, 4)


def test_pillow_pictures_of_more_bits_are_refused() -> None:
    with pytest.raises(WrongUse, match="mode I;16"):
        to_tensor(Image.new("I;16", (4, 4)), 4)


def test_size_must_be_positive() -> None:
    with pytest.raises(WrongUse, match="size of 1"):
        to_tensor(np.zeros((4, 4), dtype=np.uint8), 0)
