"""Networks for the tests of this room, loaded once; absent ones skip with the command to run."""

from pathlib import Path

import pytest
import torch

from osler.errors import WeightsMissing
from osler.model.efficientnet import EfficientNetLite0, load_efficientnet
from osler.model.language import Language, load_language
from osler.model.text import TextEncoder, load_text_encoder

_ABSENT = "{name} is not set up here; run: osler models setup"


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Small batches gain nothing from threads, and on a busy machine these wait for each other."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def language() -> Language:
    try:
        return load_language()
    except WeightsMissing:
        pytest.skip(_ABSENT.format(name="smollm2"))


@pytest.fixture(scope="session")
def network() -> EfficientNetLite0:
    try:
        return load_efficientnet()
    except WeightsMissing:
        pytest.skip(_ABSENT.format(name="efficientnet-lite0"))


@pytest.fixture(scope="session")
def encoder() -> TextEncoder:
    try:
        return load_text_encoder()
    except WeightsMissing:
        pytest.skip(_ABSENT.format(name="minilm"))


@pytest.fixture
def own_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty weights folder, so that a test can convert, break and mend."""
    folder = tmp_path / "weights"
    monkeypatch.setenv("OSLER_WEIGHTS", str(folder))
    return folder
