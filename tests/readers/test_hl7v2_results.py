"""Results: each type of value, two clocks, and a correction that finds what it corrects."""

from decimal import Decimal
from pathlib import Path

import pytest

from osler.readers.intake import take_in
from osler.record.fact import Assertion, Code, FactKind, Quantity
from osler.record.locator import Segment
from osler.record.patient import Identifier
from osler.record.source import AuthorRole
from osler.record.sqlite import SqliteStore
from tests.readers.hl7v2_cases import (
    CREATININE,
    PANEL,
    PATIENT,
    facts,
    item,
    msh,
    opened,
    oru,
    when,
)

ORDER = "LIS|F55"


def obx(kind: str, value: str, unit: str = "", limits: str = "", flags: str = "") -> str:
    return f"OBX|1|{kind}|1-8^Test^LN||{value}|{unit}|{limits}|{flags}|||F"


def test_a_result_with_all_that_the_message_says() -> None:
    found = oru(PANEL, CREATININE.format(status="F"))
    (result,) = facts(found, FactKind.OBSERVATION)
    assert result.code == Code(text="Creatinine", system="http://loinc.org", code="2160-0")
    assert result.value == Quantity(
        value=Decimal(88), unit="umol/L", ucum="umol/L", low=Decimal(49), high=Decimal(90)
    )
    assert (result.status, result.identity) == ("final", f"{ORDER}#http://loinc.org|2160-0")
    assert result.valid_from == when("20240501080000+0200")
    assert result.recorded_at == when("20240501100000+0200")
    assert not result.recorded_inferred
    assert result.evidence.at == Segment(number=4, field=5)
    assert opened(found, result) == "88"
    assert str(found.patient) == PATIENT
    assert found.trouble is None


def test_the_order_is_a_report_and_its_specimen_is_named() -> None:
    found = oru(PANEL, CREATININE.format(status="F"))
    (report,) = facts(found, FactKind.REPORT)
    (specimen,) = facts(found, FactKind.SPECIMEN)
    assert (report.status, report.identity) == ("final", ORDER)
    assert report.replaces == "placer:CPOE|P77"
    assert specimen.code == Code(
        text="Serum", system="http://terminology.hl7.org/CodeSystem/v2-0487", code="SER"
    )
    assert {f.specimen for f in facts(found, FactKind.OBSERVATION)} == {specimen.identity}


@pytest.mark.parametrize(
    ("letter", "status", "assertion"),
    [
        ("P", "preliminary", Assertion.PRESENT),
        ("C", "corrected", Assertion.PRESENT),
        ("D", "entered-in-error", Assertion.PRESENT),
        ("W", "entered-in-error", Assertion.PRESENT),
        ("X", "cancelled", Assertion.PRESENT),
        ("I", "registered", Assertion.PENDING),
        ("", "final", Assertion.PRESENT),
        ("q", "unknown", Assertion.PRESENT),
    ],
)
def test_statuses(letter: str, status: str, assertion: Assertion) -> None:
    found = oru(PANEL, CREATININE.format(status=letter))
    result = facts(found, FactKind.OBSERVATION)[0]
    assert (result.status, result.assertion) == (status, assertion)
    assert (found.trouble is not None) is (letter == "q")


def test_a_correction_has_the_identity_of_what_it_corrects_whichever_comes_first() -> None:
    later = PANEL.replace("20240501100000", "20240501130000")
    corrected = oru(later, CREATININE.replace("88", "98").format(status="C"))
    first = oru(PANEL, CREATININE.format(status="F"))
    new, old = (facts(one, FactKind.OBSERVATION)[0] for one in (corrected, first))
    assert new.identity == old.identity
    assert new.recorded_at is not None
    assert old.recorded_at is not None
    assert old.recorded_at.before(new.recorded_at)
    assert new.valid_from == old.valid_from


def test_the_store_shows_the_correction_though_it_arrived_first(tmp_path: Path) -> None:
    later = PANEL.replace("20240501100000", "20240501130000")
    corrected = oru(later, CREATININE.replace("88", "98").format(status="C"))
    first = oru(PANEL, CREATININE.format(status="F"))
    with SqliteStore.open(tmp_path / "store") as store:
        for name, one in (("a.hl7", corrected), ("b.hl7", first)):
            (tmp_path / name).write_bytes(one.data)
            take_in(store, [tmp_path / name])
        state = store.state(Identifier.parse(PATIENT), "http://loinc.org|2160-0")
        # The report of a single test has the same code, and holds no value.
        held = [fact for fact in state if fact.kind is FactKind.OBSERVATION]
        assert [str(fact.value) for fact in held] == ["98 umol/L"]


