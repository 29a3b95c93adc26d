"""Tiled TIFF files that the tests write for themselves, JPEG in every tile, as scanners do."""

import io
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

TILE = 256
APERIO = (
    "Aperio Image Library v10.0.51\r\n2048x1536 [0,0 2048x1536] (256x256) JPEG/RGB Q=70"
    "|AppMag = 20|MPP = 0.4990|Date = 12/29/09|Time = 09:59:15|Time Zone = GMT-05:00|User = Doe"
)
SIZES = ((2048, 1536), (512, 384), (128, 96))

_SHORT, _LONG, _RATIONAL, _ASCII, _LONG8 = 3, 4, 5, 2, 16
_FORM = {_SHORT: "H", _LONG: "I", _RATIONAL: "I", _LONG8: "Q"}


def jpeg_tile(colour: tuple[int, int, int] = (200, 120, 160), noise: int = 0) -> bytes:
    """One tile of a colour; noise makes it heavy."""
    rng = np.random.default_rng(0)
    pixels = np.clip(
        np.array(colour) + rng.integers(-noise, noise + 1, (TILE, TILE, 3)), 0, 255
    ).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=95, subsampling=0)
    return out.getvalue()


def write_slide(
    path: Path,
    sizes: Sequence[tuple[int, int]] = SIZES,
    *,
    description: str = APERIO,
    per_cm: tuple[float, float] | None = None,
    unit: int = 3,
    date: str = "",
    tiles: Sequence[bytes] = (),
    stored: int = TILE,
) -> Path:
    """A BigTIFF pyramid; level n repeats the n-th tile. `per_cm` is XResolution, YResolution.

    `stored` is the side of a tile that is claimed; the tiles there are of 256.
    """
    tiles = tiles or [jpeg_tile((200 - 50 * n, 120, 160)) for n in range(len(sizes))]
    with path.open("wb") as file:
        file.write(b"II" + struct.pack("<HHHQ", 43, 8, 0, 0))
        link = 8
        for n, (width, height) in enumerate(sizes):
            count = -(-width // stored) * -(-height // stored)
            tile = tiles[min(n, len(tiles) - 1)]
            first = file.tell()
            for _ in range(count):
                file.write(tile)
            entries: dict[int, tuple[int, Sequence[int] | bytes]] = {
                254: (_LONG, [1 if n else 0]),
                256: (_LONG, [width]),
                257: (_LONG, [height]),
                258: (_SHORT, [8, 8, 8]),
                259: (_SHORT, [7]),
                262: (_SHORT, [6]),
                277: (_SHORT, [3]),
                284: (_SHORT, [1]),
                322: (_LONG, [stored]),
                323: (_LONG, [stored]),
                324: (_LONG8, [first + i * len(tile) for i in range(count)]),
                325: (_LONG, [len(tile)] * count),
                530: (_SHORT, [1, 1]),
            }
            if description:
                entries[270] = (_ASCII, description.encode() + b"\x00")
            if per_cm:
                entries[282] = (_RATIONAL, [round(per_cm[0] * 1000), 1000])
                entries[283] = (_RATIONAL, [round(per_cm[1] * 1000), 1000])
                entries[296] = (_SHORT, [unit])
            if date:
                entries[306] = (_ASCII, date.encode() + b"\x00")
            link = _write_directory(file, entries, link)
    return path


def _write_directory(
    file: io.BufferedWriter, entries: dict[int, tuple[int, Sequence[int] | bytes]], link: int
) -> int:
    """Write one directory where the file stands, hook it in, and say where the next is hooked."""
    packed = []
    for tag, (kind, values) in sorted(entries.items()):
        data = values if isinstance(values, bytes) else _pack(kind, values)
        count = len(values) // (2 if kind == _RATIONAL else 1)
        if len(data) > 8:
            at = file.tell()
            file.write(data)
            data = struct.pack("<Q", at)
        packed.append(struct.pack("<HHQ", tag, kind, count) + data.ljust(8, b"\x00"))
    start = file.tell()
    file.write(struct.pack("<Q", len(packed)) + b"".join(packed) + struct.pack("<Q", 0))
    end = file.tell()
    file.seek(link)
    file.write(struct.pack("<Q", start))
    file.seek(end)
    return end - 8


def _pack(kind: int, values: Sequence[int] | bytes) -> bytes:
    return struct.pack(f"<{len(values)}{_FORM[kind]}", *values)
