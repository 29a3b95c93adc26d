"""An assessment for a terminal: the same order as the report, without pictures.

console.print(to_terminal(assessment))
"""

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from osler.assess.assessment import Assessment, Finding, Option

__all__ = ["to_terminal"]


def to_terminal(assessment: Assessment) -> RenderableType:
    """A rich renderable."""
    a = assessment
    age = f"{a.age} years" if a.age is not None else "age unknown"
    lines: list[RenderableType] = [
        Text.from_markup(
            f"[bold]{escape(a.patient)}[/]  {age}, {escape(a.sex or 'sex unknown')}  "
            f"[red]{a.status}, not signed[/]"
        )
    ]
    lines += [Text.from_markup(f"[red]![/] {escape(warning)}") for warning in a.warnings]
    lines += [_head("Findings"), *(_finding(f) for f in a.findings)]
    options = [o for o in a.options if o.kind != "research"]
    if options:
        lines += [_head("Treatment evidence, not a guideline"), *(_option(o) for o in options)]
    if a.needs:
        lines.append(_head("Needed"))
        lines += [_line(f"Need: {n.what}", n.why) for n in a.needs]
    if a.not_assessed:
        lines.append(_head("Not assessed, because"))
        lines += [_line(s.what, "; ".join(s.because)) for s in a.not_assessed]
    return Group(*lines)


def _head(text: str) -> Text:
    return Text.from_markup(f"\n[bold underline]{text}[/]")


def _finding(finding: Finding) -> RenderableType:
    colour = "red" if finding.positive else "green"
    text = f"[{colour}]{escape(finding.wording)}[/]  {escape(str(finding.number))}"
    if finding.abstains:
        text += f"\n[dim]not settled: {escape(finding.abstains)}[/]"
    for note in finding.notes:
        text += f"\n[dim]{escape(note)}[/]"
    return Padding(Text.from_markup(text), (0, 0, 0, 2))


def _option(option: Option) -> RenderableType:
    mark = "[green]for[/]" if option.kind == "option" else "[red]against[/]"
    text = (
        f"{mark} [bold]{escape(option.regimen)}[/]  level {option.level}  "
        f"{escape(option.biomarker)}"
    )
    for against in option.contradicted_by:
        text += f"\n[red]spoken against by {escape(against)}[/]"
    text += f"\n[dim]{escape(option.references[0].source)}[/]"
    return Padding(Text.from_markup(text), (0, 0, 0, 2))


def _line(what: str, why: str) -> RenderableType:
    return Padding(Text.from_markup(f"{escape(what)}  [dim]{escape(why)}[/]"), (0, 0, 0, 2))
