"""FHIR bulk data, one resource a line (plain or gzip), read in constant memory.

    flow = read_file(path, Context(name="Observation.ndjson", now=now, people=people))
    for item in flow.items: ...         one source a line: its bytes without the newline
    people_in(path)                     {"Patient/12": Identifier}, of every Patient in one file

An export has a file a type, so the patients that one file refers to stand in another: whoever reads
a folder collects `people_in` of all its files first. A line that cannot be read is kept whole with
its trouble, and the rest is read. Source: HL7 FHIR Bulk Data Access (STU2); ndjson.org.
"""

import gzip
import hashlib
import io
import sys
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec

from osler.errors import BrokenFile, InputError, UnknownFormat
from osler.readers import fhir
from osler.readers.compressed import LIMIT_BYTES
from osler.readers.fhir_bundle import Entry
from osler.readers.fhir_people import People, identifier_of
from osler.readers.json_bytes import checked, parse, typed
from osler.readers.reading import Context, Flow, Item, Reading
from osler.record.patient import Identifier
from osler.record.source import Source

__all__ = ["LINE_BYTES", "people_in", "read", "read_file"]

LINE_BYTES = 32 << 20
"""The longest line that is parsed; a longer one is kept whole."""

_KEPT_BYTES = 128 << 20
"""The longest line that is held at all."""

_EXPANSION = 200
"""How many times its size a packed file may unpack to, above `LIMIT_BYTES`."""

_MARK = b"\xef\xbb\xbf"
_CHUNK = 1 << 20

Opener = Callable[[], BinaryIO]


def read_file(path: Path, context: Context) -> Flow:
    """Every line as a source; one resource alone on its line is no container.

    Raises `BrokenFile` where the file itself is damaged or a line is too long to hold.
    """
    return _flow(lambda: path.open("rb"), context)


def read(data: bytes, context: Context) -> Reading:
    """The same of bytes in memory."""
    flow = _flow(lambda: io.BytesIO(data), context)
    return Reading(items=tuple(flow.items), container=flow.container)


def people_in(path: Path) -> Mapping[str, Identifier]:
    """The patients of one file by reference; a reference that two share names neither."""
    return _people(lambda: path.open("rb"), path.name)


def _flow(open_it: Opener, context: Context) -> Flow:
    lines = _lines(open_it, context.name)
    with closing(lines):
        first = next(lines, None)
        alone = first is not None and next(lines, None) is None
    if first is not None and alone:
        # A single resource on a single line: the file is the source.
        return Flow(items=iter(fhir.read(first[1], context).items))
    return Flow(items=_items(open_it, context), container=True)


def _items(open_it: Opener, context: Context) -> Iterator[Item]:
    people = People(
        digest=lambda: _digest(open_it, context.name), known=_Delivery(open_it, context)
    )
    for number, line in _lines(open_it, context.name):
        placed = replace(context, name=f"{context.name}#L{number}")
        try:
            yield from _line(line, fhir.Surroundings(context=placed, people=people))
        except InputError as error:
            source = Source.of(line, kind="opaque", name=placed.name)
            yield Item(source=source, data=line, trouble=str(error))


def _line(line: bytes, around: fhir.Surroundings) -> Iterator[Item]:
    name = around.context.name
    if len(line) > LINE_BYTES:
        raise BrokenFile(f"{name}: a line of {len(line)} bytes is over the limit of {LINE_BYTES}")
    entry = Entry.of(checked(line, name), name)
    if entry.kind is None:
        parse(line, name)  # what is no JSON at all is broken rather than unknown
        raise UnknownFormat(f"{name}: a line without a resourceType, so no FHIR; it is kept whole")
    if entry.kind == "Bundle":
        # A Bundle is no source but a delivery within the delivery.
        yield from fhir.read(line, around.context).items
        return
    yield fhir.item_of(entry, around)


