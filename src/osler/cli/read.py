"""`osler read PATH ...`: files into the store, each once; what was not understood is listed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from osler.cli.console import AsJson, StorePath, emit, err, open_store, out

if TYPE_CHECKING:
    from osler.readers.intake import Intake, Rejected

__all__ = ["read", "show_intake"]


def read(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    patient: Annotated[
        str | None, typer.Option(help="Whose they are, as AUTHORITY|VALUE or VALUE.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--as", help="What a bare picture or text is: histology, note.")
    ] = None,
    store: StorePath = None,
    as_json: AsJson = False,
) -> None:
    """Read files into the store. Reading the same bytes again changes nothing.

    A file that does not say whose it is waits in the unassigned list; a damaged or unknown one
    is kept whole and listed. Exit code 3 means that there are some of either.
    """
    from osler.judge.site import load_site
    from osler.readers.intake import take_in
    from osler.record.patient import Identifier

    whose = Identifier.parse(patient) if patient else None
    with open_store(store) as opened, err.status("reading") as status:
        intake = take_in(
            opened,
            paths,
            patient=whose,
            kind=kind,
            zone=load_site().zone,
            progress=lambda name: status.update(escape(f"reading {name}")),
        )
    show_intake(intake, as_json)
    if not intake.complete:
        raise typer.Exit(3)


def show_intake(intake: "Intake", as_json: bool) -> None:
    """Say what was read, for people or for machines."""
    if as_json:
        emit(
            {
                "added": intake.added,
                "known": intake.known,
                "facts": intake.facts,
                "patients": [str(p) for p in intake.patients],
                **{
                    name: [{"name": r.name, "why": r.why} for r in getattr(intake, name)]
                    for name in ("partly", "unassigned", "rejects")
                },
            }
        )
        return
    whose = ", ".join(str(p) for p in intake.patients) or "nobody"
    out.print(f"{intake.added} sources read, {intake.known} known already, for {whose}")
    out.print(f"{intake.facts} facts, each with its evidence")
    for title, rows in (
        ("kept whole, read in part or with a remark", intake.partly),
        ("waiting for a person to say whose they are", intake.unassigned),
        ("not understood, kept whole", intake.rejects),
    ):
        if rows:
            out.print(f"[bold]{len(rows)} {title}[/]")
        for why, names in _by_reason(rows).items():
            some = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
            out.print(f"  {len(names)} x {why} ({some})", markup=False)


def _by_reason(rows: "list[Rejected]") -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for row in rows:
        reasons.setdefault(row.why.removeprefix(f"{row.name}: "), []).append(row.name)
    return reasons
