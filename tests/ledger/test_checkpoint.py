"""Checkpoints as C2SP signed notes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import LedgerAltered, SignatureInvalid, WrongUse
from osler.ledger import Checkpoint, SigningKey
from osler.ledger.merkle import EMPTY_ROOT, leaf_hash

KEY = SigningKey.generate()
MADE = Checkpoint.sign(KEY, origin="hospital.example/osler", size=17, root=leaf_hash(b"x"))


def test_the_text_is_a_signed_note() -> None:
    lines = MADE.text().split("\n")
    root = base64.b64encode(MADE.root).decode()
    assert lines[:4] == ["hospital.example/osler", "17", root, ""]
    assert lines[4].startswith("\u2014 hospital.example/osler ")
    assert lines[5:] == [""]
    assert MADE.body() == f"hospital.example/osler\n17\n{root}\n".encode()
    MADE.verify(KEY.public)


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_parse_undoes_text(size: int, root: bytes) -> None:
    made = Checkpoint.sign(KEY, origin="osler", size=size, root=root)
    again = Checkpoint.parse(made.text())
    assert again == made
    again.verify(KEY.public)


def test_another_witness_signature_is_passed_over() -> None:
    other = base64.b64encode(b"\x01" * 76).decode()
    body, _, own = MADE.text().partition("\n\n")
    assert Checkpoint.parse(f"{body}\n\n\u2014 witness.example {other}\n{own}") == MADE


def test_a_checkpoint_of_another_key_is_refused() -> None:
    with pytest.raises(SignatureInvalid, match=r"size 17 names signing key .* another key"):
        MADE.verify(SigningKey.generate().public)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n17\n", "\n18\n"),
        ("hospital", "hostel"),
        (base64.b64encode(MADE.root).decode(), base64.b64encode(EMPTY_ROOT).decode()),
    ],
)
def test_a_changed_statement_no_longer_verifies(old: str, new: str) -> None:
    changed = Checkpoint.parse(MADE.text().replace(old, new))
    with pytest.raises(SignatureInvalid, match="checkpoint at size"):
        changed.verify(KEY.public)


@given(st.integers(0, 511))
def test_one_flipped_bit_of_the_signature_is_seen(bit: int) -> None:
    damaged = bytearray(MADE.signature)
    damaged[bit // 8] ^= 1 << bit % 8
    changed = Checkpoint(
        origin=MADE.origin,
        size=MADE.size,
        root=MADE.root,
        key_id=MADE.key_id,
        signature=bytes(damaged),
    )
    with pytest.raises(SignatureInvalid):
        changed.verify(KEY.public)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "osler",
        MADE.text()[:-1],
        MADE.text().replace("\n\n", "\n"),
        MADE.text().replace("\n17\n", "\n017\n"),
        MADE.text().replace("\n17\n", "\n-1\n"),
        MADE.text().replace("\n17\n", "\n17\nextension\n"),
        MADE.text().replace("\u2014", "-"),
        MADE.text().replace("\u2014 hospital", "\u2014 hostel"),
        MADE.text().replace("=\n\n", "\n\n"),
        "osler\n1\nAAAA\n\n\u2014 osler AAAA\n",
        "osler\n1\n????\n\n\u2014 osler AAAA\n",
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(LedgerAltered, match="not a signed checkpoint"):
        Checkpoint.parse(text)


@pytest.mark.parametrize("origin", ["", "two words", "line\nbreak", "a+b"])
def test_a_name_that_a_note_cannot_carry_is_refused(origin: str) -> None:
    with pytest.raises(WrongUse, match="cannot be called"):
        Checkpoint.sign(KEY, origin=origin, size=0, root=EMPTY_ROOT)
