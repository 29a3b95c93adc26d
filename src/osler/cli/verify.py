"""`osler verify DIR|ledger`: is it still what it was?"""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from osler.cli.console import AsJson, StorePath, emit, err, look_into, out

__all__ = ["verify"]


def verify(
    what: Annotated[str, typer.Argument(help="The folder of an assessment, or the word ledger.")],
    key: Annotated[
        Path | None, typer.Option(help="The public key of the ledger, if it is another machine's.")
    ] = None,
    store: StorePath = None,
    as_json: AsJson = False,
) -> None:
    """Check evidence, digests, ledger and proofs, and assess again to compare the bytes.

    Exit code 1 when anything does not hold; each check is named for what it finds altered.
    """
    from osler.assess.checks import verify_ledger
    from osler.home import home
    from osler.ledger.signing import PublicKey

    own = Path(what) / "store"
    place = store or (str(own) if what != "ledger" and own.is_dir() else None)
    public = PublicKey.load(key or home() / "keys" / "ledger.key.pub")
    with look_into(place) as opened, err.status("verifying"):
        if what == "ledger":
            checks = verify_ledger(opened, public)
        else:
            from osler.assess.verify import verify_dossier  # brings torch, for the replay

            checks = verify_dossier(Path(what), opened, public)
    holds = all(check.holds for check in checks)
    if as_json:
        emit({"holds": holds, "checks": [
            {"name": c.name, "holds": c.holds, "says": c.says} for c in checks]})  # fmt: skip
    else:
        for check in checks:
            mark = "[green]holds [/]" if check.holds else "[bold red]BROKEN[/]"
            out.print(f"{mark} [bold]{check.name:9}[/] {escape(check.says)}")
    if not holds:
        raise typer.Exit(1)
