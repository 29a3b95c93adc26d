"""The ledger's tables in SQLite, and the triggers that keep them append-only.

    for statement in STATEMENTS:
        connection.execute(statement)

The triggers stop a slip, not an attacker: whoever can write to the file can drop them. What shows
an attacker is the proof (:mod:`osler.ledger.audit`).
"""

__all__ = ["KEYS", "STATEMENTS"]

TABLES = (
    # text is the canonical JSON whose bytes are hashed; kind repeats a part of it for the index
    """CREATE TABLE IF NOT EXISTS ledger_line (
        line INTEGER PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL, leaf BLOB NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS ledger_line_kind ON ledger_line (kind, line)",
    # inner nodes of the tree by merkle.node_number, so that proofs need no pass over the lines
    "CREATE TABLE IF NOT EXISTS ledger_node (number INTEGER PRIMARY KEY, hash BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS ledger_checkpoint (size INTEGER PRIMARY KEY, text TEXT NOT NULL)",
)

KEYS = {"ledger_line": "line", "ledger_node": "number", "ledger_checkpoint": "size"}


def _guards(table: str, key: str) -> list[str]:
    # INSERT OR REPLACE deletes without firing DELETE triggers, hence the guard on INSERT
    refuse = "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER IF NOT EXISTS {table}_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER IF NOT EXISTS {table}_insert BEFORE INSERT ON {table} "
        f"WHEN NEW.{key} <= (SELECT max({key}) FROM {table}) {refuse}",
    ]


STATEMENTS: tuple[str, ...] = (
    *TABLES,
    *(statement for table, key in KEYS.items() for statement in _guards(table, key)),
)
