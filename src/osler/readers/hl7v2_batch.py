"""A file of HL7 v2 to its messages: one, several, a batch (FHS, BHS ... BTS, FTS), MLLP frames.

    for piece in cut(data): ...         piece.data is the message exactly as it stands
    groups(piece.data)                  one message about several patients, parted by patient

Frame bytes and batch segments are no part of a message. Source: HL7 v2.8, sections 2.10.3
(batches), 2.14.2 to 2.14.7; Transport Specification MLLP, release 1.
"""

import re
from dataclasses import dataclass

from osler.readers.hl7v2_message import HEADER

__all__ = ["Piece", "cut", "groups"]

_BEFORE = rb"(?<![^\r\n\x0b\x1c])"
_MARKER = re.compile(
    _BEFORE + rb"(?P<opens>MSH|FHS|BHS)" + HEADER
    + rb"|" + _BEFORE + rb"(?P<closes>BTS|FTS)(?=[!-/:-@\[-`{-~\r\n]|\Z)|(?P<frame>[\x0b\x1c])"
)  # fmt: skip
_MOST_REPEATED = 16 << 20
_LEAD = b"\xef\xbb\xbf \t\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One message of a file and what the frame or batch around it says against it."""

    data: bytes
    troubles: tuple[str, ...] = ()


@dataclass(slots=True)
class _Count:
    """What was seen since the batch opened, to hold against its trailer."""

    messages: int = 0
    open: int = 0


def cut(data: bytes) -> list[Piece]:
    """The messages in order; empty where there is none."""
    data = data.lstrip(_LEAD)
    markers = list(_MARKER.finditer(data))
    ends = [*(found.start() for found in markers[1:]), len(data)][: len(markers)]
    framed = data.startswith(b"\x0b")
    pieces: list[Piece] = []
    lost: list[str] = []
    count = _Count()
    for found, end in zip(markers, ends, strict=True):
        word = found["opens"] or found["closes"] or found["frame"]
        if word == b"MSH":
            closed = data[end : end + 1] == b"\x1c"
            open_frame = framed and not closed
            why = ("its MLLP frame is not closed: it may be cut off",) if open_frame else ()
            pieces.append(Piece(data=data[found.start() : end], troubles=why))
            count.messages += 1
            continue
        lost += _against(word, data[found.start() : end], count)
        if found["frame"] == b"\x1c" and data[found.end() : end].strip():
            lost.append("bytes between two MLLP frames are no message: they stay in the file")
    if count.open > 0:
        lost.append("the batch has no trailer (BTS, FTS): messages may be missing at its end")
    if lost and pieces:
        last = pieces[-1]
        pieces[-1] = Piece(data=last.data, troubles=(*last.troubles, *lost))
    return pieces


def _against(word: bytes, line: bytes, count: _Count) -> list[str]:
    """Keep count of a batch; what its trailer says that does not fit."""
    if word in {b"BHS", b"FHS"}:
        count.open += 1
        count.messages = 0
        return []
    if word not in {b"BTS", b"FTS"}:
        return []
    count.open -= 1
    stated = re.match(rb"BTS[^\w\s](\d{1,9})(?!\d)", line)
    if stated and int(stated[1]) != count.messages:
        return [f"the batch says {int(stated[1])} messages (BTS-1) and holds {count.messages}"]
    return []


def groups(data: bytes) -> list[bytes]:
    """The message once a PID: what stands before the first PID, then that PID's own segments.

    Every segment stands as it was sent; only the head is repeated. A message whose head is too
    large to repeat stays one, about several, and so waits for a person.
    """
    bar = data[3:4]
    lines = data.splitlines(keepends=True)  # of bytes: at \\r, \\n and \\r\\n alone
    places = [n for n, line in enumerate(lines) if line.startswith(b"PID" + bar)]
    if len(places) < 2:
        return [data]
    head = b"".join(lines[: places[0]])
    if len(head) * len(places) > _MOST_REPEATED:
        return [data]
    ends = [*places[1:], len(lines)]
    return [head + b"".join(lines[a:b]) for a, b in zip(places, ends, strict=True)]
