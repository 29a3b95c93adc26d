"""The demonstration patient: the same bytes each time, and read without a word of trouble."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from osler.bench.demonstration.fhir import BORN, CODES, PATIENT
from osler.bench.demonstration.files import PICTURES, DemonstrationFiles, write_demonstration
from osler.bench.demonstration.history import history
from osler.bench.demonstration.phantom import SLICES
from osler.bench.demonstration.results import egfr
from osler.readers import fhir, note, vcf
from osler.readers.files import PATIENT_FILE, find_files
from osler.readers.intake import take_in
from osler.readers.reading import Context
from osler.readers.sidecar import parse_sidecar
from osler.readers.volume import volumes
from osler.record.fact import Assertion, Fact, FactKind, Quantity
from osler.record.moment import Moment
from osler.record.patient import Identifier
from osler.record.sqlite import SqliteStore
from osler.record.variant import Variant

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DemonstrationFiles:
    return write_demonstration(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def facts(made: DemonstrationFiles) -> list[Fact]:
    data = (made.folder / "history.json").read_bytes()
    items = fhir.read(data, Context(name="history.json", now=NOW)).items
    assert [i.trouble for i in items if i.trouble] == []
    assert {i.patient for i in items} == {PATIENT}
    return [fact for item in items for fact in item.facts]


def test_the_same_seed_gives_the_same_bytes(made: DemonstrationFiles, tmp_path: Path) -> None:
    again = write_demonstration(tmp_path)
    assert again.files == made.files
    for name in made.files:
        assert (tmp_path / name).read_bytes() == (made.folder / name).read_bytes()
    other = write_demonstration(tmp_path / "other", seed=8)
    assert (other.folder / "history.json").read_bytes() != (tmp_path / "history.json").read_bytes()


def test_the_folder_stands_for_her(made: DemonstrationFiles) -> None:
    assert Identifier.parse((made.folder / PATIENT_FILE).read_text()) == made.patient
    assert {file.patient for file in find_files(made.folder)} == {PATIENT}


def test_the_history_holds_the_story(facts: list[Fact]) -> None:
    kinds = Counter(fact.kind for fact in facts)
    assert kinds[FactKind.CONDITION] == 7 + 2
    assert kinds[FactKind.MEDICATION] == 3
    assert kinds[FactKind.ALLERGY] == 1
    assert kinds[FactKind.REPORT] == 2
    standing = {f.code.text: f.assertion for f in facts if f.kind is FactKind.CONDITION}
    assert standing["Adenocarcinoma of lung"] is Assertion.PRESENT
    assert standing["Pulmonary tuberculosis"] is Assertion.ABSENT
    assert standing["Malignant neoplasm of breast"] is Assertion.FAMILY
    (ros1,) = [f for f in facts if f.code.text.startswith("ROS1")]
    assert (ros1.value, ros1.status) == (None, "not-performed")


def test_laboratory_results_have_units_and_ranges(facts: list[Fact]) -> None:
    measured = [
        f for f in facts if f.kind is FactKind.OBSERVATION and "Volume" in f.code.text.title()
    ]
    assert measured
    for fact in measured:
        assert isinstance(fact.value, Quantity)
        assert fact.value.ucum == fact.value.unit
        assert fact.value.low is not None or fact.value.high is not None


def test_kidney_function_is_old_and_follows_from_creatinine(facts: list[Fact]) -> None:
    def series(code: str) -> list[tuple[str, float]]:
        found = [f for f in facts if f.code.code == code]
        return [
            (str(f.valid_from), float(f.value.value))
            for f in found
            if isinstance(f.value, Quantity)
        ]

    creatinine, filtration = series("2160-0"), series("98979-8")
    assert [when for when, _ in creatinine] == [when for when, _ in filtration]
    assert creatinine[-1] == ("2026-03-24", 1.21)
    assert max(when for when, _ in series("718-7")) == "2026-08-19"
    for (when, value), (_, rate) in zip(creatinine, filtration, strict=True):
        day = date.fromisoformat(when)
        age = day.year - BORN.year - ((day.month, day.day) < (BORN.month, BORN.day))
        assert rate == round(egfr(value, age))
        assert 45 <= rate < 60, "stage 3a"


def test_every_code_is_in_the_checked_list() -> None:
    def codings(value: object) -> list[tuple[str, str, str]]:
        if isinstance(value, dict):
            own = (
                [(value["system"], value["code"], value.get("display", ""))]
                if "code" in value and "system" in value
                else []
            )
            return own + [found for inner in value.values() for found in codings(inner)]
        return (
            [found for inner in value for found in codings(inner)]
            if isinstance(value, list)
            else []
        )

    used = {
        c
        for c in codings(history())
        if "terminology.hl7.org" not in c[0] and "unitsofmeasure" not in c[0]
    }
    assert {(system, code): words for system, code, words in used} == CODES
    shapes = {
        "snomed": r"\d{6,18}", "loinc": r"\d{1,5}-\d", "rxnorm": r"\d{4,7}",
        "icd-10-cm": r"[A-Z]\d\d(\.\d{1,4})?", "cvx": r"\d{2,3}",
    }  # fmt: skip
    for system, code in CODES:
        (shape,) = [pattern for name, pattern in shapes.items() if name in system]
        assert re.fullmatch(shape, code)
        if "snomed" in system:
            assert _verhoeff_holds(code), code
        if "loinc" in system:
            assert _mod10_holds(code), code


def _verhoeff_holds(code: str) -> bool:
    """The check digit of a SNOMED CT identifier (SNOMED CT Technical Implementation Guide, 4.2)."""
    table = [[(i + j) % 5 + 5 * ((i >= 5) ^ (j >= 5)) for j in range(10)] for i in range(10)]
    for i in range(5, 10):
        for j in range(10):
            table[i][j] = (i - j) % 5 + (0 if j >= 5 else 5)
    turn = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    check = 0
    for place, digit in enumerate(reversed(code)):
        number = int(digit)
        for _ in range(place % 8):
            number = turn[number]
        check = table[check][number]
    return check == 0


def _mod10_holds(code: str) -> bool:
    """The check digit of a LOINC code (Luhn, LOINC Users' Guide, appendix C)."""
    body, digit = code.split("-")
    total = 0
    for place, sign in enumerate(reversed(body)):
        number = int(sign) * (2 if place % 2 == 0 else 1)
        total += number // 10 + number % 10
    return (10 - total % 10) % 10 == int(digit)


def test_the_panel(made: DemonstrationFiles) -> None:
    name = "molecular/tumour-panel.vcf"
    declared = parse_sidecar((made.folder / f"{name}.json").read_bytes(), name)
    data = (made.folder / name).read_bytes()
    (item,) = vcf.read(data, Context(name=name, now=NOW, declared=declared)).items
    assert item.trouble is None
    found = [f.value for f in item.facts if isinstance(f.value, Variant)]
    assert [(v.gene, v.protein_change, v.passed, v.origin) for v in found] == [
        ("PIK3CA", "p.Glu545Lys", False, "somatic"),
        ("EGFR", "p.Leu858Arg", True, "somatic"),
        ("MET", "p.Thr992Ile", True, None),
        ("TP53", "p.Arg273His", True, "somatic"),
    ]
    egfr_call = found[1]
    assert (egfr_call.build, egfr_call.chromosome, egfr_call.position) == (
        "GRCh38",
        "chr7",
        55191822,
    )
    assert (egfr_call.transcript, egfr_call.exon) == ("ENST00000275493.7", 21)
    assert (egfr_call.allele_fraction, egfr_call.depth) == (0.31, 612)
    assert {str(f.valid_from) for f in item.facts} == {"2026-09-04"}


def test_the_notes(made: DemonstrationFiles) -> None:
    names = [name for name in made.files if name.parent.name == "notes"]
    assert len(names) == 3
    for name in names:
        data = (made.folder / name).read_bytes()
        (item,) = note.read(data, Context(name=str(name), now=NOW)).items
        assert item.trouble is None
        assert item.patient == PATIENT
        assert str(item.facts[0].valid_from) == name.name[:10]
        assert len(note.sections(data.decode())) >= 8
    clinic = (made.folder / "notes/2026-09-30-oncology-clinic.txt").read_text()
    for snare in (
        "If EGFR negative, would give",
        "No history of stroke",
        "Mother had breast cancer",
    ):
        assert snare in clinic


def test_pictures_are_copied_and_declared(made: DemonstrationFiles) -> None:
    written = {str(name) for name in made.files}
    for picture in PICTURES:
        assert (picture.name in written) is (picture.package not in made.missing)
        if picture.name not in written:
            continue
        declared = parse_sidecar((made.folder / f"{picture.name}.json").read_bytes(), picture.name)
        assert declared["patient"] == str(PATIENT)
        assert "not this patient's" in str(declared["says"])


def test_a_package_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "osler.bench.demonstration.files.PICTURES",
        tuple(type(p)(name=p.name, package="no-such-package-here", path=p.path) for p in PICTURES),
    )
    made = write_demonstration(tmp_path)
    assert made.missing == ("no-such-package-here",)
    written = [str(name) for name in made.files]
    assert not [name for name in written if name.startswith(("pathology/", "ecg/"))]
    assert {"PATIENT", "history.json", "molecular/tumour-panel.vcf"} <= set(written)
    assert json.loads((tmp_path / "history.json").read_bytes())["resourceType"] == "Bundle"


