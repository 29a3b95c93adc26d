"""Checks, and those that need no model: the ledger and the facts that it vouches for.

verify_ledger(store, public_key)      every line, proof and checkpoint, every fact read
"""

from collections.abc import Callable
from dataclasses import dataclass

from osler.errors import IntegrityError, OslerError
from osler.ledger.signing import PublicKey
from osler.record.sqlite import SqliteStore

__all__ = ["Check", "check", "facts_hold", "verify_ledger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Its name, whether it holds, and a sentence."""

    name: str
    holds: bool
    says: str


def check(name: str, holds: Callable[[], str]) -> Check:
    """Run a check that returns its sentence, or raises when it does not hold."""
    try:
        return Check(name=name, holds=True, says=holds())
    except OslerError as error:
        return Check(name=name, holds=False, says=str(error))


def verify_ledger(store: SqliteStore, public: PublicKey) -> list[Check]:
    """The whole ledger, and the facts that its lines vouch for."""

    def whole() -> str:
        audit = store.ledger.check(public)
        audit.raise_if_broken()
        return f"{audit.size} lines and {audit.checkpoints} checkpoints hold"

    return [check("ledger", whole), check("facts", lambda: facts_hold(store))]


def facts_hold(store: SqliteStore) -> str:
    """What was read from every source is what the ledger says was read."""
    count = 0
    for index, digest in store.facts_digests():
        if store.ledger.entry(index).body["facts_digest"] != digest:
            raise IntegrityError(f"facts read from a source were changed (ledger line {index})")
        count += 1
    return f"what was read from {count} sources is as it was logged"
