"""A small specialty, learned once for the tests of this room."""

import pytest
from learn.painted import learn_painted, need_base

from osler.judge.specialty import Specialty


@pytest.fixture(scope="session")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Specialty:
    """A sealed specialty that tells two colours apart; its data lie beside it."""
    need_base()
    return learn_painted(tmp_path_factory.mktemp("painted"))
