"""Rows that were put in, taken out or moved past the ledger are named."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from osler.record.patient import Identifier
from osler.record.sqlite import SqliteStore
from osler.record.vouched import unvouched

from .examples import ANN, BOB, fact, source


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    local = Identifier.parse("1")
    with SqliteStore.open(tmp_path / "store") as opened:
        with opened.writing() as act:
            for data, patient, also in ((b"a", ANN, local), (b"b", BOB, None), (b"c", None, None)):
                made = source(data)
                act.add(made, data, [fact(source=made.digest)], patient=patient, also=also)
            junk = source(b"\x00", "opaque")
            act.add(junk, b"\x00", (), patient=ANN, trouble="not understood")
        yield opened


def test_a_store_as_it_was_written(store: SqliteStore) -> None:
    assert list(unvouched(store)) == []


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
        "delivery, received_at, trouble FROM sources WHERE id = 1",
        "INSERT INTO facts SELECT 9, 0, patient, kind, code, fact FROM facts WHERE source = 1",
        "UPDATE identifiers SET patient = 3 - patient",
        "INSERT INTO identifiers VALUES ('urn:h', '9', 1)",
    ],
)
def test_a_row_that_the_ledger_does_not_know(store: SqliteStore, edit: str) -> None:
    store.connection.execute("PRAGMA foreign_keys = OFF")
    assert store.connection.execute(edit).rowcount > 0
    assert list(unvouched(store))
