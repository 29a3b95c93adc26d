"""Opening a store: newer, damaged, read-only, or in somebody else's hands."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from osler.errors import StoreBusy, StoreError, StoreReadOnly, StoreVersion
from osler.ledger.signing import PublicKey
from osler.record.schema import VERSION
from osler.record.sqlite import SqliteStore

from .examples import ANN

NOBODY = 65534

_WRITER = """
import sys, time
from pathlib import Path
from osler.record.patient import Identifier
from osler.record.source import Source
from osler.record.sqlite import SqliteStore
folder, name, count, pause = sys.argv[1:]
with SqliteStore.open(Path(folder)) as store:
    for number in range(int(count)):
        data = f"{name} {number}".encode()
        with store.writing() as act:
            print("holding", flush=True)
            time.sleep(float(pause))
            source = Source.of(data, kind="note", name=name)
            act.add(source, data, (), patient=Identifier.parse("urn:h|1"))
"""


def writer(folder: Path, name: str, count: int, pause: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(folder), name, str(count), str(pause)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_newer_store_is_left_alone(tmp_path: Path) -> None:
    SqliteStore.open(tmp_path).close()
    database = sqlite3.connect(tmp_path / "osler.sqlite")
    database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    with pytest.raises(StoreVersion, match=f"schema {VERSION + 1}.*upgrade"):
        SqliteStore.open(tmp_path)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "osler.sqlite").write_bytes(b"Dear colleague, " * 100)
    with pytest.raises(StoreError, match="is no Osler store"):
        SqliteStore.open(tmp_path)
    assert (tmp_path / "osler.sqlite").read_bytes().startswith(b"Dear colleague")


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreReadOnly, match="--store"):
        SqliteStore.open(tmp_path / "store")


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that any account can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="osler-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def opened_by_nobody(folder: Path) -> str:
    """What opening the store says to an account that owns nothing, root's own tests included.

    The child is forked and not started afresh: that account may not be able to read this Python.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "opened"
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            SqliteStore.open(folder)
        except PermissionError as error:
            said = f"cannot become another account: {error}"
        except StoreError as error:
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        said = file.read()
    os.waitpid(child, 0)
    if said.startswith("cannot become"):
        pytest.skip(said)
    return said


@pytest.mark.skipif(not hasattr(os, "fork"), reason="permissions and fork are POSIX ones")
@pytest.mark.parametrize("made", [True, False], ids=["a store", "an empty folder"])
def test_no_permission_to_write(open_to_all: Path, made: bool) -> None:
    folder = open_to_all / "store"
    folder.mkdir()
    if made:
        SqliteStore.open(folder).close()
    folder.chmod(0o555)
    said = opened_by_nobody(folder)
    folder.chmod(0o755)
    assert said.startswith("StoreReadOnly: cannot write to the store")
    assert "--store" in said


def test_a_writer_waits_for_another(tmp_path: Path) -> None:
    with SqliteStore.open(tmp_path) as store:
        other = writer(tmp_path, "slow", 1, 0.5)
        assert other.stdout is not None
        assert other.stdout.readline() == "holding\n"
        with store.writing() as act:
            act.log("note", {"n": 1})
        assert other.wait(30) == 0
        other.stdout.close()
        assert [entry.kind for entry in store.ledger.entries()] == ["read", "note"]


def test_a_writer_that_has_waited_enough_says_so(tmp_path: Path) -> None:
    with SqliteStore.open(tmp_path) as one, SqliteStore.open(tmp_path) as two:
        two.connection.execute("PRAGMA busy_timeout = 50")
        with (
            one.writing(),
            pytest.raises(StoreBusy, match="in use by another process"),
            two.writing(),
        ):
            raise AssertionError("two writers at once")
        with two.writing() as act:
            act.log("note", {"n": 1})


def test_processes_that_make_a_store_together_share_it(tmp_path: Path, own_home: Path) -> None:
    folder = tmp_path / "new"
    started = [writer(folder, name, 3, 0) for name in ("a", "b", "c")]
    for process in started:
        out, _ = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, "holding\n" * 3)
    with SqliteStore.open(folder) as store:
        assert len(store.record(ANN).sources) == 9
        assert len(store.patients()) == 1
        public = PublicKey.load(own_home / "keys" / "ledger.key.pub")
        assert store.ledger.check(public).size == 9
