"""The exact bytes of values inside a JSON document, without writing them anew.

    rest, slices = cut(data, ("entry", ANY, "resource"), "bundle.json")
    slices[0].data          the bytes between the braces, as they stand in the file
    slices[0].value         the same, parsed; fractions are Decimal
    rest["entry"][0]        everything else, with None where a slice was taken out

One pass over the text with the C scanner of `json`; grammar: RFC 8259, and so neither NaN nor
Infinity.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from osler.errors import BrokenFile

__all__ = ["ANY", "Slice", "cut"]

ANY = "*"
"""In a path: every element of an array."""

_MAYBE_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One value cut out: `pointer` is where it stood in the document (RFC 6901)."""

    pointer: str
    value: Any
    data: bytes


def cut(data: bytes, path: Sequence[str], name: str) -> tuple[Any, tuple[Slice, ...]]:
    """Parse the document and cut out every value at `path`, a member name or `ANY` a step.

    Raises `BrokenFile` with line and column where the bytes are no UTF-8 or no JSON.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BrokenFile(
            f"{name}, line {line}: byte {error.start} is no UTF-8; JSON is always UTF-8, "
            "so export the file again"
        ) from error
    cutter = _Cutter(text)
    try:
        rest, end = cutter.value(_skip(text, 0), tuple(path), "")
        end = _skip(text, end)
        if end != len(text):
            raise json.JSONDecodeError("something follows the end of the document", text, end)
    except json.JSONDecodeError as error:
        raise BrokenFile(
            f"{name}, line {error.lineno}, column {error.colno}: no JSON here ({error.msg}); "
            "the file may be cut short"
        ) from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise BrokenFile(f"{name}: a value that no JSON reader takes ({error})") from error
    _refuse_half_characters(text, name)
    return rest, tuple(cutter.slices)


def _refuse_half_characters(text: str, name: str) -> None:
    r"""Raise `BrokenFile` at half of a surrogate pair (`\ud800`), which is no character."""
    if _MAYBE_HALF.search(text) is None:
        return
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
    if before:
        line = text.count("\n", 0, before.start()) + 1
        raise BrokenFile(
            f"{name}, line {line}: {before[0]} is half a character (RFC 8259, section 8.2); "
            "export the file again"
        )


class _Cutter:
    """One walk over one text; `slices` collects what the path meets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.slices: list[Slice] = []
        self._decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)

    def value(self, at: int, path: tuple[str, ...], pointer: str) -> tuple[Any, int]:
        """The value that starts at `at`, without what was cut from it, and where it ends."""
        if not path:
            value, end = self._decoder.raw_decode(self.text, at)
            data = self.text[at:end].encode()
            self.slices.append(Slice(pointer=pointer, value=value, data=data))
            return None, end
        opening = self.text[at : at + 1]
        if opening == "[" and path[0] == ANY:
            return self._array(at, path, pointer)
        if opening == "{" and path[0] != ANY:
            return self._object(at, path, pointer)
        return self._decoder.raw_decode(self.text, at)

    def _array(self, at: int, path: tuple[str, ...], pointer: str) -> tuple[list[Any], int]:
        elements: list[Any] = []
        at = _skip(self.text, at + 1)
        if self.text[at : at + 1] == "]":
            return elements, at + 1
        while True:
            element, at = self.value(at, path[1:], f"{pointer}/{len(elements)}")
            elements.append(element)
            at = _skip(self.text, at)
            if self.text[at : at + 1] == "]":
                return elements, at + 1
            at = self._expect(",", at)

    def _object(self, at: int, path: tuple[str, ...], pointer: str) -> tuple[dict[str, Any], int]:
        members: dict[str, Any] = {}
        at = _skip(self.text, at + 1)
        if self.text[at : at + 1] == "}":
            return members, at + 1
        while True:
            if self.text[at : at + 1] != '"':
                raise json.JSONDecodeError("expected the name of a member", self.text, at)
            key, at = self._decoder.raw_decode(self.text, at)
            at = self._expect(":", _skip(self.text, at))
            if key == path[0]:
                step = key.replace("~", "~0").replace("/", "~1")
                members[key], at = self.value(at, path[1:], f"{pointer}/{step}")
            else:
                members[key], at = self._decoder.raw_decode(self.text, at)
            at = _skip(self.text, at)
            if self.text[at : at + 1] == "}":
                return members, at + 1
            at = self._expect(",", at)

    def _expect(self, sign: str, at: int) -> int:
        if self.text[at : at + 1] != sign:
            raise json.JSONDecodeError(f"expected '{sign}'", self.text, at)
        return _skip(self.text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON number")
