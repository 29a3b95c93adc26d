"""VCF: a build or nothing, an origin only where it is said, and each line opens."""

import gzip
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile, InputError, Undeclared, UnknownFormat
from osler.readers.reading import Context, Item
from osler.readers.resolve import ShownText, show
from osler.readers.vcf import read
from osler.record.codec import fact_from_json, fact_to_json
from osler.record.fact import Assertion, Fact
from osler.record.locator import Line
from osler.record.variant import Variant

NOW = datetime(2026, 10, 1, tzinfo=UTC)
CSQ = (
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. '
    'Format: Allele|Consequence|SYMBOL|Feature|EXON|HGVSc|HGVSp|MANE_SELECT|CANONICAL">'
)
BUILD = "##reference=GRCh38"
EGFR = "G|missense_variant|EGFR|ENST1|21/28|ENST1:c.2573T>G|ENSP1:p.Leu858Arg|{}|{}"
OTHER = "G|missense_variant|EGFR|ENST2|20/27|ENST2:c.2438T>G|ENSP2:p.Leu813Arg|{}|{}"
BASE = "chr7\t55191822\t.\tT\tG\t99\tPASS\t"


def vcf(*lines: str, header: tuple[str, ...] = (BUILD, CSQ), samples: str = "") -> bytes:
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    columns += f"\tFORMAT\t{samples}" if samples else ""
    return "\n".join(["##fileformat=VCFv4.2", *header, columns, *lines, ""]).encode()


def item(data: bytes, **declared: Any) -> Item:
    (found,) = read(data, Context(name="panel.vcf", now=NOW, declared=declared)).items
    return found


def fact(data: bytes, **declared: Any) -> Fact:
    (found,) = item(data, **declared).facts
    return found


def variant(data: bytes, **declared: Any) -> Variant:
    value = fact(data, **declared).value
    assert isinstance(value, Variant)
    return value


@pytest.mark.parametrize(
    ("line", "build"),
    [
        ("##reference=file:///ref/Homo_sapiens_assembly38/GRCh38.fa", "GRCh38"),
        ("##reference=hg19.fa", "GRCh37"),
        ("##reference=/data/hs37d5.fa.gz", "GRCh37"),
        ("##contig=<ID=chr7,length=1,assembly=hg38>", "GRCh38"),
        ("##contig=<ID=chr1,length=248956422>", "GRCh38"),
        ("##contig=<ID=1,length=249250621>", "GRCh37"),
    ],
)
def test_the_build_is_read_where_the_header_says_it(line: str, build: str) -> None:
    assert variant(vcf(BASE + ".", header=(line,))).build == build


def test_the_build_may_be_declared_but_not_left_open() -> None:
    data = vcf(BASE + ".", header=())
    assert variant(data, build="hg19").build == "GRCh37"
    with pytest.raises(Undeclared, match=r'"build": "GRCh38".*panel\.vcf\.json'):
        item(data)
    with pytest.raises(Undeclared, match="not known"):
        item(data, build="hg99")
    with pytest.raises(Undeclared, match="its sidecar says GRCh37"):
        item(vcf(BASE + "."), build="GRCh37")
    with pytest.raises(Undeclared, match="two genome builds"):
        item(vcf(header=(BUILD, "##contig=<ID=1,length=249250621>")))


def test_a_variant_with_all_that_the_file_says() -> None:
    header = (BUILD, CSQ, "##fileDate=20260912", "##tumor_sample=T")
    line = BASE + f"SOMATIC;CSQ={EGFR.format('NM_005228.5', 'YES')}\tGT:AD:DP\t0/1:69,31:104"
    found = item(vcf(line, header=header, samples="T"))
    (said,) = found.facts
    assert said.value == Variant(
        build="GRCh38", chromosome="chr7", position=55191822, reference="T", alternate="G",
        gene="EGFR", transcript="ENST1", coding_change="c.2573T>G", protein_change="p.Leu858Arg",
        consequence="missense_variant", exon=21, filters=("PASS",), sample="T", depth=104,
        allele_fraction=0.31, origin="somatic", genotype="0/1",
    )  # fmt: skip
    assert said.code.text == "EGFR p.Leu858Arg"
    assert said.valid_from is None, "the file's date is not the specimen's"
    assert str(said.recorded_at) == "2026-09-12"
    assert not said.recorded_inferred
    assert said.assertion is Assertion.PRESENT
    assert found.trouble is None
    assert said.evidence.at == Line(number=7)
    shown = show(found.data, found.source, said.evidence.at)
    assert isinstance(shown, ShownText)
    assert shown.marked == line
    assert fact_from_json(fact_to_json(said)) == said


