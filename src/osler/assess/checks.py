"""Checks, and those that need no model: the ledger and the rows that it vouches for.

verify_ledger(store, public_key)      every line, proof and checkpoint, every row read
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from osler.errors import IntegrityError, OslerError
from osler.ledger.signing import PublicKey
from osler.record.store import Store

__all__ = ["Check", "check", "facts_hold", "rows_hold", "verify_ledger"]

# What reading a tampered store raises beside our own errors: any cell may hold anything.
_TAMPERED = (sqlite3.DatabaseError, ValueError, TypeError, LookupError, OverflowError)


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
    except _TAMPERED as error:
        why = f"changed beyond reading ({type(error).__name__}: {error}); restore it from a backup"
        return Check(name=name, holds=False, says=why)


def verify_ledger(store: Store, public: PublicKey) -> list[Check]:
    """The whole ledger, and the sources and facts that its lines vouch for."""

    def whole() -> str:
        audit = store.ledger.check(public)
        audit.raise_if_broken()
        return f"{audit.size} lines and {audit.checkpoints} checkpoints hold"

    return [
        check("ledger", whole),
        check("sources", lambda: rows_hold(store)),
        check("facts", lambda: facts_hold(store)),
    ]


def rows_hold(store: Store) -> str:
    """No source or identifier was put in, taken out or moved past the ledger."""
    found = list(store.unvouched())
    if found:
        more = f", and {len(found) - 1} more like it" if len(found) > 1 else ""
        raise IntegrityError(f"{found[0]}{more}")
    return "every source and identifier of the store is as it was logged"


def facts_hold(store: Store) -> str:
    """What was read from every source is what the ledger says was read."""
    count = 0
    for index, digest in store.facts_digests():
        if store.ledger.entry(index).body["facts_digest"] != digest:
            raise IntegrityError(f"facts read from a source were changed (ledger line {index})")
        count += 1
    return f"what was read from {count} sources is as it was logged"
