"""A whole slide opened by its path, a part at a time: never more than the tile that is asked for.

    tile_of(path, Tile(level=0, x=1024, y=0, width=512, height=512))      uint8 (512, 512, 3)
    thumbnail(path)                                                       long side <= 1024

What the scanner left out is shown white, as glass is. OpenSlide reads Aperio, Hamamatsu, Leica,
Philips, Ventana, Trestle and Zeiss files and any tiled TIFF.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import openslide
from PIL import Image

from osler.errors import BrokenFile, UnknownFormat
from osler.record.locator import Tile

__all__ = ["OVERVIEW_PIXELS", "THUMBNAIL", "TILE_SIDE", "open_slide", "thumbnail", "tile_of"]

Pixels = np.ndarray

TILE_SIDE = 4096
"""The most pixels that a tile may have along a side."""

THUMBNAIL = 1024

OVERVIEW_PIXELS = 1 << 31
"""The largest level that an overview is made from: without a smaller one it is walked whole."""

_SIDES = ("width", "height")
_BAND = 2048  # what a thumbnail is pieced together from
_STORED_TILE = 1 << 25  # pixels of a tile as stored, which is decoded as one


@contextmanager
def open_slide(path: Path, name: str = "slide") -> Iterator[openslide.OpenSlide]:
    """The slide while the block lasts; raises `BrokenFile` or `UnknownFormat`."""
    try:
        with openslide.OpenSlide(path) as slide:
            _check_tiles(slide, name)
            yield slide
    except openslide.OpenSlideUnsupportedFormatError as error:
        raise UnknownFormat(
            f"{name}: no whole slide that can be read in parts: save it as a tiled, pyramidal TIFF"
        ) from error
    except openslide.OpenSlideError as error:
        raise BrokenFile(f"{name}: the slide cannot be read ({error}); export it again") from error


def _check_tiles(slide: openslide.OpenSlide, name: str) -> None:
    """Refuse stored tiles that no memory holds, before one is decoded."""
    for level in range(slide.level_count):
        sides = (slide.properties.get(f"openslide.level[{level}].tile-{side}") for side in _SIDES)
        width, height = (int(side) if side else 1 for side in sides)
        if width * height > _STORED_TILE:
            raise BrokenFile(
                f"{name}: level {level} is stored in tiles of {width} x {height} pixels: "
                "save it with tiles of 256 to 1024"
            )


def tile_of(path: Path, at: Tile) -> Pixels:
    """The tile as uint8 (height, width, 3); raises `BrokenFile` when it is not on the slide."""
    with open_slide(path) as slide:
        if not 0 <= at.level < slide.level_count:
            raise BrokenFile(f"level {at.level} of {slide.level_count} was asked for: from 0")
        if not (0 < at.width <= TILE_SIDE and 0 < at.height <= TILE_SIDE):
            raise BrokenFile(f"a tile of {at.width} x {at.height}: from 1 to {TILE_SIDE} a side")
        down = slide.level_downsamples[at.level]
        columns, rows = slide.dimensions
        # The last pixel of a level may stand for a part of level 0 that is not quite there.
        reach_x, reach_y = at.x + (at.width - 1) * down, at.y + (at.height - 1) * down
        if not (0 <= at.x <= reach_x < columns + down and 0 <= at.y <= reach_y < rows + down):
            raise BrokenFile(f"the tile {at} is outside a slide of {columns} x {rows} pixels")
        return np.asarray(_region(slide, (at.x, at.y), at.level, (at.width, at.height)))


def thumbnail(path: Path, side: int = THUMBNAIL) -> Pixels:
    """The whole slide as uint8 (rows, columns, 3), its long side at most `side`."""
    with open_slide(path) as slide:
        down = max(1.0, max(slide.dimensions) / side)
        level = slide.get_best_level_for_downsample(down)
        columns, rows = slide.level_dimensions[level]
        if columns * rows > OVERVIEW_PIXELS:
            raise BrokenFile(
                f"the slide has no level small enough for an overview ({columns} x {rows}): "
                "open a tile of it, or save it as a pyramid"
            )
        shrink = max(1.0, max(columns, rows) / side)
        out = Image.new("RGB", (max(1, int(columns / shrink)), max(1, int(rows / shrink))), "white")
        for x, y, width, height in _bands(columns, rows):
            _paste(out, slide, level, (x, y, width, height), shrink)
        return np.asarray(out)


def _bands(columns: int, rows: int) -> Iterator[tuple[int, int, int, int]]:
    for y in range(0, rows, _BAND):
        for x in range(0, columns, _BAND):
            yield x, y, min(_BAND, columns - x), min(_BAND, rows - y)


def _paste(
    out: Image.Image,
    slide: openslide.OpenSlide,
    level: int,
    place: tuple[int, int, int, int],
    shrink: float,
) -> None:
    """Read one piece of a level and put it, smaller, where it belongs."""
    x, y, width, height = place
    down = slide.level_downsamples[level]
    piece = _region(slide, (int(x * down), int(y * down)), level, (width, height))
    left, top = round(x / shrink), round(y / shrink)
    right, bottom = round((x + width) / shrink), round((y + height) / shrink)
    if right > left and bottom > top:
        smaller = piece.resize((right - left, bottom - top), Image.Resampling.BOX)
        out.paste(smaller, (left, top))


def _region(
    slide: openslide.OpenSlide, corner: tuple[int, int], level: int, size: tuple[int, int]
) -> Image.Image:
    """RGB over white, like bare glass, where nothing was scanned."""
    seen = slide.read_region(corner, level, size)
    glass = Image.new("RGB", size, "white")
    glass.paste(seen, mask=seen.getchannel("A"))
    return glass
