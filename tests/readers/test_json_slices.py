"""Cutting values out of JSON: the bytes are the file's own, and nothing is lost."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile
from osler.readers.json_slices import ANY, cut

PATH = ("entry", ANY, "resource")

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
entries = st.lists(st.fixed_dictionaries({"resource": values}, optional={"fullUrl": st.text()}))


@given(
    entries,
    st.dictionaries(st.text().filter(lambda key: key != "entry"), values, max_size=3),
    st.sampled_from([None, 0, 1, 3, "\t"]),
    st.booleans(),
)
def test_slices_parse_to_the_same_objects(
    inside: list[dict[str, Any]], around: dict[str, Any], indent: int | str | None, ascii_only: bool
) -> None:
    whole = {**around, "entry": inside}
    data = json.dumps(whole, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "replace")
    rest, slices = cut(data, PATH, "b.json")
    parsed = json.loads(data)
    assert [json.loads(s.data) for s in slices] == [e["resource"] for e in parsed["entry"]]
    assert all(s.data in data for s in slices)
    assert [s.pointer for s in slices] == [f"/entry/{i}/resource" for i in range(len(inside))]
    for element in parsed["entry"]:
        element["resource"] = None
    assert json.loads(json.dumps(rest, default=float)) == parsed


@given(values)
def test_a_document_without_the_path_is_parsed_whole(value: Any) -> None:
    data = json.dumps({"other": value}).encode()
    rest, slices = cut(data, PATH, "b.json")
    assert slices == ()
    assert json.loads(json.dumps(rest, default=float)) == json.loads(data)


def test_bytes_are_not_written_anew() -> None:
    resource = b'{ "a" :1.50,\r\n\t"b": "\\u00e9\xc3\xa9" }'
    data = b'\xef\xbb\xbf {"entry" : [ {"resource":' + resource + b"} , {}] } \n"
    _, slices = cut(data, PATH, "b.json")
    assert [s.data for s in slices] == [resource]
    assert slices[0].value == {"a": Decimal("1.50"), "b": "éé"}
    assert str(slices[0].value["a"]) == "1.50"


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b'{"entry": [\n{"resource": {"a": 1}\n', "line 3, column 1"),
        (b'{"entry": [{"resource" 1}]}', "line 1, column 24"),
        (b'{"entry": [{"resource": 1}]} x', "line 1, column 30"),
        (b'{"entry": [1 2]}', "line 1, column 14"),
        (b"{entry: 1}", "line 1, column 2"),
        (b'{"entry": []\n"x": 1}', "line 2, column 1"),
        (b'{"a": NaN}', "NaN is no JSON"),
        (b'{"a": \n"\xff"}', "line 2"),
        (b'{"entry": ' + b"[" * 200_000, "no JSON reader takes"),
        (b'{"a": ' + b"9" * 5000 + b"}", "no JSON reader takes"),
        (b"", "line 1, column 1"),
    ],
)
def test_damage_is_named_with_its_place(data: bytes, where: str) -> None:
    with pytest.raises(BrokenFile, match=where):
        cut(data, PATH, "b.json")


def test_ten_megabytes_in_about_a_second() -> None:
    resource = {"resourceType": "Observation", "values": list(range(200)), "text": "x" * 200}
    data = json.dumps({"entry": [{"resource": resource}] * 8_000}).encode()
    assert len(data) > 9_000_000
    start = time.perf_counter()
    _, slices = cut(data, PATH, "b.json")
    assert len(slices) == 8_000
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("text", [r"\ud800", r"\udc00", r"\ud800x\udc00", r"\ud83d\u0041"])
def test_half_a_character_is_no_text(text: str) -> None:
    with pytest.raises(BrokenFile, match=r"line 2: .* is half a character"):
        cut(b'{\n"a": "%s"}' % text.encode(), ("b",), "a.json")


@pytest.mark.parametrize("text", [r"\ud83d\ude00", r"\\ud800", r"\ud83d\ude00\ud83d\ude00"])
def test_whole_characters_and_mere_backslashes(text: str) -> None:
    cut(b'{"a": "%s"}' % text.encode(), ("b",), "a.json")