class _Delivery(Mapping[str, Identifier]):
    """The patients of the delivery, then those of this file, looked for when one is missed."""

    def __init__(self, open_it: Opener, context: Context) -> None:
        self._open_it, self._context = open_it, context
        self._own: Mapping[str, Identifier] | None = None

    def __getitem__(self, reference: str) -> Identifier:
        if reference in self._context.people:
            return self._context.people[reference]
        if self._own is None:
            self._own = _people(self._open_it, self._context.name)
        return self._own[reference]

    def __iter__(self) -> Iterator[str]:
        return iter(self._context.people)

    def __len__(self) -> int:
        return len(self._context.people)

    def __bool__(self) -> bool:
        return True  # nobody knows until it is asked


class _Named(msgspec.Struct):
    """What names a patient in a resource."""

    resourceType: Any = None  # noqa: N815 - the member's own name
    id: Any = None
    identifier: Any = None


_NAMED = msgspec.json.Decoder(_Named)


def _people(open_it: Opener, name: str) -> dict[str, Identifier]:
    found: dict[str, Identifier] = {}
    shared: set[str] = set()
    for number, line in _lines(open_it, name):
        if b'"Patient"' not in line or len(line) > LINE_BYTES:
            continue
        try:
            named = typed(_NAMED, checked(line, name), f"{name}#L{number}")
        except BrokenFile:
            continue  # told where the line itself is read
        if named is None or named.resourceType != "Patient" or not isinstance(named.id, str):
            continue
        body = {"id": named.id, "identifier": named.identifier}
        one = identifier_of(body, "", lambda: _digest(open_it, name))
        one = Identifier(authority=sys.intern(one.authority), value=one.value)
        reference = f"Patient/{named.id}"
        if found.setdefault(reference, one) != one:
            shared.add(reference)
    for reference in shared:
        del found[reference]
    return found


def _lines(open_it: Opener, name: str) -> Generator[tuple[int, bytes], None, None]:
    """Every line that is not blank, with its number; raises `BrokenFile`."""
    number, total, limit = 0, 0, LIMIT_BYTES
    with _opened(open_it) as (file, packed_size):
        if packed_size is not None:
            limit = max(LIMIT_BYTES, packed_size * _EXPANSION)
        while True:
            number += 1
            try:
                line = file.readline(_KEPT_BYTES + 1)
            except (OSError, EOFError, zlib.error) as error:
                raise BrokenFile(
                    f"{name}, line {number}: damaged gzip ({error}); copy the file again"
                ) from error
            if not line:
                return
            total += len(line)
            if len(line) > _KEPT_BYTES:
                raise BrokenFile(
                    f"{name}, line {number}: longer than {_KEPT_BYTES} bytes; split the file"
                )
            if packed_size is not None and total > limit:
                raise BrokenFile(f"{name}: unpacks to more than {limit} bytes; split the file")
            if number == 1:
                line = line.removeprefix(_MARK)
            if line := line.strip(b" \t\r\n"):
                yield number, line


class _opened:  # noqa: N801 - used as a word: with _opened(...)
    """The unpacked stream, and the size of the packed file where it is packed."""

    def __init__(self, open_it: Opener) -> None:
        self._raw = open_it()

    def __enter__(self) -> tuple[BinaryIO, int | None]:
        is_packed = self._raw.read(2) == b"\x1f\x8b"
        size = self._raw.seek(0, io.SEEK_END)
        self._raw.seek(0)
        if not is_packed:
            return self._raw, None
        packed = cast(io.RawIOBase, gzip.GzipFile(fileobj=self._raw))
        return cast(BinaryIO, io.BufferedReader(packed, _CHUNK)), size

    def __exit__(self, *_: object) -> None:
        self._raw.close()


def _digest(open_it: Opener, name: str) -> str:
    """The SHA-256 of the unpacked file, as of a file that was never packed."""
    digest = hashlib.sha256()
    with _opened(open_it) as (file, _):
        try:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        except (OSError, EOFError, zlib.error) as error:
            raise BrokenFile(f"{name}: damaged gzip ({error}); copy the file again") from error
    return digest.hexdigest()
