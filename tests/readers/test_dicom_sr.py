"""Structured reports: coded facts with context, status and evidence that opens."""

from decimal import Decimal
from typing import Any

import pytest

from osler.readers.resolve import ShownText, show
from osler.record.fact import Assertion, Code, Fact, FactKind, Quantity
from osler.record.locator import Evidence, Tag
from osler.record.moment import Moment

from .dicom_cases import blank, codes, sample, saved
from .drawn import context

pydicom = pytest.importorskip("pydicom")

from pydicom.dataset import Dataset  # noqa: E402
from pydicom.sequence import Sequence  # noqa: E402

from osler.readers.dicom import read  # noqa: E402

COMPREHENSIVE = "1.2.840.10008.5.1.4.1.1.88.33"
LENGTH = ("410668003", "SCT", "Length")
MILLIMETRE = ("mm", "UCUM", "millimeter")


def node(kind: str, concept: tuple[str, str, str], *children: Any, **fields: Any) -> Any:
    item = Dataset()
    item.ValueType, item.RelationshipType = kind, "CONTAINS"
    item.ConceptNameCodeSequence = codes(*concept)
    for keyword, value in fields.items():
        setattr(item, keyword, value)
    if children:
        item.ContentSequence = Sequence(children)
    return item


def number(text: str, unit: tuple[str, str, str], *children: Any) -> Any:
    value = Dataset()
    value.add_new("NumericValue", "DS", text)
    value.MeasurementUnitsCodeSequence = codes(*unit)
    return node("NUM", LENGTH, *children, MeasuredValueSequence=Sequence([value]))


def saying(value: tuple[str, str, str], concept: tuple[str, str, str], as_: str) -> Any:
    return node("CODE", concept, ConceptCodeSequence=codes(*value), RelationshipType=as_)


def report(*children: Any, **fields: Any) -> bytes:
    dataset = blank(
        COMPREHENSIVE, Modality="SR", ValueType="CONTAINER", StudyDate="20240501",
        ContentDate="20240502", ContentTime="101500", CompletionFlag="COMPLETE",
        VerificationFlag="VERIFIED",
    )  # fmt: skip
    dataset.ConceptNameCodeSequence = codes("18748-4", "LN", "Diagnostic imaging report")
    dataset.ContentSequence = Sequence(children)
    for keyword, value in fields.items():
        setattr(dataset, keyword, value)
    return saved(dataset)


def facts(data: bytes) -> tuple[Fact, ...]:
    (item,) = read(data, context("SR1")).items
    assert item.source.kind == "dicom/sr"
    for fact in item.facts:
        shown = show(item.data, item.source, fact.evidence.at)
        assert isinstance(shown, ShownText) and shown.marked
    return item.facts


def test_a_number_keeps_its_digits_and_its_unit() -> None:
    data = report(number("12.50", MILLIMETRE))
    whole, length = facts(data)
    assert whole.kind is FactKind.REPORT and whole.code.code == "18748-4"
    assert length.kind is FactKind.OBSERVATION
    assert length.code.system == "http://snomed.info/sct" and length.code.code == "410668003"
    assert length.value == Quantity(value=Decimal("12.50"), unit="mm", ucum="mm")
    assert length.evidence == Evidence(source=whole.evidence.source, at=Tag(path="0040A730[0]"))
    (item,) = read(data, context("SR1")).items
    shown = show(data, item.source, length.evidence.at)
    assert isinstance(shown, ShownText) and shown.marked == "Length: 12.50 mm"


def test_its_clocks_are_the_study_and_the_content() -> None:
    _, length = facts(report(number("1", MILLIMETRE)))
    assert length.valid_from is not None and length.valid_from.text == "20240501"
    assert length.recorded_at is not None and length.recorded_at.text == "20240502101500"
    assert not length.recorded_inferred
    own = number("1", MILLIMETRE)
    own.ObservationDateTime = "20240430093000"
    _, dated = facts(report(own))
    assert dated.valid_from is not None and dated.valid_from.text == "20240430093000"


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ({}, "final"),
        ({"VerificationFlag": "UNVERIFIED"}, "preliminary"),
        ({"PreliminaryFlag": "PRELIMINARY"}, "preliminary"),
        ({"CompletionFlag": "PARTIAL"}, "partial"),
    ],
)
def test_final_is_what_a_person_verified(flags: dict[str, str], status: str) -> None:
    assert {fact.status for fact in facts(report(number("1", MILLIMETRE), **flags))} == {status}


def test_context_qualifies_and_is_no_fact() -> None:
    site = saying(
        ("56459004", "SCT", "Foot"), ("363698007", "SCT", "Finding Site"), "HAS CONCEPT MOD"
    )
    site.ContentSequence = Sequence(
        [saying(("7771000", "SCT", "Left"), ("272741003", "SCT", "Laterality"), "HAS CONCEPT MOD")]
    )
    group = node("CONTAINER", ("125007", "DCM", "Measurement Group"), number("3", MILLIMETRE, site))
    fetus = saying(
        ("121026", "DCM", "Fetus"), ("121024", "DCM", "Subject Class"), "HAS OBS CONTEXT"
    )
    _, length = facts(report(fetus, group))
    assert length.laterality == "left" and length.experiencer == "fetus"
    assert length.code.text == "Length (Foot), Measurement Group"
    assert isinstance(length.evidence.at, Tag)
    assert length.evidence.at.path == "0040A730[1].0040A730[0]"


def test_codes_texts_and_dates() -> None:
    found = facts(
        report(
            saying(("2667000", "SCT", "Absent"), ("36118008", "SCT", "Pneumothorax"), "CONTAINS"),
            node("TEXT", ("121071", "DCM", "Finding"), TextValue="a small nodule"),
            node("DATE", ("122165", "DCM", "Birth date"), Date="20240105"),
            node("PNAME", ("121008", "DCM", "Person Observer Name"), PersonName="Doe^Jane"),
            node("CONTAINER", ("121060", "DCM", "History"),
                 node("TEXT", ("121071", "DCM", "Finding"), TextValue="asthma")),
        )
    )  # fmt: skip
    _, absent, text, date, history = found
    assert absent.assertion is Assertion.ABSENT and isinstance(absent.value, Code)
    assert text.value == "a small nodule"
    assert isinstance(date.value, Moment) and date.value.text == "20240105"
    assert history.assertion is Assertion.HISTORICAL
    assert not any("Doe" in str(fact) for fact in found)


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom knows that it is no decimal
@pytest.mark.parametrize("text", ["NaN", "1,5", "Infinity"])
def test_a_number_that_is_none_is_a_trouble(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pydicom.config.settings, "_writing_validation_mode", 0)
        try:
            data = report(number(text, MILLIMETRE), number("2", MILLIMETRE))
        except (ValueError, ArithmeticError):
            pytest.skip("pydicom writes no such number")
    (item,) = read(data, context("SR1")).items
    assert [str(fact.value) for fact in item.facts[1:]] == ["2 mm"]
    assert item.trouble is not None and "0040A730[0]" in item.trouble


def test_units_that_are_none_stay_unstated() -> None:
    plain, other = facts(
        report(number("4", ("1", "UCUM", "no units")), number("5", ("99x", "99LOCAL", "boxes")))
    )[1:]
    assert plain.value == Quantity(value=Decimal(4), ucum="1")
    assert other.value == Quantity(value=Decimal(5), unit="boxes")


def test_the_real_report_names_its_predecessor() -> None:
    found = facts(sample("test-SR.dcm"))
    assert len(found) > 5
    assert found[0].replaces == "1.2.276.0.7230010.3.1.4.2139363186.7819.982086466.1"
