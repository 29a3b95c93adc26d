"""SEG: one source a sample, its segments as numbers, and no call that nobody made."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile
from osler.readers.copy_number import CopySegment, read, read_file, segments_of
from osler.readers.reading import Context
from osler.readers.recognise import format_of
from osler.record.fact import FactKind

NOW = datetime(2026, 10, 1, tzinfo=UTC)
CONTEXT = Context(name="c.seg", now=NOW)
HEAD = "ID\tchrom\tloc.start\tloc.end\tnum.mark\tseg.mean\n"
ROWS = (
    "TCGA-2F-A9KO-01\t17\t100\t200\t9\t2.5\nS2\tX\t1\t2\t1\t-1e-3\nTCGA-2F-A9KO-01\t7\t5\t6\t1\t0\n"
)
GDC = "GDC_Aliquot\tChromosome\tStart\tEnd\tNum_Probes\tSegment_Mean\n"


@pytest.mark.parametrize("head", [HEAD, GDC, HEAD.replace("ID", '"ID"')])
def test_each_sample_is_a_source(head: str, tmp_path: Path) -> None:
    data = (head + ROWS).encode()
    assert format_of(data, CONTEXT) == "copy_number"
    first, second = read(data, CONTEXT).items
    lines = ROWS.splitlines(keepends=True)
    assert first.data == (head + lines[0] + lines[2]).encode()
    assert segments_of(first.data) == (
        CopySegment(chromosome="chr17", start=100, end=200, log_ratio=2.5),
        CopySegment(chromosome="chr7", start=5, end=6, log_ratio=0.0),
    )
    assert str(first.patient).endswith("TCGA-2F-A9KO")
    assert second.patient is None
    (said,) = first.facts
    assert said.kind is FactKind.MEDIA
    assert said.code.text == "Copy-number profile of 2 segments"
    path = tmp_path / "c.seg"
    path.write_bytes(data)
    assert tuple(read_file(path, CONTEXT).items) == (first, second)


@pytest.mark.parametrize("row", ["17\t9\t8\t1\t0", "17\tx\t8\t1\t0", "17\t1\t8\t1\tnan", "17\t1"])
def test_a_row_that_is_no_segment_is_told(row: str) -> None:
    (item,) = read(f"{HEAD}S\t{row}\n".encode(), CONTEXT).items
    assert segments_of(item.data) == ()
    assert item.trouble is not None
    assert "line 2" in item.trouble


def test_a_table_with_other_columns() -> None:
    with pytest.raises(BrokenFile, match="line 1"):
        read(b"a\tb\n", CONTEXT)


@given(st.text(st.sampled_from('S17\t.-e9\n x"\x00é')))
def test_any_rows_are_read_or_told(rows: str) -> None:
    for item in read((HEAD + rows).encode(), CONTEXT).items:
        assert len(segments_of(item.data)) <= item.data.count(b"\n")
