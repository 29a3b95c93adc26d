"""Fixtures that every room's tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of development data; a test that asks for it skips where it is absent."""
    here = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("OSLER_SHARED_DATA", here.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("development data are absent (set OSLER_SHARED_DATA to their folder)")
    return folder


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for every test, so that nobody's store or keys are touched."""
    weights = os.environ.get("OSLER_WEIGHTS")
    if weights is None:
        from osler.home import home

        monkeypatch.setenv("OSLER_WEIGHTS", str(home() / "weights"))
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("OSLER_HOME", str(folder))
    return folder
