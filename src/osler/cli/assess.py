"""`osler assess PATIENT|PATH`: the main job."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from osler.cli.console import AsJson, StorePath, emit, err, open_store, out
from osler.cli.record import AsOf, KnownAt, instant

if TYPE_CHECKING:
    from osler.assess.run import Assessed

__all__ = ["assess", "show_assessed"]


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
    verified by itself and the default store stays as it was. Exit code 3 means that some of its
    files were not understood, or wait for a person to say whose they are.
    """
    from osler.assess.run import assess_folder, assess_patient
    from osler.errors import WrongUse
    from osler.record.patient import Identifier

    then, known = instant(as_of), instant(known_at)
    if Path(who).is_dir():
        if store:
            raise WrongUse(f"{who} is a folder: it is read into OUT/store, so leave out --store")
        with err.status("assessing"):
            done = assess_folder(
                Path(who),
                folder,
                patient=Identifier.parse(patient) if patient else None,
                as_of=then,
                known_at=known,
            )
    elif patient:
        raise WrongUse(f"{who} is no folder: --patient says whose files a folder holds")
    else:
        with open_store(store, create=False) as opened, err.status("assessing"):
            done = assess_patient(opened, Identifier.parse(who), folder, as_of=then, known_at=known)
    show_assessed(done, as_json)


def show_assessed(done: "Assessed", as_json: bool) -> None:
    """Say what was found, for people or for machines; exit code 3 when not all was read."""
    for name, rows in (
        ("waits", done.intake.quarantined),
        ("not understood", done.intake.rejected),
    ):
        for row in rows:
            err.print(f"{name}: {row.name}: {row.why}", markup=False)
    if as_json:
        emit(_summary(done))
    else:
        from osler.assess.to_terminal import to_terminal

        out.print(to_terminal(done.assessment), soft_wrap=False)
        out.print(f"\nThe report: {done.dossier.report}", markup=False)
        out.print(f"Check it:   osler verify {done.dossier.folder}", markup=False)
    if not done.intake.complete:
        raise typer.Exit(3)


def _summary(done: "Assessed") -> dict[str, object]:
    return {
        "folder": str(done.dossier.folder),
        "report": str(done.dossier.report),
        "ledger_line": done.dossier.line,
        "findings": [
            {"wording": f.wording, "number": str(f.number), "positive": f.positive}
            for f in done.assessment.findings
        ],
        "options": sum(o.kind == "option" for o in done.assessment.options),
        "needs": [n.what for n in done.assessment.needs],
        "not_assessed": len(done.assessment.not_assessed),
    }
