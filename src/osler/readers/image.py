"""PNG, JPEG and TIFF pictures: what they are, only as far as a sidecar or the operator says.

read(data, Context(name="field.png", kind="histology", ...))
"""

import io
import warnings

from PIL import Image, UnidentifiedImageError

from osler.errors import BrokenFile, Undeclared
from osler.readers.reading import Context, Item, Reading
from osler.record.fact import Code, Fact, FactKind
from osler.record.locator import Evidence, Whole
from osler.record.media import ATTRIBUTES, Media, Scalar
from osler.record.moment import Moment
from osler.record.source import Source

__all__ = ["MAGIC", "open_image", "read"]

MAGIC = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")

_MOST_PIXELS = 100_000_000  # larger is a slide: it needs a tiled reader, not this one


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
    date = context.declared.get("date")
    fact = Fact(
        kind=FactKind.MEDIA,
        code=Code(text=f"{kind} image"),
        value=Media(modality=kind, attributes=_attributes(image, context)),
        evidence=Evidence(source=source.digest, at=Whole()),
        valid_from=Moment.parse(date, context.zone) if isinstance(date, str) else None,
        received_at=context.now,
        status="final",
    )
    return Reading(items=(Item(source=source, data=data, facts=(fact,)),))


def open_image(data: bytes, name: str) -> Image.Image:
    """The decoded picture; raises `BrokenFile` for one that is damaged, empty or far too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data))
            if image.width * image.height > _MOST_PIXELS:
                raise BrokenFile(
                    f"{name}: {image.width} x {image.height} pixels is a whole slide; "
                    "cut out the field to be looked at"
                )
            image.load()
    except (UnidentifiedImageError, Image.DecompressionBombWarning, OSError) as error:
        raise BrokenFile(f"{name}: the picture cannot be decoded ({error})") from error
    return image


def _attributes(image: Image.Image, context: Context) -> dict[str, Scalar]:
    stated: dict[str, Scalar] = {
        key: value
        for key, value in context.declared.items()
        if key in ATTRIBUTES and isinstance(value, str | int | float)
    }
    return {
        **stated,
        "rows": image.height,
        "columns": image.width,
        "frames": 1,
        "polarity": "RGB" if image.mode in {"RGB", "RGBA", "P"} else "MONOCHROME2",
        "declared_by": "sidecar" if context.declared else "operator",
        "says": str(context.declared["says"]) if "says" in context.declared else None,
    }
