"""What the worker and its parent say to each other: plain JSON in frames of known length.

    write_frame(pipe, request_to_json("slide", path, context))
    module, path, context = request_from_json(read_frame(pipe))
    reading = reading_from_json(answer, path)

Not pickle: to load one is to run what it says, and the worker decodes what strangers sent. A
decoder that was taken over can lie about facts, as any file can, but has no code run here; bytes
that it sends are digested again, and it may name no file but the one that it was given.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from osler.errors import BrokenFile
from osler.readers.reading import Context, Item, Reading
from osler.record.codec import fact_from_json, fact_to_json
from osler.record.patient import Identifier, Link
from osler.record.source import AuthorRole, Source, Stream, digest_of

__all__ = [
    "FRAME_BYTES",
    "read_frame",
    "reading_from_json",
    "reading_to_json",
    "request_from_json",
    "request_to_json",
    "write_frame",
]

FRAME_BYTES = 256 << 20
"""The longest frame: one that claims more is refused before anything is allocated."""

_LENGTH = 8


def write_frame(pipe: BinaryIO, message: Mapping[str, Any]) -> None:
    """Send one message; raises `BrokenFile` when it is too long, `OSError` when nobody listens."""
    body = json.dumps(message).encode()
    if len(body) > FRAME_BYTES:
        raise BrokenFile(f"what was read fills {len(body)} bytes, over the limit of {FRAME_BYTES}")
    left = memoryview(len(body).to_bytes(_LENGTH, "big") + body)
    while left:  # an unbuffered pipe may take a part
        left = left[pipe.write(left) or 0 :]
    pipe.flush()


def read_frame(pipe: BinaryIO) -> dict[str, Any] | None:
    """The next message, or None at the end; raises `BrokenFile` for what is none."""
    head = pipe.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    length = int.from_bytes(head, "big")
    if length > FRAME_BYTES:
        raise BrokenFile(f"a frame of {length} bytes is over the limit of {FRAME_BYTES}")
    body = pipe.read(length)
    if len(body) < length:
        return None
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BrokenFile(f"a frame that is no JSON ({error})") from error
    if not isinstance(message, dict):
        raise BrokenFile("a frame that is no JSON object")
    return message


def request_to_json(module: str, path: Path, context: Context) -> dict[str, Any]:
    """Ask for one file to be read by `osler.readers.<module>`, or by a dotted module's name."""
    return {
        "module": module,
        "path": str(path.resolve()),
        "name": context.name,
        "now": context.now.isoformat(),
        "zone": context.zone,
        "kind": context.kind,
        "declared": dict(context.declared),
        "companions": {name: _packed(data) for name, data in context.companions.items()},
        "people": {name: _identifier(person) for name, person in context.people.items()},
    }


def request_from_json(message: Mapping[str, Any]) -> tuple[str, Path, Context]:
    """The inverse of `request_to_json`; the parent is trusted, so nothing is checked."""
    context = Context(
        name=message["name"],
        now=datetime.fromisoformat(message["now"]),
        zone=message["zone"],
        kind=message["kind"],
        declared=message["declared"],
        companions={name: base64.b64decode(d) for name, d in message["companions"].items()},
        people={name: Identifier(**person) for name, person in message["people"].items()},
    )
    return message["module"], Path(message["path"]), context


def reading_to_json(reading: Reading, path: Path, whole: bytes | None) -> dict[str, Any]:
    """A reading; an item whose bytes are the file's own (`whole`) sends a mark in their stead."""
    return {
        "container": reading.container,
        "items": [_item_to_json(item, path, whole) for item in reading.items],
    }


def reading_from_json(message: Mapping[str, Any], path: Path) -> Reading:
    """The inverse, in the parent; raises `BrokenFile` for an answer that does not hold together."""
    try:
        items = tuple(_item_from_json(item, path) for item in message["items"])
        return Reading(items=items, container=bool(message["container"]))
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise BrokenFile(f"{path.name}: the worker's answer makes no sense ({error!r})") from error


def _item_to_json(item: Item, path: Path, whole: bytes | None) -> dict[str, Any]:
    source = item.source
    if item.file is not None:
        data: dict[str, str] = {"from": "file"}
    elif whole is not None and item.data == whole:
        data = {"from": "bytes"}
    else:
        data = {"from": "answer", "data": _packed(item.data)}
    return {
        "source": {
            "digest": source.digest,
            "kind": source.kind,
            "media_type": source.media_type,
            "name": source.name,
            "size": source.size,
            "author": source.author.value,
            "stream": source.stream.value,
        },
        "data": data,
        "facts": [fact_to_json(fact) for fact in item.facts],
        "patient": _identifier(item.patient) if item.patient else None,
        "trouble": item.trouble,
        "disputed": item.disputed,
        "links": [
            {"kept": _identifier(x.kept), "merged": _identifier(x.merged), "undone": x.undone}
            for x in item.links
        ],
    }


def _item_from_json(message: Mapping[str, Any], path: Path) -> Item:
    told = message["source"]
    source = Source(
        digest=str(told["digest"]),
        kind=str(told["kind"]),
        media_type=str(told["media_type"]),
        name=str(told["name"]),
        size=int(told["size"]),
        author=AuthorRole(told["author"]),
        stream=Stream(told["stream"]),
    )
    origin = message["data"]["from"]
    data = b""
    if origin == "bytes":
        data = path.read_bytes()
    elif origin == "answer":
        data = base64.b64decode(message["data"]["data"], validate=True)
    if origin != "file" and (digest_of(data), len(data)) != (source.digest, source.size):
        raise ValueError("bytes and digest of a source disagree")
    return Item(
        source=source,
        data=data,
        file=path if origin == "file" else None,
        facts=tuple(fact_from_json(fact) for fact in message["facts"]),
        patient=Identifier(**message["patient"]) if message["patient"] else None,
        trouble=_words(message["trouble"]),
        disputed=_words(message["disputed"]),
        links=tuple(
            Link(
                kept=Identifier(**link["kept"]),
                merged=Identifier(**link["merged"]),
                undone=bool(link["undone"]),
            )
            for link in message["links"]
        ),
    )


def _packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _identifier(person: Identifier) -> dict[str, str]:
    return {"authority": person.authority, "value": person.value}


def _words(said: object) -> str | None:
    return None if said is None else str(said)
