"""MAF: one source a tumour sample, a patient only in a TCGA barcode, and lines that open."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile, InputError
from osler.readers.maf import is_maf, read, read_file
from osler.readers.reading import Context, Item
from osler.readers.resolve import ShownText, show
from osler.readers.table import TCGA
from osler.record.codec import fact_from_json, fact_to_json
from osler.record.patient import Identifier
from osler.record.variant import Variant

NOW = datetime(2026, 10, 1, tzinfo=UTC)
COLUMNS = (
    "Hugo_Symbol", "NCBI_Build", "Chromosome", "Start_Position", "Reference_Allele",
    "Tumor_Seq_Allele1", "Tumor_Seq_Allele2", "Tumor_Sample_Barcode",
    "Matched_Norm_Sample_Barcode", "Variant_Classification", "HGVSc", "HGVSp_Short",
    "Transcript_ID", "Exon_Number", "t_depth", "t_alt_count", "Mutation_Status", "FILTER",
)  # fmt: skip
EGFR = {
    "Hugo_Symbol": "EGFR", "NCBI_Build": "GRCh38", "Chromosome": "chr7",
    "Start_Position": "55191822", "Reference_Allele": "T", "Tumor_Seq_Allele1": "T",
    "Tumor_Seq_Allele2": "G", "Tumor_Sample_Barcode": "TCGA-2F-A9KO-01A-11D",
    "Matched_Norm_Sample_Barcode": "TCGA-2F-A9KO-10A", "HGVSc": "c.2573T>G",
    "Variant_Classification": "Missense_Mutation", "HGVSp_Short": "p.L858R",
    "Transcript_ID": "ENST00000275493", "Exon_Number": "21/28", "t_depth": "40",
    "t_alt_count": "10", "Mutation_Status": "Somatic", "FILTER": "PASS",
}  # fmt: skip


def row(**other: str) -> str:
    return "\t".join({**EGFR, **other}.get(column, "") for column in COLUMNS)


def maf(*rows: str, columns: tuple[str, ...] = COLUMNS) -> bytes:
    return "\n".join(["#version gdc-1.0.0", "\t".join(columns), *rows, ""]).encode()


def items(data: bytes, **declared: Any) -> tuple[Item, ...]:
    return read(data, Context(name="cohort.maf", now=NOW, declared=declared)).items


def variant(data: bytes, **declared: Any) -> Variant:
    ((fact,),) = (item.facts for item in items(data, **declared))
    assert isinstance(fact.value, Variant)
    return fact.value


def test_a_variant_with_all_that_the_row_says() -> None:
    (item,) = items(maf(row()))
    (said,) = item.facts
    assert said.value == Variant(
        build="GRCh38", chromosome="chr7", position=55191822, reference="T", alternate="G",
        gene="EGFR", transcript="ENST00000275493", coding_change="c.2573T>G",
        protein_change="p.L858R", consequence="missense_variant", exon=21, filters=("PASS",),
        sample="TCGA-2F-A9KO-01A-11D", depth=40, allele_fraction=0.25, origin="somatic",
    )  # fmt: skip
    assert item.patient == Identifier(authority=TCGA, value="TCGA-2F-A9KO")
    assert item.trouble is None
    shown = show(item.data, item.source, said.evidence.at)
    assert isinstance(shown, ShownText)
    assert (shown.marked, shown.before) == (row(), "\t".join(COLUMNS))
    assert fact_from_json(fact_to_json(said)) == said


def test_each_sample_is_a_source_of_its_own(tmp_path: Path) -> None:
    other = row(Tumor_Sample_Barcode="P-0001-T01", Matched_Norm_Sample_Barcode="")
    data = maf(row(), other, row(Start_Position="55191823"))
    first, second = items(data)
    assert first.data == maf(row(), row(Start_Position="55191823"))
    assert second.data == maf(other)
    assert (len(first.facts), len(second.facts)) == (2, 1)
    assert second.patient is None, "a person must say whose it is"
    path = tmp_path / "cohort.maf"
    path.write_bytes(data)
    flow = read_file(path, Context(name="cohort.maf", now=NOW))
    assert flow.container
    assert tuple(flow.items) == (first, second)


def test_tumour_and_normal_of_two_people_are_disputed() -> None:
    (item,) = items(maf(row(Matched_Norm_Sample_Barcode="TCGA-2F-A9KP-10A")))
    assert item.disputed is not None
    assert "TCGA-2F-A9KP" in item.disputed


@pytest.mark.parametrize(
    ("stated", "declared", "build"),
    [("37", None, "GRCh37"), ("hg19", None, "GRCh37"), ("", "GRCh38", "GRCh38")],
)
def test_the_build(stated: str, declared: str | None, build: str) -> None:
    said = {"build": declared} if declared else {}
    assert variant(maf(row(NCBI_Build=stated, Start_Position="9")), **said).build == build


@pytest.mark.parametrize(
    ("rows", "declared"),
    [
        ((row(NCBI_Build=""),), {}),
        ((row(NCBI_Build="36"),), {}),
        ((row(), row(NCBI_Build="37")), {}),
        ((row(),), {"build": "GRCh37"}),
    ],
)
def test_no_variant_without_one_build(rows: tuple[str, ...], declared: dict[str, str]) -> None:
    (item,) = items(maf(*rows), **declared)
    assert item.facts == ()
    assert item.trouble is not None
    assert "no variant was taken" in item.trouble


@pytest.mark.parametrize(
    "other",
    [
        {"Start_Position": "x"},
        {"Start_Position": "999999999"},
        {"Reference_Allele": "T>G"},
        {"Tumor_Seq_Allele2": "T"},
        {"Tumor_Seq_Allele2": ""},
        {"Chromosome": ""},
    ],
)
def test_a_row_that_is_wrong_is_told_and_the_next_is_read(other: dict[str, str]) -> None:
    (item,) = items(maf(row(**other), row()))
    assert len(item.facts) == 1
    assert item.trouble is not None
    assert "line 3" in item.trouble


def test_what_a_row_leaves_out_stays_unknown() -> None:
    bare = dict.fromkeys(("Mutation_Status", "FILTER", "t_depth", "t_alt_count", "HGVSc"), ".")
    found = variant(maf(row(**bare, Exon_Number="", Variant_Classification="Splice_Site")))
    assert (found.origin, found.filters, found.depth, found.exon) == (None, (), None, None)
    assert (found.coding_change, found.consequence) == (None, "splice")
    (item,) = items(maf(row(t_alt_count="41")))
    assert item.trouble is not None
    assert "allele fraction left out" in item.trouble
    germline = variant(maf(row(Mutation_Status="Germline", FILTER="panel_of_normals;low")))
    assert (germline.origin, germline.passed) == ("germline", False)


def test_a_table_without_its_columns() -> None:
    with pytest.raises(BrokenFile, match="tumor_sample_barcode"):
        items(maf(columns=COLUMNS[:7]))
    with pytest.raises(BrokenFile, match="cut short"):
        items(b"#version 2.4\n")
    assert is_maf(maf())
    assert not is_maf(b"Hugo_Symbol\tEntrez_Gene_Id\tS1\n")


CELL = st.sampled_from(["7", "T", "G", "", "GRCh38", "1e9"]) | st.text(max_size=4)


@given(st.lists(st.lists(CELL, min_size=1, max_size=19).map("\t".join), max_size=4))
def test_any_rows_are_read_or_told(rows: list[str]) -> None:
    try:
        found = items(maf(*rows))
    except InputError:
        return
    for item in found:
        for said in item.facts:
            assert isinstance(show(item.data, item.source, said.evidence.at), ShownText)
