"""Which variants of a very long file become facts: all of them up to a limit, then those that tell.

chosen = Notable()
chosen.add(fact)
chosen.facts(), chosen.trouble

A genome has five million variants, and a record of five million facts serves nobody. Up to
`MOST_FACTS` every variant is a fact. Past it only those remain that passed the filters and whose
annotation changes a protein, a splice site or a copy number; the rest stays in the source and is
counted in the trouble.
"""

import re
from dataclasses import dataclass, field

from osler.record.fact import Assertion, Fact
from osler.record.variant import Variant

__all__ = ["MOST_FACTS", "Notable", "is_notable", "may_tell"]

MOST_FACTS = 50_000
"""Facts that one variant file gives at most."""

# Sequence Ontology terms of impact HIGH and MODERATE (Ensembl VEP, "Calculated consequences").
_TELLING = frozenset(
    {
        "transcript_ablation", "splice_acceptor_variant", "splice_donor_variant", "stop_gained",
        "frameshift_variant", "stop_lost", "start_lost", "transcript_amplification",
        "feature_elongation", "feature_truncation", "inframe_insertion", "inframe_deletion",
        "missense_variant", "protein_altering_variant", "conservative_inframe_deletion",
        "disruptive_inframe_deletion", "conservative_inframe_insertion",
        "disruptive_inframe_insertion", "exon_loss_variant", "missense", "frameshift",
        "splice_donor", "splice_acceptor",
    }
)  # fmt: skip


def is_notable(fact: Fact) -> bool:
    """Passed, not absent, and no bystander: a changed protein, splice site or copy number."""
    variant = fact.value
    if not isinstance(variant, Variant) or not variant.passed:
        return False
    if fact.assertion is Assertion.ABSENT:
        return False
    terms = re.split("[&,]", variant.consequence or "")
    return variant.kind != "small" or not _TELLING.isdisjoint(terms)


# Symbolic alleles and breakends count too; a gVCF's blocks are told apart by their END.
_MAY_TELL = re.compile(
    b"|".join(re.escape(term.encode()) for term in sorted(_TELLING)) + rb"|SVTYPE=|END="
)


def may_tell(line: bytes) -> bool:
    """Whether a line has any word of a telling change: a quick look before it is read."""
    return _MAY_TELL.search(line) is not None


@dataclass(slots=True)
class Notable:
    """Facts in the order of the file."""

    most: int = MOST_FACTS
    seen: int = 0
    _kept: list[Fact] = field(default_factory=list)
    full: bool = False

    def pass_over(self) -> None:
        """Count a line that was only looked at."""
        self.seen += 1

    def add(self, fact: Fact) -> None:
        """Take a fact, or only count it."""
        self.seen += 1
        if self.full:
            if len(self._kept) < self.most and is_notable(fact):
                self._kept.append(fact)
            return
        self._kept.append(fact)
        if len(self._kept) > self.most:
            self.full = True
            self._kept = [kept for kept in self._kept if is_notable(kept)][: self.most]

    def facts(self) -> tuple[Fact, ...]:
        """What becomes of the file."""
        return tuple(self._kept)

    @property
    def trouble(self) -> str | None:
        """How many variants are in the source alone, and why."""
        left = self.seen - len(self._kept)
        if not left:
            return None
        return (
            f"{left:,} of {self.seen:,} variants are kept in the source alone: past {self.most:,} "
            "a variant becomes a fact where it passed its filters and its annotation says that it "
            "changes a protein, a splice site or a copy number"
        )
