"""Draws a map of evidence over a picture, as a PNG that a reader can see through.

    png = overlay(pixels, heat, box)
    png = side_by_side(left, right)

Colours run from clear through amber to deep red with rising evidence: they stay apart in grey
and for colour-blind readers, and weak evidence leaves the picture visible.
"""

import io

import numpy as np
from PIL import Image, ImageDraw

from osler.record.locator import Box

__all__ = ["boxed", "overlay", "side_by_side", "thumbnail"]

_STOPS = np.array([[255, 214, 102, 0], [245, 158, 40, 45], [178, 24, 43, 95]], dtype=np.float64)
_WIDTH = 640


def overlay(pixels: np.ndarray, heat: np.ndarray, box: Box | None) -> bytes:
    """PNG of `pixels` (rows, columns, 3) under `heat` (any shape, [0, 1]) with `box` outlined."""
    picture = Image.fromarray(pixels).convert("RGBA")
    scaled = Image.fromarray(np.round(np.clip(heat, 0, 1) * 255).astype(np.uint8)).resize(
        picture.size, Image.Resampling.BILINEAR
    )
    picture.alpha_composite(Image.fromarray(_colours(np.asarray(scaled) / 255)))
    factor = max(1, round(_WIDTH / picture.width))
    picture = picture.resize(
        (picture.width * factor, picture.height * factor), Image.Resampling.BICUBIC
    )
    if box is not None:
        corners = [box.x, box.y, box.x + box.width - 1, box.y + box.height - 1]
        ImageDraw.Draw(picture).rectangle(
            [c * factor for c in corners], outline=(15, 23, 42, 255), width=2
        )
    return _png(picture.convert("RGB"))


def boxed(pixels: np.ndarray, box: Box | None) -> bytes:
    """A PNG of the picture with the box outlined, no wider than a column of the report."""
    picture = Image.fromarray(pixels).convert("RGB")
    if box is not None:
        width = max(2, picture.width // 200)
        corners = [box.x, box.y, box.x + box.width - 1, box.y + box.height - 1]
        ImageDraw.Draw(picture).rectangle(corners, outline=(178, 24, 43), width=width)
    picture.thumbnail((_WIDTH, _WIDTH), Image.Resampling.LANCZOS)
    return _png(picture)


def side_by_side(left: bytes, right: bytes) -> bytes:
    """Two PNGs of equal height beside each other."""
    one, other = (Image.open(io.BytesIO(png)) for png in (left, right))
    two = other.resize((round(other.width * one.height / other.height), one.height))
    both = Image.new("RGB", (one.width + two.width + 12, one.height), (255, 255, 255))
    both.paste(one, (0, 0))
    both.paste(two, (one.width + 12, 0))
    return _png(both)


def thumbnail(pixels: np.ndarray, width: int = 220) -> bytes:
    """A small PNG of a picture that was not assessed."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((width, width), Image.Resampling.LANCZOS)
    return _png(picture)


def _colours(heat: np.ndarray) -> np.ndarray:
    position = heat * (len(_STOPS) - 1)
    lower = np.minimum(position.astype(int), len(_STOPS) - 2)
    share = (position - lower)[..., None]
    colours: np.ndarray = np.round(_STOPS[lower] * (1 - share) + _STOPS[lower + 1] * share)
    return colours.astype(np.uint8)


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, format="PNG", optimize=False)
    return file.getvalue()
