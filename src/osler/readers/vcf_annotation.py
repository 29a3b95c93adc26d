"""Gene, transcript and protein change out of VEP's CSQ, SnpEff's ANN or bcftools' BCSQ.

    effect, doubt = effect_of(info, header.formats, allele)

A transcript is never chosen silently: the one flagged MANE Select, canonical or PICK is taken;
where none is flagged, only that stays on which all agree, and `doubt` says what they do not.
Source: Ensembl VEP, "VCF output" (CSQ); SnpEff, "Variant annotations in VCF format" 1.0 (ANN);
bcftools manual, `csq` (BCSQ).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote

from osler.readers.vcf_bcsq import BCSQ, is_about, protein_of

__all__ = ["Allele", "Effect", "effect_of"]

_ANN = (
    "Allele", "Consequence", "IMPACT", "SYMBOL", "Gene", "Feature_type", "Feature", "BIOTYPE",
    "EXON", "HGVSc", "HGVSp",
)  # fmt: skip
_BESIDE = {"upstream_gene_variant", "downstream_gene_variant", "intergenic_variant",
           "intergenic_region"}  # fmt: skip
_EXON = re.compile(r"(\d{1,4})(?:-\d+)?/\d+")
# In this order, each among the rows that the one before left.
_FLAGS: tuple[Callable[[Mapping[str, str]], bool], ...] = (
    lambda row: row.get("MANE_SELECT", "") not in {"", "-"},
    lambda row: row.get("CANONICAL") == "YES",
    lambda row: row.get("PICK") == "1",
)

Row = Mapping[str, str]
_Said = TypeVar("_Said")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allele:
    """One of the alternates of a record: `alternates[index]`."""

    position: int
    reference: str
    alternates: Sequence[str]
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What the annotation says; a field that it leaves empty or leaves open is None."""

    gene: str | None = None
    transcript: str | None = None
    coding_change: str | None = None
    protein_change: str | None = None
    consequence: str | None = None
    exon: int | None = None


def effect_of(
    info: Mapping[str, str], formats: Mapping[str, Sequence[str]], allele: Allele
) -> tuple[Effect, str | None]:
    """The effect of one allele, and what its annotations do not agree on."""
    found = _of_allele(_rows(info, formats), allele)
    within = [row for row in found if not set(_terms(row)) <= _BESIDE] or found
    candidates = [row for row in within if row.get("HGVSp")] or within
    if not candidates:
        return Effect(gene=_plain_gene(info)), None
    for flag in _FLAGS:
        flagged = [row for row in candidates if flag(row)]
        candidates = flagged or candidates
    effects = [_effect(row) for row in candidates]
    return _agreed(effects), _doubt(effects)


def _rows(info: Mapping[str, str], formats: Mapping[str, Sequence[str]]) -> list[Row]:
    for key, usual in (("CSQ", None), ("vep", None), ("ANN", _ANN), ("BCSQ", BCSQ)):
        fields = formats.get(key, usual)
        if key not in info or not fields:
            continue
        rows: list[Row] = [
            {n: unquote(w.strip()) for n, w in zip(fields, entry.split("|"), strict=False) if w}
            for entry in info[key].split(",")
            if entry and not entry.startswith("@")
        ]
        return [_from_bcsq(row) for row in rows] if key == "BCSQ" else rows
    return []


def _from_bcsq(row: Row) -> Row:
    named = {"gene": "SYMBOL", "transcript": "Feature"}
    told = {named.get(key, key): value for key, value in row.items()}
    change = protein_of(row.get("amino_acid_change", ""))
    return {**told, **({"HGVSp": change} if change else {})}


def _of_allele(found: list[Row], allele: Allele) -> list[Row]:
    """The rows about one allele; VEP writes indels without the base that all alleles share."""
    if len(allele.alternates) == 1:
        return found
    if any("ALLELE_NUM" in row for row in found):
        return [row for row in found if row.get("ALLELE_NUM") == str(allele.index + 1)]
    alternate = allele.alternates[allele.index]
    if any("dna_change" in row for row in found):
        told = f"{allele.position}{allele.reference}>{alternate}"
        return [row for row in found if is_about(row.get("dna_change", ""), told)]
    shared = all(one[:1] == allele.reference[:1] for one in allele.alternates)
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


def _agreed(effects: Sequence[Effect]) -> Effect:
    """What all say alike; what one alone says otherwise is left open."""
    return Effect(
        gene=_one([effect.gene for effect in effects]),
        transcript=_one([effect.transcript for effect in effects]),
        coding_change=_one([effect.coding_change for effect in effects]),
        protein_change=_one([effect.protein_change for effect in effects]),
        consequence=_one([effect.consequence for effect in effects]),
        exon=_one([effect.exon for effect in effects]),
    )


def _one(values: Sequence[_Said]) -> _Said | None:
    return values[0] if len(set(values)) == 1 else None


def _doubt(effects: Sequence[Effect]) -> str | None:
    said = {(effect.gene, effect.protein_change) for effect in effects}
    if len(said) < 2:
        return None
    told = sorted(f"{gene or 'no gene'} {change or 'no protein change'}" for gene, change in said)
    more = f"; and {len(told) - 4} more" if len(told) > 4 else ""
    return (
        f"its annotations disagree ({'; '.join(told[:4])}{more}) and none is flagged MANE Select, "
        "canonical or PICK alone: what they disagree on stays unset"
    )


def _plain_gene(info: Mapping[str, str]) -> str | None:
    for key in ("GENE", "GENES", "Gene", "SYMBOL"):
        if info.get(key):
            return info[key].replace(",", "::")
    return None