@pytest.mark.parametrize(
    ("segment", "value"),
    [
        (obx("NM", "-3.50"), Quantity(value=Decimal("-3.50"))),
        (obx("NM", "5", "mg/dL"), Quantity(value=Decimal(5), unit="mg/dL")),
        (obx("SN", ">^100"), Quantity(value=Decimal(100), comparator=">")),
        (obx("SN", "=^100"), Quantity(value=Decimal(100))),
        (obx("SN", "^1^:^128"), "1:128"),
        (obx("SN", "^10^-^20", "/[HPF]"), "10 to 20 /[HPF]"),
        (obx("SN", "^2^+"), "2+"),
        (obx("CWE", "260373001^Detected^SCT"),
         Code(text="Detected", system="http://snomed.info/sct", code="260373001")),
        (obx("CE", "^No growth"), Code(text="No growth")),
        (obx("ST", r"pH \T\ smell"), "pH & smell"),
        (obx("FT", r"One\.br\two~three"), "One\ntwo\nthree"),
        (obx("DT", "20240430"), when("20240430")),
        (obx("TM", "0815"), "0815"),
        (obx("IS", "A"), "A"),
    ],
)  # fmt: skip
def test_every_type_of_value(segment: str, value: object) -> None:
    found = oru(PANEL, segment)
    assert [f.value for f in facts(found, FactKind.OBSERVATION)] == [value]
    assert found.trouble is None


@pytest.mark.parametrize(
    ("segment", "value", "trouble"),
    [
        (obx("NM", "<5"), "<5", "OBX-5 is no NM: kept as text"),
        (obx("NM", "NaN"), "NaN", "OBX-5 is no NM"),
        (obx("SN", "^many"), "^many", "OBX-5 is no SN"),
        (obx("TS", "yesterday"), "yesterday", "OBX-5 is no TS"),
        (obx("", "8"), "8", "has no type"),
        (obx("ED", "LIS^AP^PDF^Base64^JVBERi0="), None, "enclosed document"),
        (obx("XCN", "12^Jansen^Piet"), None, "of type XCN is kept"),
        (obx("NA", "1^2^3"), None, "of type NA is kept"),
    ],
)
def test_what_is_not_understood_is_kept_and_said(segment: str, value: object, trouble: str) -> None:
    found = oru(PANEL, segment)
    assert [f.value for f in facts(found, FactKind.OBSERVATION)] == [value]
    assert found.trouble is not None
    assert trouble in found.trouble
    assert "Jansen" not in found.trouble + repr(found.facts)


def test_a_unit_is_ucum_only_where_it_says_so() -> None:
    for unit, name, ucum in (
        ("mmol/L", "mmol/L", None),
        ("mmol/L^millimoles^ISO+", "mmol/L", None),
        ("mmol^^L^mmol/L^^UCUM", "mmol", "mmol/L"),
        ('""', None, None),
    ):
        (result,) = facts(oru(PANEL, obx("NM", "5", unit)), FactKind.OBSERVATION)
        assert isinstance(result.value, Quantity)
        assert (result.value.unit, result.value.ucum) == (name, ucum)


def test_a_flag_that_the_range_does_not_say_is_a_fact_of_its_own() -> None:
    assert len(facts(oru(PANEL, obx("NM", "9", "", "1-5", "H")), FactKind.OBSERVATION)) == 1
    value, flag = facts(oru(PANEL, obx("NM", "9", "", "1-5", "HH")), FactKind.OBSERVATION)
    assert isinstance(flag.value, Code)
    assert (flag.value.text, flag.code.text) == ("critically high", "Test: interpretation")
    assert flag.identity != value.identity
    assert flag.evidence.at == Segment(number=4, field=8)
    corrected = obx("NM", "4", "", "1-5").replace("|||F", "|||C")
    withdrawn = facts(oru(PANEL, corrected), FactKind.OBSERVATION)[1]
    assert (withdrawn.identity, withdrawn.status) == (flag.identity, "entered-in-error")


