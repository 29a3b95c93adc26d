"""A small specialty, learned once for the tests of this room."""

import pytest

from osler.judge.specialty import Specialty
from tests.learn.painted import learn_painted, need_base


@pytest.fixture(scope="session")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Specialty:
    """A sealed specialty that tells two colours apart; its data lie beside it."""
    need_base()
    return learn_painted(tmp_path_factory.mktemp("painted"))
