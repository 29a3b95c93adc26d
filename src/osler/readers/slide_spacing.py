"""How large a pixel of a slide is, from what its scanner or exporter wrote.

    spacing_um(slide.properties)        micrometres, or None when unstated

Asked in this order: OME-XML, ImageJ, the scanner's own field, the resolution tags of TIFF.
OpenSlide (openslide.org/properties) gives the last two as `openslide.mpp-x` and `-y`.
"""

import math
import re
from collections.abc import Mapping

__all__ = ["spacing_um"]

_OME = re.compile(r"<(?:\w+:)?Pixels\b([^>]{0,4000})>")
_ATTRIBUTE = re.compile(r"\b(PhysicalSize[XY](?:Unit)?)\s*=\s*[\"']([^\"']{0,40})[\"']")
_MICROMETRES = {
    "µm": 1.0, "μm": 1.0, "um": 1.0, "micron": 1.0, "microns": 1.0, "\\u00b5m": 1.0,
    "nm": 1e-3, "mm": 1e3, "cm": 1e4,
}  # fmt: skip

# 72 or 96 dots an inch is what software writes that knows nothing: a pixel of 0.3 mm.
_COARSEST_TAG_UM = 20.0
_SAME = 0.01


def spacing_um(properties: Mapping[str, str]) -> float | None:
    """Micrometres a pixel of level 0; None when unstated, or different across and down."""
    comment = properties.get("openslide.comment", "")[:1_000_000]
    pair = _ome(comment) or _imagej(comment, properties) or _stated(properties)
    if pair is None:
        return None
    across, down = pair
    sound = all(math.isfinite(value) and value > 0 for value in pair)
    if not sound or abs(across - down) > _SAME * max(across, down):
        return None
    return across if across == down else round((across + down) / 2, 6)


def _ome(comment: str) -> tuple[float, float] | None:
    """`PhysicalSizeX` and `Y` of the first Pixels element; micrometres unless it says otherwise."""
    found = _OME.search(comment) if "OME" in comment[:2000] else None
    if found is None:
        return None
    said = dict(_ATTRIBUTE.findall(found[1]))
    sizes = [
        _number(said.get(f"PhysicalSize{axis}"))
        * _MICROMETRES.get(said.get(f"PhysicalSize{axis}Unit", "µm"), math.nan)
        for axis in "XY"
    ]
    return (sizes[0], sizes[1]) if said else None


def _imagej(comment: str, properties: Mapping[str, str]) -> tuple[float, float] | None:
    """Pixels a unit in the resolution tags, the unit in the description."""
    if not comment.startswith("ImageJ="):
        return None
    words = dict(line.split("=", 1) for line in comment.splitlines() if "=" in line)
    factor = _MICROMETRES.get(words.get("unit", ""))
    if factor is None:
        return None
    across, down = (_number(properties.get(f"tiff.{axis}Resolution")) for axis in "XY")
    return (factor / across, factor / down) if across and down else None


def _stated(properties: Mapping[str, str]) -> tuple[float, float] | None:
    across, down = (_number(properties.get(f"openslide.mpp-{axis}")) for axis in "xy")
    from_tags = properties.get("openslide.vendor") == "generic-tiff"
    if from_tags and not max(across, down) < _COARSEST_TAG_UM:
        return None
    return across, down


def _number(text: str | None) -> float:
    """The number, or NaN."""
    try:
        return float(text) if text else math.nan
    except ValueError:
        return math.nan
