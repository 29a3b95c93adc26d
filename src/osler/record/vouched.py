"""What the store holds that its ledger does not vouch for: rows put in, taken out or moved.

    for sentence in unvouched(store): ...        nothing, when every row is as it was logged

The facts inside a row are held against their digests by `SqliteStore.facts_digests`.
"""

from collections import defaultdict
from collections.abc import Iterator

from osler.ledger.entry import Entry
from osler.record.patient import Patient
from osler.record.sqlite import SqliteStore

__all__ = ["unvouched"]


def unvouched(store: SqliteStore) -> Iterator[str]:
    """A sentence for each source, fact or identifier that is not as the ledger has it."""
    owners = {store.keyed_digest(p, "patient"): p for p in store.patients()}
    names: dict[str, set[str]] = defaultdict(set)
    logged: set[int] = set()
    for entry in store.ledger.entries():
        whose = str(entry.body.get("patient"))
        if entry.kind in {"read", "link"}:
            names[whose].add(str(entry.body.get("identifier")))
        if entry.kind == "read":
            logged.add(int(str(entry.body["row"])))
            yield from _read_line(store, entry, owners.get(whose))
    yield from _put_in(store, logged)
    for whose, patient in owners.items():
        held = {store.keyed_digest(patient, str(name)) for name in patient.identifiers}
        if held != names[whose]:
            yield f"the identifiers of patient {patient.key} are not those that were read or linked"


def _read_line(store: SqliteStore, entry: Entry, owner: Patient | None) -> Iterator[str]:
    """Hold the row that a `read` line names against what the line says of it."""
    row = store.connection.execute(
        "SELECT digest, kind, size, trouble IS NULL, patient FROM sources WHERE id = ?",
        (entry.body["row"],),
    ).fetchone()
    if row is None:
        yield f"a source is gone from the store (ledger line {entry.index})"
        return
    digest, kind, size, understood, patient = row
    name = store.keyed_digest(owner, str(digest)) if owner else digest
    body = entry.body
    kept = (name, kind, size, bool(understood), store.as_received(int(str(body["row"])), owner))
    said = tuple(body[key] for key in ("source", "kind", "size", "understood", "as_received"))
    if kept != said or patient != (owner.key if owner else None):
        yield f"a source was changed in the store (ledger line {entry.index})"


def _put_in(store: SqliteStore, logged: set[int]) -> Iterator[str]:
    for table, column in (("sources", "id"), ("facts", "source")):
        held = store.connection.execute(f"SELECT DISTINCT {column} FROM {table}")
        for number in sorted({row for (row,) in held} - logged):
            yield f"row {number} of the {table} was put in: no ledger line says that it was read"
