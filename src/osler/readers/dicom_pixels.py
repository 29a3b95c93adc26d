"""Stored pixel values of one frame, decoded only after its declared size has been believed.

    stored, space = stored_frame(dataset, frame=0)      as stored, and the colours they are in
    frames(dataset)                                     NumberOfFrames, 1 where it is not stated

Frames of a loop are decoded one at a time. Decoders are asked in a fixed order, so that the same
bytes give the same pixels wherever they are installed; GDCM decodes what only it can.
"""

import struct
from typing import Any

import numpy as np
import pydicom
from pydicom.encaps import get_frame
from pydicom.pixels import get_decoder
from pydicom.uid import (
    HTJ2K,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000TransferSyntaxes,
    JPEGLSTransferSyntaxes,
    JPEGTransferSyntaxes,
    RLELossless,
)

from osler.errors import BrokenFile, UnknownFormat
from osler.readers.dicom_header import DAMAGE, quiet

__all__ = ["PIXELS", "codec", "frames", "has_pixels", "stored_frame"]

Pixels = np.ndarray

PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
"""The elements that hold pixels: whole numbers, or parametric maps in floating point."""

_DECODERS = ("pydicom", "pyjpegls", "pylibjpeg", "pillow", "gdcm")
_LARGEST = 160 << 20  # bytes of one frame
_MOST = 1 << 20  # frames
_J2K = (*JPEG2000TransferSyntaxes, HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL)


def has_pixels(dataset: pydicom.Dataset) -> bool:
    """Whether rows, columns and one of the pixel elements are there."""
    return "Rows" in dataset and "Columns" in dataset and any(word in dataset for word in PIXELS)


def frames(dataset: pydicom.Dataset) -> int:
    """The number of frames; raises `BrokenFile` for one that no instance can have."""
    try:
        count = int(dataset.get("NumberOfFrames") or 1)
    except DAMAGE as error:
        raise BrokenFile(f"NumberOfFrames (0028,0008) is no number ({error})") from error
    if not 1 <= count <= _MOST:
        raise BrokenFile(f"{count} frames are declared (0028,0008): no instance holds that many")
    return count


def codec(dataset: pydicom.Dataset) -> str | None:
    """How the pixels are compressed, in the standard's words; None where it is not stated."""
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is None:
        return None
    return str(syntax.name) if not syntax.is_private and syntax.is_compressed else "uncompressed"


def stored_frame(dataset: pydicom.Dataset, frame: int = 0) -> tuple[Pixels, str]:
    """Values (rows, columns) or (rows, columns, 3) and their photometric interpretation.

    Raises `BrokenFile` when the frame is not there or damaged, `UnknownFormat` when nothing
    installed decodes it.
    """
    count = frames(dataset)
    if not 0 <= frame < count:
        raise BrokenFile(f"frame {frame} of {count} was asked for: frames count from 0")
    try:
        with quiet():
            _refuse_lies(dataset, frame, count)
            return _decoded(dataset, frame)
    except DAMAGE as error:
        raise BrokenFile(
            f"the pixels of this DICOM cannot be decoded ({error or type(error).__name__})"
        ) from error


def _decoded(dataset: pydicom.Dataset, frame: int) -> tuple[Pixels, str]:
    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError as error:
        raise UnknownFormat(f"no decoder is known for pixels in '{syntax.name}'") from error
    plugin = ""
    if syntax.is_encapsulated:
        plugin = next((name for name in _DECODERS if name in decoder.available_plugins), "")
        if not plugin or (_is_extended(syntax) and int(dataset.BitsStored) > 8):
            raise UnknownFormat(
                f"no decoder is installed for '{syntax.name}' at {dataset.BitsStored} bits: "
                "install 'osler[dicom]', or export it in another transfer syntax"
            )
    values, properties = decoder.as_array(dataset, index=frame, raw=True, decoding_plugin=plugin)
    return values, str(properties.get("photometric_interpretation", "MONOCHROME2"))


def _is_extended(syntax: str) -> bool:
    """JPEG Extended, process 4: 12 bits, which no decoder of a free licence here reads."""
    return syntax == "1.2.840.10008.1.2.4.51"


def _refuse_lies(dataset: pydicom.Dataset, frame: int, count: int) -> None:
    """Compare what the header declares with what the bytes can hold, before anything is made."""
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    samples = int(dataset.get("SamplesPerPixel") or 1)
    bits = int(dataset.get("BitsAllocated") or (32 if "FloatPixelData" in dataset else 64))
    size = (rows * columns * samples * bits + 7) // 8
    if not 0 < size <= _LARGEST:
        raise ValueError(f"a frame of {columns} x {rows} pixels takes {size} bytes")
    syntax = dataset.file_meta.TransferSyntaxUID
    if not syntax.is_encapsulated:
        held = sum(len(dataset[word].value or b"") for word in PIXELS if word in dataset)
        needed = rows * columns * samples * bits * count / 8
        if dataset.get("PhotometricInterpretation") == "YBR_FULL_422":
            needed = needed * 2 / 3
        if needed > held:
            raise ValueError(f"{count} frames of {size} bytes are declared, {held} bytes are there")
        return
    _refuse_other_size(dataset, frame, count, rows, columns)


def _refuse_other_size(
    dataset: pydicom.Dataset, frame: int, count: int, rows: int, columns: int
) -> None:
    """A codestream with other rows and columns than the header's would be made at its own size."""
    syntax = dataset.file_meta.TransferSyntaxUID
    data = get_frame(dataset.PixelData, frame, number_of_frames=count, **_offsets(dataset))
    if syntax == RLELossless:
        if len(data) > 4 * (rows * columns + 4096) * 16:
            raise ValueError(f"{len(data)} bytes of RLE for {columns} x {rows} pixels")
        return
    own = None
    if syntax in _J2K:
        own = _j2k_size(data)
    elif syntax in JPEGTransferSyntaxes or syntax in JPEGLSTransferSyntaxes:
        own = _jpeg_size(data)
    if own is not None and own != (rows, columns):
        raise ValueError(
            f"the header says {columns} x {rows} pixels, the compressed frame {own[1]} x {own[0]}"
        )


def _offsets(dataset: pydicom.Dataset) -> dict[str, Any]:
    table = dataset.get("ExtendedOffsetTable")
    lengths = dataset.get("ExtendedOffsetTableLengths")
    return {"extended_offsets": (table, lengths)} if table and lengths else {}


def _j2k_size(data: bytes) -> tuple[int, int] | None:
    """Rows and columns of the SIZ marker (ISO/IEC 15444-1, A.5.1)."""
    at = data.find(b"\xff\x4f\xff\x51", 0, 4096)
    if at < 0 or len(data) < at + 24:
        return None
    right, bottom, left, top = struct.unpack_from(">4L", data, at + 8)
    return bottom - top, right - left


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Rows and columns of the first frame header (ITU-T T.81, B.2.2; T.87, C.2.2)."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill bytes may stand before any marker
            at += 1
            continue
        if marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)):
            rows, columns = struct.unpack_from(">HH", data, at + 5)
            return rows, columns
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
