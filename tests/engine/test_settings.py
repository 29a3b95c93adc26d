"""Numeric settings: applied, recorded, and undone."""

import json
from dataclasses import replace

import pytest
import torch

from osler.engine.settings import NumericSettings


def test_settings_are_applied_and_undone() -> None:
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with NumericSettings.here().applied():
        assert torch.get_num_threads() == 1
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.is_inference_mode_enabled()
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before
    assert not torch.is_inference_mode_enabled()


def test_they_are_undone_after_an_error() -> None:
    before = torch.are_deterministic_algorithms_enabled()
    with pytest.raises(KeyError), NumericSettings.here().applied():
        raise KeyError("in the middle")
    assert torch.are_deterministic_algorithms_enabled() == before


def test_training_keeps_gradients() -> None:
    with NumericSettings.here().applied(inference=False):
        x = torch.ones(2, requires_grad=True)
        torch.autograd.backward(x.sum())
    assert x.grad is not None


def test_what_decides_the_bits_is_recorded() -> None:
    settings = NumericSettings.here()
    whole = json.loads(json.dumps(settings.to_json()))
    assert whole["torch"] == torch.__version__
    assert whole["threads"] == 1
    assert whole["processor"]
    assert replace(settings, threads=2).to_json() != whole
