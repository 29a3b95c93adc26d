"""Protein changes are read from every common spelling into one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.knowledge.protein import ProteinChange, ProteinChangeKind, protein_change

RESIDUES = st.sampled_from("ACDEFGHIKLMNPQRSTVWY")
PLACES = st.integers(min_value=2, max_value=5000)


@st.composite
def changes(draw: st.DrawFn) -> ProteinChange:
    kind = draw(st.sampled_from(list(ProteinChangeKind)))
    first, residue = draw(PLACES), draw(RESIDUES)
    last, last_residue, inserted = first, residue, ""
    if kind is ProteinChangeKind.START_LOST:
        first, residue, last, last_residue = 1, "M", 1, "M"
    if kind is ProteinChangeKind.SUBSTITUTION:
        inserted = draw(RESIDUES.filter(lambda new: new != residue) | st.just("*"))
    if kind is ProteinChangeKind.INSERTION:
        last, last_residue = first + 1, draw(RESIDUES)
    ranged = {ProteinChangeKind.DELETION, ProteinChangeKind.DUPLICATION, ProteinChangeKind.DELINS}
    if kind in ranged and draw(st.booleans()):
        last, last_residue = first + draw(st.integers(1, 30)), draw(RESIDUES)
    if kind in {ProteinChangeKind.INSERTION, ProteinChangeKind.DELINS}:
        inserted = draw(st.text("ACDEFGHIKLMNPQRSTVWY", min_size=1, max_size=8))
    return ProteinChange(
        kind=kind,
        first=first,
        first_residue=residue,
        last=last,
        last_residue=last_residue,
        inserted=inserted,
    )


@given(changes())
def test_both_alphabets_read_back_as_the_same_change(change: ProteinChange) -> None:
    assert protein_change(change.text) == change
    assert protein_change(change.hgvs) == change
    assert protein_change(f"NP_005219.2:p.({change.text})") == change


@given(st.text(max_size=40))
def test_any_text_is_a_change_or_none(text: str) -> None:
    change = protein_change(text)
    assert change is None or protein_change(change.text) == change


@pytest.mark.parametrize(
    ("text", "canonical", "consequence"),
    [
        ("p.Leu858Arg", "L858R", "missense"),
        ("p.(L858R)", "L858R", "missense"),
        ("NP_005219.2:p.Leu858Arg", "L858R", "missense"),
        ("NP_005219.2:p.(Leu858Arg)", "L858R", "missense"),
        ("p.LEU858ARG", "L858R", "missense"),
        (" V600E ", "V600E", "missense"),
        ("p.Glu746_Ala750del", "E746_A750del", "inframe_deletion"),
        ("E746_A750delELREA", "E746_A750del", "inframe_deletion"),
        ("p.Leu747_Pro753delinsSer", "L747_P753delinsS", "inframe_deletion"),
        ("L747_A750>P", "L747_A750delinsP", "inframe_deletion"),
        ("p.Val600_Lys601delinsGluAsn", "V600_K601delinsEN", "missense"),
        ("p.Ser768_Asp770dup", "S768_D770dup", "inframe_insertion"),
        ("A763_Y764insFQEA", "A763_Y764insFQEA", "inframe_insertion"),
        ("p.A763_Y764insALA", "A763_Y764insALA", "inframe_insertion"),
        ("p.Ala763_Tyr764insAla", "A763_Y764insA", "inframe_insertion"),
        ("p.Arg175Ter", "R175*", "truncating"),
        ("R175X", "R175*", "truncating"),
        ("p.R97Pfs*23", "R97fs", "truncating"),
        ("p.Arg97ProfsTer23", "R97fs", "truncating"),
        ("p.Glu746_Ala750delinsTer", "E746_A750delins*", "truncating"),
        ("p.Met1?", "M1?", "start_lost"),
        ("p.Val600=", "V600=", "synonymous"),
        ("p.Val600Val", "V600=", "synonymous"),
    ],
)
def test_known_spellings(text: str, canonical: str, consequence: str) -> None:
    change = protein_change(text)
    assert change is not None
    assert (change.text, change.consequence) == (canonical, consequence)


@pytest.mark.parametrize(
    "text",
    ["", "p.?", "p.", "amplification", "exon 19 deletion", "ITD", "c.2573T>G", "L858", "B858R",
     "E750_E746del", "A763_Y770insF", "L0R", "p.Leu858Arg and p.Thr790Met", "*130Lext*?"],
)  # fmt: skip
def test_what_is_not_understood_is_none(text: str) -> None:
    assert protein_change(text) is None
