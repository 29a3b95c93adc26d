"""The board's table: options only where evidence reaches, needs where something is missing."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from osler.assess.board import Board, sit
from osler.knowledge.diseases import DiseaseTree
from osler.knowledge.evidence import KnowledgeBase
from osler.record.fact import Assertion, Code, Fact, FactKind, FactValue, Quantity
from osler.record.locator import Evidence, Line
from osler.record.moment import Moment
from osler.record.patient import Identifier, Patient
from osler.record.record import Record
from osler.record.variant import Variant

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BASE = KnowledgeBase.load_starter()
TREE = DiseaseTree.load_starter()
ONCOTREE = "http://oncotree.mskcc.org"
LOINC = "http://loinc.org"


def fact(
    kind: FactKind,
    code: Code,
    value: FactValue = None,
    *,
    day: str = "2026-11-01",
    assertion: Assertion = Assertion.PRESENT,
    status: str = "active",
) -> Fact:
    return Fact(
        kind=kind,
        code=code,
        value=value,
        evidence=Evidence(source=f"{code.text}{value}", at=Line(number=1)),
        received_at=NOW,
        valid_from=Moment.parse(day),
        assertion=assertion,
        status=status,
    )


def variant(gene: str, change: str, origin: str | None = "somatic", **more: object) -> Fact:
    fields: dict[str, object] = {
        "build": "GRCh38", "chromosome": "7", "position": 1, "reference": "A", "alternate": "T",
        "gene": gene, "protein_change": change, "filters": ("PASS",), "origin": origin,
    }  # fmt: skip
    made = Variant(**{**fields, **more})  # type: ignore[arg-type]
    return fact(FactKind.VARIANT, Code(text=f"{gene} {change}"), made, status="final")


def cancer(oncotree: str, **more: object) -> Fact:
    code = Code(text=f"tumour {oncotree}", system=ONCOTREE, code=oncotree)
    return fact(FactKind.CONDITION, code, **more)  # type: ignore[arg-type]


def decide(*facts: Fact) -> Board:
    patient = Patient(key=1, identifiers=(Identifier.parse("1"),))
    return sit(Record.of(patient, facts, ()), BASE, TREE, NOW)


def therapies(board: Board, kind: str = "option") -> set[str]:
    return {drug for option in board.options if option.kind == kind for drug in option.therapy}


def test_a_known_variant_in_its_disease_makes_an_option() -> None:
    board = decide(cancer("LUAD"), variant("EGFR", "p.Leu858Arg"))
    assert "osimertinib" in therapies(board)
    assert all(option.references[0].source for option in board.options)


def test_the_same_variant_in_another_disease_makes_none() -> None:
    board = decide(cancer("COADREAD"), variant("EGFR", "p.Leu858Arg"))
    assert therapies(board) == set()
    assert "osimertinib" in therapies(board, "research")


def test_a_resistance_variant_speaks_against_the_option_it_hits() -> None:
    board = decide(cancer("LUAD"), variant("EGFR", "L858R"), variant("EGFR", "T790M"))
    hit = [
        option
        for option in board.options
        if option.kind == "option"
        and option.contradicted_by
        and set(option.therapy) & {"erlotinib", "gefitinib", "afatinib"}
    ]
    assert hit
    assert all("T790M" in " ".join(option.contradicted_by) for option in hit)


def test_a_variant_that_failed_its_filter_is_matched_against_nothing() -> None:
    board = decide(cancer("LUAD"), variant("EGFR", "L858R", filters=("LowQual",)))
    assert board.options == ()
    assert any("LowQual" in warning for warning in board.warnings)


@pytest.mark.parametrize("assertion", [Assertion.ABSENT, Assertion.FAMILY, Assertion.POSSIBLE])
def test_a_tumour_that_is_not_asserted_for_the_patient_does_not_count(
    assertion: Assertion,
) -> None:
    board = decide(cancer("LUAD", assertion=assertion), variant("EGFR", "L858R"))
    assert therapies(board) == set()
    assert any("tumour type" in need.what for need in board.needs)


def test_two_unrelated_tumours_are_a_need_and_no_option() -> None:
    board = decide(cancer("LUAD"), cancer("COADREAD"), variant("BRAF", "V600E"))
    assert therapies(board) == set()
    assert any("specimen" in need.what for need in board.needs)


def test_a_broader_code_beside_a_narrower_one_is_the_same_tumour() -> None:
    board = decide(cancer("NSCLC"), cancer("LUAD"), variant("EGFR", "L858R"))
    assert "osimertinib" in therapies(board)


def test_an_unstated_origin_is_a_need_on_the_option() -> None:
    board = decide(cancer("LUAD"), variant("EGFR", "L858R", origin=None))
    option = next(o for o in board.options if o.kind == "option")
    assert any("somatic or germline" in need for need in option.needs)


def test_kidney_function_older_than_its_window_is_a_need() -> None:
    egfr = Code(text="eGFR", system=LOINC, code="62238-1")
    old = fact(FactKind.OBSERVATION, egfr, Quantity(value=Decimal(52)), day="2026-05-02")
    fresh = fact(FactKind.OBSERVATION, egfr, Quantity(value=Decimal(52)), day="2026-11-10")
    asked = [cancer("LUAD"), variant("EGFR", "L858R")]
    assert any("kidney" in n.what and "2026-05-02" in n.why for n in decide(*asked, old).needs)
    assert not any("kidney" in n.what for n in decide(*asked, old, fresh).needs)


def test_an_allergy_to_the_drug_speaks_against_it() -> None:
    allergy = fact(FactKind.ALLERGY, Code(text="Osimertinib"))
    board = decide(cancer("LUAD"), variant("EGFR", "L858R"), allergy)
    hit = [o for o in board.options if o.therapy == ("osimertinib",) and o.kind == "option"]
    assert hit
    assert all("allergy" in " ".join(o.contradicted_by) for o in hit)


def test_without_variants_the_board_is_silent() -> None:
    board = decide(cancer("LUAD"))
    assert board == Board(options=(), silence=board.silence)
    assert "No variant report" in str(board.silence)


def test_silence_says_why() -> None:
    assert decide(cancer("LUAD"), variant("EGFR", "L858R")).silence is None
    assert "tumour type" in str(decide(variant("EGFR", "L858R")).silence)
    assert "level A or B" in str(decide(cancer("LUAD"), variant("TTN", "K1234N")).silence)


def test_a_variant_without_a_protein_change_is_not_taken_for_one_without_evidence() -> None:
    board = decide(cancer("COADREAD"), variant("BRAF", "", protein_change=None))
    assert board.unmatched == ()
    assert any("without a protein change" in warning for warning in board.warnings)


def test_what_is_said_of_one_drug_alone_does_not_strike_its_combination() -> None:
    board = decide(cancer("COADREAD"), variant("BRAF", "V600E"))
    both = [o for o in board.options if set(o.therapy) == {"encorafenib", "cetuximab"}]
    assert both
    assert all(not o.contradicted_by for o in both)
    assert any("without its partner" in c for o in both for c in o.cautions)


def test_a_variant_of_which_nothing_is_known_is_named() -> None:
    board = decide(cancer("LUAD"), variant("EGFR", "L858R"), variant("TTN", "K1234N"))
    assert board.unmatched == ("TTN K1234N",)


def test_a_genotype_that_was_not_called_is_said_and_is_no_negative() -> None:
    open_call = replace(variant("EGFR", "p.L858R"), assertion=Assertion.POSSIBLE)
    board = decide(open_call, cancer("LUAD"))
    assert not board.options
    assert any("no negative result" in warning for warning in board.warnings)


def test_an_allergy_is_found_among_other_words() -> None:
    blocked = fact(FactKind.ALLERGY, Code(text="Osimertinib 80 mg tablet"))
    board = decide(variant("EGFR", "p.L858R"), cancer("LUAD"), blocked)
    against = [o.contradicted_by for o in board.options if "osimertinib" in o.therapy]
    assert against
    assert all(any("allergy" in line for line in lines) for lines in against)
