"""Content-addressed files: what was put is what comes back, or it says so."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.errors import SourceAltered, StoreError
from osler.record.blobs import Blobs
from osler.record.source import digest_of


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def test_bytes_come_back_and_are_kept_once(blobs: Blobs) -> None:
    digest = blobs.put(b"one")
    assert digest == digest_of(b"one")
    before = blobs.path(digest).stat()
    assert blobs.put(b"one") == digest
    assert blobs.path(digest).stat().st_mtime_ns == before.st_mtime_ns
    assert blobs.get(digest) == b"one"
    assert [p.name for p in blobs.folder.rglob("*") if p.is_file()] == [digest]


@settings(deadline=None)  # the machine may be busy
@given(data=st.binary(min_size=1, max_size=200), at=st.integers(0, 199), bit=st.integers(0, 7))
def test_any_changed_bit_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int, bit: int
) -> None:
    blobs = Blobs(tmp_path_factory.getbasetemp() / "bits")
    digest = blobs.put(data)
    altered = bytearray(data)
    altered[at % len(data)] ^= 1 << bit
    blobs.path(digest).write_bytes(altered)
    with pytest.raises(SourceAltered, match="was changed"):
        blobs.get(digest)
    blobs.path(digest).unlink()


def test_bytes_that_are_gone(blobs: Blobs) -> None:
    digest = blobs.put(b"one")
    blobs.path(digest).unlink()
    with pytest.raises(SourceAltered, match="is gone"):
        blobs.get(digest)


def test_a_full_disk_is_an_error_of_the_store_and_leaves_nothing(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        blobs.put(b"one")
    assert [p for p in blobs.folder.rglob("*") if p.is_file()] == []


def test_a_blob_that_cannot_be_read_is_an_error_of_the_store(blobs: Blobs) -> None:
    digest = digest_of(b"one")
    blobs.path(digest).mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be read"):
        blobs.get(digest)
