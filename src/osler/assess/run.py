"""The main job from end to end: a patient of a store, or a folder of files, to a dossier.

done = assess_patient(store, Identifier.parse("8823"), Path("out"))
done = assess_folder(Path("export"), Path("out"))      read into out/store first
done.assessment, done.dossier, done.intake
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from osler.assess.assessment import Assessment
from osler.assess.assessor import Assessor
from osler.assess.dossier import Dossier, write_dossier
from osler.errors import WrongUse
from osler.judge.site import load_site
from osler.readers.intake import take_in
from osler.readers.intake_counts import Intake
from osler.record.moment import utc_now
from osler.record.patient import Identifier
from osler.record.sqlite import SqliteStore
from osler.record.store import Store

__all__ = ["Assessed", "assess_folder", "assess_patient"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """An assessment, where it was written, and what was read for it (nothing: empty)."""

    assessment: Assessment
    dossier: Dossier
    intake: Intake


def assess_patient(
    store: Store,
    who: Identifier,
    folder: Path,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
) -> Assessed:
    """Assess one patient of a store; raises what `Assessor.assess` and `write_dossier` do."""
    assessment = Assessor.here().assess(
        store, who, made_at=utc_now(), as_of=as_of, known_at=known_at
    )
    dossier = write_dossier(assessment, store, folder)
    return Assessed(assessment=assessment, dossier=dossier, intake=Intake())


def assess_folder(
    files: Path,
    folder: Path,
    *,
    patient: Identifier | None = None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    progress: Callable[[str], None] = lambda name: None,
) -> Assessed:
    """Read a folder that stands for one patient into `folder/store`, and assess that patient.

    Raises `WrongUse` where the files are of nobody, or of several people, or `folder` lies inside
    `files` or holds somebody else's store already.
    """
    if folder.resolve().is_relative_to(files.resolve()):
        raise WrongUse(
            f"{folder} lies inside {files}, so the result would be read as the patient's: "
            "name a folder elsewhere with --out"
        )
    with SqliteStore.open(folder / "store") as store:
        before = store.patients()
        intake = take_in(store, [files], patient=patient, zone=load_site().zone, progress=progress)
        people = store.patients()
        if before and len(people) > len(before):
            raise WrongUse(
                f"{folder} holds the store of {before[0].name}, and {files} is somebody else's: "
                "name another folder with --out"
            )
        if len(people) != 1:
            raise WrongUse(
                f"{files} holds files of {len(people)} patients: say whose it is with --patient, "
                "or put a file named PATIENT in it with one line, AUTHORITY|VALUE"
            )
        done = assess_patient(
            store, people[0].identifiers[0], folder, as_of=as_of, known_at=known_at
        )
    return Assessed(assessment=done.assessment, dossier=done.dossier, intake=intake)
