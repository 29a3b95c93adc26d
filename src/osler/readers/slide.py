"""Whole-slide files: one source, never loaded whole, and one MEDIA fact in physical units.

    flow = read_file(path, context)             kind `slide`, `item.file` is the path

A scanner's format is histology; of a plain tiled TIFF somebody has to say what it shows. The stain
is in no header: it stays unknown unless a sidecar declares it. Label and macro pictures, which may
show a name, are not looked at.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from osler.errors import BrokenFile, Undeclared
from osler.readers.media_fact import media_fact
from osler.readers.on_disk import read_on_disk
from osler.readers.reading import Context, Flow, Item, Reading
from osler.readers.slide_open import OVERVIEW_PIXELS, open_slide
from osler.readers.slide_spacing import spacing_um
from osler.record.fact import Code
from osler.record.media import Scalar
from osler.record.moment import Moment
from osler.record.source import AuthorRole, Source

__all__ = ["KIND", "read", "read_file"]

KIND = "slide"

_DATE = re.compile(
    r"(\d{4})[-:/](\d\d)[-:/](\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?"
)
_APERIO_DATE = re.compile(r"(\d\d)/(\d\d)/(\d\d(?:\d\d)?)")
_APERIO_ZONE = re.compile(r"GMT([+-])(\d\d):?(\d\d)")
_DATES = ("leica.creation-date", "hamamatsu.Created", "philips.DICOM_ACQUISITION_DATETIME")


def read_file(path: Path, context: Context) -> Flow:
    """One slide, one source, one fact.

    Raises `BrokenFile`, `UnknownFormat` when it cannot be read in parts, and `Undeclared` when
    neither its format nor anybody says what it shows.
    """
    with open_slide(path, context.name) as slide:
        properties = dict(slide.properties)
        header = _attributes(properties, slide.dimensions, slide.level_count)
        smallest = min(columns * rows for columns, rows in slide.level_dimensions)
    modality = _modality(properties, context)
    zeiss = properties.get("openslide.vendor") == "zeiss"
    media_type = "image/x-zeiss-czi" if zeiss else "image/tiff"
    source = Source.of_file(
        path, kind=KIND, name=context.name, media_type=media_type, author=AuthorRole.DEVICE
    )
    fact = media_fact(
        source,
        modality,
        header,
        context,
        code=Code(text=f"{modality} slide"),
        taken=_scanned(properties, context.zone),
    )
    trouble = None
    if smallest > OVERVIEW_PIXELS:
        trouble = "it has no small level, so that only its tiles can be shown: save it as a pyramid"
    return Flow(items=iter([Item(source=source, file=path, facts=(fact,), trouble=trouble)]))


def read(data: bytes, context: Context) -> Reading:
    """The same of bytes."""
    return read_on_disk(read_file, data, context)


def _modality(properties: Mapping[str, str], context: Context) -> str:
    declared = context.declared.get("kind") or context.kind
    if isinstance(declared, str):
        return declared
    if properties.get("openslide.vendor", "generic-tiff") != "generic-tiff":
        return "histology"
    raise Undeclared(
        f"{context.name}: a tiled TIFF does not say what it shows: put {context.name}.json "
        'beside it with {"kind": "histology"}, or read it with --as KIND'
    )


def _attributes(
    properties: Mapping[str, str], dimensions: tuple[int, int], levels: int
) -> dict[str, Scalar]:
    power = properties.get("openslide.objective-power", "")
    return {
        "columns": dimensions[0],
        "rows": dimensions[1],
        "frames": 1,
        "levels": levels,
        "polarity": "RGB",
        "spacing_um": spacing_um(properties),
        "objective": float(power) if re.fullmatch(r"\d{1,3}(\.\d{1,3})?", power) else None,
        "declared_by": "header",
    }


def _scanned(properties: Mapping[str, str], zone: str) -> Moment | None:
    """When the slide was scanned, where the file says; a malformed date is no date."""
    stated = _aperio(properties) or _iso(
        next((properties[name] for name in _DATES if name in properties), "")
        or properties.get("tiff.DateTime", "")
    )
    try:
        return Moment.parse(stated, zone) if stated else None
    except BrokenFile:
        return None


def _iso(text: str) -> str | None:
    found = _DATE.match(text.strip())
    if found is None:
        digits = text.strip()
        return digits if re.fullmatch(r"\d{8}(\d{6}(\.\d{1,6})?)?", digits) else None
    year, month, day, time, offset = found.groups()
    return f"{year}-{month}-{day}" + (f"T{time}{offset or ''}" if time else "")


def _aperio(properties: Mapping[str, str]) -> str | None:
    """`Date = 12/29/09` (month first), `Time`, `Time Zone` of an Aperio description."""
    found = _APERIO_DATE.fullmatch(properties.get("aperio.Date", "").strip())
    if found is None:
        return None
    month, day, year = found.groups()
    date = f"{year if len(year) == 4 else f'20{year}'}-{month}-{day}"
    time = properties.get("aperio.Time", "").strip()
    if not re.fullmatch(r"\d\d:\d\d:\d\d", time):
        return date
    offset = _APERIO_ZONE.fullmatch(properties.get("aperio.Time Zone", "").strip())
    return f"{date}T{time}" + (f"{offset[1]}{offset[2]}:{offset[3]}" if offset else "")
