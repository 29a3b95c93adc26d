"""Data types: times at their own precision, codes in a known system, ranges that are numbers."""

from decimal import Decimal

import pytest

from osler.readers.hl7v2_message import Element, Marks, parse
from osler.readers.hl7v2_values import Told, authority, coded, number, range_of
from osler.readers.reading import Context
from osler.record.fact import Code
from tests.readers.hl7v2_cases import NOW

MARKS = Marks(field="|", component="^", repetition="~", escape="\\", subcomponent="&")


def told(text: str, sent: str = "20240501101500+0200") -> Told:
    message = parse(rf"MSH|^~\&|||||{sent}".encode() + f"\rXXX|{text}".encode(), "x")
    context = Context(name="x", now=NOW, zone="Europe/Amsterdam")
    return Told(message=message, digest="0" * 64, context=context, person="p", sender="H/L")


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "assumed"),
    [
        ("2019", "2018-12-31T23:00:00", "2019-12-31T22:59:59.999999", False),
        ("201905", "2019-04-30T22:00:00", "2019-05-31T21:59:59.999999", False),
        ("20190504", "2019-05-03T22:00:00", "2019-05-04T21:59:59.999999", False),
        ("2019050410", "2019-05-04T08:00:00", "2019-05-04T08:59:59.999999", False),
        ("20190504101530.25-0500", "2019-05-04T15:15:30.250000", "2019-05-04T15:15:30.250000",
         False),
        ("20190504101530^D", "2019-05-03T22:00:00", "2019-05-04T21:59:59.999999", False),
        ("20190504101530^L", "2019-04-30T22:00:00", "2019-05-31T21:59:59.999999", False),
    ],
)  # fmt: skip
def test_a_time_keeps_its_precision(text: str, earliest: str, latest: str, assumed: bool) -> None:
    asked = told(text)
    moment = asked.moment(asked.message.segments[1], 1)
    assert moment is not None
    said = [t.replace(tzinfo=None).isoformat() for t in (moment.earliest, moment.latest)]
    assert (said, moment.zone_assumed) == ([earliest, latest], assumed)


def test_the_zone_is_the_fields_else_the_messages_else_the_sites() -> None:
    for sent, hour, assumed in (("20240501101500-0500", 15, False), ("20240501", 8, True)):
        asked = told("20190504100000", sent)
        moment = asked.moment(asked.message.segments[1], 1)
        assert moment is not None
        assert (moment.earliest.hour, moment.zone_assumed) == (hour, assumed)


@pytest.mark.parametrize(
    "text", ["0000", "00000000", "20191301", "20190230", "2019050425", "today", "99999999999999999",
             "20190504+9900", "201905041000+2500", "1" * 400],
)  # fmt: skip
def test_no_date_is_a_trouble_that_tells_the_place_alone(text: str) -> None:
    asked = told(text)
    found = asked.moment(asked.message.segments[1], 1)
    if text == "20190504+9900":  # a date without a time has no use for a zone
        assert found is not None
        return
    assert found is None
    assert asked.troubles == ["segment 2, XXX-1 is no date"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("K^Kalium^99LAB^2823-3^Potassium^LN",
         Code(text="Potassium", system="http://loinc.org", code="2823-3")),
        ("C50^Breast^I10^254837009^Breast cancer^SCT",
         Code(text="Breast cancer", system="http://snomed.info/sct", code="254837009")),
        ("K^Kalium^99LAB", Code(text="Kalium", system="hl7:99LAB", code="K")),
        ("K", Code(text="K", system=None, code="K")),
        ("^only words", Code(text="only words")),
        ("I^^HL70004", Code(text="I", code="I",
                            system="http://terminology.hl7.org/CodeSystem/v2-0004")),
        ("^^^^^^^^said so", Code(text="said so")),
        ('""', None), ("", None), ("^^LN", None),
    ],
)  # fmt: skip
def test_codes(raw: str, code: Code | None) -> None:
    assert coded(Element(raw=raw, marks=MARKS)) == code


def test_an_authority_is_its_universal_id_as_fhir_writes_it() -> None:
    assert authority("A", "1.2.3", "ISO") == "urn:oid:1.2.3"
    assert authority("A", "1.2.3", "") == "urn:oid:1.2.3"
    assert authority("A", "6F9619FF-8B86-D011-B42D-00C04FC964FF", "UUID").startswith("urn:uuid:6f9")
    assert authority("A", "adt.hosp.example", "DNS") == "adt.hosp.example"
    assert authority("A", "", "") == "A"


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("3.5-5.1", "3.5", "5.1"), ("3.5 - 5.1", "3.5", "5.1"), ("-2-3", "-2", "3"),
        ("-5--2", "-5", "-2"), ("<5", None, "5"), (">=40", "40", None), ("<= 7.0", None, "7.0"),
        ("negative", None, None), ("5-3", None, None), ("1.2.3-4", None, None), ("-", None, None),
        ("3.5-5.1 (adult)", None, None), ("", None, None),
    ],
)  # fmt: skip
def test_reference_ranges(text: str, low: str | None, high: str | None) -> None:
    wanted = tuple(Decimal(t) if t else None for t in (low, high))
    assert range_of(text) == wanted


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e9", "<5", "1,5", "٣", "", ".", "9" * 41])
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None
