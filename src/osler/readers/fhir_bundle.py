"""The entries of a FHIR Bundle, each with the exact bytes of its resource.

    for entry in entries_of(data, "history.json"):
        entry.data          the bytes of the resource as they stand in the file
        entry.body(name)    the same, parsed
        entry.deleted       the identity that a `history` says the server removed

A Bundle inside a Bundle is opened too. Source: HL7 FHIR R4 (4.0.1), section 2.36 (Bundle).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from osler.readers.json_bytes import Part, elements, parse, typed

__all__ = ["Entry", "entries_of"]

_DEPTH = 8
"""How deep Bundles may stand in one another; a deeper one is kept whole as a resource."""


class _Named(msgspec.Struct):
    """What a resource is, without the rest of it."""

    resourceType: Any = None  # noqa: N815 - the member's own name
    id: Any = None


class _Sketch(msgspec.Struct, rename={"for_": "for"}):
    """Whose a resource is and who wrote it."""

    subject: Any = None
    patient: Any = None
    beneficiary: Any = None
    for_: Any = None
    contained: Any = None
    asserter: Any = None
    performer: Any = None
    requester: Any = None
    recorder: Any = None
    informationSource: Any = None  # noqa: N815 - the member's own name
    author: Any = None


# How exports write a resource; an object that names its type twice is caught when it is parsed.
_OPENING = re.compile(
    rb'\{\s*"resourceType"\s*:\s*"([A-Za-z]+)"\s*,\s*"id"\s*:\s*"([A-Za-z0-9.-]{1,64})"\s*[,}]'
)
_NAMED = msgspec.json.Decoder(_Named)
_SKETCH = msgspec.json.Decoder(_Sketch, float_hook=Decimal)
_MEMBERS = [(one, one.removesuffix("_")) for one in _Sketch.__struct_fields__]


@dataclass(slots=True, kw_only=True)
class Entry:
    """One entry; where it holds no resource `data` are the bytes of the entry itself.

    `kind` is the resource type and `own` its id, None where it states none; `url` is the entry's
    `fullUrl`, empty where none is given; `modified` is `response.lastModified`. A resource is
    parsed when it is read and not kept parsed: a large Bundle holds more than memory would.
    """

    pointer: str
    url: str
    data: bytes
    kind: str | None = None
    own: str | None = None
    bare: bool = False
    deleted: str | None = None
    modified: str | None = None

    @classmethod
    def of(
        cls,
        data: bytes,
        name: str,
        *,
        pointer: str = "",
        url: str = "",
        modified: str | None = None,
    ) -> "Entry":
        """The entry of a resource with these bytes; raises `BrokenFile`."""
        kind, own = _named(data, name)
        return cls(pointer=pointer, url=url, data=data, kind=kind, own=own, modified=modified)

    def body(self, name: str) -> Mapping[str, Any]:
        """The resource, parsed; raises `BrokenFile`."""
        body = parse(self.data, name)
        return body if isinstance(body, dict) else {}

    def sketch(self, name: str) -> Mapping[str, Any]:
        """Only its type, its id, whose it is and who wrote it: what a kept resource needs."""
        found = typed(_SKETCH, self.data, name) or _Sketch()
        told = {
            member: value
            for slot, member in _MEMBERS
            if (value := getattr(found, slot)) is not None
        }
        return {"resourceType": self.kind, "id": self.own, **told}


def _named(data: bytes, name: str) -> tuple[str | None, str | None]:
    """The type and the id, without a pass over the resource where it opens with both."""
    if opening := _OPENING.match(data):
        return opening[1].decode(), opening[2].decode()
    named = typed(_NAMED, data, name) or _Named()
    kind, own = named.resourceType, named.id
    return (
        kind if isinstance(kind, str) else None,
        own if isinstance(own, str) and own else None,
    )


_ABSENT = Part(b"")


class _Held(msgspec.Struct):
    """The members of an entry that are read here."""

    fullUrl: Any = None  # noqa: N815 - the member's own name
    resource: Part = _ABSENT
    request: Any = None
    response: Any = None


class _Bundle(msgspec.Struct):
    """A Bundle in which every entry is an object."""

    type: Any = None
    entry: list[_Held] = msgspec.field(default_factory=list)


class _Loose(msgspec.Struct):
    """A Bundle of any shape, its entries not yet looked at."""

    type: Any = None
    entry: Part = _ABSENT


_BUNDLE = msgspec.json.Decoder(_Bundle)
_LOOSE = msgspec.json.Decoder(_Loose)
_ENTRY = msgspec.json.Decoder(_Held)


def entries_of(data: bytes, name: str, within: str = "", depth: int = 1) -> Iterator[Entry]:
    """Every entry of the Bundle in these bytes, in order; raises `BrokenFile`."""
    history, pieces = _pieces(data, name)
    for index, (held, piece) in enumerate(pieces):
        pointer = f"{within}/entry/{index}"
        entry = _entry(held, piece, pointer, name, history)
        if entry.kind == "Bundle" and depth < _DEPTH:
            yield from entries_of(entry.data, name, entry.pointer, depth + 1)
        else:
            yield entry


def _pieces(data: bytes, name: str) -> tuple[bool, list[tuple[_Held, Part | None]]]:
    """Whether it is a history, and its entries: with their own bytes where one has no resource.

    The bytes of an entry cost passes of their own; the usual Bundle is cut in one.
    """
    bundle = typed(_BUNDLE, data, name)
    if bundle is not None and all(one.resource is not _ABSENT for one in bundle.entry):
        return bundle.type == "history", [(one, None) for one in bundle.entry]
    loose = typed(_LOOSE, data, name) or _Loose()
    held = [] if loose.entry is _ABSENT else elements(loose.entry, name) or []
    pieces: list[tuple[_Held, Part | None]] = [
        (typed(_ENTRY, piece, name) or _Held(), piece) for piece in held
    ]
    return loose.type == "history", pieces


def _entry(held: _Held, piece: Part | None, pointer: str, name: str, history: bool) -> Entry:
    url = held.fullUrl if isinstance(held.fullUrl, str) else ""
    modified = held.response.get("lastModified") if isinstance(held.response, dict) else None
    modified = modified if history and isinstance(modified, str) else None
    if held.resource is _ABSENT:
        asked = held.request if isinstance(held.request, dict) else {}
        gone = _removed(url, asked) if history and asked.get("method") == "DELETE" else None
        return Entry(
            pointer=pointer, url=url, data=bytes(piece or b""), bare=True, deleted=gone,
            modified=modified,
        )  # fmt: skip
    return Entry.of(
        bytes(held.resource), name, pointer=f"{pointer}/resource", url=url, modified=modified
    )


def _removed(url: str, asked: Mapping[str, Any]) -> str | None:
    """`[server/]Type/id` of what was deleted: the entry's full URL, else the request's."""
    wanted = asked.get("url")
    words = url if url.startswith("http") else wanted if isinstance(wanted, str) else ""
    words = words.split("/_history")[0].split("?")[0]
    return words if "/" in words.strip("/") else None
