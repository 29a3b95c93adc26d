"""A specialty: the tasks, contracts, adapter and calibrators for one field, as a folder.

    specialty = Specialty.load(folder)     every file checked against SHA256SUMS
    specialty.digest                       what the ledger records
    installed()                            those that ship, and those trained at this site

The folder holds `specialty.toml` (this file's schema), `adapter.safetensors`,
`calibrators.json`, `training.json` (recipe, seed, digests of what it was trained on), the model
card `README.md` and `SHA256SUMS`, written last.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from osler.errors import ModelAltered, NotFound
from osler.home import home
from osler.judge.calibrator import Calibrator
from osler.judge.contract import Contract, Met, Requirement
from osler.judge.task import Task
from osler.record.source import digest_of

__all__ = ["SUMS", "Specialty", "find_specialty", "installed", "seal_folder"]

SUMS = "SHA256SUMS"
_NEEDED = ("adapter.safetensors", "calibrators.json", "specialty.toml", "training.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Specialty:
    """One field's worth of models. `network` names the code that reads the adapter."""

    name: str
    title: str
    version: str
    intended_use: str
    limits: tuple[str, ...]
    network: str
    base: str
    task: Task
    contract: Contract
    calibrators: Mapping[str, Calibrator]
    training: Mapping[str, Any]
    folder: Path
    digest: str

    @property
    def adapter(self) -> Path:
        """The weights that this specialty adds to its base."""
        return self.folder / "adapter.safetensors"

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read and check a folder; raises `NotFound` or `ModelAltered`."""
        digest = check_folder(folder)
        path = folder / "specialty.toml"
        try:
            stated = _Toml.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:  # of TOML, of its text or of what it says
            raise ModelAltered(f"{path} is no specialty: {error}") from error
        calibrators = _object(folder / "calibrators.json")
        return cls(
            **stated.model_dump(include={"name", "title", "version", "intended_use", "network"}),
            limits=tuple(stated.limits),
            base=stated.base,
            task=stated.task.made(stated.name),
            contract=stated.contract.made(),
            calibrators={name: Calibrator.from_json(c) for name, c in calibrators.items()},
            training=_object(folder / "training.json"),
            folder=folder,
            digest=digest,
        )


def installed() -> list[Specialty]:
    """Every specialty on this machine; one trained here replaces the shipped one of its name."""
    found: dict[str, Path] = {}
    for shelf in (Path(str(files("osler"))) / "specialties", home() / "specialties"):
        for path in sorted(shelf.glob("*/specialty.toml")):
            if not path.parent.name.startswith("."):  # an unfinished training leaves such a one
                found[path.parent.name] = path.parent
    loaded = [Specialty.load(folder) for _, folder in sorted(found.items())]
    for specialty in loaded:
        # Two of one name could not be told apart in an assessment or in the ledger.
        if specialty.name != specialty.folder.name:
            raise ModelAltered(
                f"{specialty.folder} holds the specialty {specialty.name}: a folder has its name"
            )
    return loaded


def find_specialty(name: str) -> Specialty:
    """The installed specialty of that name; raises `NotFound` and lists what there is."""
    for specialty in installed():
        if specialty.name == name:
            return specialty
    known = ", ".join(s.name for s in installed()) or "none"
    raise NotFound(f"no specialty '{name}' (installed: {known}); train one with `osler learn`")


def seal_folder(folder: Path) -> str:
    """Write `SHA256SUMS` over every other file, last of all; returns its digest."""
    lines = [
        f"{digest_of(path.read_bytes())}  {path.relative_to(folder).as_posix()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != SUMS
    ]
    text = "\n".join(lines) + "\n"
    (folder / SUMS).write_text(text, encoding="utf-8")
    return digest_of(text.encode())


def check_folder(folder: Path) -> str:
    """Hold every file against `SHA256SUMS`; returns its digest, raises `ModelAltered`."""
    sums = folder / SUMS
    if not sums.is_file():
        raise NotFound(f"{folder} is no specialty: it has no {SUMS}")
    text = sums.read_text(encoding="utf-8", errors="replace")
    named = {line.partition("  ")[2] for line in text.splitlines()}
    # A file that the seal does not name could be swapped without changing the digest.
    for path in sorted({folder / name for name in _NEEDED} | set(_seen(folder))):
        name = path.relative_to(folder).as_posix()
        if name not in named:
            raise ModelAltered(
                f"{path} is not named in {SUMS}: remove it, or install the specialty again"
            )
    for line in text.splitlines():
        digest, _, name = line.partition("  ")
        path = folder / name
        if not path.is_file():
            raise ModelAltered(f"{path} is missing: install the specialty again")
        if digest_of(path.read_bytes()) != digest:
            raise ModelAltered(
                f"{path} was changed since it was sealed: install the specialty again"
            )
    return digest_of(text.encode())


def _seen(folder: Path) -> Iterator[Path]:
    """Every file but the seal; hidden ones (a desktop's own) are nobody's model."""
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if path.is_file() and path.name != SUMS and not hidden:
            yield path


def _object(path: Path) -> dict[str, Any]:
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelAltered(f"{path} is no JSON ({error}): install the specialty again") from error
    if not isinstance(whole, dict):
        raise ModelAltered(f"{path} holds no JSON object: install the specialty again")
    return whole


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Task(_Strict):
    question: str
    kind: str
    labels: list[str]
    positive: list[str]
    wording: dict[str, str]
    threshold: float | None = None

    def made(self, name: str) -> Task:
        return Task(
            name=name,
            question=self.question,
            kind=self.kind,
            labels=tuple(self.labels),
            positive=tuple(self.positive),
            wording=self.wording,
            threshold=self.threshold,
        )


class _Requirement(_Strict):
    attribute: str
    why: str
    one_of: list[str] = []
    minimum: float | None = None
    maximum: float | None = None
    refuse: list[Met] = [Met.NO, Met.UNKNOWN]

    def made(self) -> Requirement:
        return Requirement(
            attribute=self.attribute,
            why=self.why,
            one_of=tuple(self.one_of),
            minimum=self.minimum,
            maximum=self.maximum,
            refuse=tuple(self.refuse),
        )


class _Contract(_Strict):
    modality: str
    requirements: list[_Requirement]

    def made(self) -> Contract:
        return Contract(
            modality=self.modality,
            requirements=tuple(r.made() for r in self.requirements),
        )


class _Toml(_Strict):
    name: str
    title: str
    version: str
    intended_use: str
    limits: list[str]
    network: str
    base: str
    task: _Task
    contract: _Contract
