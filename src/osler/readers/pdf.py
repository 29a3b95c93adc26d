"""A PDF document by the text of its pages: one source, one NOTE fact, nothing read from pictures.

    reading = read(data, context)             front matter of the first page as in a note
    texts = pages(data)                       one text a page, line breaks as \\n
    page_text(data, at)                       of the page that a locator names

PDFium (native) finds the text; a file from outside is read in `osler.readers.worker`, which bounds
time and memory. The date on which the file was made is `recorded_at`, inferred, and never more.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from osler.errors import BrokenFile
from osler.readers.note import item_of
from osler.readers.reading import Context, Reading
from osler.record.locator import Page, Whole
from osler.record.moment import Moment
from osler.record.source import Source

__all__ = ["page_text", "pages", "read"]

_MOST_PAGES = 5000
_MOST_CHARACTERS = 20_000_000
_MADE = re.compile(r"D:(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?(?:(Z)|([+-]\d\d)'?(\d\d)?'?)?")


def read(data: bytes, context: Context) -> Reading:
    """One source of kind `pdf`; raises `BrokenFile` for what is damaged, locked or too large."""
    try:
        with _opened(data) as document:
            texts = list(_texts(document))
            stated = str(document.get_metadata_value("CreationDate"))
    except BrokenFile as error:
        raise BrokenFile(f"{context.name}: {error}") from error
    source = Source.of(data, kind="pdf", name=context.name, media_type="application/pdf")
    troubles: list[str | None] = []
    made = _made(stated, context)
    first = next((n for n, text in enumerate(texts) if text.strip()), None)
    if first is None:
        troubles.append("no text layer: nothing can be searched or quoted")
        item = item_of(data, source, "", Whole(), context, troubles, made)
        return Reading(items=(item,))
    without = [n for n, text in enumerate(texts, 1) if not text.strip()]
    if without:
        named = ", ".join(map(str, without[:8])) + (", ..." if len(without) > 8 else "")
        troubles.append(f"no text layer on page {named}: nothing there can be searched or quoted")
    at = Page(number=first + 1, start=0, end=len(texts[first]))
    return Reading(items=(item_of(data, source, texts[0], at, context, troubles, made),))


def pages(data: bytes) -> list[str]:
    """The text of every page; raises `BrokenFile`."""
    with _opened(data) as document:
        return list(_texts(document))


def page_text(data: bytes, at: Page) -> str:
    """The text of one page; raises `BrokenFile` where there is no such page."""
    with _opened(data) as document:
        if not 1 <= at.number <= len(document):
            raise BrokenFile(f"page {at.number} is outside a document of {len(document)} pages")
        return _text_on(document, at.number - 1)


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    import pypdfium2

    # Rubbish before the header is allowed (ISO 32000-1, implementation note 13); offsets count
    # from the header.
    begins = max(0, data.find(b"%PDF-", 0, 1024))
    try:
        document = pypdfium2.PdfDocument(data[begins:])
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).casefold():
            raise BrokenFile("an encrypted PDF: save it again without its password") from error
        raise BrokenFile(f"a damaged PDF ({error}): export it again") from error
    try:
        if len(document) > _MOST_PAGES:
            raise BrokenFile(
                f"a PDF of {len(document)} pages: more than {_MOST_PAGES} are not read; split it"
            )
        yield document
    finally:
        document.close()


def _texts(document: Any) -> Iterator[str]:
    total = 0
    for number in range(len(document)):
        text = _text_on(document, number)
        total += len(text)
        if total > _MOST_CHARACTERS:
            raise BrokenFile(f"more than {_MOST_CHARACTERS} characters: a bomb, or no document")
        yield text


def _text_on(document: Any, number: int) -> str:
    import pypdfium2

    try:
        page = document[number]
        try:
            reader = page.get_textpage()
            text = str(reader.get_text_range())
            reader.close()
        finally:
            page.close()
    except pypdfium2.PdfiumError as error:
        raise BrokenFile(f"page {number + 1} is damaged ({error}): export it again") from error
    # U+FFFE is how PDFium writes the hyphen at which a word was broken.
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe", "-")
    return text.replace("\x00", "")


def _made(stated: str, context: Context) -> Moment | None:
    """The CreationDate (ISO 32000-1, 7.9.4); None where it is absent or impossible."""
    found = _MADE.match(stated)
    if found is None:
        return None
    year, month, day, hour, minute, second, utc, offset, minutes = found.groups()
    zone = "Z" if utc else f"{offset}:{minutes or '00'}" if offset else ""
    time = f"T{hour}:{minute}:{second}{zone}" if hour else ""
    try:
        return Moment.parse(f"{year}-{month}-{day}{time}", context.zone)
    except BrokenFile:
        return None
