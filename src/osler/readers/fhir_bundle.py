"""The entries of a FHIR Bundle, each with the exact bytes of its resource.

    for entry in entries_of(data, "history.json"):
        entry.data          the bytes of the resource as they stand in the file
        entry.body          the same, parsed; None where the entry holds no resource
        entry.deleted       the identity that a `history` says the server removed

A Bundle inside a Bundle is opened too. Source: HL7 FHIR R4 (4.0.1), section 2.36 (Bundle).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from osler.readers.json_bytes import Part, elements, parse, typed

__all__ = ["Entry", "entries_of"]

_DEPTH = 8
"""How deep Bundles may stand in one another; a deeper one is kept whole as a resource."""


@dataclass(slots=True, kw_only=True)
class Entry:
    """One entry; where it holds no resource `data` are the bytes of the entry itself.

    `url` is its `fullUrl`, empty where none is given; `modified` is `response.lastModified`.
    """

    pointer: str
    url: str
    data: bytes
    body: Mapping[str, Any] | None
    bare: bool = False
    deleted: str | None = None
    modified: str | None = None

    @property
    def kind(self) -> str | None:
        """The resource type, if it states one."""
        kind = self.body.get("resourceType") if self.body is not None else None
        return kind if isinstance(kind, str) else None


_ABSENT = Part(b"")


class _Held(msgspec.Struct):
    """The members of an entry that are read here."""

    fullUrl: Any = None  # noqa: N815 - the member's own name
    resource: Part = _ABSENT
    request: Any = None
    response: Any = None


class _Bundle(msgspec.Struct):
    type: Any = None
    entry: Part = _ABSENT


_BUNDLE = msgspec.json.Decoder(_Bundle)
_ENTRY = msgspec.json.Decoder(_Held)
_ENTRIES = msgspec.json.Decoder(list[_Held])


def entries_of(data: bytes, name: str, within: str = "", depth: int = 1) -> Iterator[Entry]:
    """Every entry of the Bundle in these bytes, in order; raises `BrokenFile`."""
    bundle = typed(_BUNDLE, data, name) or _Bundle()
    if bundle.entry is _ABSENT:
        return
    for index, (held, piece) in enumerate(_pieces(bundle.entry, name)):
        pointer = f"{within}/entry/{index}"
        entry = _entry(held, piece, pointer, name, bundle.type == "history")
        if entry.kind == "Bundle" and depth < _DEPTH:
            yield from entries_of(entry.data, name, entry.pointer, depth + 1)
        else:
            yield entry


def _pieces(entries: Part, name: str) -> Iterator[tuple[_Held, Part | None]]:
    """The entries, with their own bytes only where one holds no resource: that costs a pass."""
    held = typed(_ENTRIES, entries, name)
    if held is not None and all(one.resource is not _ABSENT for one in held):
        yield from ((one, None) for one in held)
        return
    for piece in elements(entries, name) or ():
        yield typed(_ENTRY, piece, name) or _Held(), piece


def _entry(held: _Held, piece: Part | None, pointer: str, name: str, history: bool) -> Entry:
    url = held.fullUrl if isinstance(held.fullUrl, str) else ""
    modified = held.response.get("lastModified") if isinstance(held.response, dict) else None
    modified = modified if history and isinstance(modified, str) else None
    if held.resource is _ABSENT:
        asked = held.request if isinstance(held.request, dict) else {}
        gone = _removed(url, asked) if history and asked.get("method") == "DELETE" else None
        return Entry(
            pointer=pointer, url=url, data=bytes(piece or b""), body=None, bare=True,
            deleted=gone, modified=modified,
        )  # fmt: skip
    body = parse(held.resource, name)
    return Entry(
        pointer=f"{pointer}/resource",
        url=url,
        data=bytes(held.resource),
        body=body if isinstance(body, dict) else None,
        modified=modified,
    )


def _removed(url: str, asked: Mapping[str, Any]) -> str | None:
    """`[server/]Type/id` of what was deleted: the entry's full URL, else the request's."""
    wanted = asked.get("url")
    words = url if url.startswith("http") else wanted if isinstance(wanted, str) else ""
    words = words.split("/_history")[0].split("?")[0]
    return words if "/" in words.strip("/") else None
