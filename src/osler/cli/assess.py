"""`osler assess PATIENT|PATH`: the main job."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from osler.cli.console import AsJson, StorePath, emit, err, open_store, out
from osler.cli.record import AsOf, KnownAt, instant

if TYPE_CHECKING:
    from osler.assess.assessment import Assessment
    from osler.assess.dossier import Dossier
    from osler.record.patient import Identifier
    from osler.record.sqlite import SqliteStore

__all__ = ["assess", "assess_folder", "show_assessment"]


def assess(
    who: Annotated[str, typer.Argument(help="A patient in the store, or a folder of files.")],
    folder: Annotated[Path, typer.Option("--out", help="Where the result goes.")],
    patient: Annotated[str | None, typer.Option(help="Whose files a folder holds.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    store: StorePath = None,
    as_json: AsJson = False,
) -> None:
    """Assess a patient: findings, options, needs, and what was not assessed and why.

    A folder of files is read into a store of its own, in OUT/store, so that the result can be
    verified by itself and the default store stays as it was.
    """
    from osler.record.patient import Identifier

    if Path(who).is_dir():
        assessment, dossier = assess_folder(Path(who), folder, patient)
    else:
        with open_store(store, create=False) as opened, err.status("assessing"):
            assessment, dossier = _assess(
                opened, Identifier.parse(who), folder, as_of=as_of, known_at=known_at
            )
    show_assessment(assessment, dossier, as_json)


def assess_folder(
    files: Path, folder: Path, patient: str | None = None
) -> "tuple[Assessment, Dossier]":
    """Read a folder that stands for one patient into `folder/store`, and assess that patient."""
    from osler.errors import WrongUse
    from osler.judge.site import load_site
    from osler.readers.intake import take_in
    from osler.record.patient import Identifier

    whose = Identifier.parse(patient) if patient else None
    if folder.resolve().is_relative_to(files.resolve()):
        raise WrongUse(
            f"{folder} lies inside {files}, so the result would be read as the patient's: "
            "name a folder elsewhere with --out"
        )
    with err.status("reading") as status, open_store(folder / "store") as store:
        intake = take_in(store, [files], patient=whose, zone=load_site().zone)
        for name, rows in (("waits", intake.unassigned), ("not understood", intake.rejects)):
            for row in rows:
                err.print(f"{name}: {row.name}: {row.why}", markup=False)
        people = store.patients()
        if len(people) != 1:
            raise WrongUse(
                f"{files} holds files of {len(people)} patients: say whose it is with --patient, "
                "or put a file named PATIENT in it with one line, AUTHORITY|VALUE"
            )
        status.update("assessing")
        return _assess(store, people[0].identifiers[0], folder)


def _assess(
    store: "SqliteStore",
    who: "Identifier",
    folder: Path,
    *,
    as_of: str | None = None,
    known_at: str | None = None,
) -> "tuple[Assessment, Dossier]":
    from osler.assess.assessor import Assessor
    from osler.assess.dossier import write_dossier
    from osler.record.moment import utc_now

    assessment = Assessor.here().assess(
        store, who, made_at=utc_now(), as_of=instant(as_of), known_at=instant(known_at)
    )
    return assessment, write_dossier(assessment, store, folder)


def show_assessment(assessment: "Assessment", dossier: "Dossier", as_json: bool) -> None:
    """Say what was found, for people or for machines."""
    if as_json:
        emit(
            {
                "folder": str(dossier.folder),
                "report": str(dossier.report),
                "ledger_line": dossier.line,
                "findings": [
                    {"wording": f.wording, "number": str(f.number), "positive": f.positive}
                    for f in assessment.findings
                ],
                "options": sum(o.kind == "option" for o in assessment.options),
                "needs": [n.what for n in assessment.needs],
                "not_assessed": len(assessment.not_assessed),
            }
        )
        return
    from osler.assess.to_terminal import to_terminal

    out.print(to_terminal(assessment), soft_wrap=False)
    out.print(f"\nThe report: {dossier.report}", markup=False)
    out.print(f"Check it:   osler verify {dossier.folder}", markup=False)
