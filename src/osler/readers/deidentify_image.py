"""PNG, JPEG and TIFF without their remarks: EXIF, text, thumbnails and what follows the end.

    rewrite_image(data, "field.jpg")        the same pixels, packed exactly as they were

The file is put together anew from the parts that decoding needs; nothing is decoded. Which way is
up (EXIF orientation) stays. What the pixels themselves show is not looked at. A TIFF of several
pages is refused: a slide's label is one of them. Formats: PNG (ISO 15948), JPEG (ITU-T T.81,
annex B), TIFF 6.0.
"""

import struct

from osler.errors import BrokenFile, Undeclared

__all__ = ["rewrite_image"]

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD",
    b"pHYs", b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
_ORIENTATION = 0x112
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
# TIFF 6.0 tags that decoding and physical size need; the offsets of strips or tiles go apart.
_TIFF_KEPT = {
    254, 255, 256, 257, 258, 259, 262, 266, 274, 277, 278, 279, 280, 281, 282, 283, 284, 292, 293,
    296, 301, 317, 318, 319, 320, 321, 322, 323, 325, 338, 339, 340, 341, 347, 512, 515, 529, 530,
    531, 532,
}  # fmt: skip
_OFFSETS = {273: 279, 324: 325}
_MOST_ENTRIES = 4096


def rewrite_image(data: bytes, name: str) -> bytes:
    """The picture without remarks; raises `BrokenFile`, or `Undeclared` for many pages."""
    try:
        if data.startswith(_PNG):
            return _png(data, name)
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data, name)
        return _tiff(data, name)
    except (struct.error, IndexError) as error:
        raise BrokenFile(f"{name}: a picture that ends early ({error}); copy it again") from error


def _png(data: bytes, name: str) -> bytes:
    parts, at = [_PNG], len(_PNG)
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise BrokenFile(f"{name}: a PNG chunk that ends after the file; copy it again")
        if kind in _PNG_KEPT:
            parts.append(data[at:end])
        if kind == b"IEND":
            return b"".join(parts)
        at = end
    raise BrokenFile(f"{name}: a PNG without its end; copy it again")


def _jpeg(data: bytes, name: str) -> bytes:
    parts, at = [b"\xff\xd8"], 2
    while at < len(data):
        if data[at] != 0xFF:
            raise BrokenFile(f"{name}: no JPEG marker at byte {at}; copy it again")
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte (B.1.1.2)
            at += 1
            continue
        if marker == 0xD9:
            return b"".join([*parts, b"\xff\xd9"])
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise BrokenFile(f"{name}: a JPEG segment of a wrong length at byte {at}")
        parts.append(_segment(marker, data[at:end]))
        at = end
        if marker == 0xDA:
            end = _scan_end(data, at)
            parts.append(data[at:end])
            at = end
    raise BrokenFile(f"{name}: a JPEG without its end; copy it again")


def _segment(marker: int, segment: bytes) -> bytes:
    """The segment where decoding needs it; of JFIF without its thumbnail, of EXIF the turn."""
    if marker == 0xE0:
        is_jfif = segment[4:9] == b"JFIF\0" and len(segment) >= 18
        return b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0" if is_jfif else b""
    if marker == 0xE1:
        return _turn(segment[10:]) if segment[4:10] == b"Exif\0\0" else b""
    adobe = marker == 0xEE and segment[4:9] == b"Adobe"
    if 0xE0 <= marker <= 0xEF or marker == 0xFE:
        return segment if adobe else b""
    return segment


def _turn(exif: bytes) -> bytes:
    """A minimal EXIF segment with the orientation alone, or nothing where it is upright."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 8:
        return b""
    (first,) = struct.unpack_from(order + "I", exif, 4)
    if first + 2 > len(exif):
        return b""
    (count,) = struct.unpack_from(order + "H", exif, first)
    for at in range(first + 2, min(first + 2 + 12 * count, len(exif) - 11), 12):
        tag, kind, _, value = struct.unpack_from(order + "HHIH", exif, at)
        if tag == _ORIENTATION and kind == 3 and 2 <= value <= 8:
            body = b"Exif\0\0II*\0\x08\0\0\0\x01\0"
            body += struct.pack("<HHIHHI", _ORIENTATION, 3, 1, value, 0, 0)
            return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    return b""


def _scan_end(data: bytes, at: int) -> int:
    """Where entropy-coded data end: at a marker that is no stuffed byte and no restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        if data[at + 1] and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2


def _tiff(data: bytes, name: str) -> bytes:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        raise Undeclared(f"{name}: no de-identification for this kind of picture: not read")
    (first,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, first)
    (following,) = struct.unpack_from(order + "I", data, first + 2 + 12 * count)
    entries = [_entry(data, order, first + 2 + 12 * i, name) for i in range(count)]
    tags = {tag for tag, _, _, _ in entries}
    if following or 330 in tags:
        raise Undeclared(
            f"{name}: a TIFF of several pages can hold a slide's label: not read; "
            "cut out the page to be looked at"
        )
    if count > _MOST_ENTRIES or not tags & _OFFSETS.keys():
        raise BrokenFile(f"{name}: a TIFF without strips or tiles; copy it again")
    return _tiff_of(data, order, entries, name)


def _entry(data: bytes, order: str, at: int, name: str) -> tuple[int, int, int, bytes]:
    tag, kind, count = struct.unpack_from(order + "HHI", data, at)
    size = _SIZES.get(kind, 1) * count
    start = at + 8 if size <= 4 else struct.unpack_from(order + "I", data, at + 8)[0]
    if start + size > len(data):
        raise BrokenFile(f"{name}: TIFF tag {tag} points past the end of the file; copy it again")
    return tag, kind, count, data[start : start + size]


def _tiff_of(
    data: bytes, order: str, entries: list[tuple[int, int, int, bytes]], name: str
) -> bytes:
    held = {tag: (kind, count, value) for tag, kind, count, value in entries}
    where = next(tag for tag in _OFFSETS if tag in held)
    if _OFFSETS[where] not in held:
        raise BrokenFile(f"{name}: a TIFF that does not say how long its strips are")
    out = bytearray(data[:4] + b"\0\0\0\0")
    moved = []
    offsets = _numbers(held[where], order)
    sizes = _numbers(held[_OFFSETS[where]], order)
    if sum(sizes) > len(data):
        raise BrokenFile(f"{name}: TIFF strips that are larger than the file")
    for start, size in zip(offsets, sizes, strict=False):
        if start + size > len(data):
            raise BrokenFile(f"{name}: a TIFF strip that ends after the file; copy it again")
        moved.append(len(out))
        out += data[start : start + size] + b"\0" * (size % 2)
    kept = {tag: row for tag, row in held.items() if tag in _TIFF_KEPT}
    kept[where] = (4, len(moved), struct.pack(f"{order}{len(moved)}I", *moved))
    rows = []
    for tag, (kind, count, value) in sorted(kept.items()):
        inline = value.ljust(4, b"\0")
        if len(value) > 4:
            inline = struct.pack(order + "I", len(out))
            out += value + b"\0" * (len(value) % 2)
        rows.append(struct.pack(order + "HHI", tag, kind, count) + inline)
    out[4:8] = struct.pack(order + "I", len(out))
    return bytes(out + struct.pack(order + "H", len(rows)) + b"".join(rows) + b"\0\0\0\0")


def _numbers(row: tuple[int, int, bytes], order: str) -> tuple[int, ...]:
    kind, count, value = row
    return struct.unpack(f"{order}{count}{'H' if kind == 3 else 'I'}", value)
