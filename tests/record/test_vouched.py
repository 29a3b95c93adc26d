"""Rows that were put in, taken out or moved past the ledger are named."""

import pytest

from osler.record.patient import Identifier
from osler.record.sql_store import SqlStore
from osler.record.sqlite import SqliteStore

from .examples import ANN, BOB, fact, source


@pytest.fixture(autouse=True)
def filled(store: SqlStore) -> None:
    local = Identifier.parse("1")
    with store.writing() as act:
        for data, patient, also in ((b"a", ANN, local), (b"b", BOB, None), (b"c", None, None)):
            made = source(data)
            act.add(made, data, [fact(source=made.digest)], patient=patient, also=also)
        junk = source(b"\x00", "opaque")
        act.add(junk, b"\x00", (), patient=ANN, trouble="not understood")
        act.bind(source(b"c").digest, ANN, "the label")
        act.merge(ANN, BOB, "the same person")


def test_a_store_as_it_was_written(store: SqlStore) -> None:
    assert list(store.unvouched()) == []


@pytest.mark.parametrize(
    "edit",
    [
        "DELETE FROM sources WHERE kind = 'opaque'",
        "UPDATE sources SET trouble = 'fine' WHERE kind = 'opaque'",
        "UPDATE sources SET trouble = 'is Bob''s' WHERE id = 1",
        "UPDATE sources SET name = 'other.txt' WHERE id = 1",
        "UPDATE sources SET received_at = '2030-01-01T00:00:00+00:00' WHERE id = 1",
        "UPDATE sources SET patient = 2 WHERE kind = 'opaque'",
        "UPDATE sources SET digest = (SELECT digest FROM sources WHERE id = 2) WHERE id = 1",
        "INSERT INTO sources SELECT 9, 'ab', 1, kind, media_type, name, size, author, stream, "
        "delivery, received_at, trouble, 0 FROM sources WHERE id = 1",
        "UPDATE facts SET source = 4 WHERE source = 1",
        "UPDATE identifiers SET patient = 3 - patient",
        "INSERT INTO identifiers (authority, value, patient) VALUES ('urn:h', '9', 1)",
        "UPDATE merges SET undone_at = '2030-01-01T00:00:00+00:00'",
        "UPDATE merges SET kept = 2, merged = 1",
        "DELETE FROM merges",
    ],
)
def test_a_row_that_the_ledger_does_not_know(store: SqlStore, edit: str) -> None:
    if isinstance(store, SqliteStore):
        store.connection.execute("PRAGMA foreign_keys = OFF")
    store.database.execute(edit)
    sentences = list(store.unvouched())
    changed = [
        i for i, d in store.facts_digests() if d != store.ledger.entry(i).body["facts_digest"]
    ]
    assert sentences or changed
