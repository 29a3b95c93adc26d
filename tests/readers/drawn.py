"""Small pictures and records that the readers' tests draw for themselves."""

import io
from datetime import UTC, datetime
from typing import Any

import numpy as np
from PIL import Image

from osler.readers.reading import Context

NOW = datetime(2026, 10, 1, tzinfo=UTC)

# A WFDB record of one lead in format 16: 200 units a millivolt, 250 samples a second.
WFDB_HEADER = b"ecg 1 250 500\necg.dat 16 200 16 0 0 0 0 II\n"
WFDB_SAMPLES = (200 * np.sin(np.arange(500) / 20)).astype("<i2").tobytes()


def png(array: np.ndarray | None = None, form: str = "PNG", **options: Any) -> bytes:
    if array is None:
        array = np.arange(12 * 8 * 3, dtype=np.uint8).reshape(12, 8, 3)
    out = io.BytesIO()
    Image.fromarray(array).save(out, form, **options)
    return out.getvalue()


def context(name: str = "a.png", **fields: Any) -> Context:
    return Context(name=name, now=NOW, **fields)
