"""The demonstration patient's tumour panel as a VCF: composed, on real coordinates of GRCh38.

    text = panel()

Four lines: EGFR L858R (the one that counts); TP53 R273H; PIK3CA E545K, which fails its filters; and
a MET missense change of exon 14 whose meaning is unknown, whose origin the file does not say, and
which is no exon 14 skipping. Two of them carry transcripts that disagree, as VEP writes them.
"""

from dataclasses import dataclass

from osler.bench.demonstration.fhir import PATIENT

__all__ = ["SAMPLE", "panel"]

SAMPLE = "OSLER-DEMO-1-T"

_CONTIGS = {"chr1": 248956422, "chr3": 198295559, "chr7": 159345973, "chr17": 83257441}
_CSQ = (
    "Allele", "Consequence", "IMPACT", "SYMBOL", "Gene", "Feature_type", "Feature", "BIOTYPE",
    "EXON", "HGVSc", "HGVSp", "CANONICAL", "MANE_SELECT",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One allele; `transcripts` are (transcript, protein, exon, coding, protein change, MANE)."""

    chromosome: str
    position: int
    reference: str
    alternate: str
    filters: str
    gene: str
    ensembl: str
    reads: tuple[int, int]
    transcripts: tuple[tuple[str, str, str, str, str, str], ...]
    somatic: bool = True


_CALLS = (
    _Call(
        chromosome="chr3", position=179218303, reference="G", alternate="A",
        filters="low_vaf;strand_bias", gene="PIK3CA", ensembl="ENSG00000121879", reads=(690, 14),
        transcripts=(
            ("ENST00000263967.4", "ENSP00000263967.3", "10/21", "c.1633G>A", "p.Glu545Lys",
             "NM_006218.4"),
        ),
    ),
    _Call(
        chromosome="chr7", position=55191822, reference="T", alternate="G",
        filters="PASS", gene="EGFR", ensembl="ENSG00000146648", reads=(422, 190),
        transcripts=(
            ("ENST00000455089.5", "ENSP00000415559.1", "20/26", "c.2438T>G", "p.Leu813Arg", ""),
            ("ENST00000275493.7", "ENSP00000275493.2", "21/28", "c.2573T>G", "p.Leu858Arg",
             "NM_005228.5"),
        ),
    ),
    _Call(
        chromosome="chr7", position=116771936, reference="C", alternate="T",
        filters="PASS", gene="MET", ensembl="ENSG00000105976", reads=(270, 260), somatic=False,
        transcripts=(
            ("ENST00000318493.11", "ENSP00000317272.6", "14/21", "c.3029C>T", "p.Thr1010Ile", ""),
            ("ENST00000397752.8", "ENSP00000380860.3", "14/21", "c.2975C>T", "p.Thr992Ile",
             "NM_000245.4"),
        ),
    ),
    _Call(
        chromosome="chr17", position=7673802, reference="C", alternate="T",
        filters="PASS", gene="TP53", ensembl="ENSG00000141510", reads=(356, 132),
        transcripts=(
            ("ENST00000269305.9", "ENSP00000269305.4", "8/11", "c.818G>A", "p.Arg273His",
             "NM_000546.6"),
        ),
    ),
)  # fmt: skip


def panel() -> str:
    """The whole file, lines ending in a newline."""
    columns = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", SAMPLE)
    return "\n".join([*_header(), "\t".join(columns), *map(_line, _CALLS), ""])


def _header() -> list[str]:
    return [
        "##fileformat=VCFv4.2",
        "##fileDate=20261006",
        "##source=composed for demonstration; no sequencing was done",
        "##reference=GRCh38",
        *(f"##contig=<ID={name},length={size},assembly=GRCh38>" for name, size in _CONTIGS.items()),
        '##FILTER=<ID=low_vaf,Description="Allele fraction below 0.05">',
        '##FILTER=<ID=strand_bias,Description="Reads of one strand only">',
        '##INFO=<ID=SOMATIC,Number=0,Type=Flag,Description="Somatic mutation">',
        '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl '
        f'VEP. Format: {"|".join(_CSQ)}">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads of each allele">',
        '##FORMAT=<ID=AF,Number=A,Type=Float,Description="Allele fraction">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Reads at the position">',
        f'##SAMPLE=<ID={SAMPLE},Individual="{PATIENT.value}",Description="Tumour, lymph node">',
        f"##tumor_sample={SAMPLE}",
    ]


def _line(call: _Call) -> str:
    depth = sum(call.reads)
    info = ("SOMATIC;" if call.somatic else "") + "CSQ=" + ",".join(_annotations(call))
    reads = f"0/1:{call.reads[0]},{call.reads[1]}:{call.reads[1] / depth:.3f}:{depth}"
    place = (call.chromosome, str(call.position), ".", call.reference, call.alternate, ".")
    return "\t".join([*place, call.filters, info, "GT:AD:AF:DP", reads])


def _annotations(call: _Call) -> list[str]:
    rows = []
    for transcript, protein, exon, coding, change, mane in call.transcripts:
        fields = (
            call.alternate, "missense_variant", "MODERATE", call.gene, call.ensembl, "Transcript",
            transcript, "protein_coding", exon, f"{transcript}:{coding}", f"{protein}:{change}",
            "YES" if mane else "", mane,
        )  # fmt: skip
        rows.append("|".join(fields))
    return rows
