"""`osler record bind|merge|unmerge|erase`: what only a person may say of whose it is."""

from typing import Annotated

import typer

from osler.cli.console import StorePath, open_store, out

__all__ = ["bind", "erase", "merge", "unmerge"]

_Patient = Annotated[str, typer.Argument(help="AUTHORITY|VALUE or VALUE.")]
_Why = Annotated[str, typer.Option("--why", help="The reason; it is kept, so name nobody.")]


def bind(
    digest: Annotated[str, typer.Argument(help="As `osler record waiting` lists it.")],
    patient: _Patient,
    why: _Why,
    store: StorePath = None,
) -> None:
    """Give a source that waits to a patient."""
    from osler.errors import NotFound
    from osler.record.patient import Identifier

    whose = Identifier.parse(patient)
    with open_store(store, create=False) as opened:
        found = {h.source.digest for h in opened.unassigned() if h.source.digest.startswith(digest)}
        if len(found) != 1:
            count = "nothing waits" if not found else f"{len(found)} sources wait"
            raise NotFound(f"{count} under {digest}: `osler record waiting` lists them")
        with opened.writing() as act:
            added = act.bind(found.pop(), whose, why)
    said = f"bound to {whose}: {added.facts} facts"
    out.print(said if added.new else f"it was {whose}'s already; it waits no more", markup=False)


def merge(kept: _Patient, merged: _Patient, why: _Why, store: StorePath = None) -> None:
    """Say that two patients are one person; `unmerge` takes it back."""
    from osler.record.patient import Identifier

    one, other = Identifier.parse(kept), Identifier.parse(merged)
    with open_store(store, create=False) as opened:
        opened.patient(one), opened.patient(other)  # both must be known: a typo makes nobody
        with opened.writing() as act:
            done = act.merge(one, other, why)
    out.print(f"{other} is {one} from now on" if done else "they are one already", markup=False)


def unmerge(kept: _Patient, merged: _Patient, why: _Why, store: StorePath = None) -> None:
    """Take a merge back: each has again what was read as theirs."""
    from osler.errors import NotFound
    from osler.record.patient import Identifier

    one, other = Identifier.parse(kept), Identifier.parse(merged)
    with open_store(store, create=False) as opened:
        with opened.writing() as act:
            done = act.unmerge(one, other, why)
        if not done:
            raise NotFound(f"{other} was not merged with {one}")
    out.print(f"{other} and {one} are two again", markup=False)


def erase(
    patient: _Patient,
    why: _Why,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: StorePath = None,
) -> None:
    """Remove a person's bytes, facts and digest key for good; the ledger keeps that it was done."""
    from osler.record.patient import Identifier

    whose = Identifier.parse(patient)
    with open_store(store, create=False) as opened:
        known = opened.patient(whose)
        if not yes:
            typer.confirm(f"Erase {known.name} for good?", abort=True)
        done = opened.erase(whose, why)
    out.print(
        f"erased: {done.sources} sources, {done.facts} facts, {done.deliveries} containers. "
        "Reports and dossiers that were written elsewhere are not in the store: remove them too"
    )
