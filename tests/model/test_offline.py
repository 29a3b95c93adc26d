"""The Hugging Face libraries are kept off the network unless the operator says otherwise."""

import os

import pytest

from osler.model.offline import stay_offline


def test_sets_what_no_one_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "0")
    stay_offline()
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert os.environ["HF_HUB_DISABLE_TELEMETRY"] == "0"
