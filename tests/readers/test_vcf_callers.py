"""The words of the callers: who is the tumour, how many reads, and which build it cannot be."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from osler.errors import BrokenFile, Undeclared
from osler.readers import notable
from osler.readers.notable import Notable
from osler.readers.reading import Context, Item
from osler.readers.vcf import read, read_file
from osler.readers.vcf_bcsq import protein_of
from osler.record.fact import Fact
from osler.record.variant import Variant

NOW = datetime(2026, 10, 1, tzinfo=UTC)
BASE = "7\t55191822\t.\tT\tG\t99\tPASS\t"


def vcf(*lines: str, header: tuple[str, ...] = (), samples: str = "") -> bytes:
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    columns += f"\tFORMAT\t{samples}" if samples else ""
    head = ["##fileformat=VCFv4.2", "##reference=GRCh38", *header, columns]
    return "\n".join([*head, *lines, ""]).encode()


def item(data: bytes, **declared: Any) -> Item:
    (found,) = read(data, Context(name="panel.vcf", now=NOW, declared=declared)).items
    return found


def variant(data: bytes, **declared: Any) -> Variant:
    (found,) = item(data, **declared).facts
    assert isinstance(found.value, Variant)
    return found.value


def test_strelka() -> None:
    line = BASE + "SOMATIC\tDP:AU:CU:GU:TU\t40:0,0:0,0:0,0:40,41\t50:0,0:0,0:10,12:30,30"
    found = variant(vcf(line, samples="NORMAL\tTUMOR"))
    assert (found.sample, found.depth, found.allele_fraction) == ("TUMOR", 50, 0.25)
    assert found.origin == "somatic"
    indel = "7\t9\t.\tTA\tT\t.\tPASS\tSOMATIC\tDP:TAR:TIR\t9:9,9:0,0\t9:6,6:2,3"
    assert variant(vcf(indel, samples="NORMAL\tTUMOR")).allele_fraction == 0.25


def test_varscan() -> None:
    header = (
        '##INFO=<ID=SS,Number=1,Type=String,Description="Somatic status of variant '
        '(0=Reference,1=Germline,2=Somatic,3=LOH, or 5=Unknown)">',
    )
    form = "\tGT:DP:RD:AD:FREQ\t0/0:30:30:0:0%\t0/1:40:30:10:25%"
    for status, origin in (("1", "germline"), ("2", "somatic"), ("5", None)):
        found = variant(vcf(BASE + f"SS={status}" + form, header=header, samples="NORMAL\tTUMOR"))
        assert (found.origin, found.allele_fraction, found.depth) == (origin, 0.25, 40)
    assert variant(vcf(BASE + "SS=2" + form, samples="NORMAL\tTUMOR")).origin is None


def test_mutect_names_both_columns_in_either_order() -> None:
    header = ("##normal_sample=N", "##tumor_sample=T")
    for samples, calls in (("N\tT", "0/0:9,0\t0/1:6,2"), ("T\tN", "0/1:6,2\t0/0:9,0")):
        found = variant(vcf(BASE + f".\tGT:AD\t{calls}", header=header, samples=samples))
        assert (found.sample, found.allele_fraction) == ("T", 0.25)


def test_words_that_contradict_each_other_bind_nothing() -> None:
    line = BASE + ".\tGT\t0/0\t0/1"
    found = item(vcf(line, header=("##tumor_sample=NORMAL",), samples="NORMAL\tTUMOR"))
    assert found.trouble is not None
    assert '"tumour_sample"' in found.trouble


@pytest.mark.parametrize("stated", ["AF", "VAF"])
@pytest.mark.parametrize("value", ["1.2", "nan", "inf", "-0.1", "1e999"])
def test_a_fraction_outside_its_range_is_left_out_and_told(stated: str, value: str) -> None:
    found = item(vcf(BASE + f".\tGT:{stated}:AD\t0/1:{value}:5,5", samples="S"))
    assert isinstance(found.facts[0].value, Variant)
    assert found.facts[0].value.allele_fraction is None
    assert found.trouble is not None
    assert "line 4: allele fraction" in found.trouble


def test_a_position_past_the_chromosomes_end_is_another_build() -> None:
    with pytest.raises(BrokenFile, match="chr21 of GRCh38 ends at 46709983"):
        item(vcf("21\t46709985\t.\tA\tG\t.\t.\t."))
    with pytest.raises(BrokenFile, match="reference 'A>T'"):
        item(vcf("21\t1\t.\tA>T\tG\t.\t.\t."))


@pytest.mark.parametrize("words", ["hg18", "chm13", "GRCm38"])
def test_a_build_that_is_not_read_is_refused_whoever_declares(words: str) -> None:
    data = vcf(BASE + ".").replace(b"GRCh38", words.encode())
    with pytest.raises(Undeclared, match="Osler reads GRCh37 and GRCh38"):
        item(data)
    with pytest.raises(Undeclared, match="two genome builds"):
        item(data, build="GRCh38")


def test_bcsq() -> None:
    header = (
        '##INFO=<ID=BCSQ,Number=.,Type=String,Description="Local consequence annotation. Format: '
        'Consequence|gene|transcript|biotype|strand|amino_acid_change|dna_change">',
    )
    row = "missense|EGFR|ENST1|protein_coding|+|858L>858R|55191822T>G"
    found = variant(vcf(BASE + f"BCSQ={row}", header=header))
    assert (found.gene, found.protein_change) == ("EGFR", "p.Leu858Arg")
    two = BASE.replace("\tG\t", "\tG,C\t") + f"BCSQ={row}"
    first, second = item(vcf(two, header=header)).facts
    assert isinstance(first.value, Variant)
    assert isinstance(second.value, Variant)
    assert (first.value.gene, second.value.gene) == ("EGFR", None)
    assert variant(vcf(BASE + "BCSQ=@55191800", header=header)).gene is None
    told = [protein_of(text) for text in ("7L", "7Q>7*", "7LA>7L", "7L>9R", "", "7Z>7L")]
    assert told == ["p.Leu7=", "p.Gln7Ter", None, None, None, None]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("17\t9\t.\tA\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=99;GENE=TP53", "deletion"),
        ("17\t9\t.\tA\t<CNV>\t.\tPASS\tSVTYPE=CNV;END=99;GENE=TP53;CN=0", "deletion"),
        ("17\t9\t.\tA\t<DUP>\t.\tPASS\tSVTYPE=DUP;END=99;GENE=ERBB2", None),
        ("2\t9\t.\tA\tA[2:90[\t.\tPASS\tSVTYPE=BND;GENE=ALK", None),
    ],
)
def test_a_structural_change_needs_its_words(line: str, kind: str | None) -> None:
    found = [fact.value for fact in item(vcf(line)).facts]
    assert [value.kind for value in found if isinstance(value, Variant)] == ([kind] if kind else [])
    if kind:
        assert isinstance(found[0], Variant)
        assert (found[0].end, str(found[0])) == (99, "TP53 deletion")


def test_a_long_file_keeps_what_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    csq = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|SYMBOL">'
    lines = [
        f"1\t{n + 1}\t.\tA\tG\t.\t{'PASS' if n % 3 else 'low'}\t"
        + ("CSQ=G|missense_variant|X" if n % 5 == 0 else "CSQ=G|intron_variant|X")
        for n in range(60)
    ]
    path = tmp_path / "g.vcf"
    path.write_bytes(vcf(*lines, header=(csq,)))
    monkeypatch.setattr("osler.readers.vcf.Notable", lambda: Notable(most=20))
    (found,) = read_file(path, Context(name="g.vcf", now=NOW)).items
    assert found.file == path
    places = [fact.value.position - 1 for fact in found.facts if isinstance(fact.value, Variant)]
    assert places == [n for n in range(60) if n % 3 and n % 5 == 0]
    assert found.trouble is not None
    assert "52 of 60 variants are kept in the source alone" in found.trouble


def test_no_more_facts_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    (said,) = item(vcf(BASE + ".")).facts
    chosen = Notable(most=3)
    monkeypatch.setattr(notable, "is_notable", _always)
    for _ in range(9):
        chosen.add(said)
    assert len(chosen.facts()) == 3
    assert chosen.trouble is not None


def _always(fact: Fact) -> bool:
    return fact is not None


def test_a_hostile_header_ends_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("osler.readers.vcf_header._MOST_LINES", 50)
    with pytest.raises(BrokenFile, match="header lines"):
        item(vcf(BASE + ".", header=("##INFO=<ID=x>",) * 99))
    nested = "##INFO=<ID=CSQ,Description=" + '"\\' * 50_000
    assert item(vcf(BASE + ".", header=(nested,))).facts