@pytest.fixture(scope="module")
def store(
    made: DemonstrationFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqliteStore]:
    """The whole folder, read as a user would."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSLER_HOME", str(home))
        with SqliteStore.open(home / "store") as opened:
            intake = take_in(opened, [made.folder])
            assert intake.complete
            assert list(intake.patients) == [PATIENT]
            assert intake.sources["hl7v2"] == 3 + 6
            assert intake.sources["pdf"] == intake.sources["rtf"] == 1
            yield opened


def test_the_two_planted_conflicts_are_found_and_no_other(store: SqliteStore) -> None:
    found = store.record(PATIENT).conflicts()
    assert len(found) == 2
    said = {fact.said for conflict in found for fact in conflict.facts}
    assert any("penicillin" in words for words in said)
    assert "No known allergy" in said
    doses = {words.split(": ")[1] for words in said if words.startswith("apixaban")}
    assert doses == {"5 mg by mouth twice a day", "2.5 mg by mouth twice a day"}


@pytest.mark.parametrize(("known_at", "value"), [("2026-09-30", "5.9"), ("2026-10-02", "4.4")])
def test_the_potassium_that_was_corrected_late(
    store: SqliteStore, known_at: str, value: str
) -> None:
    then = Moment.parse(known_at).latest
    held = store.state(PATIENT, "http://loinc.org|2823-3", known_at=then)
    (last,) = (f for f in held if f.kind is FactKind.OBSERVATION)
    assert isinstance(last.value, Quantity)
    assert str(last.value.value) == value
    assert last.value.ucum == "mmol/L"


def test_the_ct_series_is_one_volume_of_hounsfield_units(made: DemonstrationFiles) -> None:
    pytest.importorskip("pydicom")
    slices = sorted((made.folder / "images/ct-chest").iterdir())
    (volume,) = volumes([path.read_bytes() for path in reversed(slices)])
    assert volume.spacing_mm == (5.0, 2.8, 2.8)
    assert volume.values.shape == (SLICES, 128, 128)
    assert (volume.values.min(), volume.values.max()) == (-1000, 500)


def test_the_readme_tells_what_was_planted(made: DemonstrationFiles) -> None:
    text = (made.folder / "README.md").read_text()
    for word in ("penicillin", "apixaban", "5.9", "4.4"):
        assert word in text