def test_only_a_person_says_when_the_specimen_was_taken() -> None:
    data = vcf(BASE + ".", header=(BUILD, "##fileDate=20260912"))
    said = fact(data, date="2026-09-01")
    assert (str(said.valid_from), str(said.recorded_at)) == ("2026-09-01", "2026-09-12")
    odd = item(vcf(BASE + ".", header=(BUILD, "##fileDate=Tue Sep 1")))
    assert odd.facts[0].recorded_at is None
    assert odd.facts[0].recorded_inferred
    assert odd.trouble is not None
    assert "Tue Sep 1" in odd.trouble


TWO = BASE + "SOMATIC\tGT:AF\t0/1:0.31\t0/0:0.0"


@pytest.mark.parametrize(
    ("line", "fraction"),
    [
        ("##tumor_sample=A", 0.31),
        ('##SAMPLE=<ID=A,Description="Tumor, lymph node">', 0.31),
        ("##SAMPLE=<ID=B,Type=tumour>", 0.0),
    ],
)
def test_the_header_binds_the_tumours_column(line: str, fraction: float) -> None:
    found = variant(vcf(TWO, header=(BUILD, line), samples="A\tB"))
    assert found.allele_fraction == fraction
    assert found.origin == "somatic"


def test_columns_that_nobody_told_apart_stay_unread() -> None:
    found = item(vcf(TWO, samples="A\tB"))
    (said,) = found.facts
    assert isinstance(said.value, Variant)
    assert (said.value.origin, said.value.sample, said.value.allele_fraction) == (None, None, None)
    assert said.assertion is Assertion.POSSIBLE, "one column has it and the other has not"
    assert found.trouble is not None
    assert '"tumour_sample"' in found.trouble
    declared = fact(vcf(TWO, samples="A\tB"), tumour_sample="A")
    assert declared.assertion is Assertion.PRESENT
    with pytest.raises(Undeclared, match="columns are A, B"):
        item(vcf(TWO, samples="A\tB"), tumour_sample="C")
    both = '##SAMPLE=<ID=A,Description="tumour-adjacent normal">'
    assert item(vcf(TWO, header=(BUILD, both), samples="A\tB")).trouble is not None


def test_an_origin_is_never_guessed() -> None:
    header = (BUILD, "##tumor_sample=T")
    data = vcf(BASE + ".\tGT\t0/1", header=header, samples="T")
    assert variant(data).origin is None
    assert variant(data, origin="germline").origin == "germline"
    said = (BUILD, "##SAMPLE=<ID=T,Origin=somatic>")
    assert variant(vcf(BASE + ".\tGT\t0/1", header=said, samples="T")).origin == "somatic"
    with pytest.raises(Undeclared, match="somatic or germline"):
        item(data, origin="maybe")


@pytest.mark.parametrize(
    ("genotype", "assertion"),
    [
        ("0/1", Assertion.PRESENT),
        ("1|1", Assertion.PRESENT),
        ("0/0", Assertion.ABSENT),
        ("./1", Assertion.PRESENT),
        ("./0", Assertion.POSSIBLE),
    ],
)
def test_a_genotype_without_the_allele_does_not_have_it(
    genotype: str, assertion: Assertion
) -> None:
    assert fact(vcf(BASE + f".\tGT\t{genotype}", samples="S")).assertion is assertion


@pytest.mark.parametrize("genotype", ["./.", ".", ".|."])
def test_what_was_not_called_is_no_fact(genotype: str) -> None:
    assert item(vcf(BASE + f".\tGT\t{genotype}", samples="S")).facts == ()


