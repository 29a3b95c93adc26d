"""The document inside a FHIR Attachment or Binary, and narrative, as text that a person can read.

    words = words_of(attachment)        text of `data` by its `contentType`; None where it has none
    plain = plain_text("<div>...</div>")

Text and HTML are decoded; of another type only what it is and its size are told. Source: HL7 FHIR
R4 (4.0.1), section 2.24.0.2 (Attachment).
"""

import base64
import binascii
import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from osler.errors import BrokenFile

__all__ = ["bytes_of", "document_words", "media_type_of", "plain_text", "words_of"]

_TEXT = {"", "text/plain", "text/markdown", "text/csv", "text/rtf", "application/json"}
_MARKUP = {"text/html", "application/xhtml+xml", "text/xml", "application/xml", "text/cda"}
_BLOCKS = {"p", "div", "br", "tr", "li", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section"}
_SILENT = {"script", "style", "head"}
_TAG = re.compile(r"(<[^<>]*>)")  # in one pass over any text, which html.parser does not promise
_NAME = re.compile(r"<\s*(/?)\s*([A-Za-z0-9]*)[^<>]*>")
_CHARSETS = {"utf-8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "windows-1252", "latin1"}


def media_type_of(attachment: Mapping[str, Any]) -> str:
    """`text/plain` of `text/plain; charset=utf-8`; empty where none is stated."""
    stated = attachment.get("contentType")
    return stated.split(";")[0].strip().casefold() if isinstance(stated, str) else ""


def bytes_of(attachment: Mapping[str, Any]) -> bytes | None:
    """The decoded `data`, or None where the attachment holds none; raises `BrokenFile`."""
    data = attachment.get("data")
    if not isinstance(data, str):
        return None
    try:
        # FHIR allows white space inside base64Binary.
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BrokenFile(f"the attachment's data are no base64 ({error})") from error


def words_of(attachment: Mapping[str, Any]) -> str | None:
    """The attachment's text; raises `BrokenFile` where its data cannot be decoded."""
    data = bytes_of(attachment)
    if data is None:
        return None
    kind = media_type_of(attachment)
    if kind not in _TEXT | _MARKUP:
        return f"{kind}, {len(data)} bytes"
    text = _decoded(data, str(attachment.get("contentType") or ""))
    return plain_text(text) if kind in _MARKUP else text


def document_words(holder: Any, member: str, value: Any) -> str | None:
    """The text of a document that stands in this member of an object; None for any other member.

    Raises `BrokenFile` where its data cannot be decoded.
    """
    if not isinstance(holder, dict) or not isinstance(value, str):
        return None
    if member == "data" and "contentType" in holder:
        return words_of(holder)
    return plain_text(value) if member == "div" and value.lstrip().startswith("<") else None


def plain_text(markup: str) -> str:
    """The words of HTML or XHTML, a line for a block."""
    words, silent = [], ""
    for piece in _TAG.split(markup):
        tag = _NAME.match(piece)
        if tag is None:
            words.append("" if silent else unescape(piece))
            continue
        name = tag[2].casefold()
        if name in _SILENT and (not silent or silent == name):
            silent = "" if tag[1] else name
        words.append("\n" if name in _BLOCKS else " " if name in {"td", "th"} else "")
    lines = (" ".join(line.split()) for line in "".join(words).split("\n"))
    return "\n".join(line for line in lines if line)


def _decoded(data: bytes, stated: str) -> str:
    """By the charset that is stated, else UTF-8, else Latin-1, which never fails."""
    for parameter in stated.split(";")[1:]:
        name, _, value = parameter.partition("=")
        charset = value.strip().strip('"').casefold()
        if name.strip().casefold() == "charset" and charset in _CHARSETS:
            try:
                return data.decode(charset)
            except UnicodeDecodeError:
                break
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
