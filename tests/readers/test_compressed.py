"""Packed bytes: unpacked whole, within a limit, or refused with the reason."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile
from osler.readers.compressed import unpacked


@given(st.binary())
def test_plain_and_packed_bytes_come_out_the_same(data: bytes) -> None:
    assert unpacked(gzip.compress(data), "x.gz") == data
    if not data.startswith(b"\x1f\x8b"):
        assert unpacked(data, "x") == data


def test_blocks_one_after_another_as_bgzip_writes_them() -> None:
    assert unpacked(gzip.compress(b"one ") + gzip.compress(b"two"), "x.gz") == b"one two"


def test_a_small_file_may_not_fill_the_memory() -> None:
    packed = gzip.compress(bytes(1_000_000))
    assert len(packed) < 2_000
    with pytest.raises(BrokenFile, match="more than 999999 bytes"):
        unpacked(packed, "bomb.gz", limit=999_999)
    assert len(unpacked(packed, "bomb.gz", limit=1_000_000)) == 1_000_000


@pytest.mark.parametrize("cut", [3, 12, -4])
def test_a_file_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(BrokenFile, match=r"x\.gz: damaged gzip"):
        unpacked(gzip.compress(b"words " * 50)[:cut], "x.gz")


def test_a_file_with_a_flipped_byte_is_refused() -> None:
    packed = bytearray(gzip.compress(b"words " * 50))
    packed[14] ^= 0xFF
    with pytest.raises(BrokenFile, match="damaged gzip"):
        unpacked(bytes(packed), "x.gz")