def test_alleles_are_split() -> None:
    line = (
        "7\t10\t.\tTA\tGA,T,*\t.\tlow_depth;strand\tCSQ="
        "GA|missense_variant|G1|E1|1/2||p.Ala1Gly||,T|frameshift_variant|G1|E1|1/2||p.Ala1fs||"
        "\tGT:AD:AF\t0/2:70,10,20,0:0.1,0.2,0"
    )
    first, second = item(vcf(line, samples="S")).facts
    assert isinstance(first.value, Variant)
    assert isinstance(second.value, Variant)
    assert (first.value.protein_change, second.value.protein_change) == ("p.Ala1Gly", "p.Ala1fs")
    assert (first.value.allele_fraction, second.value.allele_fraction) == (0.1, 0.2)
    assert (first.assertion, second.assertion) == (Assertion.ABSENT, Assertion.PRESENT)
    assert first.value.filters == ("low_depth", "strand")
    assert not first.value.passed
    assert first.status == "filtered"


def test_vep_writes_indels_without_the_shared_base() -> None:
    info = "CSQ=-|inframe_deletion|EGFR|E|19/28||p.Glu746_Ala750del||,GA|intron_variant|X|E||||"
    line = f"7\t55174771\t.\tAGGAATTAAGAGAAGC\tA,AGA\t.\tPASS\t{info}"
    first, second = item(vcf(line)).facts
    assert isinstance(first.value, Variant)
    assert isinstance(second.value, Variant)
    assert (first.value.gene, second.value.gene) == ("EGFR", "X")


@pytest.mark.parametrize(
    ("rows", "change", "doubtful"),
    [
        ((OTHER.format("", ""), EGFR.format("NM_005228.5", "")), "p.Leu858Arg", False),
        ((OTHER.format("", ""), EGFR.format("", "YES")), "p.Leu858Arg", False),
        ((OTHER.format("", "YES"), EGFR.format("NM_005228.5", "YES")), "p.Leu858Arg", False),
        ((OTHER.format("", ""), EGFR.format("", "")), None, True),
        ((EGFR.format("", ""), EGFR.format("", "")), "p.Leu858Arg", False),
        ((EGFR.format("", "YES"), OTHER.format("", "YES")), None, True),
        (("G|downstream_gene_variant|X|E9||||", EGFR.format("", "")), "p.Leu858Arg", False),
    ],
)
def test_a_transcript_is_never_chosen_silently(
    rows: tuple[str, ...], change: str | None, doubtful: bool
) -> None:
    found = item(vcf(BASE + f"CSQ={','.join(rows)}"))
    (said,) = found.facts
    assert isinstance(said.value, Variant)
    assert (said.value.gene, said.value.protein_change) == ("EGFR", change)
    assert bool(found.trouble) is doubtful
    if doubtful:
        assert found.trouble is not None
        assert "line 5" in found.trouble
        assert "p.Leu858Arg" in found.trouble


def test_snpeff_and_percent_codes() -> None:
    ann = "G|missense_variant|MODERATE|EGFR|1956|transcript|NM_005228.5|protein_coding|21/28|c.2573T>G|p.Leu858Arg|||||"  # noqa: E501
    found = variant(vcf(BASE + f"ANN={ann}"))
    assert (found.gene, found.transcript, found.exon) == ("EGFR", "NM_005228.5", 21)
    intron = ann.replace("missense_variant", "intron_variant")
    assert variant(vcf(BASE + f"ANN={intron}")).exon is None
    silent = EGFR.replace("p.Leu858Arg", "p.Leu858%3D").format("", "")
    assert variant(vcf(BASE + f"CSQ={silent}")).protein_change == "p.Leu858="
    assert variant(vcf(BASE + "GENE=EGFR")).gene == "EGFR"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2\t9\t.\tA\tA[2:90[\t.\tPASS\tSVTYPE=BND;GENE=EML4::ALK", "EML4::ALK fusion"),
        ("2\t9\t.\tA\t<FUSION>\t.\tPASS\tSVTYPE=FUSION;GENES=EML4,ALK", "EML4::ALK fusion"),
        ("17\t9\t.\tA\t<DUP>\t.\tPASS\tSVTYPE=DUP;GENE=ERBB2;AMPLIFIED", "ERBB2 amplification"),
        ("17\t9\t.\tA\t<CNV>\t.\tPASS\tSVTYPE=CNV;GENE=ERBB2;CN=14", "ERBB2 amplification"),
        ("17\t9\t.\tA\t<CNV>\t.\tPASS\tSVTYPE=CNV;GENE=ERBB2;CN=5", None),
        ("17\t9\t.\tA\t<CNV>\t.\tPASS\tSVTYPE=CNV;CN=14", None),
        ("2\t9\t.\tA\tA[2:90[\t.\tPASS\tSVTYPE=BND", None),
        ("2\t9\t.\tA\t<INV>\t.\tPASS\tSVTYPE=INV;GENE=ALK", None),
    ],
)
def test_structural_changes(line: str, code: str | None) -> None:
    found = item(vcf(line))
    assert [f.code.text for f in found.facts] == ([code] if code else [])
    assert bool(found.trouble) is (code is None)


