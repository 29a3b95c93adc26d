"""Well-known cases of oncology, the negative ones too."""

import pytest

from osler.knowledge.diseases import DiseaseTree
from osler.knowledge.evidence import KnowledgeBase, Significance
from osler.knowledge.lookup import Match, ObservedVariant, elsewhere, lookup

BASE = KnowledgeBase.load_starter()
TREE = DiseaseTree.load_starter()


def small(gene: str, change: str, origin: str | None = "somatic") -> ObservedVariant:
    return ObservedVariant(gene=gene, protein_change=change, origin=origin)


def of_kind(gene: str, kind: str) -> ObservedVariant:
    return ObservedVariant(gene=gene, kind=kind)


def find(observed: ObservedVariant, disease: str | None) -> tuple[Match, ...]:
    return lookup(BASE, TREE, observed, disease)


def regimens(matches: tuple[Match, ...], *, for_it: bool) -> set[frozenset[str]]:
    """Every regimen in the matches that speak for it (or against); each substitute is one."""
    found: set[frozenset[str]] = set()
    for match in matches:
        entry = match.evidence
        if entry.resists is for_it:
            continue
        if entry.interaction.value == "substitutes":
            found |= {frozenset({drug}) for drug in entry.therapy}
        else:
            found.add(frozenset(entry.therapy))
    return found


FOR = [
    (small("EGFR", "p.Leu858Arg"), "LUAD", "osimertinib"),
    (small("EGFR", "NP_005219.2:p.Glu746_Ala750del"), "NSCLC", "osimertinib"),
    (small("EGFR", "exon 19 deletion"), "NSCLC", "osimertinib"),
    (small("EGFR", "T790M"), "LUAD", "osimertinib"),
    (small("EGFR", "D770_N771insSVD"), "LUAD", "amivantamab"),
    (small("EGFR", "p.Ser768_Asp770dup"), "LUAD", "amivantamab"),
    (of_kind("EML4::ALK", "fusion"), "LUAD", "alectinib"),
    (small("ALK", "G1202R"), "NSCLC", "lorlatinib"),
    (of_kind("ETV6-NTRK3", "fusion"), "BRCA", "larotrectinib"),
    (small("BRAF", "V600E"), "COAD", "cetuximab+encorafenib"),
    (small("BRAF", "V600E"), "GBM", "dabrafenib+trametinib"),
    (small("BRAF", "V600K"), "SKCM", "dabrafenib+trametinib"),
    (small("KRAS", "G12C"), "LUAD", "sotorasib"),
    (of_kind("HER2", "amplification"), "IDC", "trastuzumab deruxtecan"),
    (
        ObservedVariant(gene="MET", consequence="splice_donor_variant", exon=14),
        "LUAD",
        "capmatinib",
    ),
    (small("MET", "exon 14 skipping"), "LUSC", "tepotinib"),
    (small("PIK3CA", "p.His1047Arg"), "IDC", "alpelisib+fulvestrant"),
    (small("ESR1", "D538G"), "BRCA", "elacestrant"),
    (small("BRCA1", "p.Glu23ValfsTer17", "germline"), "HGSOC", "olaparib"),
    (small("BRCA2", "S1982fs", "germline"), "PAAD", "olaparib"),
    (small("KIT", "W557_K558del"), "GIST", "imatinib"),
    (small("PDGFRA", "D842V"), "GIST", "avapritinib"),
    (small("FLT3", "FLT3-ITD"), "AML", "quizartinib"),
    (small("IDH1", "R132H"), "ODG", "vorasidenib"),
    (small("NPM1", "p.Trp288CysfsTer12"), "AMLNPM1", "revumenib"),
    (of_kind("BCR::ABL1", "fusion"), "CML", "imatinib"),
    (small("ABL1", "T315I"), "CML", "ponatinib"),
    (of_kind("MSI-H", "biomarker"), "PRAD", "pembrolizumab"),
    (small("VHL", "R161*", "germline"), "CCRCC", "belzutifan"),
]

AGAINST = [
    (small("EGFR", "T790M"), "LUAD", "gefitinib"),
    (small("EGFR", "C797S"), "LUAD", "osimertinib"),
    (small("KRAS", "G13D"), "READ", "cetuximab"),
    (small("NRAS", "Q61K"), "COAD", "panitumumab"),
    (small("BRAF", "V600E"), "COAD", "vemurafenib"),
    (small("PDGFRA", "D842V"), "GIST", "imatinib"),
    (small("ABL1", "T315I"), "CML", "dasatinib"),
    (small("BTK", "C481S"), "CLLSLL", "ibrutinib"),
    (of_kind("ERBB2", "amplification"), "STAD", "trastuzumab emtansine"),
]

