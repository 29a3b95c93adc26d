"""The store for many machines: PostgreSQL, with large files in a folder that all of them share.

    with PostgresStore.open("postgresql://osler@db/osler?blobs=/mnt/osler/blobs") as store: ...

`blobs` names the folder for sources above 64 KB, which every machine must share; without it, one of
this machine's own: `$OSLER_HOME/blobs/HOST-PORT-DATABASE`.
A password belongs in `PGPASSWORD` or `~/.pgpass`, not in the address.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from osler.errors import WrongUse
from osler.home import home
from osler.ledger.log import Log
from osler.ledger.signing import SigningKey
from osler.record.blobs import Blobs
from osler.record.postgres_database import PostgresDatabase
from osler.record.sql_store import SqlStore

__all__ = ["PostgresStore"]


@dataclass(slots=True)
class PostgresStore(SqlStore):
    """A `Store` in a PostgreSQL database. Build it with `open`."""

    @classmethod
    def open(cls, address: str) -> Self:
        """Open the store at an address, making its tables when they are not there.

        Raises `WrongUse` for no address, `StoreReadOnly`, `StoreBusy`, `StoreVersion`,
        or `StoreError` where no server answers.
        """
        conninfo, blobs = _parts(address)
        database = PostgresDatabase.open(conninfo)
        key = SigningKey.load_or_create(home() / "keys" / "ledger.key")
        return cls(database, Log(database, key), Blobs(blobs))

    @classmethod
    def open_read_only(cls, address: str) -> Self:
        """Open the store at an address to read it; nothing is made, no signing key is needed."""
        conninfo, blobs = _parts(address)
        database = PostgresDatabase.open_read_only(conninfo)
        return cls(database, Log(database, None), Blobs(blobs))


def _parts(address: str) -> tuple[str, Path]:
    """The address without what is Osler's own, and the folder of large files."""
    parts = urlsplit(address)
    asked = parse_qsl(parts.query)
    name = parts.path.strip("/")
    if not name:
        raise WrongUse(f"'{parts.scheme}://{parts.hostname or ''}' names no database: add /NAME")
    own = home() / "blobs" / f"{parts.hostname or 'local'}-{parts.port or 5432}-{name}"
    folder = next((Path(value) for key, value in asked if key == "blobs"), own)
    rest = urlencode([(key, value) for key, value in asked if key != "blobs"])
    return urlunsplit(parts._replace(query=rest)), folder
