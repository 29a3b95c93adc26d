"""Both kinds of store, so that every test of one is a test of the other."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from osler.record.opening import open_store
from osler.record.sql_store import SqlStore

from ..postgres_server import programs, running


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real server; skips with a reason where its programs are not installed."""
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg: pip install 'osler[postgres]'")
    if programs() is None:
        pytest.skip("needs a PostgreSQL server's programs (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="osler-postgres-"))  # short: a socket's path is limited
    folder.chmod(0o755)
    with running(folder) as address:
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE empty")
        yield address
    shutil.rmtree(folder)


@pytest.fixture
def postgres_address(postgres_server: str, tmp_path: Path) -> str:
    """A database of its own on the server, and a folder for its large files."""
    import psycopg

    name = f"osler_{uuid4().hex[:12]}"
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE empty")
    return f"{postgres_server}/{name}?blobs={tmp_path / 'blobs'}"


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store, of each kind in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "store")
    return str(request.getfixturevalue("postgres_address"))


@pytest.fixture
def store(where: str) -> Iterator[SqlStore]:
    """An open store, of each kind in turn."""
    with open_store(where) as opened:
        yield opened
