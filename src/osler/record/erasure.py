"""Taking a person out of a store for good, so that the ledger still verifies.

    erase(act, people.group(key), why)

Bytes, facts and names go, containers that held any of them too, and the key with which the
ledger named the person and their sources. What stays in the ledger: kinds and sizes of what was
read, digests of facts, the plain digest of a source that waited for a person, and a stub that says
when, how much and why was erased. So a reason names nobody.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from osler.record.act import SqlAct
from osler.record.database import Database
from osler.record.store import Erased

__all__ = ["erase"]


def erase(act: SqlAct, keys: Sequence[int], why: str) -> Erased:
    """Erase the person of those keys inside the open transaction, and log that it was done."""
    act.flush()
    database = act.database
    sources = _of(database, "SELECT id, digest, delivery FROM sources WHERE patient = ?", keys)
    digests = {digest for _, digest, _ in sources}
    # What waited for a person and became this one's has left a row of its own.
    waited = _of(
        database,
        "SELECT id, digest, delivery FROM sources WHERE patient IS NULL AND digest = ?",
        sorted(digests),
    )
    rows = sorted({int(row) for row, _, _ in (*sources, *waited)})
    # Every container that brought any of it, also one whose sources were known already.
    brought = _of(database, "SELECT delivery FROM delivered WHERE digest = ?", sorted(digests))
    containers = {str(delivery) for (delivery,) in brought}
    containers |= {delivery for _, _, delivery in (*sources, *waited) if delivery}
    facts = 0
    for row in rows:
        ((count,),) = list(database.execute("SELECT count(*) FROM facts WHERE source = ?", (row,)))
        facts += int(count)
        database.execute("DELETE FROM facts WHERE source = ?", (row,))
        database.execute("DELETE FROM sources WHERE id = ?", (row,))
    for digest in sorted(containers):
        database.execute(
            "UPDATE deliveries SET name = '', erased_at = ? WHERE digest = ?",
            (act.now.isoformat(), digest),
        )
        database.execute("DELETE FROM delivered WHERE delivery = ?", (digest,))
    act.contents.remove(_nobodys(database, digests | containers))
    named = [act.people.digest(key, "patient") for key in keys]
    for key in keys:
        database.execute("DELETE FROM identifiers WHERE patient = ?", (key,))
        database.execute("UPDATE merges SET why = '' WHERE kept = ? OR merged = ?", (key, key))
        database.execute(
            "UPDATE patients SET digest_key = NULL, erased_at = ? WHERE key = ?",
            (act.now.isoformat(), key),
        )
    act.log(
        "erase",
        {
            "patients": named,
            "rows": rows,
            "facts": facts,
            "deliveries": len(containers),
            "why": why,
        },
    )
    return Erased(sources=len(rows), facts=facts, deliveries=len(containers))


def _of(database: Database, query: str, values: Iterable[object]) -> list[tuple[Any, ...]]:
    return [tuple(row) for value in values for row in database.execute(query, (value,))]


def _nobodys(database: Database, digests: set[str]) -> set[str]:
    """Those of the bytes that no remaining source has."""
    return {
        digest
        for digest in digests
        if not list(database.execute("SELECT 1 FROM sources WHERE digest = ? LIMIT 1", (digest,)))
    }
