"""`osler record PATIENT`: timeline, state and conflicts; `osler record waiting`: what waits."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core
from rich.markup import escape
from rich.table import Table

from osler.cli.console import AsJson, StorePath, emit, look_into, out

if TYPE_CHECKING:
    from osler.record.fact import Fact
    from osler.record.record import Record

__all__ = ["AsOf", "KnownAt", "app", "instant"]


class PatientFirst(typer.core.TyperGroup):
    """A group in which a word that is no command is a patient: `osler record 8823`."""

    # Any: the types are click's, which newer releases of typer carry inside themselves.
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Put `show` before a patient."""
        if args and args[0] not in self.commands:
            args = ["show", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=PatientFirst,
    help="What is known of a patient: osler record PATIENT, or one of these.",
    no_args_is_help=True,
)

AsOf = Annotated[str | None, typer.Option(help="Only what had begun by then, such as 2026-05-03.")]
KnownAt = Annotated[str | None, typer.Option(help="Only what was known by then.")]


def instant(text: str | None) -> datetime | None:
    """The last instant of a date or time given on the command line."""
    if text is None:
        return None
    from osler.errors import InputError, WrongUse
    from osler.record.moment import Moment

    try:
        return Moment.parse(text).latest
    except InputError as error:
        raise WrongUse(str(error)) from error


@app.command("show")
def show(
    patient: Annotated[str, typer.Argument(help="AUTHORITY|VALUE or VALUE.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    last: Annotated[int, typer.Option(help="How many lines of the timeline.")] = 30,
    store: StorePath = None,
    as_json: AsJson = False,
) -> None:
    """Timeline, state and conflicts of one patient."""
    from osler.record.codec import fact_to_json
    from osler.record.patient import Identifier

    with look_into(store) as opened:
        record = opened.record(Identifier.parse(patient), instant(as_of), instant(known_at))
    if as_json:
        emit([fact_to_json(fact) for fact in record.facts])
        return
    _print_state(record)
    timeline = record.timeline()
    out.print(f"\n[bold]Timeline[/] (last {min(last, len(timeline))} of {len(timeline)})")
    out.print(_table(timeline[-last:]))


@app.command("patients")
def patients(store: StorePath = None, as_json: AsJson = False) -> None:
    """Everyone in the store."""
    with look_into(store) as opened:
        names = [patient.name for patient in opened.patients()]
    if as_json:
        emit(names)
        return
    for name in names:
        out.print(name, markup=False)


@app.command("waiting")
def waiting(store: StorePath = None, as_json: AsJson = False) -> None:
    """Sources that nobody said whose they are, and files that were not understood."""
    with look_into(store) as opened:
        held = {"unassigned": opened.unassigned(), "rejects": opened.rejects()}
    if as_json:
        emit(
            {
                name: [
                    {"name": h.source.name, "digest": h.source.digest, "why": h.trouble}
                    for h in rows
                ]
                for name, rows in held.items()
            }
        )
        return
    for name, rows in held.items():
        out.print(f"[bold]{len(rows)} {name}[/]")
        for row in rows:
            out.print(f"  {row.source.digest[:12]}  {row.source.name}: {row.trouble}", markup=False)


def _print_state(record: "Record") -> None:
    from osler.record.fact import FactKind

    born = record.birth_date()
    sex = escape(record.sex() or "sex not stated")
    out.print(f"[bold]{escape(record.patient.name)}[/]  {sex}, born {born or 'unstated'}")
    for kind in (FactKind.CONDITION, FactKind.ALLERGY, FactKind.MEDICATION):
        facts = record.state(kind)
        if facts:
            out.print(f"\n[bold]{kind.value.capitalize()}[/]")
            out.print(_table(facts))
    for conflict in record.conflicts():
        out.print(f"[bold red]conflict[/] on {escape(conflict.code.text)}")


def _table(facts: "list[Fact]") -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for fact in facts:
        when = fact.valid_from or fact.recorded_at
        assertion = "" if fact.assertion.value == "present" else f"({fact.assertion.value})"
        table.add_row(
            str(when or ""),
            fact.kind.value,
            escape(f"{fact.said} {assertion}"),
            escape(fact.status),
        )
    return table
