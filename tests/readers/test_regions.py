"""Regions: what is inside is inside, counted once, whatever the order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile
from osler.readers.regions import Regions, regions_of_bed

PAIRS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9)), max_size=12)


@given(PAIRS)
def test_positions_are_those_that_were_added(pairs: list[tuple[int, int]]) -> None:
    regions = Regions()
    for first, more in pairs:
        regions.add("chr1", first, first + more)
    whole = regions.settled()
    inside = {p for first, more in pairs for p in range(first, first + more + 1)}
    assert {p for p in range(80) if ("1", p) in whole} == inside
    assert whole.bases == len(inside)
    assert ("chr2", 5) not in whole


def test_a_bed_counts_from_zero_and_leaves_out_its_end() -> None:
    regions = regions_of_bed(b"track name=x\nchr7\t9\t12\tEGFR\n7 11 20\n", "p.bed")
    assert [("chr7", p) in regions for p in (9, 10, 20, 21)] == [False, True, True, False]
    assert (regions.bases, len(regions)) == (11, 1)


@pytest.mark.parametrize("line", [b"chr7\t9", b"chr7\tx\t9", b"chr7\t9\t9", b"chr7\t-1\t9"])
def test_a_line_that_is_no_region_is_named(line: bytes) -> None:
    with pytest.raises(BrokenFile, match="line 2"):
        regions_of_bed(b"chr1\t1\t2\n" + line + b"\n", "p.bed")
