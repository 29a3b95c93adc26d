"""Strict JSON: values with the digits that were sent, and the exact bytes of parts of a document.

    value = parse(data, "bundle.json")          fractions are Decimal
    whole = checked(data, "bundle.json")        UTF-8 without its mark, for the two below
    parts(whole, "bundle.json")                 {member: Part} of an object, or None
    elements(part, "bundle.json")               [Part of every element] of an array, or None
    bytes(part)                                 exactly what stands in the document

`msgspec` reads and cuts in C; the slower `json` is asked only where it refuses, for the place.
Grammar: RFC 8259, and so neither NaN nor Infinity nor half a surrogate pair. Of a member that is
written twice the last holds, as in `json`.
"""

import json
import re
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from osler.errors import BrokenFile

__all__ = ["Part", "checked", "elements", "parse", "parts", "typed"]

T = TypeVar("T")

Part = msgspec.Raw
"""A value inside a document, not yet parsed: a view of the document's own bytes."""

_MARK = b"\xef\xbb\xbf"
_MAYBE_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")

_ANY = msgspec.json.Decoder(float_hook=Decimal)
_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_REFUSALS = (msgspec.DecodeError, ValueError, ArithmeticError, RecursionError)


def checked(data: bytes, name: str) -> bytes:
    """The bytes without a byte order mark; raises `BrokenFile` where they are no UTF-8."""
    data = data.removeprefix(_MARK)
    if not data.isascii():
        _text(data, name)
    return data


def parse(data: bytes | Part, name: str) -> Any:
    """The whole document; raises `BrokenFile`, with line and column where there is one."""
    if isinstance(data, bytes):
        data = data.removeprefix(_MARK)
    try:
        return _ANY.decode(data)
    except _REFUSALS as error:
        raise _refusal(bytes(data), name, error) from error


def parts(data: bytes | Part, name: str) -> dict[str, Part] | None:
    """The members of the object that these bytes are, each as it stands; None for another value."""
    return typed(_PARTS, data, name)


def elements(data: bytes | Part, name: str) -> list[Part] | None:
    """The elements of the array that these bytes are, each as it stands; None for another value."""
    return typed(_ELEMENTS, data, name)


def typed(decoder: msgspec.json.Decoder[T], data: bytes | Part, name: str) -> T | None:
    """What a decoder of one shape makes of these bytes; None where they have another shape."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError:
        return None
    except _REFUSALS as error:
        raise _refusal(bytes(data), name, error) from error


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BrokenFile(
            f"{name}, line {line}: byte {error.start} is no UTF-8; JSON is always UTF-8, "
            "so export the file again"
        ) from error


def _refusal(data: bytes, name: str, refused: Exception) -> BrokenFile:
    """What `msgspec` refused, said with its line and column."""
    text = _text(data, name)
    try:
        json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        return BrokenFile(
            f"{name}, line {error.lineno}, column {error.colno}: no JSON here ({error.msg}); "
            "the file may be cut short"
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        return BrokenFile(f"{name}: a value that no JSON reader takes ({error})")
    return _half_a_character(text, name) or BrokenFile(
        f"{name}: a value that no JSON reader takes ({refused})"
    )


def _half_a_character(text: str, name: str) -> BrokenFile | None:
    r"""The place of half a surrogate pair (`\ud800`), which is no character."""
    if _MAYBE_HALF.search(text) is None:
        return None
    before = None
    for escape in _ESCAPE.finditer(text):
        half = int(escape[1] or "0", 16)
        low = 0xDC00 <= half < 0xE000
        if before and not (low and before.end() == escape.start()):
            break
        if low and not before:
            before = escape
            break
        before = escape if 0xD800 <= half < 0xDC00 else None
    if before is None:
        return None
    line = text.count("\n", 0, before.start()) + 1
    return BrokenFile(
        f"{name}, line {line}: {before[0]} is half a character (RFC 8259, section 8.2); "
        "export the file again"
    )


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON number")
