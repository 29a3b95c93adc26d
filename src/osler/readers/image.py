"""PNG, JPEG and TIFF pictures: what they are, only as far as a sidecar or the operator says.

read(data, Context(name="field.png", kind="histology", ...))
"""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image, UnidentifiedImageError

from osler.errors import BrokenFile, Undeclared
from osler.readers.media_fact import media_fact
from osler.readers.reading import Context, Item, Reading
from osler.record.fact import Code
from osler.record.media import Scalar
from osler.record.source import Source

__all__ = ["MAGIC", "open_image", "picture_rgb", "read"]

MAGIC = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")

_GREY = {"1", "L", "LA", "I", "F"}
_BOMBS = (Image.DecompressionBombWarning, Image.DecompressionBombError)
# What Pillow's decoders let through on damaged bytes, beside its own error.
_DAMAGE = (UnidentifiedImageError, OSError, EOFError, ValueError, SyntaxError, struct.error,
           TypeError, IndexError, KeyError, OverflowError, ZeroDivisionError)  # fmt: skip


def read(data: bytes, context: Context) -> Reading:
    """One picture, one source, one media fact; raises `Undeclared` when nobody said its kind."""
    image = open_image(data, context.name)
    kind = context.declared.get("kind") or context.kind
    if not isinstance(kind, str):
        raise Undeclared(
            f"{context.name}: a picture does not say what it shows: put {context.name}.json "
            'beside it with {"kind": "histology"}, or read it with --as KIND'
        )
    source = Source.of(
        data,
        kind="image",
        name=context.name,
        media_type=Image.MIME.get(image.format or "", "image/*"),
    )
    fact = media_fact(
        source, kind, _attributes(image, context), context, code=Code(text=f"{kind} image")
    )
    with _decoding(context.name):
        frames = getattr(image, "n_frames", 1)
    trouble = f"only the first of its {frames} pictures is looked at" if frames > 1 else None
    return Reading(items=(Item(source=source, data=data, facts=(fact,), trouble=trouble),))


def open_image(data: bytes, name: str) -> Image.Image:
    """The decoded picture; raises `BrokenFile` for one that is damaged or far too large."""
    with _decoding(name):
        image = Image.open(io.BytesIO(data))
        image.load()
    return image


@contextmanager
def _decoding(name: str) -> Iterator[None]:
    """Turn what Pillow says of damaged bytes into `BrokenFile`."""
    try:
        with warnings.catch_warnings():
            # A damaged remark beside good pixels is no reason to refuse them, nor to say so.
            warnings.simplefilter("ignore", UserWarning)
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except _BOMBS as error:
        raise BrokenFile(
            f"{name}: a picture this large is a whole slide ({error}); "
            "cut out the field to be looked at"
        ) from error
    except _DAMAGE as error:
        raise BrokenFile(f"{name}: the picture cannot be decoded ({error})") from error


def picture_rgb(image: Image.Image) -> np.ndarray:
    """The picture as uint8 (rows, columns, 3); more than 8 bits of grey are scaled, not cut off."""
    if not _is_grey(image) or image.mode in {"1", "L", "LA"}:
        return np.asarray(image.convert("RGB"))
    values = np.asarray(image, dtype=np.float64)
    if not np.isfinite(values).all():
        raise BrokenFile("the picture has pixels that are no numbers: export it again")
    if image.mode == "F" or values.max(initial=0) > np.iinfo(np.uint16).max or values.min() < 0:
        low, span = float(values.min()), float(np.ptp(values))
    else:
        low, span = 0.0, float(np.iinfo(np.uint16).max)
    grey = np.round((values - low) / (span or 1.0) * 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _is_grey(image: Image.Image) -> bool:
    return image.mode in _GREY or image.mode.startswith("I;")


def _attributes(image: Image.Image, context: Context) -> dict[str, Scalar]:
    """What the pixels themselves say."""
    return {
        "rows": image.height,
        "columns": image.width,
        "frames": 1,
        "polarity": "MONOCHROME2" if _is_grey(image) else "RGB",
        "declared_by": "sidecar" if context.declared else "operator",
    }