def test_a_text_sent_a_line_a_segment_is_one_fact_that_opens_whole() -> None:
    lines = [
        f"OBX|{n}|TX|22634-0^Pathology report^LN||{line}||||||F"
        for n, line in enumerate(("Breast, core biopsy.", "", "Invasive carcinoma."), 1)
    ]
    found = oru(PANEL, *lines)
    (text,) = facts(found, FactKind.OBSERVATION)
    assert text.value == "Breast, core biopsy.\n\nInvasive carcinoma."
    assert opened(found, text) == text.value


def test_two_results_of_one_code_never_replace_each_other() -> None:
    again = "OBX|{}|CWE|6463-4^Organism^LN|{}|{}^^L||||||F"
    parted = oru(PANEL, again.format(1, 1, "ECOLI"), again.format(2, 2, "KPNE"))
    unparted = oru(PANEL, again.format(1, "", "ECOLI"), again.format(2, "", "KPNE"))
    repeated = oru(PANEL, again.format(1, "", "ECOLI^^L~KPNE"))
    for found in (parted, unparted, repeated):
        assert len({f.identity for f in facts(found, FactKind.OBSERVATION)}) == 2
    assert parted.trouble is None
    assert "OBX-4 does not part" in str(unparted.trouble)


def test_null_takes_a_result_back_and_u_without_a_value_changes_nothing() -> None:
    (gone,) = facts(oru(PANEL, obx("NM", '""')), FactKind.OBSERVATION)
    assert (gone.value, gone.status) == (None, "entered-in-error")
    final = oru(PANEL, "OBX|1|NM|1-8^Test^LN||||||||U")
    assert facts(final, FactKind.OBSERVATION) == []
    assert "stays as it was" in str(final.trouble)


def test_specimen_segments_give_side_site_and_date() -> None:
    spm = (
        "SPM|1|^B24-8&PATH||TISS^Tissue^HL70487||||76752008^Breast structure^SCT|"
        "7771000^Left^SCT||||||||202404301400^202404301430"
    )
    found = oru(PANEL, obx("ST", "seen"), spm)
    (specimen,) = facts(found, FactKind.SPECIMEN)
    assert (specimen.identity, specimen.laterality) == ("specimen:PATH|B24-8", "left")
    assert isinstance(specimen.value, Code)
    assert specimen.value.text == "Breast structure"
    assert specimen.valid_from == when("202404301400+0200")
    assert facts(found, FactKind.OBSERVATION)[0].specimen == specimen.identity
    two = oru(PANEL, obx("ST", "seen"), spm, spm.replace("B24-8", "B24-9"))
    assert facts(two, FactKind.OBSERVATION)[0].specimen is None


def test_an_order_is_pending_until_the_result_that_replaces_it() -> None:
    pid = "PID|1||8823^^^ADT01&1.2.3.4&ISO^MR"
    obr = "OBR|1|P77^CPOE||2160-0^Creatinine^LN"
    (fact,) = item(msh("ORM^O01"), pid, "ORC|NW|P77^CPOE", obr).facts
    assert (fact.status, fact.assertion) == ("registered", Assertion.PENDING)
    (report,) = facts(oru(PANEL), FactKind.REPORT)
    assert report.replaces == fact.identity
    (gone,) = item(msh("OML^O21"), pid, "ORC|CA|P77^CPOE", obr).facts
    assert gone.status == "cancelled"
    assert "ORM without an OBR" in str(item(msh("ORM^O01"), pid, "ORC|NW|1").trouble)


def test_without_msh_7_and_obr_22_the_clock_is_inferred() -> None:
    panel = PANEL.replace("20240501100000", "")
    found = item(msh("ORU^R01", ""), panel, CREATININE.format(status="F"))
    (result,) = facts(found, FactKind.OBSERVATION)
    assert result.recorded_inferred
    assert result.recorded_at == result.valid_from
    assert found.patient is None


def test_a_laboratory_is_the_author_where_obr_24_says_so() -> None:
    chemistry = PANEL.replace("20240501100000||", "20240501100000||CH")
    assert oru(chemistry).source.author is AuthorRole.LABORATORY
    assert oru(PANEL).source.author is AuthorRole.SYSTEM
