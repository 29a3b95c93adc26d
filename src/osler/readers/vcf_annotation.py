"""Gene, transcript and protein change out of VEP's CSQ or SnpEff's ANN.

    effect, doubt = effect_of(info, header.csq, reference, alternate, index)

Where annotations disagree on the protein change, the one on the MANE Select or canonical
transcript is taken; where none is flagged, the first, and `doubt` says so. Source: Ensembl VEP,
"VCF output" (CSQ); SnpEff, "Variant annotations in VCF format" 1.0 (ANN).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

__all__ = ["Effect", "effect_of"]

_ANN = (
    "Allele", "Consequence", "IMPACT", "SYMBOL", "Gene", "Feature_type", "Feature", "BIOTYPE",
    "EXON", "HGVSc", "HGVSp",
)  # fmt: skip
_BESIDE = {"upstream_gene_variant", "downstream_gene_variant", "intergenic_variant",
           "intergenic_region"}  # fmt: skip
_EXON = re.compile(r"(\d+)(?:-\d+)?/\d+")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one annotation says; a field that it leaves empty is None."""

    gene: str | None = None
    transcript: str | None = None
    coding_change: str | None = None
    protein_change: str | None = None
    consequence: str | None = None
    exon: int | None = None


def effect_of(
    info: Mapping[str, str],
    csq: Sequence[str],
    reference: str,
    alternates: Sequence[str],
    index: int,
) -> tuple[Effect, str | None]:
    """The effect of `alternates[index]`, and what was doubtful in choosing it."""
    found = _of_allele(_rows(info, csq), reference, alternates, index)
    within = [row for row in found if not set(_terms(row)) <= _BESIDE] or found
    with_protein = [row for row in within if row.get("HGVSp")]
    candidates = with_protein or within
    if not candidates:
        return Effect(gene=_plain_gene(info)), None
    flagged = [row for row in candidates if row.get("MANE_SELECT")]
    flagged = flagged or [row for row in candidates if row.get("CANONICAL") == "YES"]
    chosen = (flagged or candidates)[0]
    return _effect(chosen), _doubt(chosen, flagged or candidates)


def _rows(info: Mapping[str, str], csq: Sequence[str]) -> list[Row]:
    fields = csq if "CSQ" in info and csq else _ANN
    text = info.get("CSQ" if fields is csq else "ANN", "")
    parts = [entry.split("|") for entry in text.split(",") if entry]
    return [
        {name: unquote(word.strip()) for name, word in zip(fields, words, strict=False) if word}
        for words in parts
    ]


def _of_allele(
    found: list[Row], reference: str, alternates: Sequence[str], index: int
) -> list[Row]:
    """The rows about one allele; VEP writes indels without the base that all alleles share."""
    if len(alternates) == 1:
        return found
    if any("ALLELE_NUM" in row for row in found):
        return [row for row in found if row.get("ALLELE_NUM") == str(index + 1)]
    alternate = alternates[index]
    shared = all(allele[:1] == reference[:1] for allele in alternates)
    short = (alternate[1:] or "-") if shared else alternate
    exact = [row for row in found if row.get("Allele") == alternate]
    return exact or [row for row in found if row.get("Allele") == short]


def _effect(row: Row) -> Effect:
    # SnpEff's rank counts introns in the same column.
    exon = None if "intron_variant" in _terms(row) else _EXON.match(row.get("EXON", ""))
    return Effect(
        gene=row.get("SYMBOL"),
        transcript=row.get("Feature"),
        coding_change=_change(row.get("HGVSc")),
        protein_change=_change(row.get("HGVSp")),
        consequence=row.get("Consequence"),
        exon=int(exon[1]) if exon else None,
    )


def _change(text: str | None) -> str | None:
    """`ENSP00000275493.2:p.Leu858Arg` without the accession, which the transcript already says."""
    return text.rsplit(":", 1)[-1] if text else None


def _terms(row: Row) -> list[str]:
    return re.split("[&,]", row.get("Consequence", ""))


def _doubt(chosen: Row, others: Sequence[Row]) -> str | None:
    said = {(row.get("SYMBOL"), _change(row.get("HGVSp"))) for row in others}
    if len(said) < 2:
        return None
    told = sorted(f"{gene or 'no gene'} {change or 'no protein change'}" for gene, change in said)
    return (
        f"its annotations disagree ({'; '.join(told)}) and none is flagged MANE Select or "
        f"canonical alone: taken is {chosen.get('Feature', 'the first')}"
    )


def _plain_gene(info: Mapping[str, str]) -> str | None:
    for key in ("GENE", "GENES", "Gene", "SYMBOL"):
        if info.get(key):
            return info[key].replace(",", "::")
    return None
