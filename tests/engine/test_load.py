"""Models are loaded by what their specialty says, once."""

from dataclasses import replace

import pytest

from osler.engine.images import ImageModel
from osler.engine.load import load_model
from osler.errors import ModelAltered
from osler.judge.specialty import Specialty


def test_an_image_specialty_is_loaded_once(painted: Specialty) -> None:
    model = load_model(painted)
    assert isinstance(model, ImageModel)
    assert load_model(painted) is model


def test_an_unknown_network_is_refused(painted: Specialty) -> None:
    with pytest.raises(ModelAltered, match="network 'abacus'"):
        load_model(replace(painted, network="abacus", digest="0" * 64))
