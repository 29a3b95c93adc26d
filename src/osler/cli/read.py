"""`osler read PATH ...`: files into the store, each once; what was not understood is listed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from osler.cli.console import AsJson, StorePath, emit, err, open_store, out

if TYPE_CHECKING:
    from osler.readers.intake_counts import Intake, Listed

__all__ = ["read", "show_intake"]


def read(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    patient: Annotated[
        str | None, typer.Option(help="Whose they are, as AUTHORITY|VALUE or VALUE.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--as", help="What a bare picture or text is: histology, note.")
    ] = None,
    deidentify: Annotated[
        str | None,
        typer.Option(help="Rewrite without identity before anything is kept: basic, ..."),
    ] = None,
    on: Annotated[
        str | None, typer.Option(help="Where files are parsed: ray (pip install osler\\[ray]).")
    ] = None,
    store: StorePath = None,
    as_json: AsJson = False,
) -> None:
    """Read files into the store. Reading the same bytes again changes nothing.

    What does not say whose it is, or contradicts itself, waits for `osler record bind`. What is
    damaged or unknown is kept whole and listed. Exit code 3 means that there is some of either.
    """
    from osler.errors import WrongUse
    from osler.judge.site import load_site
    from osler.readers.deidentify import Deidentifier
    from osler.readers.deidentify_text import CAUTION
    from osler.readers.intake import one_by_one, take_in
    from osler.record.patient import Identifier

    if on == "ray" and deidentify:
        raise WrongUse("rewriting keeps one list of pseudonyms: read without --on ray")
    if on not in (None, "ray"):
        raise WrongUse(f"no way to read on '{on}': there is ray")
    parse = one_by_one
    if on == "ray":
        from osler.readers.on_ray import on_ray

        parse = on_ray
    whose = Identifier.parse(patient) if patient else None
    without = Deidentifier.load_or_create(profile=deidentify) if deidentify else None
    with open_store(store) as opened, err.status("reading") as status:
        intake = take_in(
            opened,
            paths,
            patient=whose,
            kind=kind,
            zone=load_site().zone,
            deidentifier=without,
            parse=parse,
            progress=lambda name: status.update(escape(f"reading {name}")),
        )
    show_intake(intake, as_json)
    if without is not None and not as_json:
        err.print(CAUTION, markup=False)
        err.print(f"pseudonyms and what they stand for: {without.mapping_path}", markup=False)
    if not intake.complete:
        raise typer.Exit(3)


def show_intake(intake: "Intake", as_json: bool) -> None:
    """Say what was read, for people or for machines."""
    if as_json:
        emit(_summary(intake))
        return
    if intake.sources:
        out.print(_table(intake))
    people = len(intake.patients)
    whose = f"{people} patients" if people != 1 else str(next(iter(intake.patients)))
    facts = intake.facts.total()
    out.print(
        f"{intake.added} sources read, {intake.known} known already, for {whose}; "
        f"{facts} facts, each with its evidence",
        markup=False,
    )
    if facts:
        kinds = ", ".join(f"{count} {kind}" for kind, count in intake.facts.most_common())
        out.print(f"  {kinds}", markup=False)
    for title, rows in (
        ("with a remark", intake.remarks),
        ("quarantined, waiting for a person to say whose they are", intake.quarantined),
        ("rejected; kept whole unless the reason says that it was not read", intake.rejected),
    ):
        if rows:
            out.print(f"[bold]{len(rows)} {title}[/]")
        for why, some in _by_reason(rows).items():
            names = ", ".join(some[:3]) + (", ..." if len(some) > 3 else "")
            out.print(f"  {len(some)} x {why} ({names})", markup=False)


def _summary(intake: "Intake") -> dict[str, object]:
    return {
        "patients": len(intake.patients),
        "sources": dict(sorted(intake.sources.items())),
        "facts": dict(sorted(intake.facts.items())),
        "rejected": [{"path": row.name, "reason": row.why} for row in intake.rejected],
        "quarantined": [
            {"path": row.name, "reason": row.why, "digest": row.digest}
            for row in intake.quarantined
        ],
        "kept_whole": dict(sorted(intake.kept_whole.items())),
        "added": intake.added,
        "known": intake.known,
        "who": [str(patient) for patient in intake.patients],
        "remarks": [{"path": row.name, "reason": row.why} for row in intake.remarks],
    }


def _table(intake: "Intake") -> Table:
    """What was added by kind: sources, their facts, and how many say nothing that is read."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("kind")
    table.add_column("sources", justify="right")
    table.add_column("facts", justify="right")
    table.add_column("kept whole", justify="right")
    for kind, count in sorted(intake.sources.items()):
        facts, whole = intake.facts_from[kind], intake.kept_whole[kind]
        table.add_row(escape(kind), str(count), str(facts or ""), str(whole or ""))
    return table


def _by_reason(rows: "list[Listed]") -> dict[str, list[str]]:
    reasons: dict[str, list[Listed]] = {}
    for row in rows:
        # What names its own file in the remedy is one reason all the same.
        reasons.setdefault(row.why.replace(row.name, "FILE"), []).append(row)
    return {
        (why if len(some) > 1 else some[0].why)
        .removeprefix("FILE: ")
        .removeprefix(f"{some[0].name}: "): [row.name for row in some]
        for why, some in reasons.items()
    }
