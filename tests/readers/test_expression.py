"""Matrices of genes and samples: one source a sample, values as they were written."""

import csv
import gzip
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile, InputError
from osler.readers.expression import expression_of, read, read_file
from osler.readers.gene_matrix import is_gene_matrix
from osler.readers.gene_values import values_of
from osler.readers.maf import is_maf
from osler.readers.reading import Context, Item
from osler.readers.recognise import format_of
from osler.readers.resolve import ShownText, show
from osler.readers.table import TCGA
from osler.record.codec import fact_from_json, fact_to_json
from osler.record.fact import FactKind
from osler.record.media import Media
from osler.record.patient import Identifier
from osler.record.variant import Variant

NOW = datetime(2026, 10, 1, tzinfo=UTC)
GENES = [f"GENE{n}" for n in range(25)]
ACROSS = ("," + ",".join(GENES) + "\nTCGA-2F-A9KO," + ",".join(f"{n}.5" for n in range(25))
          + "\nP2," + ",".join("NA" for _ in range(25)) + "\n").encode()  # fmt: skip
CBIO = b"Hugo_Symbol\tEntrez_Gene_Id\tTCGA-2F-A9KO-01\tS2\nEGFR\t1956\t2.5\t-1e-3\n\t7157\tNA\t3\n"
GISTIC = (
    b"Gene Symbol\tLocus ID\tCytoband\tS1\tS2\nERBB2\t2064\t17q12\t2\t-1\nPTEN\t5728\t10q\t1\t-2\n"
)
GCT = b"#1.2\n2\t1\nName\tDescription\tS1\nENSG1\tEGFR\t1.5\nENSG2\tTP53\t2\n"
XENA = b"sample\tTCGA-2F-A9KO-01\nENSG00000146648.18\t1.5\n"


def context(**declared: Any) -> Context:
    return Context(name="m.tsv", now=NOW, declared=declared)


def items(data: bytes, **declared: Any) -> tuple[Item, ...]:
    return read(data, context(**declared)).items


@pytest.mark.parametrize("data", [CBIO, GISTIC, GCT, XENA, ACROSS, gzip.compress(CBIO)])
def test_layouts_are_known_by_their_columns(data: bytes) -> None:
    assert format_of(data, context()) == "expression"


@pytest.mark.parametrize(
    "head",
    [
        b",case_id,stage,grade,subtype\n0,TCGA-2F-A9KO,III,G2,BLCA\n",
        b"gene\tlogFC\tpadj\nEGFR\t1\t0.1\n",
        b"Gene,Drug\nEGFR,osimertinib\n",
        b"Name,Age\nEGFR,12\n".replace(b"12", b"twelve"),
        b"sample\tage\nS1\t3\n",
        b"name\n",
        b"",
    ],
)
def test_other_tables_are_left_alone(head: bytes) -> None:
    assert not is_gene_matrix(head)
    assert not is_maf(head)


def test_each_sample_is_two_columns() -> None:
    first, second = items(CBIO)
    assert first.data == b"gene\tTCGA-2F-A9KO-01\nEGFR\t2.5\n7157\tNA\n"
    assert first.patient == Identifier(authority=TCGA, value="TCGA-2F-A9KO")
    assert second.patient is None
    assert expression_of(first.data) == {"EGFR": 2.5}
    assert expression_of(second.data) == {"EGFR": -0.001, "7157": 3.0}
    (said,) = first.facts
    assert (said.kind, said.code.text) == (FactKind.MEDIA, "Gene expression profile of 1 genes")
    assert isinstance(said.value, Media)
    assert said.value.get("genes") == 1
    assert said.value.get("unit") is None, "nobody said it"
    shown = show(first.data, first.source, said.evidence.at)
    assert isinstance(shown, ShownText)
    assert shown.marked == first.data.decode()


def test_samples_may_go_down(tmp_path: Path) -> None:
    first, second = items(ACROSS)
    assert expression_of(first.data) == {f"GENE{n}": n + 0.5 for n in range(25)}
    assert expression_of(second.data) == {}
    assert values_of(second.data).missing == 25
    path = tmp_path / "m.csv.gz"
    path.write_bytes(gzip.compress(ACROSS))
    flow = read_file(path, context())
    assert flow.container
    assert tuple(flow.items) == (first, second)


def test_two_rows_of_one_sample_are_kept_apart() -> None:
    first, second = items(ACROSS.replace(b"P2", b"TCGA-2F-A9KO"))
    assert first.patient == second.patient
    assert first.data != second.data
    for item in (first, second):
        assert item.data.startswith(b"gene\tTCGA-2F-A9KO\n")
        assert item.trouble == (
            "its table has several rows of this sample: which of them holds is open"
        )


