r"""A clinical note as RTF: one source, one NOTE fact, its characters those of the converted text.

    reading = read(data, context)       the rules of `osler.readers.note` hold for what it says

Recognised by `{\rtf` at its beginning.
"""

from osler.errors import BrokenFile
from osler.readers.note import item_of
from osler.readers.reading import Context, Reading
from osler.readers.rtf_text import rtf_text
from osler.record.locator import Span, Whole
from osler.record.source import Source

__all__ = ["read"]


def read(data: bytes, context: Context) -> Reading:
    """One source of kind `rtf`; raises `BrokenFile` when it is none, or too large."""
    try:
        text = rtf_text(data)
    except BrokenFile as error:
        raise BrokenFile(f"{context.name}: {error}") from error
    source = Source.of(data, kind="rtf", name=context.name, media_type="application/rtf")
    cut = not data.rstrip(b"\x00\r\n\t ").endswith(b"}")
    troubles = ["its last group is not closed: the end of the document may be missing"] * cut
    if not text.strip():
        troubles.append("no text in it: nothing can be searched or quoted")
        return Reading(items=(item_of(data, source, "", Whole(), context, troubles),))
    at = Span(start=0, end=len(text))
    return Reading(items=(item_of(data, source, text, at, context, troubles),))