def test_lines_that_call_nothing_give_no_fact() -> None:
    lines = [f"7\t{n}\t.\tA\t{alt}\t.\t.\tEND=9" for n, alt in enumerate((".", "<NON_REF>", "<*>"))]
    found = item(vcf(*lines))
    assert found.facts == ()
    assert found.trouble is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (vcf("7\t1\t.\tA"), "line 5"),
        (vcf("7\tx\t.\tA\tG\t.\t.\t."), "line 5: position 'x'"),
        (vcf(BASE + ".", "7\t1\t.\t\tG\t.\t.\t."), "line 6"),
        (vcf(BASE + ".\tGT", samples="S"), "9 columns"),
        (vcf(BASE + ".\tGT\t0/1\t0/1", samples="S"), "11 columns"),
        (vcf(samples="S\tS"), "line 4: two sample columns"),
        (b"##fileformat=VCFv4.2\n" + BUILD.encode() + b"\n", "CHROM"),
        (b"##fileformat=VCFv4.2\nCHROM POS\n", "line 2"),
        (vcf(BASE + "\xff").replace(b"\xc3\xbf", b"\xff"), "line 5"),
        (gzip.compress(vcf(BASE + "."))[:-9], "gzip"),
    ],
)
def test_damage_is_named_with_its_line(data: bytes, words: str) -> None:
    with pytest.raises(BrokenFile, match=words):
        item(data)


def test_what_is_no_vcf() -> None:
    with pytest.raises(UnknownFormat, match="VCF 4"):
        item(b"##fileformat=VCFv3.3\n")


def test_packed_files_are_read_block_by_block() -> None:
    plain = vcf(BASE + "GENE=EGFR")
    blocks = gzip.compress(plain[:60]) + gzip.compress(plain[60:])
    found = item(blocks)
    assert found.data == blocks, "the source is what was received"
    shown = show(found.data, found.source, found.facts[0].evidence.at)
    assert isinstance(shown, ShownText)
    assert shown.marked == BASE + "GENE=EGFR", "its lines are those of the unpacked text"
    assert isinstance(found.facts[0].value, Variant)
    assert found.facts[0].value.gene == "EGFR"


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["7", "1", "A", "G,<DEL>", ".", "PASS", "CSQ=a|b", "GT:AD", "0/1:1,x", ""]
            )
            | st.text(max_size=5),
            min_size=7,
            max_size=11,
        ).map("\t".join),
        max_size=3,
    )
)
def test_any_lines_are_read_or_refused(lines: list[str]) -> None:
    data = vcf(*lines, samples="S").decode().encode("utf-8", "replace")
    try:
        found = item(data)
    except InputError:
        return
    for said in found.facts:
        assert isinstance(show(found.data, found.source, said.evidence.at), ShownText)


def test_numbers_past_all_bounds() -> None:
    line = BASE + ".\tGT:DP:AD\t0/1:1e999:1e999,3"
    found = variant(vcf(line, samples="T"))
    assert (found.depth, found.allele_fraction) == (None, None)
    with pytest.raises(BrokenFile, match="line 5: position '9999"):
        item(vcf(BASE.replace("55191822", "9" * 5000) + "."))
