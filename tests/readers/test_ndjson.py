"""FHIR bulk data: a line a source, patients across files, one broken line costs one line."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile, InputError
from osler.readers import ndjson
from osler.readers.ndjson import people_in, read, read_file
from osler.readers.ndjson_opening import is_ndjson
from osler.readers.reading import Context
from osler.readers.resolve import ShownText, show
from osler.record.patient import Identifier
from tests.readers.fhir_cases import MRN, NOW, PATIENT, SUBJECT, observation

CONTEXT = Context(name="o.ndjson", now=NOW)
WHO = Identifier(authority="urn:h", value="8823")
OBSERVED = observation(valueString="adenocarcinoma", **SUBJECT)


def lines(*resources: dict[str, Any] | bytes) -> bytes:
    return b"\n".join(r if isinstance(r, bytes) else json.dumps(r).encode() for r in resources)


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n\r\n"])
@pytest.mark.parametrize("packed", [False, True])
def test_each_line_is_a_source(tmp_path: Path, ending: bytes, packed: bool) -> None:
    data = lines(OBSERVED, PATIENT) + ending
    path = tmp_path / "o.ndjson"
    path.write_bytes(gzip.compress(data) if packed else data)
    flow = read_file(path, CONTEXT)
    items = list(flow.items)
    assert flow.container
    assert [i.data for i in items] == [json.dumps(r).encode() for r in (OBSERVED, PATIENT)]
    assert [i.source.kind for i in items] == ["fhir/Observation", "fhir/Patient"]
    assert [i.source.name for i in items] == ["o.ndjson#L1", "o.ndjson#L2"]
    assert [i.patient for i in items] == [WHO, WHO], "the patient may stand on a later line"
    shown = show(items[0].data, items[0].source, items[0].facts[0].evidence.at)
    assert isinstance(shown, ShownText)
    assert shown.marked == "adenocarcinoma"


def test_patients_of_other_files_are_known_by_reference(tmp_path: Path) -> None:
    path = tmp_path / "Patient.ndjson"
    other = {**PATIENT, "identifier": [{**MRN, "value": "1"}]}
    shared = {**other, "id": "r"}, {**PATIENT, "id": "r"}
    path.write_bytes(lines(PATIENT, {**other, "id": "q"}, *shared))
    people = people_in(path)
    assert people == {
        "Patient/p": WHO,
        "Patient/q": Identifier(authority="urn:h", value="1"),
    }, "a reference that two share names neither"
    known = Context(name="o.ndjson", now=NOW, people=people)
    assert [i.patient for i in read(lines(OBSERVED, OBSERVED), known).items] == [WHO, WHO]
    assert [i.patient for i in read(lines(OBSERVED, OBSERVED), CONTEXT).items] == [None, None]


def test_a_patient_without_a_number_is_the_same_in_every_file_of_the_export(tmp_path: Path) -> None:
    path = tmp_path / "Patient.ndjson"
    path.write_bytes(lines({"resourceType": "Patient", "id": "p"}, PATIENT))
    bare = next(iter(read_file(path, CONTEXT).items)).patient
    path.write_bytes(lines({"resourceType": "Patient", "id": "p"}, {**PATIENT, "id": "q"}))
    again = next(iter(read_file(path, CONTEXT).items)).patient
    assert again == people_in(path)["Patient/p"] != bare


@pytest.mark.parametrize(
    "broken", [b'{"resourceType": "Obs', b"\xff\xfe{}", b"[" * 100_000, b"3", b'{"a": 1}']
)
def test_a_broken_line_costs_itself(broken: bytes) -> None:
    items = read(lines(OBSERVED, broken, PATIENT), CONTEXT).items
    assert [i.source.kind for i in items] == ["fhir/Observation", "opaque", "fhir/Patient"]
    assert (items[1].data, items[1].patient, items[1].facts) == (broken, None, ())
    assert "o.ndjson#L2" in (items[1].trouble or "")


def test_a_bundle_on_a_line_is_opened() -> None:
    inside = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"resource": OBSERVED}]}
    items = read(lines(inside, OBSERVED), CONTEXT).items
    assert [i.patient for i in items] == [WHO, WHO, None]
    assert items[1].source.name == "o.ndjson#L1#/entry/1/resource"


@pytest.mark.parametrize("kind", ["Parameters", "Binary", "OperationOutcome"])
def test_lines_about_nobody(kind: str) -> None:
    items = read(lines({"resourceType": kind}, PATIENT), CONTEXT).items
    assert (items[0].source.kind, items[0].patient) == (f"fhir/{kind}", None)


def test_a_line_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ndjson, "LINE_BYTES", 400)
    long = {**OBSERVED, "note": "x" * 400}
    items = read(lines(OBSERVED, long, PATIENT), CONTEXT).items
    assert items[1].source.kind == "opaque"
    assert "over the limit" in (items[1].trouble or "")
    monkeypatch.setattr(ndjson, "_KEPT_BYTES", 400)
    with pytest.raises(BrokenFile, match="line 2: longer than"):
        read(lines(OBSERVED, long, PATIENT), CONTEXT)


def test_damaged_and_overfull_gzip(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(lines(*[OBSERVED] * 2_000))
    with pytest.raises(BrokenFile, match="damaged gzip"):
        read(packed[:-20], CONTEXT)
    monkeypatch.setattr(ndjson, "LIMIT_BYTES", 1000)
    monkeypatch.setattr(ndjson, "_EXPANSION", 2)
    with pytest.raises(BrokenFile, match="unpacks to more"):
        read(packed, CONTEXT)


def test_one_resource_alone_is_no_container() -> None:
    reading = read(lines(PATIENT) + b"\n", CONTEXT)
    assert not reading.container
    assert [i.source.name for i in reading.items] == ["o.ndjson"]


@pytest.mark.parametrize(
    ("head", "is_it"),
    [
        (lines(OBSERVED, PATIENT), True),
        (lines(PATIENT) + b"\n", False),
        (json.dumps({"resourceType": "Bundle", "entry": []}, indent=1).encode(), False),
        (lines({**PATIENT, "note": "x" * 5000})[:4096], True),
        (lines({"resourceType": "Bundle", "note": "x" * 5000})[:4096], False),
        (b'{"a": 1}\n{"a": 2}', False),
        (b'{"resourceType": "A"\n{', False),
        (b"", False),
    ],
)
def test_recognition(head: bytes, is_it: bool) -> None:
    assert is_ndjson(head) is is_it


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(0, 300))
def test_mutations_end_in_items_or_a_typed_error(junk: bytes, start: int, end: int) -> None:
    data = lines(PATIENT, OBSERVED, PATIENT)
    data = data[:start] + junk + data[max(start, end) :]
    try:
        items = read(data, CONTEXT).items
    except InputError:
        return
    assert all(i.data in data for i in items)
