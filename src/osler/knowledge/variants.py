"""Variant rules: which observed variants a piece of evidence speaks of.

    rule = VariantRule(kind=RuleKind.CODON, codons=(12, 13))
    seen = ObservedVariant(gene="KRAS", protein_change="p.Gly12Asp")
    rule.matches("KRAS", seen)          # "KRAS G12D is a missense change of codon 12", else None

A rule answers with a sentence or None. What is not known (no position, no partner) does not match,
but where the rule's own text says otherwise; missing is never read as present.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from osler.errors import KnowledgeError, WrongUse
from osler.knowledge.protein import ProteinChange, protein_change

__all__ = [
    "CONSEQUENCES",
    "ObservedVariant",
    "RuleKind",
    "VariantRule",
    "gene_symbol",
    "protein_change",
]

CONSEQUENCES = (
    "missense",
    "inframe_deletion",
    "inframe_insertion",
    "truncating",
    "splice",
    "start_lost",
)
"""The classes a rule of kind `class` may name."""

_OBSERVED_KINDS = ("small", "amplification", "deletion", "fusion", "biomarker")
_ORIGINS = ("somatic", "germline")

# Sequence Ontology terms as VEP and SnpEff write them, and the class each belongs to.
_TERMS = {
    "missense_variant": "missense",
    "missense": "missense",
    "inframe_deletion": "inframe_deletion",
    "conservative_inframe_deletion": "inframe_deletion",
    "disruptive_inframe_deletion": "inframe_deletion",
    "inframe_insertion": "inframe_insertion",
    "conservative_inframe_insertion": "inframe_insertion",
    "disruptive_inframe_insertion": "inframe_insertion",
    "stop_gained": "truncating",
    "frameshift_variant": "truncating",
    "frameshift": "truncating",
    "nonsense": "truncating",
    "truncating": "truncating",
    "splice_donor_variant": "splice",
    "splice_acceptor_variant": "splice",
    "exon_loss_variant": "splice",
    "splice": "splice",
    "start_lost": "start_lost",
}

# Names that reports use for a gene whose approved symbol (HGNC) is another.
_ALIASES = {"HER2": "ERBB2", "HER1": "EGFR", "C-KIT": "KIT", "CKIT": "KIT", "MLL": "KMT2A"}


class RuleKind(StrEnum):
    """How a rule recognises a variant."""

    EXACT = "exact"
    CODON = "codon"
    CLASS = "class"
    AMPLIFICATION = "amplification"
    FUSION = "fusion"
    BIOMARKER = "biomarker"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedVariant:
    """What was found in the patient.

    `gene` is the gene's symbol; for a fusion either partner or both ("EML4::ALK"), for a biomarker
    the marker's name ("MSI-H"). `protein_change` is HGVS or what the report says ("exon 19
    deletion"). `consequence` is a Sequence Ontology term, or several joined by "&". `origin` is
    "somatic", "germline" or None where nobody said. Raises WrongUse on another kind or origin.
    """

    gene: str
    protein_change: str | None = None
    kind: str = "small"
    consequence: str | None = None
    exon: int | None = None
    origin: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in _OBSERVED_KINDS:
            raise WrongUse(
                f"{self.gene}: a variant of kind {self.kind!r}; give one of {_OBSERVED_KINDS}"
            )
        if self.origin is not None and self.origin not in _ORIGINS:
            raise WrongUse(
                f"{self.gene}: origin {self.origin!r}; give one of {_ORIGINS}, or None if unknown"
            )

    @property
    def change(self) -> ProteinChange | None:
        """The parsed protein change, None where there is none or it is not understood."""
        return protein_change(self.protein_change) if self.protein_change else None

    @property
    def label(self) -> str:
        """How the variant is named in sentences: "EGFR L858R", "ERBB2 amplification"."""
        change = self.change
        if self.kind == "small":
            said = change.text if change else self.protein_change or self.consequence or "variant"
            return f"{self.gene} {said}"
        return self.gene if self.kind == "biomarker" else f"{self.gene} {self.kind}"

    @property
    def classes(self) -> frozenset[str]:
        """Consequence classes; the protein change decides where it is known."""
        terms = re.split(r"[&,]", self.consequence or "")
        said = {_TERMS[term.strip()] for term in terms if term.strip() in _TERMS}
        change = self.change
        if change is None:
            return frozenset(said)
        return frozenset({change.consequence} | (said & {"splice"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRule:
    """One way to recognise a variant; the fields a kind does not use stay empty.

    exact: `changes`. codon: `codons`, any missense there. class: `consequences`, within codons
    `first_codon`..`last_codon` where given, else within `exons`. fusion: `partners`, any where
    empty. biomarker: `names`. `excluded` are changes a class or codon rule leaves out; `spoken` are
    words by which reports name the whole class. Raises KnowledgeError where fields do not fit.
    """

    kind: RuleKind
    changes: tuple[str, ...] = ()
    codons: tuple[int, ...] = ()
    consequences: tuple[str, ...] = ()
    exons: tuple[int, ...] = ()
    first_codon: int | None = None
    last_codon: int | None = None
    partners: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        needed = {
            RuleKind.EXACT: self.changes,
            RuleKind.CODON: self.codons,
            RuleKind.CLASS: self.consequences,
            RuleKind.BIOMARKER: self.names,
        }
        if self.kind in needed and not needed[self.kind]:
            raise KnowledgeError(f"a rule of kind {self.kind.value} lists nothing to match")
        for text in (*self.changes, *self.excluded):
            change = protein_change(text)
            if change is None or change.text != text:
                raise KnowledgeError(f"{text!r} is no protein change in the short form (L858R)")
        for name in self.consequences:
            if name not in CONSEQUENCES:
                raise KnowledgeError(f"consequence {name!r} is not one of {CONSEQUENCES}")
        if (self.first_codon is None) != (self.last_codon is None):
            raise KnowledgeError("a codon range needs both first_codon and last_codon")

    def matches(self, gene: str, observed: ObservedVariant) -> str | None:
        """Why `observed` is what this rule of `gene` speaks of, or None if it is not."""
        match self.kind:
            case RuleKind.BIOMARKER:
                return self._biomarker(observed)
            case RuleKind.FUSION:
                return self._fusion(gene, observed)
            case RuleKind.AMPLIFICATION:
                same = observed.kind == "amplification" and gene_symbol(observed.gene) == gene
                return f"{gene} is amplified" if same else None
        if observed.kind != "small" or gene_symbol(observed.gene) != gene:
            return None
        return self._small(gene, observed)

    def _small(self, gene: str, observed: ObservedVariant) -> str | None:
        change = observed.change
        if change is None and _plain(observed.protein_change or "") in map(_plain, self.spoken):
            return f"the report names it: {gene} {observed.protein_change}"
        if change is not None and change.text in self.excluded:
            return None
        match self.kind:
            case RuleKind.EXACT if change is not None and change.text in self.changes:
                return f"{observed.label} is the change itself"
            case RuleKind.CODON if change is not None and change.consequence == "missense":
                hit = [codon for codon in self.codons if change.touches(codon, codon)]
                return f"{observed.label} is a missense change of codon {hit[0]}" if hit else None
            case RuleKind.CLASS:
                return self._class(observed)
        return None

    def _class(self, observed: ObservedVariant) -> str | None:
        hit = [name for name in self.consequences if name in observed.classes]
        if not hit:
            return None
        said = f"{observed.label} is a {hit[0].replace('_', ' ')} variant"
        if self.first_codon is None and not self.exons:
            return said
        change = observed.change
        if self.first_codon is not None and self.last_codon is not None and change is not None:
            inside = change.touches(self.first_codon, self.last_codon)
            return f"{said} in codons {self.first_codon} to {self.last_codon}" if inside else None
        if observed.exon is not None and self.exons:
            return f"{said} in exon {observed.exon}" if observed.exon in self.exons else None
        # A splice variant has no codon; a rule by codons alone takes it from anywhere in the gene.
        return said if hit == ["splice"] and not self.exons else None

    def _fusion(self, gene: str, observed: ObservedVariant) -> str | None:
        genes = _fused(observed.gene)
        if observed.kind != "fusion" or gene not in genes:
            return None
        others = genes - {gene}
        if not self.partners:
            return f"{observed.label} involves {gene}"
        if not others:
            return f"{gene} is fused; its partner is not recorded ({_either(self.partners)} needed)"
        return f"{observed.label} joins {gene}" if others & set(self.partners) else None

    def _biomarker(self, observed: ObservedVariant) -> str | None:
        known = observed.kind == "biomarker" and _plain(observed.gene) in map(_plain, self.names)
        return f"the tumour is reported as {observed.gene}" if known else None


def gene_symbol(name: str) -> str:
    """The approved symbol for a gene's name in a report: HER2 is ERBB2."""
    upper = name.strip().upper()
    return _ALIASES.get(upper, upper)


def _fused(name: str) -> frozenset[str]:
    parts = re.split(r"::|[-/]", name.strip())
    return frozenset(gene_symbol(part) for part in parts if part)


def _plain(words: str) -> str:
    return re.sub(r"[\s_\-]+", "", words).casefold()


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)
