"""The demonstration patient, read and assessed once a session; tests that tamper get a copy."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from osler.assess.run import assess_folder
from osler.ledger.signing import PublicKey
from osler.model.weights import status
from osler.record.sqlite import SqliteStore


@dataclass(frozen=True)
class Demonstrated:
    """A finished demonstration: its folder, and the home whose key signed its ledger."""

    folder: Path
    home: Path

    @property
    def public(self) -> PublicKey:
        return PublicKey.load(self.home / "keys" / "ledger.key.pub")

    def open(self) -> SqliteStore:
        return SqliteStore.open(self.folder / "store", create=False)


@pytest.fixture(scope="session")
def demonstrated_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstrated]:
    from osler.bench.demonstration.files import write_demonstration
    from osler.home import weights_home

    if not any(w.weights.name == "efficientnet-lite0" and w.state == "ready" for w in status()):
        pytest.skip("the open weights are not set up: run `osler models setup`")
    made = Demonstrated(tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("demo-home"))
    before = {name: os.environ.get(name) for name in ("OSLER_HOME", "OSLER_WEIGHTS")}
    os.environ["OSLER_WEIGHTS"] = str(weights_home())
    os.environ["OSLER_HOME"] = str(made.home)
    try:
        write_demonstration(made.folder / "patient")
        assess_folder(made.folder / "patient", made.folder)
        yield made
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@pytest.fixture
def demonstrated(
    demonstrated_once: Demonstrated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Demonstrated:
    """A copy of the demonstration that a test may tamper with."""
    copy = Demonstrated(tmp_path / "demo", tmp_path / "home")
    shutil.copytree(demonstrated_once.folder, copy.folder)
    shutil.copytree(demonstrated_once.home, copy.home)
    monkeypatch.setenv("OSLER_HOME", str(copy.home))
    return copy
