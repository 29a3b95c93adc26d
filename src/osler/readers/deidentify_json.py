"""JSON that is written back with every number's digits as they were sent.

value = loaded(data, "bundle.json")         numbers are `Number`, a str of their digits
written(value)                              bytes, UTF-8, without white space
"""

import json
from json.encoder import encode_basestring
from typing import Any

from osler.errors import BrokenFile

__all__ = ["Number", "loaded", "written"]


class Number(str):
    """A number, as the digits that stood in the document."""

    __slots__ = ()


def loaded(text: str, name: str) -> Any:
    """The document's value; raises `BrokenFile` where it is no JSON or nested too deeply."""
    try:
        return json.loads(text, parse_float=Number, parse_int=Number, parse_constant=_none_such)
    except json.JSONDecodeError as error:
        raise BrokenFile(
            f"{name}, line {error.lineno}, column {error.colno}: no JSON here ({error.msg}); "
            "the file may be cut short"
        ) from error
    except (ValueError, RecursionError) as error:
        raise BrokenFile(f"{name}: a value that no JSON reader takes ({error})") from error


def written(value: Any) -> bytes:
    """The value as JSON; half a surrogate pair, which is no character, becomes a mark of it."""
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts).encode(errors="replace")


def _none_such(word: str) -> None:
    raise ValueError(f"{word} is no JSON number")


def _write(value: Any, parts: list[str]) -> None:
    if isinstance(value, Number):
        parts.append(value)
    elif isinstance(value, str):
        parts.append(encode_basestring(value))
    elif isinstance(value, dict):
        sign = "{"
        for key, inner in value.items():
            parts.append(f"{sign}{encode_basestring(key)}:")
            _write(inner, parts)
            sign = ","
        parts.append("}" if value else "{}")
    elif isinstance(value, list):
        sign = "["
        for inner in value:
            parts.append(sign)
            _write(inner, parts)
            sign = ","
        parts.append("]" if value else "[]")
    else:
        parts.append({None: "null", True: "true", False: "false"}[value])