# What must not be offered: another allele, disease, lineage, place in the gene or origin.
NOT_FOR = [
    (small("BRAF", "V600E"), "COAD", "vemurafenib"),
    (small("BRAF", "V600E"), "COAD", "dabrafenib+trametinib"),
    (small("BRAF", "V600E"), "BOWEL", "dabrafenib+trametinib"),
    (small("BRAF", "V600E"), "AML", "dabrafenib+trametinib"),
    (small("KRAS", "G12D"), "LUAD", "sotorasib"),
    (small("KRAS", "G12D"), "LUAD", "adagrasib"),
    (small("EGFR", "L858R"), "COAD", "osimertinib"),
    (small("EGFR", "L858R"), "SCLC", "osimertinib"),
    (small("EGFR", "L858R"), "LUNG", "osimertinib"),
    (small("EGFR", "L858R", "germline"), "LUAD", "osimertinib"),
    (small("EGFR", "T790M"), "LUAD", "gefitinib"),
    (small("BRCA2", "K3326*", "germline"), "HGSOC", "olaparib"),
    (small("BRCA1", "E23fs", "somatic"), "IDC", "olaparib"),
    (small("KIT", "D816V"), "SM", "imatinib"),
    (of_kind("NUP214::ABL1", "fusion"), "CML", "imatinib"),
    (of_kind("MSS", "biomarker"), "COAD", "pembrolizumab"),
    (of_kind("MSI-H", "biomarker"), "AML", "pembrolizumab"),
    (of_kind("EGFR", "amplification"), "LUAD", "osimertinib"),
]


def ids(case: object) -> str | None:
    return case.label if isinstance(case, ObservedVariant) else None


@pytest.mark.parametrize(("observed", "disease", "regimen"), FOR, ids=ids)
def test_speaks_for(observed: ObservedVariant, disease: str, regimen: str) -> None:
    assert frozenset(regimen.split("+")) in regimens(find(observed, disease), for_it=True)


@pytest.mark.parametrize(("observed", "disease", "regimen"), AGAINST, ids=ids)
def test_speaks_against(observed: ObservedVariant, disease: str, regimen: str) -> None:
    assert frozenset(regimen.split("+")) in regimens(find(observed, disease), for_it=False)


@pytest.mark.parametrize(("observed", "disease", "regimen"), NOT_FOR, ids=ids)
def test_does_not_speak_for(observed: ObservedVariant, disease: str, regimen: str) -> None:
    assert frozenset(regimen.split("+")) not in regimens(find(observed, disease), for_it=True)


def test_resistance_is_a_match_of_its_own() -> None:
    found = {match.evidence.significance for match in find(small("EGFR", "T790M"), "LUAD")}
    assert found == {Significance.SENSITIVITY, Significance.RESISTANCE}


def test_another_disease_is_elsewhere_only() -> None:
    observed = small("EGFR", "L858R")
    assert find(observed, "COAD") == ()
    found = elsewhere(BASE, TREE, observed, "COAD")
    assert {match.scope for match in found} == {"other disease NSCLC"}
    assert "the patient has Colon Adenocarcinoma" in found[0].why


def test_a_coarse_diagnosis_says_so() -> None:
    found = elsewhere(BASE, TREE, small("EGFR", "L858R"), "LUNG")
    assert found and found[0].scope == "narrower disease NSCLC"
    assert "the record says only Lung" in found[0].why


def test_a_left_out_disease_says_so() -> None:
    found = elsewhere(BASE, TREE, small("BRAF", "V600E"), "COAD")
    said = {match.scope for match in found if match.evidence.disease == "TISSUE"}
    assert said == {"excluded disease COAD"}


def test_no_known_disease_matches_nothing() -> None:
    observed = small("BRAF", "V600E")
    assert find(observed, None) == find(observed, "NOWHERE") == ()
    assert all("no known disease" in m.why for m in elsewhere(BASE, TREE, observed, None))


def test_in_scope_and_elsewhere_never_meet() -> None:
    for observed, disease, _ in [*FOR, *AGAINST, *NOT_FOR]:
        inside = {match.evidence.id for match in find(observed, disease)}
        outside = {match.evidence.id for match in elsewhere(BASE, TREE, observed, disease)}
        assert not inside & outside


def test_an_unknown_origin_is_flagged() -> None:
    found = find(small("BRCA1", "E23fs", None), "PAAD")
    assert found and "whether it is germline" in found[0].why
    assert "not recorded" not in find(small("BRCA1", "E23fs", "germline"), "PAAD")[0].why
    assert "not recorded" not in find(of_kind("ERBB2", "amplification"), "BRCA")[0].why


def test_the_nearest_disease_and_best_level_come_first() -> None:
    found = find(small("BRAF", "V600E"), "NSCLC")
    assert found[0].scope == "this disease" and found[-1].scope == "ancestor disease TISSUE"
    levels = [match.evidence.level.value for match in found if match.scope == "this disease"]
    assert levels == sorted(levels)
    assert all(match.why.endswith(".") for match in found)
