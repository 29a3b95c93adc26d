"""A change in the patient's or the tumour's DNA, as a laboratory's file states it.

What the file does not say stays None: a transcript is never chosen, an origin never guessed.
"""

from dataclasses import dataclass

__all__ = ["Variant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One called variant.

    Positions are 1-based on `build` (`GRCh37` or `GRCh38`); `end` is the last one of a structural
    change. `allele_fraction` is the share of reads in [0, 1]; `origin` is `somatic` or `germline`
    only where the file declares it; `copies` is the number of copies as the file gives it, and
    `genotype` the sample's alleles as written (`0/1`). `kind` is `small`, `amplification`,
    `deletion`, `fusion` or `biomarker`. A copy-number table gives a gene and no place: its
    variants have chromosome, reference and alternate empty and position 0, and no build where the
    table names none.
    """

    build: str
    chromosome: str
    position: int
    reference: str
    alternate: str
    gene: str | None = None
    transcript: str | None = None
    coding_change: str | None = None
    protein_change: str | None = None
    consequence: str | None = None
    exon: int | None = None
    kind: str = "small"
    filters: tuple[str, ...] = ()
    sample: str | None = None
    depth: int | None = None
    allele_fraction: float | None = None
    origin: str | None = None
    end: int | None = None
    copies: float | None = None
    genotype: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the caller's filters let it through."""
        return self.filters in {(), ("PASS",)}

    def __str__(self) -> str:
        if self.kind != "small" and self.gene:
            return self.gene if self.kind == "biomarker" else f"{self.gene} {self.kind}"
        change = self.protein_change or self.coding_change
        if change is None and not self.position:
            change = "variant"
        elif change is None:
            change = f"{self.chromosome}:{self.position} {self.reference}>{self.alternate}"
        return f"{self.gene} {change}" if self.gene else change
