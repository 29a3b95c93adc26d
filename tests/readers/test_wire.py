"""The worker's messages: what goes over comes back the same, and what is none is refused."""

import contextlib
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile
from osler.readers import image
from osler.readers.reading import Item, Reading
from osler.readers.wire import (
    FRAME_BYTES,
    read_frame,
    reading_from_json,
    reading_to_json,
    request_from_json,
    request_to_json,
    write_frame,
)
from osler.record.patient import Identifier, Link
from osler.record.source import Source

from .drawn import context, png

ANNE = Identifier(authority="urn:a", value="1")
OTHER = Identifier(authority="urn:b", value="2")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def test_a_request_comes_back_the_same(tmp_path: Path) -> None:
    whole = context(
        kind="ct", zone="Europe/Paris", declared={"spacing_um": 0.5},
        companions={"a.dat": b"\x00\xff"}, people={"Patient/1": ANNE},
    )  # fmt: skip
    sent = json.loads(json.dumps(request_to_json("slide", tmp_path / "x", whole)))
    assert request_from_json(sent) == ("slide", (tmp_path / "x").resolve(), whole)


def test_a_reading_comes_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png())
    (picture,) = image.read(png(), context(kind="fundus")).items
    linked = Item(
        source=Source.of(b"x", kind="opaque", name="b"), data=b"x", patient=ANNE,
        disputed="it says two", links=(Link(kept=ANNE, merged=OTHER, undone=True),),
    )  # fmt: skip
    large = Item(source=Source.of_file(path, kind="slide", name="a"), file=path, trouble="part")
    reading = Reading(items=(picture, linked, large), container=True)
    sent = reading_to_json(reading, path, png())
    assert len(json.dumps(sent)) < 4000
    assert sent["items"][0]["data"] == {"from": "bytes"}
    assert reading_from_json(json.loads(json.dumps(sent)), path) == reading


def test_bytes_that_are_not_what_their_digest_says(tmp_path: Path) -> None:
    item = Item(source=Source.of(b"x", kind="opaque", name="b"), data=b"other")
    sent = reading_to_json(Reading(items=(item,)), tmp_path / "a", None)
    with pytest.raises(BrokenFile, match="digest of a source disagree"):
        reading_from_json(sent, tmp_path / "a")


@given(JSON)
def test_an_answer_that_makes_no_sense(answer: object) -> None:
    with pytest.raises(BrokenFile, match="makes no sense"):
        reading_from_json({"items": [answer], "container": False}, Path("a"))


@given(st.binary(max_size=40))
def test_a_frame_is_a_message_or_refused(data: bytes) -> None:
    with contextlib.suppress(BrokenFile):
        read_frame(io.BytesIO(data))


def test_a_frame_that_claims_too_much_is_not_waited_for() -> None:
    with pytest.raises(BrokenFile, match="over the limit"):
        read_frame(io.BytesIO((FRAME_BYTES + 1).to_bytes(8, "big")))
    pipe = io.BytesIO()
    write_frame(pipe, {"a": 1})
    pipe.seek(0)
    assert (read_frame(pipe), read_frame(pipe)) == ({"a": 1}, None)
