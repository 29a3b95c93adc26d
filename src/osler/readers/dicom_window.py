"""Grey values as a screen shows them: rescale, then the header's window or table.

    shown = grey_levels(stored, frame_header(dataset))      float (rows, columns), 0 black, 1 white

PS3.3 C.11.1 (modality), C.11.2 (values of interest: LINEAR, LINEAR_EXACT, SIGMOID, table). Of
several windows the first is taken, as C.11.2.1.2 leaves to the application. Without one, values
run from their 1st to their 99th percentile, padding left out.
"""

import numpy as np
import pydicom
from pydicom.multival import MultiValue
from pydicom.pixels import apply_modality_lut, apply_voi

from osler.readers.dicom_groups import finite
from osler.readers.dicom_header import items_of, stated

__all__ = ["grey_levels", "rescaled"]

Pixels = np.ndarray


def grey_levels(stored: Pixels, header: pydicom.Dataset) -> Pixels:
    """The frame between 0 and 1, white bright."""
    values = rescaled(stored, header)
    tables = items_of(header, "VOILUTSequence")
    window = _window(header)
    if tables:
        shown = apply_voi(values.astype(np.int64), header) / _top(tables[0])
    elif window is not None:
        shown = _windowed(values.astype(np.float64), *window)
    else:
        shown = _stretched(values.astype(np.float64), _padding(stored, header))
    shown = np.clip(np.nan_to_num(shown), 0, 1)
    inverted = stated(header, "PhotometricInterpretation") == "MONOCHROME1"
    return np.asarray(1 - shown if inverted else shown)


def rescaled(stored: Pixels, header: pydicom.Dataset) -> Pixels:
    """Stored values as what they measure (Hounsfield units, say), where the header says how."""
    if items_of(header, "ModalityLUTSequence"):
        return np.asarray(apply_modality_lut(stored, header))
    slope, intercept = finite(header, "RescaleSlope", 1), finite(header, "RescaleIntercept", 1)
    if slope is None or intercept is None:
        return stored
    return np.asarray(stored * slope[0] + intercept[0])


def _window(header: pydicom.Dataset) -> tuple[float, float, str] | None:
    """Centre, width and function; None where the header states none that can be used."""
    centre, width = _first(header, "WindowCenter"), _first(header, "WindowWidth")
    function = (stated(header, "VOILUTFunction") or "LINEAR").upper()
    if centre is None or width is None or width <= 0 or (function == "LINEAR" and width < 1):
        return None
    return centre, width, function


def _first(header: pydicom.Dataset, keyword: str) -> float | None:
    value = header.get(keyword)
    whole = finite(header, keyword, len(value) if isinstance(value, MultiValue) else 1)
    return whole[0] if whole else None


def _windowed(values: Pixels, centre: float, width: float, function: str) -> Pixels:
    if function == "SIGMOID":
        return np.asarray(1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -700, 700))))
    if function == "LINEAR_EXACT":
        return (values - centre) / width + 0.5
    if width == 1:
        return (values > centre - 0.5).astype(np.float64)
    return (values - (centre - 0.5)) / (width - 1) + 0.5


def _top(table: pydicom.Dataset) -> float:
    """The largest value that a table of its stated bits can give."""
    bits = int(list(table.LUTDescriptor)[2])
    return float(2 ** (bits if 1 <= bits <= 16 else 16) - 1)


def _padding(stored: Pixels, header: pydicom.Dataset) -> Pixels:
    """Where the frame holds no picture: PixelPaddingValue, or the range from it to its limit."""
    first = finite(header, "PixelPaddingValue", 1)
    if first is None:
        return np.zeros(stored.shape, dtype=bool)
    limit = finite(header, "PixelPaddingRangeLimit", 1) or first
    low, high = min(first[0], limit[0]), max(first[0], limit[0])
    return np.asarray((stored >= low) & (stored <= high))


def _stretched(values: Pixels, padding: Pixels) -> Pixels:
    seen = values[~padding & np.isfinite(values)]
    if not seen.size:
        return np.zeros(values.shape)
    low, high = (float(value) for value in np.percentile(seen, [1, 99]))
    return (values - low) / max(high - low, 1e-6)
