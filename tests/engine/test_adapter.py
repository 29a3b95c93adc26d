"""Adapters: the same bytes for the same content, and nothing altered gets through."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from osler.engine.adapter import load_adapter, load_tensors, save_adapter
from osler.errors import ModelAltered
from osler.judge.specialty import Specialty, seal_folder


@pytest.fixture
def copied(painted: Specialty, tmp_path: Path) -> Specialty:
    return Specialty.load(Path(shutil.copytree(painted.folder, tmp_path / "histology")))


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    tensors = {"b": torch.arange(6.0).reshape(2, 3), "a": torch.ones(3).half()}
    about = {"base": "efficientnet-lite0", "extra": {"size": 32}, "recipe": "x"}
    save_adapter(tmp_path / "one", tensors, about)
    save_adapter(tmp_path / "two", dict(reversed(tensors.items())), dict(reversed(about.items())))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_content_comes_back(painted: Specialty) -> None:
    adapter = load_adapter(painted)
    assert adapter.about["base"] == "efficientnet-lite0"
    assert adapter.about["extra"]["size"] == 32
    assert adapter.tensor("head.weight").shape == (2, 1280)
    with pytest.raises(ModelAltered, match="no tensor tail"):
        adapter.tensor("tail")


def test_an_adapter_altered_after_loading_is_refused(copied: Specialty) -> None:
    data = bytearray(copied.adapter.read_bytes())
    data[-1] ^= 1
    copied.adapter.write_bytes(bytes(data))
    with pytest.raises(ModelAltered, match="changed since it was sealed"):
        load_adapter(copied)


def test_a_listing_sealed_again_is_refused(copied: Specialty) -> None:
    copied.adapter.write_bytes(b"other")
    seal_folder(copied.folder)
    with pytest.raises(ModelAltered, match="changed since it was sealed"):
        load_adapter(copied)


def test_a_missing_file_is_named(copied: Specialty) -> None:
    (copied.folder / "baselines.safetensors").unlink()
    with pytest.raises(ModelAltered, match=r"baselines\.safetensors is missing"):
        load_tensors(copied, "baselines.safetensors")


def test_another_base_is_refused(copied: Specialty) -> None:
    adapter = load_adapter(copied)
    about = {**adapter.about, "base_digest": "0" * 64}
    save_adapter(copied.adapter, adapter.weights, about)
    sealed = replace(copied, digest=seal_folder(copied.folder))
    with pytest.raises(ModelAltered, match="with the digest 000"):
        load_adapter(sealed)


def test_bytes_that_are_no_safetensors_are_refused(copied: Specialty) -> None:
    copied.adapter.write_bytes(json.dumps({"no": "tensors"}).encode())
    sealed = replace(copied, digest=seal_folder(copied.folder))
    with pytest.raises(ModelAltered, match="is no adapter"):
        load_adapter(sealed)
