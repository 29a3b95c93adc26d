"""What is gathered by key comes back as it went in, held or spilled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile
from osler.readers import spill as module
from osler.readers.spill import Spill


@given(st.lists(st.tuples(st.sampled_from("abc"), st.binary(max_size=9))), st.integers(0, 30))
def test_what_goes_in_comes_out(added: list[tuple[str, bytes]], budget: int) -> None:
    with Spill(budget) as spill:
        for key, data in added:
            spill.add(key, data)
        keys = list(spill.keys())
        assert keys == list(dict.fromkeys(key for key, _ in added))
        for key in keys:
            assert spill.take(key) == b"".join(data for k, data in added if k == key)


def test_samples_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_KEYS", 2)
    with Spill() as spill:
        spill.add("a", b"")
        spill.add("b", b"")
        with pytest.raises(BrokenFile, match="split"):
            spill.add("c", b"")
