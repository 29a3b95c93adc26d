"""Sidecars: what a person declares, key by key; no typo is lost."""

import pytest

from osler.errors import BrokenFile
from osler.readers.sidecar import Sidecar, parse_sidecar


def test_only_what_was_declared_comes_back() -> None:
    declared = parse_sidecar(b'{"kind": "histology", "spacing_um": 0.5, "stain": null}', "a.json")
    assert declared == {"kind": "histology", "spacing_um": 0.5}
    assert parse_sidecar(b"{}", "a.json") == {}


@pytest.mark.parametrize("name", Sidecar.model_fields)
def test_every_key_can_be_declared(name: str) -> None:
    value = "2" if name in {"spacing_um", "age_years"} else '"2"'
    assert list(parse_sidecar(f'{{"{name}": {value}}}'.encode(), "a.json")) == [name]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"spacing": 0.5}', "a.json: spacing: "),
        (b'{"spacing_um": "half"}', "a.json: spacing_um: "),
        (b'{"kind": 3}', "a.json: kind: "),
        (b'{"patient": " "}', "a.json: patient: .*names no patient"),
        (b'{"patient": "urn:h|"}', "a.json: patient: .*names no patient"),
        (b'["histology"]', "a.json: the file: "),
        (b"{", "a.json: the file: "),
        (b"\xff", "a.json: the file: "),
        (b"", "a.json: the file: "),
    ],
)
def test_what_is_wrong_is_named(data: bytes, said: str) -> None:
    with pytest.raises(BrokenFile, match=said):
        parse_sidecar(data, "a.json")


@pytest.mark.parametrize("number", ["0", "-1", "NaN", "Infinity", "1e999"])
def test_a_spacing_that_no_pixel_has(number: str) -> None:
    with pytest.raises(BrokenFile, match="spacing_um"):
        parse_sidecar(f'{{"spacing_um": {number}}}'.encode(), "a.json")
