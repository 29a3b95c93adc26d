"""Rules recognise the variants they speak of and leave all others alone."""

import pytest

from osler.errors import KnowledgeError, WrongUse
from osler.knowledge.variants import ObservedVariant, RuleKind, VariantRule, gene_symbol

EXON_19_DELETION = VariantRule(
    kind=RuleKind.CLASS,
    consequences=("inframe_deletion",),
    first_codon=729,
    last_codon=761,
    exons=(19,),
    spoken=("exon 19 deletion", "ex19del"),
)
CODON_12 = VariantRule(kind=RuleKind.CODON, codons=(12, 13))
ABL1_BCR = VariantRule(kind=RuleKind.FUSION, partners=("BCR",))


def seen(gene: str, change: str | None = None, **more: str) -> ObservedVariant:
    return ObservedVariant(gene=gene, protein_change=change, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change", ["E746_A750del", "p.Leu747_Pro753delinsSer", "exon 19 deletion", "Ex19del"]
)
def test_a_class_takes_its_members(change: str) -> None:
    assert EXON_19_DELETION.matches("EGFR", seen("EGFR", change))


def test_a_class_goes_by_exon_where_no_change_is_known() -> None:
    known = ObservedVariant(gene="EGFR", consequence="inframe_deletion", exon=19)
    other = ObservedVariant(gene="EGFR", consequence="inframe_deletion", exon=20)
    unknown = ObservedVariant(gene="EGFR", consequence="inframe_deletion")
    assert EXON_19_DELETION.matches("EGFR", known)
    assert EXON_19_DELETION.matches("EGFR", other) is None
    assert EXON_19_DELETION.matches("EGFR", unknown) is None


@pytest.mark.parametrize(
    ("gene", "change"), [("EGFR", "L747P"), ("EGFR", "D770_N771del"), ("ERBB2", "E746_A750del")]
)
def test_a_class_leaves_others(gene: str, change: str) -> None:
    assert EXON_19_DELETION.matches("EGFR", seen(gene, change)) is None


def test_a_codon_rule_takes_missense_only() -> None:
    assert CODON_12.matches("KRAS", seen("KRAS", "p.Gly12Asp"))
    assert CODON_12.matches("KRAS", seen("KRAS", "G12=")) is None
    assert CODON_12.matches("KRAS", seen("KRAS", "G12*")) is None
    assert CODON_12.matches("KRAS", seen("KRAS", "Q61H")) is None


def test_excluded_changes_are_left_out() -> None:
    rule = VariantRule(
        kind=RuleKind.CLASS, consequences=("inframe_insertion",), excluded=("A763_Y764insFQEA",)
    )
    assert rule.matches("EGFR", seen("EGFR", "D770_N771insG"))
    assert rule.matches("EGFR", seen("EGFR", "p.Ala763_Tyr764insPheGlnGluAla")) is None


def test_splice_terms_are_understood_among_others() -> None:
    rule = VariantRule(kind=RuleKind.CLASS, consequences=("splice",), exons=(14,))
    term = "splice_donor_variant&intron_variant"
    assert rule.matches("MET", ObservedVariant(gene="MET", consequence=term, exon=14))
    assert rule.matches("MET", ObservedVariant(gene="MET", consequence=term)) is None


@pytest.mark.parametrize("gene", ["BCR::ABL1", "BCR-ABL1", "ABL1/BCR", "ABL1"])
def test_a_fusion_is_found_from_either_side(gene: str) -> None:
    assert ABL1_BCR.matches("ABL1", seen(gene, kind="fusion"))


def test_a_fusion_with_another_partner_is_another_fusion() -> None:
    assert ABL1_BCR.matches("ABL1", seen("NUP214::ABL1", kind="fusion")) is None
    assert ABL1_BCR.matches("ABL1", seen("BCR::FGFR1", kind="fusion")) is None


def test_a_lone_gene_says_that_its_partner_is_unknown() -> None:
    assert "partner is not recorded" in (
        ABL1_BCR.matches("ABL1", seen("ABL1", kind="fusion")) or ""
    )


def test_kinds_do_not_mix() -> None:
    rule = VariantRule(kind=RuleKind.AMPLIFICATION)
    assert rule.matches("ERBB2", seen("HER2", kind="amplification"))
    assert rule.matches("ERBB2", seen("ERBB2", "S310F")) is None
    assert CODON_12.matches("KRAS", seen("KRAS", kind="amplification")) is None


def test_biomarkers_match_by_any_of_their_names() -> None:
    rule = VariantRule(kind=RuleKind.BIOMARKER, names=("MSI-H", "dMMR"))
    assert rule.matches("MSI-H", seen("msi_h", kind="biomarker"))
    assert rule.matches("MSI-H", seen("dMMR", kind="biomarker"))
    assert rule.matches("MSI-H", seen("MSS", kind="biomarker")) is None


def test_wrong_input_is_refused_with_what_to_give() -> None:
    with pytest.raises(WrongUse, match="give one of"):
        seen("EGFR", kind="inversion")
    with pytest.raises(WrongUse, match="None if unknown"):
        seen("EGFR", origin="maybe")


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": RuleKind.EXACT},
        {"kind": RuleKind.EXACT, "changes": ("p.Leu858Arg",)},
        {"kind": RuleKind.CLASS, "consequences": ("bad",)},
        {"kind": RuleKind.CLASS, "consequences": ("splice",), "first_codon": 3},
    ],
)
def test_rules_that_make_no_sense_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(KnowledgeError):
        VariantRule(**fields)  # type: ignore[arg-type]


def test_old_gene_names_are_known() -> None:
    assert [gene_symbol(name) for name in ("her2", "c-KIT", "BRAF")] == ["ERBB2", "KIT", "BRAF"]
