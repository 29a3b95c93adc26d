"""A folder of converted weights: made whole or not at all, and checked before it is used.

    publish(folder, holds=..., make=..., describe=...)
    manifest = verify(folder)

The folder is written beside its place under another name, `manifest.json` last, and then renamed:
a folder that has its name is complete. A lock lets one process at a time write it; the operating
system drops the lock of a process that dies, so what a dead one left behind can be cleared away.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from osler.errors import ModelAltered, WeightsMissing

__all__ = ["Manifest", "digest", "file_digests", "publish", "verify", "weights_digest"]

_MANIFEST = "manifest.json"
_PART = ".part"


class Manifest(BaseModel):
    """What lies in a converted folder, what it was made from, and with what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    name: str
    source: Mapping[str, str]
    files: Mapping[str, str]
    made_with: Mapping[str, str]


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file under a folder but its manifest, by path from the folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: digest(path) for name, path in names.items() if name != _MANIFEST}


def weights_digest(folder: Path) -> str:
    """The digest by which the weights in a model folder are named.

    One safetensors file: its SHA-256. Several: the SHA-256 of their `sha256sum` listing in the
    order of their names. Raises WeightsMissing when there is none.
    """
    shards = sorted(folder.glob("*.safetensors"))
    if not shards:
        raise WeightsMissing(
            f"No .safetensors file in {folder}. Name a Hugging Face model folder whose weights "
            "are safetensors (pickled weights are never loaded)."
        )
    if len(shards) == 1:
        return digest(shards[0])
    listing = "".join(f"{digest(shard)}  {shard.name}\n" for shard in shards)
    return hashlib.sha256(listing.encode()).hexdigest()


def verify(folder: Path) -> Manifest:
    """The folder's manifest, once every file has been found to be what the manifest says.

    Raises WeightsMissing when the folder is not there, and ModelAltered when a file is missing,
    added or different: an added file matters too, since libraries act on some by name alone.
    """
    if not folder.is_dir():
        raise WeightsMissing(f"{folder} does not exist. Make it with: osler models setup")
    manifest = _read_manifest(folder)
    found = file_digests(folder)
    for name in sorted(set(found) | set(manifest.files)):
        if found.get(name) != manifest.files.get(name):
            raise ModelAltered(
                f"{folder / name} is not the file that set-up wrote (SHA-256 "
                f"{found.get(name, 'none: the file is missing')}, the manifest says "
                f"{manifest.files.get(name, 'that there is no such file')}). "
                "Find out who changed it, then make it again with: osler models setup"
            )
    return manifest


def _read_manifest(folder: Path) -> Manifest:
    path = folder / _MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError) as error:
        raise ModelAltered(
            f"{path} is missing or is not a manifest that set-up wrote. "
            "Make the folder again with: osler models setup"
        ) from error


def publish(
    folder: Path,
    *,
    holds: Callable[[], bool],
    make: Callable[[Path], None],
    describe: Callable[[Path], Manifest],
) -> bool:
    """Make a folder whole; False when another process did so while this one waited.

    `holds` says whether the folder is already as it should be: one that is not is replaced.
    `make` fills an empty folder; `describe` gives its manifest, and may refuse it by raising.
    Raises whatever `make` or `describe` raises, and then nothing new is left behind.
    """
    from filelock import FileLock

    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / f".{folder.name}.lock"):
        _clear_leftovers(folder)
        if holds():
            return False
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=_PART, dir=folder.parent))
        try:
            make(part)
            text = describe(part).model_dump_json(indent=2)
            (part / _MANIFEST).write_text(text + "\n", encoding="utf-8")
            _swap_in(part, folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return True


def _clear_leftovers(folder: Path) -> None:
    """Remove what processes that died left: called under the lock, so no one is writing it."""
    for path in folder.parent.glob(f".{folder.name}.*{_PART}"):
        shutil.rmtree(path)


def _swap_in(part: Path, folder: Path) -> None:
    # mkdtemp and safetensors make them private; weights can be shared by several accounts.
    part.chmod(0o755)
    for path in part.iterdir():
        path.chmod(0o644)
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=_PART, dir=folder.parent))
        os.replace(folder, old / folder.name)
        os.replace(part, folder)
        shutil.rmtree(old)
    else:
        os.replace(part, folder)