def test_calls_of_two_are_amplifications_and_deep_deletions() -> None:
    first, second = items(GISTIC, build="GRCh38")
    assert first.source.kind == "copy-number"
    profile, said = first.facts
    assert profile.code.text == "Copy-number calls of 2 genes"
    assert isinstance(said.value, Variant)
    assert (said.code.text, said.value.kind, said.value.sample) == (
        "ERBB2 amplification", "amplification", "S1",
    )  # fmt: skip
    assert [fact.code.text for fact in second.facts[1:]] == ["PTEN deletion"]
    assert fact_from_json(fact_to_json(said)) == said
    shown = show(first.data, first.source, said.evidence.at)
    assert isinstance(shown, ShownText)
    assert shown.marked == "ERBB2\t2"


def test_small_counts_are_no_calls() -> None:
    data = GISTIC.replace(b"-1", b"1").replace(b"-2", b"0").replace(b"\tCytoband", b"")
    counts = data.replace(b"\t17q12", b"").replace(b"\t10q", b"")
    (first, _) = items(counts)
    assert first.source.kind == "expression", "without one loss they may be counts"
    assert all(fact.kind is FactKind.MEDIA for fact in first.facts)
    assert items(counts, kind="copy-number")[0].source.kind == "copy-number"
    assert items(GISTIC.replace(b"\t2\t", b"\t0.7\t"))[0].source.kind == "copy-number"


def test_a_gct_says_how_large_it_is() -> None:
    (found,) = items(GCT)
    assert expression_of(found.data) == {"ENSG1": 1.5, "ENSG2": 2.0}
    with pytest.raises(BrokenFile, match="says 3 genes"):
        items(GCT.replace(b"\n2\t1\n", b"\n3\t1\n"))
    with pytest.raises(BrokenFile, match="line 2"):
        items(GCT.replace(b"\n2\t1\n", b"\n\n"))


def test_values_that_are_none_are_told() -> None:
    values = values_of(b"gene\tS\nA\t1\nA\t2\nB\tinf\nC\tx\nD\t1e999\nE\t4\nE\t4.0\nF\tNaN\n")
    assert values.by_gene == {"E": 4.0}
    assert (values.missing, values.doubled) == (1, ("A",))
    assert values.trouble is not None
    assert "3 values are no finite numbers (line 4: 'inf')" in values.trouble
    with pytest.raises(BrokenFile, match="line 2"):
        values_of(b"gene\tS\nA\n")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (CBIO[:-6], "line 3: 2 columns"),
        (CBIO.replace(b"\tS2", b"\tTCGA-2F-A9KO-01"), "one sample"),
        (CBIO.replace(b"\tS2", b"\t"), "sound name"),
        (b"Age\tName\n1\t2\n", "line 1"),
    ],
)
def test_damage_is_named(data: bytes, words: str) -> None:
    with pytest.raises(BrokenFile, match=words):
        items(data)


CELL = st.sampled_from(["1", "-2", "NA", "nan", "1e999", '"', '"a', "", "EGFR"]) | st.text(
    max_size=3
)


@given(st.lists(st.lists(CELL, min_size=1, max_size=4).map("\t".join), max_size=4))
def test_any_rows_are_read_or_refused(rows: list[str]) -> None:
    data = "\n".join(["Hugo_Symbol\tS1\tS2", *rows]).encode()
    try:
        found = items(data)
    except InputError:
        return
    for item in found:
        for said in item.facts:
            assert isinstance(show(item.data, item.source, said.evidence.at), ShownText)


@pytest.mark.parametrize("cohort", ["blca", "coadread", "stad"])
def test_every_value_of_a_real_cohort(shared_data: Path, cohort: str) -> None:
    path = shared_data / "oncology_tcga" / f"{cohort}_rna.csv.gz"
    if not path.is_file():
        pytest.skip("the TCGA cohorts are absent")
    rows = csv.reader(io.StringIO(gzip.decompress(path.read_bytes()).decode()))
    genes = next(rows)[1:]
    found = list(read_file(path, Context(name=path.name, now=NOW)).items)
    told = list(rows)
    names = [row[0] for row in told]
    for row, item in zip(told, found, strict=True):
        assert item.patient == Identifier(authority=TCGA, value=row[0])
        assert (item.trouble is None) is (names.count(row[0]) == 1)
        wanted = {g: float(v) for g, v in zip(genes, row[1:], strict=True)}
        assert expression_of(item.data) == wanted
