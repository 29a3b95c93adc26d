"""The files at or below a path, each with what belongs to it and whose folder it stands in.

    for file in find_files(Path("export")):
        file.path, file.patient, file.sidecar, file.companions

A folder stands for a patient when the operator says so (`--patient`) or when it holds a file
named `PATIENT` whose one line is `AUTHORITY|VALUE`. A folder's `README` is about the folder and is
not read, unless it is named itself.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from osler.errors import NotFound, WrongUse
from osler.readers.recognise import is_wfdb_header, wfdb_words
from osler.record.patient import Identifier

__all__ = ["PATIENT_FILE", "File", "find_files"]

PATIENT_FILE = "PATIENT"

_ABOUT_THE_FOLDER = frozenset({PATIENT_FILE, "README.md", "README.txt", "README"})
"""Files that tell a person about the folder, and nothing about the patient."""

_DECLARATION_BYTES = 1 << 20
"""The most that a sidecar or a recording's header may hold: a larger one is a file of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to be read, with what was declared of it."""

    path: Path
    name: str
    patient: Identifier | None
    companions: tuple[Path, ...] = ()
    sidecar: Path | None = None
    outside: bool = False

    @property
    def extras(self) -> tuple[Path, ...]:
        """The other files that are read with this one."""
        return (*self.companions, *([self.sidecar] if self.sidecar else []))


def find_files(path: Path, patient: Identifier | None = None) -> Iterator[File]:
    """The files at or below a path, with companions and sidecars attached to their owner."""
    if not path.exists():
        raise NotFound(f"{path} does not exist")
    if path.is_file():
        if path.name != PATIENT_FILE:
            yield _file(path, path.name, patient or _folder_patient(path.parent, path.parent))
        return
    inside = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p, path))
    spoken_for = {
        extra
        for p in inside
        if p.name not in _ABOUT_THE_FOLDER
        for extra in (_sidecar(p, path), *_companions(p, path))
        if extra
    }
    for found in inside:
        if found in spoken_for or found.name in _ABOUT_THE_FOLDER:
            continue
        stands_for = patient or _folder_patient(found.parent, path)
        yield _file(found, found.relative_to(path).as_posix(), stands_for, path)


def _file(path: Path, name: str, patient: Identifier | None, root: Path | None = None) -> File:
    return File(
        path=path,
        # A name of bytes that are no UTF-8 comes as lone surrogates, which no text can hold.
        name=name.encode(errors="surrogateescape").decode(errors="replace"),
        patient=patient,
        outside=_leads_outside(path, root),
        companions=_companions(path, root),
        sidecar=_sidecar(path, root),
    )


def _leads_outside(path: Path, root: Path | None) -> bool:
    """Whether it is a link out of the folder that is read; one that is named itself is meant."""
    if root is None or not path.is_symlink():
        return False
    return not path.resolve().is_relative_to(root.resolve())


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _sidecar(path: Path, root: Path | None) -> Path | None:
    beside = path.with_name(path.name + ".json")
    fits = beside.is_file() and beside.stat().st_size <= _DECLARATION_BYTES
    return beside if fits and not _leads_outside(beside, root) else None


def _companions(path: Path, root: Path | None) -> tuple[Path, ...]:
    """The files beside it that a WFDB header or a sidecar's `callable` names."""
    if path.suffix != ".hea":
        return _declared_regions(path, root)
    try:
        with path.open("rb") as file:
            header = file.read(_DECLARATION_BYTES)
    except OSError:
        return ()  # it is listed when it is its turn to be opened
    if not is_wfdb_header(header[:4096]):
        return ()
    named = wfdb_words(header)
    return tuple(
        sorted(
            p
            for p in path.parent.iterdir()
            if p.name in named and p != path and p.is_file() and not _leads_outside(p, root)
        )
    )


def _declared_regions(path: Path, root: Path | None) -> tuple[Path, ...]:
    """The BED file of regions that a VCF's sidecar says could be called, if it is there."""
    sidecar = _sidecar(path, root)
    if sidecar is None:
        return ()
    try:
        name = json.loads(sidecar.read_bytes()).get("callable")
    except (OSError, ValueError, AttributeError, RecursionError):
        return ()  # a sidecar that is none is listed when its file is read
    if not isinstance(name, str) or Path(name).name != name:
        return ()
    beside = path.with_name(name)
    found = beside.is_file() and beside != path and not _leads_outside(beside, root)
    return (beside,) if found else ()


def _folder_patient(folder: Path, root: Path) -> Identifier | None:
    for place in (folder, *folder.parents):
        says = place / PATIENT_FILE
        if says.is_file():
            return _said_in(says)
        if place == root:
            return None
    return None


def _said_in(path: Path) -> Identifier:
    """The one line of a PATIENT file; two lines would be two patients."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{path} cannot be read ({error}): write AUTHORITY|VALUE in it") from error
    stated = [line.strip() for line in lines if line.strip()]
    if len(stated) != 1:
        raise WrongUse(f"{path} has {len(stated)} lines: it needs one, AUTHORITY|VALUE")
    return Identifier.parse(stated[0])
