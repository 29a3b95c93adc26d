"""`osler knowledge`: what dated evidence is installed, and what it says of a variant."""

from typing import Annotated

import typer
from rich.markup import escape

from osler.cli.console import AsJson, emit, out

__all__ = ["app"]

app = typer.Typer(help="Dated, sourced variant evidence.", no_args_is_help=True)


@app.command("list")
def show_all(as_json: AsJson = False) -> None:
    """The knowledge bases that are installed."""
    from osler.knowledge.evidence import KnowledgeBase

    base = KnowledgeBase.load_starter()
    if as_json:
        emit(
            [
                {
                    "name": base.name,
                    "version": base.version,
                    "dated": base.dated,
                    "digest": base.digest,
                    "entries": len(base.entries),
                }
            ]
        )
        return
    out.print(f"[bold]{escape(base.name)}[/] {base.version}, dated {base.dated}, "
              f"{len(base.entries)} entries, {base.digest[:12]}")  # fmt: skip
    out.print(f"{base.statement} {base.limits}", markup=False)


@app.command("lookup")
def look_up(
    gene: Annotated[str, typer.Argument(help="HGNC symbol, such as EGFR.")],
    change: Annotated[str, typer.Argument(help="Protein change, such as L858R.")],
    disease: Annotated[str | None, typer.Option(help="OncoTree code, such as LUAD.")] = None,
    as_json: AsJson = False,
) -> None:
    """What the evidence says of a variant, in a disease and elsewhere."""
    from osler.knowledge.diseases import DiseaseTree
    from osler.knowledge.evidence import KnowledgeBase
    from osler.knowledge.lookup import ObservedVariant, elsewhere, lookup

    base, tree = KnowledgeBase.load_starter(), DiseaseTree.load_starter()
    seen = ObservedVariant(gene=gene, protein_change=change)
    matches = [*lookup(base, tree, seen, disease), *elsewhere(base, tree, seen, disease)]
    if as_json:
        emit(
            [
                {
                    "entry": m.evidence.id,
                    "scope": m.scope,
                    "why": m.why,
                    "therapy": list(m.evidence.therapy),
                    "level": m.evidence.level.value,
                    "resists": m.evidence.resists,
                    "source": m.evidence.source,
                }
                for m in matches
            ]
        )
        return
    for match in matches:
        found = match.evidence
        word = "[red]against[/]" if found.resists else "[green]for[/]"
        drugs = escape(found.interaction.regimen(found.therapy))
        out.print(f"{found.level.value} {word} [bold]{drugs}[/] ({match.scope})")
        out.print(f"    {found.summary} {found.source}", markup=False)
    if not matches:
        out.print("nothing: unmapped is no match")
