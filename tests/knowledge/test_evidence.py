"""The starter base is whole and consistent, and wrong files are refused with the place named."""

import csv
import hashlib
import itertools
from importlib import resources
from pathlib import Path

import pytest

from osler.errors import KnowledgeError, NotFound
from osler.knowledge.diseases import DiseaseTree
from osler.knowledge.evidence import KnowledgeBase, Level, VariantEvidence
from osler.knowledge.lookup import unreachable
from osler.knowledge.variants import ObservedVariant

STARTER = resources.files("osler.knowledge") / "starter" / "evidence.toml"

HEAD = """
form = "osler variant evidence 1"
name = "a test"
version = "1"
dated = 2026-01-01
licence = "none"
statement = "variant evidence, not a guideline"
"""
ENTRY = """
[[entry]]
id = "t-1"
gene = "EGFR"
variant = "L858R"
rule = { kind = "exact", changes = ["L858R"] }
disease = "NSCLC"
therapy = ["osimertinib"]
interaction = "single"
level = "A"
direction = "supports"
significance = "sensitivity"
origin = "somatic"
source = "a test, 2026"
summary = "It works."
"""


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    return KnowledgeBase.load_starter()


def test_the_header_says_what_it_is(base: KnowledgeBase) -> None:
    assert base.statement == "variant evidence, not a guideline"
    assert (base.version, base.dated) == ("2026.11.0", "2026-11-23")
    assert base.licence.startswith("Apache-2.0")
    assert base.digest == hashlib.sha256(STARTER.read_bytes()).hexdigest()


def test_entries_are_whole(base: KnowledgeBase) -> None:
    assert len(base.entries) >= 60
    assert len({entry.id for entry in base.entries}) == len(base.entries)
    for entry in base.entries:
        assert (
            entry.source.strip()
            and entry.summary.endswith(".")
            and entry.gene == entry.gene.strip()
        )
        assert len(set(entry.therapy)) == len(entry.therapy), entry.id
        assert (entry.base, entry.dated) == (base.name, base.dated)
        assert not set(entry.disease) & set(entry.not_in)
        # A caution is the drug's; evidence against a drug has none of its own to give.
        assert entry.cautions or entry.resists or entry.therapy == ("imatinib",), entry.id


def test_every_disease_is_in_the_tree(base: KnowledgeBase) -> None:
    tree = DiseaseTree.load_starter()
    assert unreachable(base, tree) == ()
    assert all(tree.reaches(entry.disease, out) for entry in base.entries for out in entry.not_in)


def test_no_entry_is_there_twice(base: KnowledgeBase) -> None:
    keys = [
        (e.gene, e.rule, e.disease, e.therapy, e.interaction, e.significance) for e in base.entries
    ]
    assert len(set(keys)) == len(keys)


def test_nothing_is_said_to_work_and_to_fail(base: KnowledgeBase) -> None:
    """No therapy is supported and opposed for one variant in one disease or a part of it."""
    tree = DiseaseTree.load_starter()
    for one, other in itertools.permutations(base.entries, 2):
        if one.gene != other.gene or one.resists or not other.resists:
            continue
        if not (
            tree.reaches(one.disease, other.disease) or tree.reaches(other.disease, one.disease)
        ):
            continue
        if any(tree.reaches(out, other.disease) for out in one.not_in):
            continue
        both = regimens(one) & regimens(other)
        assert not (both and overlap(one, other)), (one.id, other.id)


def regimens(entry: VariantEvidence) -> set[frozenset[str]]:
    """The treatments an entry speaks of: each substitute is one."""
    if entry.interaction.value == "substitutes":
        return {frozenset({drug}) for drug in entry.therapy}
    return {frozenset(entry.therapy)}


def overlap(one: VariantEvidence, other: VariantEvidence) -> bool:
    """Whether one observed variant could match both rules."""
    if one.rule == other.rule:
        return True
    samples = [*one.rule.changes, *other.rule.changes]
    samples += [f"A{codon}V" for codon in (*one.rule.codons, *other.rule.codons)]
    for change in samples:
        observed = ObservedVariant(gene=one.gene, protein_change=change)
        if one.rule.matches(one.gene, observed) and other.rule.matches(one.gene, observed):
            return True
    return False


def test_pubmed_ids_are_those_of_civic(base: KnowledgeBase, shared_data: Path) -> None:
    path = shared_data / "oncology_civic" / "nightly-ClinicalEvidenceSummaries.tsv"
    if not path.is_file():
        pytest.skip("the CIViC tables are not among the development data")
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        known = {
            row["citation_id"]: (row["citation"].split(" et al")[0], row["citation"])
            for row in csv.DictReader(lines, delimiter="\t")
            if row["source_type"] == "PubMed"
        }
    cited = [entry for entry in base.entries if entry.pubmed]
    assert len(cited) >= 40
    for entry in cited:
        author, citation = known[entry.pubmed or ""]
        assert entry.source.startswith(author), (entry.id, citation)


def test_levels_have_words() -> None:
    assert [level.meaning for level in Level][:2] == ["validated", "clinical"]


def test_a_base_can_be_loaded_and_asked(tmp_path: Path) -> None:
    path = tmp_path / "base.toml"
    path.write_text(HEAD + ENTRY, "utf-8")
    base = KnowledgeBase.load(path)
    assert base.entry("t-1").therapy == ("osimertinib",)
    with pytest.raises(NotFound, match="t-2"):
        base.entry("t-2")
    with pytest.raises(NotFound, match="no such knowledge file"):
        KnowledgeBase.load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('level = "A"', 'level = "F"', "entry.0.level"),
        ('origin = "somatic"', 'origin = "?"', "entry.0.origin"),
        ('source = "a test, 2026"', 'source = ""', "entry.0.source"),
        ('source = "a test, 2026"', 'sauce = "a test"', "entry.0"),
        ('summary = "It works."', 'summary = "x"\npubmed = "PMID1"', "entry.0.pubmed"),
        ('["osimertinib"]', '["osimertinib", "gefitinib"]', "t-1: interaction"),
        ('["L858R"]', '["Leu858Arg"]', "t-1: rule"),
        ("dated = 2026-01-01", 'dated = "some day"', "dated"),
        ('form = "osler variant evidence 1"', 'form = "other"', "form"),
        ('id = "t-1"', "id = ", "not TOML"),
    ],
)
def test_wrong_files_are_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "base.toml"
    text = HEAD + ENTRY
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(KnowledgeError, match=said) as caught:
        KnowledgeBase.load(path)
    assert str(path) in str(caught.value)


def test_an_id_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "base.toml"
    path.write_text(HEAD + ENTRY + ENTRY, "utf-8")
    with pytest.raises(KnowledgeError, match="occurs twice"):
        KnowledgeBase.load(path)
