"""VCF, MAF, WFDB and EDF: names of people and samples go, the measurements stay."""

import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile, InputError, Undeclared
from osler.readers.deidentify_files import (
    rewrite_edf,
    rewrite_maf,
    rewrite_vcf,
    rewrite_wfdb,
    sample_token,
)
from osler.readers.deidentify_people import Known
from osler.readers.deidentify_text import Cleaner

from .planted import deidentifier
from .recordings import edf, sine, words

KNOWN = Known(names=frozenset({"Quillfeather"}))
CLEANER = Cleaner(deidentifier=deidentifier(), days=-40, known=KNOWN)
VCF = (
    b"##fileformat=VCFv4.2\n##fileDate=20240501\n##reference=file:///home/quillfeather/GRCh38.fa\n"
    b"##GATKCommandLine=<CommandLine=-I /data/Quillfeather.bam>\n"
    b'##SAMPLE=<ID=Quillfeather_T,Individual=Zebulon,Description="Tumour">\n'
    b"##tumor_sample=Quillfeather_T\n##normal_sample=NORMAL\n"
    b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tQuillfeather_T\tNORMAL\n"
    b"chr7\t55191822\t.\tT\tG\t99\tPASS\tDP=10\tGT\t0/1\t0/0\n"
)


def test_a_vcfs_samples_are_tokens_and_its_lines_stay() -> None:
    out = rewrite_vcf(VCF, "a.vcf", CLEANER).decode()
    assert "quillfeather" not in out.casefold() and "Zebulon" not in out
    token = sample_token("Quillfeather_T", CLEANER)
    assert f"##tumor_sample={token}" in out and out.count(token) == 3
    assert "##reference=GRCh38.fa" in out and "##fileDate=20240322" in out
    assert "##normal_sample=NORMAL" in out and out.splitlines()[-1] == VCF.decode().splitlines()[-1]


def test_a_mafs_barcodes_are_tokens() -> None:
    maf = (
        "#version 2.4\n#made for Quillfeather\n"
        "Hugo_Symbol\tCenter\tChromosome\tTumor_Sample_Barcode\tcase_id\tdbSNP_RS\n"
        "EGFR\tRavenholm\t7\tQF-01\tQF\trs1\n"
    )
    out = rewrite_maf(maf.encode(), "a.maf", CLEANER).decode().splitlines()
    assert out[:2] == ["#version 2.4", maf.splitlines()[2]]
    barcode = sample_token("QF-01", CLEANER)
    assert out[2].split("\t") == ["EGFR", "", "7", barcode, sample_token("QF", CLEANER), "rs1"]


def test_a_wfdb_header_loses_its_remarks_and_its_date_moves() -> None:
    header = b"100 1 360 650 10:00:00 01/05/2024\n100.dat 212 200 11 1024 995 0 0 MLII\n# 93 M Q\n"
    out = rewrite_wfdb(header, "100.hea", CLEANER).decode()
    assert out == "100 1 360 650 10:00:00 22/03/2024\n100.dat 212 200 11 1024 995 0 0 MLII\n"
    bare = Cleaner(deidentifier=deidentifier(), days=None)
    assert rewrite_wfdb(header, "a", bare).decode().splitlines()[0] == "100 1 360 650 10:00:00"


def test_a_wfdb_record_named_after_a_person_is_refused() -> None:
    with pytest.raises(Undeclared, match="rename"):
        rewrite_wfdb(b"Quillfeather_1 1 360 650\nx.dat 16 200\n", "a.hea", CLEANER)


@pytest.mark.parametrize("days", [-40, None])
def test_an_edf_is_blank_where_it_identifies(days: int | None) -> None:
    notes = words([b"+0\x14\x14\x00+1\x145Jane fell\x14\x00", b"+1\x14\x14\x00", b"", b"+3\x14x"])
    data = edf(sine("EEG Fp1"), notes)
    out = rewrite_edf(data, "a.edf", Cleaner(deidentifier=deidentifier(), days=days))
    assert len(out) == len(data)
    assert b"Doe" not in out and b"Jane" not in out and b"Sony" not in out and b"MAR" not in out
    assert out.count(b"+0\x14\x14\x00") == 1 and out.count(b"+1\x14\x14\x00") == 1
    day = date(2002, 3, 2) + timedelta(days=days or 0)
    assert out[168:176].decode() == (f"{day:%d.%m.%y}" if days else "01.01.85")
    first = 256 * 3
    assert out[first : first + 200] == data[first : first + 200]


@given(st.binary(max_size=600), st.integers(0, 700))
def test_a_damaged_edf_is_refused(noise: bytes, at: int) -> None:
    whole = edf(sine("EEG"), words([b"+0\x14\x14\x00"] * 4))
    data = whole[:at] + noise + whole[at + len(noise) :]
    with contextlib.suppress(InputError):
        assert len(rewrite_edf(data, "a", CLEANER)) == len(data)


def test_an_edf_header_that_does_not_add_up_is_damage() -> None:
    with pytest.raises(BrokenFile):
        rewrite_edf(b"0       " + b" " * 300, "a", CLEANER)


@given(st.text(max_size=200))
def test_any_text_after_the_first_line_is_taken(text: str) -> None:
    rewrite_vcf(f"##fileformat=VCFv4.2\n{text}".encode(), "a", CLEANER)
    rewrite_maf(f"Hugo_Symbol\tx_id\n{text}".encode(), "a", CLEANER)
