"""A converted folder is whole or not there, and any change to it is found."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from osler.errors import ModelAltered, WeightsMissing
from osler.model.converted import Manifest, file_digests, publish, verify, weights_digest


def make(part: Path) -> None:
    (part / "model.safetensors").write_bytes(b"weights")
    (part / "config.json").write_text("{}")


def describe(part: Path) -> Manifest:
    return Manifest(name="toy", source={}, files=file_digests(part), made_with={})


def holds(folder: Path) -> bool:
    return (folder / "manifest.json").exists()


def put(folder: Path) -> bool:
    return publish(folder, holds=lambda: holds(folder), make=make, describe=describe)


def test_makes_once(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "toy"
    assert put(folder)
    assert not put(folder)
    manifest = verify(folder)
    assert manifest.name == "toy"
    assert sorted(manifest.files) == ["config.json", "model.safetensors"]


def test_absent_folder_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="osler models setup"):
        verify(tmp_path / "toy")


@pytest.mark.parametrize("how", ["changed", "added", "removed", "manifest gone", "manifest broken"])
def test_any_change_is_found(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "toy"
    put(folder)
    if how == "changed":
        (folder / "model.safetensors").write_bytes(b"weighty")
    elif how == "added":
        (folder / "adapter_config.json").write_text("{}")
    elif how == "removed":
        (folder / "config.json").unlink()
    elif how == "manifest gone":
        (folder / "manifest.json").unlink()
    else:
        (folder / "manifest.json").write_text('{"format": 1, "name"')
    with pytest.raises(ModelAltered, match="osler models setup"):
        verify(folder)


def test_a_conversion_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(part: Path) -> None:
        make(part)
        raise OSError("disk full")

    folder = tmp_path / "toy"
    with pytest.raises(OSError, match="disk full"):
        publish(folder, holds=lambda: False, make=fail, describe=describe)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_a_folder_that_does_not_hold_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "half.bin").write_bytes(b"")
    assert put(folder)
    assert "half.bin" not in verify(folder).files
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["toy"]


def _write_and_hang(folder: Path) -> None:
    def hang(part: Path) -> None:
        (part / "model.safetensors").write_bytes(b"wei")
        time.sleep(60)

    publish(folder, holds=lambda: False, make=hang, describe=describe)


def test_a_killed_conversion_is_cleared_away_and_done_again(tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    process = multiprocessing.get_context("spawn").Process(target=_write_and_hang, args=(folder,))
    process.start()
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".toy.*.part/model.safetensors")):
        assert time.monotonic() < deadline, "the other process wrote nothing"
        time.sleep(0.05)
    assert not folder.exists()
    assert process.pid is not None
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.join()
    assert put(folder)
    verify(folder)
    assert list(tmp_path.glob("*.part")) == []


def _put_slowly(folder: Path) -> None:
    def slow(part: Path) -> None:
        time.sleep(1)
        make(part)

    publish(folder, holds=lambda: holds(folder), make=slow, describe=describe)


def test_a_second_process_waits_and_finds_it_done(tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    process = multiprocessing.get_context("spawn").Process(target=_put_slowly, args=(folder,))
    process.start()
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".toy.*.part")):
        assert time.monotonic() < deadline, "the other process did not start"
        time.sleep(0.02)
    assert not put(folder)
    verify(folder)
    process.join()
    assert process.exitcode == 0


def test_weights_digest_names_one_file_or_a_listing(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="safetensors"):
        weights_digest(tmp_path)
    (tmp_path / "a.safetensors").write_bytes(b"a")
    one = weights_digest(tmp_path)
    assert one == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    (tmp_path / "b.safetensors").write_bytes(b"b")
    both = weights_digest(tmp_path)
    assert both != one
    (tmp_path / "b.safetensors").rename(tmp_path / "c.safetensors")
    assert weights_digest(tmp_path) not in (one, both)
