"""From files to a store: read each once, decide whose it is, keep everything.

    intake = take_in(store, [Path("export")], patient=None)
    intake.added, intake.known, intake.rejects, intake.unassigned

Whose it is comes from a person's word, the bytes and the folder (`osler.readers.files`); where
these disagree or are silent it waits for a person. Nobody is ever guessed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from osler.errors import InputError, WrongUse
from osler.readers.files import File, find_files
from osler.readers.reading import Context, Item
from osler.readers.recognise import recognise
from osler.readers.sidecar import parse_sidecar
from osler.record.moment import utc_now
from osler.record.patient import LOCAL, NO_AUTHORITY, Identifier
from osler.record.source import Source
from osler.record.store import Act, Store

__all__ = ["Intake", "Rejected", "take_in"]

# FHIR types that are about no patient; they travel with the one patient of their bundle.
_ABOUT_NOBODY = {"Location", "Medication", "Organization", "Practitioner", "PractitionerRole"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A file or source that was not understood, or only in part, and why."""

    name: str
    why: str


@dataclass(slots=True, kw_only=True)
class Intake:
    """What one `osler read` did."""

    added: int = 0
    known: int = 0
    facts: int = 0
    patients: list[Identifier] = field(default_factory=list)
    partly: list[Rejected] = field(default_factory=list)
    unassigned: list[Rejected] = field(default_factory=list)
    rejects: list[Rejected] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every file was understood and found its patient."""
        return not self.rejects and not self.unassigned


def take_in(
    store: Store,
    paths: Sequence[Path],
    *,
    patient: Identifier | None = None,
    kind: str | None = None,
    zone: str = "UTC",
    progress: Callable[[str], None] = lambda name: None,
) -> Intake:
    """Read every file below `paths` into the store, one transaction a file.

    Raises `NotFound` for a path that is not there and `WrongUse` when there is nothing to read;
    a file that is damaged or unknown is kept whole and listed, never raised.
    """
    found = {file.path.resolve(): file for path in paths for file in find_files(path, patient)}
    # `osler read folder/*` names sidecars and signal files too: they belong to their owner.
    owned = {extra.resolve() for file in found.values() for extra in file.extras}
    files = [file for path, file in found.items() if path not in owned]
    if not files:
        named = ", ".join(str(path) for path in paths)
        raise WrongUse(f"nothing to read in {named}: no file there (hidden files do not count)")
    intake = Intake()
    for file in files:
        progress(file.name)
        with store.writing() as act:
            _read_one(act, file, kind, zone, intake)
    return intake


def _read_one(act: Act, file: File, kind: str | None, zone: str, intake: Intake) -> None:
    if file.outside:
        why = "a link to a file outside the folder: nothing of it was read; name the file itself"
        intake.rejects.append(Rejected(name=file.name, why=why))
        return
    try:
        data = file.path.read_bytes()
        companions = {p.name: p.read_bytes() for p in file.companions}
    except OSError as error:
        why = f"cannot be opened ({error.strerror}): nothing of it was read"
        intake.rejects.append(Rejected(name=file.name, why=why))
        return
    try:
        context = Context(
            name=file.name,
            now=utc_now(),
            zone=zone,
            kind=kind,
            declared=_declared(file),
            companions=companions,
        )
        reading = recognise(data, context)(data, context)
    except InputError as error:
        _keep_opaque(act, file, data, error, intake)
        return
    word = context.declared.get("patient")
    delivery = act.deliver(file.name, data) if reading.container else None
    alone = _sole_patient(item.patient for item in reading.items)
    owners: list[Identifier | None] = []
    for item in reading.items:
        placed, also = _place(item, file.patient, word if isinstance(word, str) else None, alone)
        new = act.add(
            placed.source,
            placed.data,
            placed.facts,
            patient=placed.patient,
            delivery=delivery,
            trouble=placed.trouble,
            also=also,
        )
        _count(intake, placed, new)
        owners.append(placed.patient)
    if file.sidecar:
        _keep_sidecar(act, file, file.sidecar, _sole_patient(owners))


def _declared(file: File) -> Mapping[str, object]:
    if file.sidecar is None:
        return {}
    return parse_sidecar(file.sidecar.read_bytes(), f"{file.name}.json")


def _sole_patient(patients: Iterable[Identifier | None]) -> Identifier | None:
    named = {patient for patient in patients if patient}
    return named.pop() if len(named) == 1 else None


def _place(
    item: Item, stands_for: Identifier | None, word: str | None, alone: Identifier | None
) -> tuple[Item, Identifier | None]:
    """Decide whose it is: a person's word on this file, else what bytes and folder agree on.

    The second part is another identifier of the same person: the operator's bare `--patient 8823`
    where the bytes give the same number with its authority, so that one folder is one patient.
    """
    inside = item.patient
    if inside is None and item.source.kind.removeprefix("fhir/") in _ABOUT_NOBODY:
        inside = alone
    if word is not None:
        told = Identifier.parse(word)
        note = f"its own header names {inside}; its sidecar says it is {told}'s"
        differs = inside is not None and not _same(inside, told)
        return replace(item, patient=told, trouble=note if differs else item.trouble), None
    if stands_for is None:
        return replace(item, patient=inside), None
    if inside is not None and not _same(inside, stands_for):
        note = f"it says it is {inside}'s, the folder stands for {stands_for}: a person must decide"
        return replace(item, patient=None, trouble=note), None
    if inside and stands_for.authority == LOCAL:
        return replace(item, patient=inside), stands_for if inside != stands_for else None
    return replace(item, patient=stands_for), None


def _same(one: Identifier, other: Identifier) -> bool:
    """Equal, or equal in value where one of the two names no authority."""
    unstated = NO_AUTHORITY & {one.authority, other.authority}
    return one == other or (bool(unstated) and one.value == other.value)


def _count(intake: Intake, item: Item, new: bool) -> None:
    intake.added += new
    intake.known += not new
    if item.patient is None:
        why = item.trouble or "does not say whose it is: read it again with --patient"
        intake.unassigned.append(Rejected(name=item.source.name, why=why))
        return
    intake.facts += len(item.facts) if new else 0
    if item.patient not in intake.patients:
        intake.patients.append(item.patient)
    if item.trouble and new:
        intake.partly.append(Rejected(name=item.source.name, why=item.trouble))


def _keep_opaque(act: Act, file: File, data: bytes, error: InputError, intake: Intake) -> None:
    source = Source.of(data, kind="opaque", name=file.name)
    new = act.add(source, data, (), patient=file.patient, trouble=str(error))
    intake.added += new
    intake.known += not new
    intake.rejects.append(Rejected(name=file.name, why=str(error)))
    for companion in file.extras:
        extra = companion.read_bytes()
        act.add(
            Source.of(extra, kind="opaque", name=companion.name),
            extra,
            (),
            patient=file.patient,
            trouble=f"belongs to {file.name}, which was not understood",
        )


def _keep_sidecar(act: Act, file: File, sidecar: Path, owner: Identifier | None) -> None:
    """The declaration itself is kept beside what it is about, so that it can be looked up."""
    data = sidecar.read_bytes()
    act.add(
        Source.of(data, kind="sidecar", name=f"{file.name}.json", media_type="application/json"),
        data,
        (),
        patient=owner,
    )
