"""The overlay leaves weak evidence visible and marks strong evidence."""

import io

import numpy as np
from PIL import Image

from osler.assess.heat import boxed, overlay, side_by_side, thumbnail
from osler.record.locator import Box

GREY = np.full((40, 60, 3), 200, dtype=np.uint8)


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_no_evidence_leaves_the_picture_as_it_was() -> None:
    assert np.all(opened(overlay(GREY, np.zeros((4, 6)), None)) == 200)


def test_strong_evidence_is_red_where_it_is() -> None:
    heat = np.zeros((40, 60))
    heat[:, :20] = 1
    pixels = opened(overlay(GREY, heat, None))
    left, right = pixels[:, 10], pixels[:, -10]
    assert np.all(left[:, 0] > left[:, 1] + 40)
    assert np.all(right == 200)


def test_a_box_is_outlined_in_its_place() -> None:
    pixels = opened(boxed(GREY, Box(frame=0, x=10, y=5, width=20, height=20)))
    assert pixels[5, 15, 0] == 178
    assert np.all(pixels[30, 50] == 200)


def test_side_by_side_keeps_both() -> None:
    png = thumbnail(GREY)
    assert opened(side_by_side(png, png)).shape[1] == 60 * 2 + 12
