"""A specialty's adapter: the tensors that it adds to a base, and what they were made over.

    save_adapter(path, weights, {"base": "efficientnet-lite0", ...})      same input, same bytes
    adapter = load_adapter(specialty)
    adapter.weights["head.weight"], adapter.about["size"]

The bytes are read once, held against the specialty's own listing, and parsed from memory, so
that what was checked is what is used.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from osler.errors import ModelAltered
from osler.judge.specialty import SUMS, Specialty
from osler.model.weights import OPEN_WEIGHTS
from osler.record.source import digest_of

__all__ = ["Adapter", "load_adapter", "load_tensors", "save_adapter"]

_KEY = "osler"  # one key only: safetensors writes several in an order that changes by run
_INSTALL = "install the specialty again, or train it with `osler learn`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """Tensors by name, and `about`: recipe, base and its digest, and the recipe's extras."""

    weights: Mapping[str, torch.Tensor]
    about: Mapping[str, Any]

    def tensor(self, name: str) -> torch.Tensor:
        """One tensor; raises `ModelAltered` where the adapter lacks it."""
        try:
            return self.weights[name]
        except KeyError as error:
            raise ModelAltered(f"the adapter has no tensor {name}: {_INSTALL}") from error


def save_adapter(path: Path, weights: Mapping[str, torch.Tensor], about: Mapping[str, Any]) -> None:
    """Write tensors and `about` (JSON) as safetensors."""
    tensors = {name: weights[name].detach().cpu().contiguous() for name in sorted(weights)}
    text = json.dumps(about, sort_keys=True, separators=(",", ":"))
    path.write_bytes(save(tensors, metadata={_KEY: text}))


def load_adapter(specialty: Specialty) -> Adapter:
    """The adapter of a specialty, checked; raises `ModelAltered`.

    A base that this Osler does not have, or has with another digest, is refused as well: the
    adapter's numbers mean nothing over other weights.
    """
    whole = load_tensors(specialty, specialty.adapter.name)
    name, digest = str(whole.about.get("base")), whole.about.get("base_digest")
    base = OPEN_WEIGHTS.get(name)
    if digest is not None and (base is None or base.digest != digest):
        raise ModelAltered(
            f"{specialty.adapter} was trained over {name} with the digest {digest}, "
            f"which this Osler does not have: {_INSTALL}"
        )
    return whole


def load_tensors(specialty: Specialty, name: str) -> Adapter:
    """A safetensors file of a specialty's folder, held against `SHA256SUMS`."""
    path = specialty.folder / name
    try:
        sums = (specialty.folder / SUMS).read_bytes()
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ModelAltered(f"{error.filename} is missing: {_INSTALL}") from error
    if digest_of(sums) != specialty.digest or f"{digest_of(data)}  {name}" not in sums.decode():
        raise ModelAltered(f"{path} was changed since it was sealed: {_INSTALL}")
    try:
        return Adapter(weights=load(data), about=_about(data))
    except (SafetensorError, ValueError) as error:
        raise ModelAltered(f"{path} is no adapter ({error}): {_INSTALL}") from error


def _about(data: bytes) -> Mapping[str, Any]:
    """The metadata: safetensors is a length in 8 bytes, a JSON header of that length, data."""
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    about: Mapping[str, Any] = json.loads(header.get("__metadata__", {}).get(_KEY, "{}"))
    return about
