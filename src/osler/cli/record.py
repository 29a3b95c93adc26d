"""`osler record PATIENT`: conflicts, what holds, last results with trend, timeline."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core
from rich.markup import escape
from rich.table import Table

from osler.cli import identity
from osler.cli.console import AsJson, StorePath, emit, look_into, out

if TYPE_CHECKING:
    from osler.record.fact import Fact
    from osler.record.record import Record
    from osler.record.trend import Trend

__all__ = ["AsOf", "KnownAt", "app", "instant"]

_RESULTS = 12  # results shown; --json has all, and allergies and the like are never cut


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
app.command("bind")(identity.bind)
app.command("merge")(identity.merge)
app.command("unmerge")(identity.unmerge)
app.command("erase")(identity.erase)

AsOf = Annotated[str | None, typer.Option(help="Only what had begun by then, such as 2026-05-03.")]
KnownAt = Annotated[str | None, typer.Option(help="Only what the hospital's systems knew by then.")]


def instant(text: str | None) -> datetime | None:
    """The last instant of a date or time given on the command line, in the site's zone."""
    if text is None:
        return None
    from osler.errors import InputError, WrongUse
    from osler.judge.site import load_site
    from osler.record.moment import Moment

    try:
        return Moment.parse(text, load_site().zone).latest
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
    """Conflicts, problems, drugs, allergies, last results with trend, timeline."""
    from osler.record.patient import Identifier

    with look_into(store) as opened:
        record = opened.record(Identifier.parse(patient), instant(as_of), instant(known_at))
        names = {source.digest: source.name for source in record.sources}
    if as_json:
        emit(_summary(record))
        return
    _print_head(record, as_of, known_at)
    _print_conflicts(record, names)
    _print_state(record)
    _print_results(record, last)
    _print_timeline(record, last)


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
    """Sources that nobody said whose they are, or that dispute it, and what was not understood."""
    with look_into(store) as opened:
        held = {"quarantined": opened.unassigned(), "rejected": opened.rejects()}
    if as_json:
        emit(
            {
                name: [
                    {
                        "name": h.source.name,
                        "digest": h.source.digest,
                        "why": h.trouble,
                        "disputed": h.disputed,
                    }
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
    if held["quarantined"]:
        out.print("\nTo say whose one is: osler record bind DIGEST PATIENT --why REASON")


def _summary(record: "Record") -> dict[str, object]:
    from osler.record.codec import fact_to_json
    from osler.record.fact import FactKind
    from osler.record.trend import trends

    def plain(facts: "list[Fact]") -> list[dict[str, Any]]:
        return [fact_to_json(fact) for fact in facts]

    return {
        "patient": [str(name) for name in record.patient.identifiers],
        "as_of": record.as_of.isoformat() if record.as_of else None,
        "known_at": record.known_at.isoformat() if record.known_at else None,
        "conflicts": [
            {"code": c.code.text, "why": c.why, "facts": plain(list(c.facts))}
            for c in record.conflicts()
        ],
        "safety": plain(record.safety()),
        "conditions": plain(record.state(FactKind.CONDITION)),
        "medications": plain(record.state(FactKind.MEDICATION)),
        "allergies": plain(record.state(FactKind.ALLERGY)),
        "results": [
            {
                "code": trend.code.text,
                "last": fact_to_json(trend.last),
                "earlier": [str(q) for q in trend.earlier],
                "direction": trend.direction,
            }
            for trend in trends(record)
        ],
        "facts": plain(list(record.facts)),
    }


def _print_head(record: "Record", as_of: str | None, known_at: str | None) -> None:
    born = record.birth_date()
    sex = escape(record.sex() or "sex not stated")
    out.print(f"[bold]{escape(record.patient.name)}[/]  {sex}, born {born or 'unstated'}")
    others = record.patient.identifiers[1:]
    if others:
        out.print(f"also {', '.join(map(str, others))}", markup=False)
    limits = [f"as of {as_of}"] if as_of else []
    limits += [f"as known at {known_at}"] if known_at else []
    if limits:
        out.print(f"[italic]{escape(', '.join(limits))}[/]")


def _print_conflicts(record: "Record", names: dict[str, str]) -> None:
    conflicts = record.conflicts()
    if conflicts:
        out.print(f"\n[bold red]{len(conflicts)} conflicts: a person must decide[/]")
    for conflict in conflicts:
        out.print(f"  [red]{escape(conflict.code.text)}[/]: {escape(conflict.why)}")
        for fact in conflict.facts:
            where = names.get(fact.evidence.source, fact.evidence.source[:12])
            out.print(f"    {_when(fact)}  {_said(fact)}  ({where})", markup=False)


def _print_state(record: "Record") -> None:
    from osler.record.fact import FactKind

    hazards = [f for f in record.safety() if f.kind is not FactKind.ALLERGY]
    for title, facts in (
        ("Allergies", record.state(FactKind.ALLERGY)),
        ("Safety", hazards),
        ("Problems", record.state(FactKind.CONDITION)),
        ("Medications", record.state(FactKind.MEDICATION)),
    ):
        if facts:
            out.print(f"\n[bold]{title}[/]")
            out.print(_table(facts))
        elif title == "Allergies":
            out.print("\n[bold]Allergies[/]  none stated: that is not the same as none")


def _print_results(record: "Record", last: int) -> None:
    from osler.record.trend import trends

    found = trends(record)
    if not found:
        return
    shown = found[: min(_RESULTS, last)]
    out.print(f"\n[bold]Last results[/] ({len(shown)} of {len(found)})")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for trend in shown:
        table.add_row(*_result(trend))
    out.print(table)


def _print_timeline(record: "Record", last: int) -> None:
    """One line a statement; the images of one series are one, and what was replaced says so."""
    gone = {id(fact) for fact in record.replaced()}
    lines: list[tuple[Fact, int]] = []
    for fact in record.timeline():
        before = lines[-1] if lines else None
        if before and _series(fact) and _series(fact) == _series(before[0]):
            lines[-1] = (before[0], before[1] + 1)
        else:
            lines.append((fact, 1))
    shown = lines[-last:] if last else []
    out.print(f"\n[bold]Timeline[/] (last {len(shown)} of {len(lines)})")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for fact, count in shown:
        many = f", {count} images" if count > 1 else ""
        status = "replaced" if id(fact) in gone else fact.status
        table.add_row(_when(fact), fact.kind.value, escape(_said(fact) + many), escape(status))
    out.print(table)


def _series(fact: "Fact") -> object:
    from osler.record.media import Media

    return fact.value.get("series") if isinstance(fact.value, Media) else None


def _result(trend: "Trend") -> tuple[str, ...]:
    from osler.record.fact import Quantity

    value = trend.last.value
    flag = value.flag if isinstance(value, Quantity) else ""
    said = escape(str(value))
    before = ", ".join(str(q).split(" ")[0] for q in trend.earlier[-4:])
    return (
        _when(trend.last),
        escape(trend.code.text),
        f"[red]{said} {flag}[/]" if flag else said,
        trend.direction,
        f"after {before}" if before else "",
    )


def _table(facts: "list[Fact]") -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for fact in facts:
        table.add_row(_when(fact), escape(_said(fact)), escape(fact.status))
    return table


def _when(fact: "Fact") -> str:
    return str(fact.valid_from or fact.recorded_at or "")


def _said(fact: "Fact") -> str:
    side = f", {fact.laterality}" if fact.laterality else ""
    return fact.said + side + ("" if fact.assertion == "present" else f" ({fact.assertion})")
