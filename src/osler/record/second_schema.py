"""From the first schema to the second: identities that can be mended, clocks that can be indexed.

The first kept a fact as JSON alone; the second keeps beside it what queries ask for. The JSON is
written anew in the form that the ledger's digests were always taken of, so they still hold.
"""

import json
import sqlite3

from osler.record.codec import fact_from_json
from osler.record.rows import FACT_COLUMNS, fact_row
from osler.record.tables import run

__all__ = ["to_second"]

_OLD = ("facts", "sources", "deliveries", "identifiers", "patients")
_SOURCE = (
    "id, digest, patient, kind, media_type, name, size, author, stream, delivery, received_at, "
    "trouble"
)


def to_second(connection: sqlite3.Connection) -> None:
    """Rename the old tables away, make the new ones, move every row, drop the old."""
    for index in ("one_source_a_patient", "facts_of_patient"):
        connection.execute(f"DROP INDEX {index}")
    for table in _OLD:
        connection.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    run(connection)
    for statement in (
        "INSERT INTO patients (key, digest_key, created_at) "
        "SELECT key, digest_key, created_at FROM old_patients",
        "INSERT INTO identifiers (authority, value, patient) "
        "SELECT authority, value, patient FROM old_identifiers ORDER BY rowid",
        "INSERT INTO deliveries (digest, name, size, received_at) "
        "SELECT digest, name, size, received_at FROM old_deliveries",
        f"INSERT INTO sources ({_SOURCE}, disputed) SELECT {_SOURCE}, 0 FROM old_sources",
        "INSERT INTO delivered SELECT DISTINCT delivery, digest FROM old_sources "
        "WHERE delivery IS NOT NULL",
        "INSERT INTO counters SELECT 'source', coalesce(max(id), 0) FROM old_sources",
    ):
        connection.execute(statement)
    marks = ", ".join("?" * (len(FACT_COLUMNS.split(",")) + 3))
    old = connection.execute("SELECT source, ordinal, patient, fact FROM old_facts")
    for source, ordinal, patient, text in old:
        whole = json.loads(text)
        row = fact_row(fact_from_json(whole))._replace(
            fact=json.dumps(whole, sort_keys=True, ensure_ascii=False)
        )
        connection.execute(
            f"INSERT INTO facts (source, ordinal, patient, {FACT_COLUMNS}) VALUES ({marks})",
            (source, ordinal, patient, *row),
        )
    for table in _OLD:
        connection.execute(f"DROP TABLE old_{table}")
