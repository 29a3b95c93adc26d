"""The ledger's tables in PostgreSQL, with the triggers that keep them append-only.

    for statement in LEDGER: ...

The same tables as `osler.ledger.tables` makes in SQLite. The triggers stop a slip, not an
attacker: what shows an attacker is the proof.
"""

from osler.ledger.tables import KEYS

__all__ = ["LEDGER"]

_TABLES = (
    "CREATE TABLE ledger_line "
    "(line BIGINT PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL, leaf BYTEA NOT NULL)",
    "CREATE INDEX ledger_line_kind ON ledger_line (kind, line)",
    "CREATE TABLE ledger_node (number BIGINT PRIMARY KEY, hash BYTEA NOT NULL)",
    "CREATE TABLE ledger_checkpoint (size BIGINT PRIMARY KEY, text TEXT NOT NULL)",
)

# What SQLite says as CAST(x AS BLOB), of a text or of bytes.
_BYTES = (
    "CREATE FUNCTION as_bytes(value TEXT) RETURNS BYTEA LANGUAGE sql IMMUTABLE "
    "AS $$ SELECT convert_to(value, 'UTF8') $$",
    "CREATE FUNCTION as_bytes(value BYTEA) RETURNS BYTEA LANGUAGE sql IMMUTABLE "
    "AS $$ SELECT value $$",
)

_GUARD = (
    "CREATE FUNCTION ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION 'the ledger is append-only'; END $$"
)


def _guards(table: str) -> tuple[str, str]:
    return (
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION ledger_only_grows()",
        f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows()",
    )


LEDGER: tuple[str, ...] = (
    *_TABLES,
    *_BYTES,
    _GUARD,
    *(guard for table in KEYS for guard in _guards(table)),
)
