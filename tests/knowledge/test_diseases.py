"""Diagnosis codes find their disease, and evidence reaches down the tree only."""

import json
from pathlib import Path
from typing import Any

import pytest

from osler.errors import KnowledgeError, NotFound
from osler.knowledge.diseases import ICD_10, ICD_10_CM, ONCOTREE, SNOMED_CT, DiseaseTree

SMALL = """
form = "osler disease tree 1"
source = "a test"
licence = "none"
dated = 2026-01-01
statement = "unmapped is no match"
nodes = [{ code = "ROOT", name = "Root" }, { code = "A", name = "A", parent = "ROOT" }]
"""


@pytest.fixture(scope="module")
def tree() -> DiseaseTree:
    return DiseaseTree.load_starter()


@pytest.mark.parametrize(
    ("evidence", "patient", "reached"),
    [
        ("NSCLC", "NSCLC", True),
        ("NSCLC", "LUAD", True),
        ("TISSUE", "LUAD", True),
        ("LUAD", "NSCLC", False),
        ("LUAD", "LUSC", False),
        ("NSCLC", "SCLC", False),
        ("NSCLC", "NOWHERE", False),
        ("NOWHERE", "NOWHERE", False),
    ],
)
def test_evidence_reaches_down_only(
    tree: DiseaseTree, evidence: str, patient: str, reached: bool
) -> None:
    assert tree.reaches(evidence, patient) is reached


@pytest.mark.parametrize(
    ("system", "code", "disease"),
    [
        (SNOMED_CT, "254637007", "NSCLC"),
        (SNOMED_CT, "254632001", "SCLC"),
        (SNOMED_CT, "363406005", "COADREAD"),
        (SNOMED_CT, "254837009", "BRCA"),
        (SNOMED_CT, "44054006", None),
        (SNOMED_CT, "2546370", None),
        ("urn:oid:2.16.840.1.113883.6.96", "91861009", "AML"),
        (ICD_10_CM, "C18.7", "COADREAD"),
        (ICD_10_CM, "C187", "COADREAD"),
        (ICD_10_CM, "c18.1", "BOWEL"),
        (ICD_10_CM, "C34.11", "LUNG"),
        (ICD_10_CM, "C50.912", "BRCA"),
        (ICD_10_CM, "C49.A2", "GIST"),
        (ICD_10, "C49.A2", None),
        (ICD_10_CM, "C49.9", None),
        (ICD_10_CM, "C44.311", "BCC"),
        (ICD_10_CM, "C44.321", None),
        (ICD_10, "C25.4", "PANCREAS"),
        (ICD_10, "C25.0", "PAAD"),
        (ICD_10, "C92.4", "APLPMLRARA"),
        (ICD_10, "Z85.3", None),
        (ICD_10, "D05.1", None),
        (ICD_10, "C7", None),
        (ONCOTREE, "luad", "LUAD"),
        (ONCOTREE, "NOWHERE", None),
        ("http://example.org/local", "C18.7", None),
        (ICD_10, "", None),
    ],
)
def test_codes_find_their_disease(
    tree: DiseaseTree, system: str, code: str, disease: str | None
) -> None:
    assert tree.from_code(system, code) == disease


def test_an_assumed_type_is_said(tree: DiseaseTree) -> None:
    assert "adenocarcinoma is assumed" in (tree.assumption(ICD_10_CM, "C18.7") or "")
    assert tree.assumption(ICD_10_CM, "C34.1") is None
    assert tree.assumption(SNOMED_CT, "254637007") is None
    assert tree.assumption(SNOMED_CT, "44054006") is None


def test_names_and_ancestors(tree: DiseaseTree) -> None:
    assert tree.name("GIST") == "Gastrointestinal Stromal Tumor"
    assert tree.ancestors("LUAD") == ("NSCLC", "LUNG", "TISSUE")
    with pytest.raises(NotFound, match="NOWHERE"):
        tree.name("NOWHERE")


def test_the_tree_is_oncotree(tree: DiseaseTree, shared_data: Path) -> None:
    path = shared_data / "terminology" / "oncotree_latest_stable.json"
    if not path.is_file():
        pytest.skip("OncoTree is not among the development data")
    theirs: dict[str, tuple[str, str | None]] = {}

    def walk(node: dict[str, Any]) -> None:
        theirs[node["code"]] = (node["name"], node["parent"])
        for child in node["children"].values():
            walk(child)

    walk(json.loads(path.read_text("utf-8"))["TISSUE"])
    assert {code: (node.name, node.parent) for code, node in tree.nodes.items()} == theirs


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("map = []\n" + SMALL.replace('parent = "ROOT"', 'parent = "B"'), "line of parents"),
        ("map = []\n" + SMALL.replace('"ROOT", name', '"ROOT", parent = "A", name'), "parents"),
        (SMALL + '[[map]]\ndisease = "B"\n', "no node"),
        (SMALL + '[[map]]\ndisease = "A"\nicd10 = ["C1", "C1"]\n', "mapped twice"),
        (SMALL, "map"),
        ("nodes = [", "not TOML"),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "diseases.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(KnowledgeError, match=said):
        DiseaseTree.load(path)


def test_an_absent_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        DiseaseTree.load(tmp_path / "none.toml")
