"""Whose a message is, what it may not decide, and which identifiers it says are one person."""

import pytest

from osler.record.fact import FactKind
from osler.record.patient import Identifier, Link
from tests.readers.hl7v2_cases import CREATININE, PANEL, facts, item, message, msh, reading


def who(pid3: str, pid2: str = "", header: str = msh("ADT^A08")) -> str | None:
    found = item(header, f"PID|1|{pid2}|{pid3}")
    assert found.disputed is None
    return str(found.patient) if found.patient else None


@pytest.mark.parametrize(
    ("pid3", "patient"),
    [
        ("8823^^^ADT01^MR", "ADT01|8823"),
        ("8823^5^M10^ADT01", "ADT01|8823"),
        ("8823^^^ADT01&2.16.840.1&ISO^MR", "urn:oid:2.16.840.1|8823"),
        ("111^^^SSA^SS~8823^^^ADT01^MR", "ADT01|8823"),
        ("77^^^ADT01^AN~8823^^^ADT01^PI", "ADT01|8823"),
        ("9^^^^MR~111^^^SSA^SS", "SSA|111"),
        ("8823", "hl7:HOSP|8823"),
        ("77^^^ADT01^VN", None),
        ("^^^ADT01^MR", None),
        ('""^^^ADT01^MR', None),
        ("", None),
    ],
)
def test_a_patient_is_a_number_that_an_authority_gave(pid3: str, patient: str | None) -> None:
    assert who(pid3) == patient


def test_without_authority_and_facility_nobody_is_named() -> None:
    nowhere = msh("ADT^A08").replace("HOSP", "")
    assert who("8823", header=nowhere) is None
    assert who("8823^^^ADT01", header=nowhere) == "ADT01|8823"


def test_pid_2_counts_only_with_an_authority() -> None:
    assert who("", "55^^^EXT") == "EXT|55"
    assert who("", "55") is None
    assert who("8823^^^ADT01", "55^^^EXT") == "ADT01|8823"


def test_a_bar_in_an_authority_names_nobody() -> None:
    assert who(r"8823^^^A\F\B^MR") is None


def test_two_record_numbers_or_two_people_wait_for_a_person() -> None:
    double = item(msh("ADT^A08"), "PID|1||1^^^ADT01^MR~2^^^ADT01^MR")
    assert (double.patient, double.links) == (None, ())
    assert "two record numbers: ADT01|1 and ADT01|2" in str(double.disputed)
    both = item(msh("MDM^T02"), "PID|1||1^^^ADT01^MR", "PID|2||2^^^ADT01^MR")
    assert both.patient is None
    assert "ADT01|1 and ADT01|2" in str(both.disputed)


def link(event: str, *segments: str) -> tuple[Link, ...]:
    return item(msh(f"ADT^{event}"), f"EVN|{event}|20240501", *segments).links


KEPT = Identifier(authority="ADT01", value="1")
GONE = Identifier(authority="ADT01", value="2")


@pytest.mark.parametrize("event", ["A18", "A34", "A36", "A47"])
def test_a_merge_gives_up_one_identifier_for_another(event: str) -> None:
    segments = ("PID|1||1^^^ADT01^MR", "MRG|2^^^ADT01^MR~3^^^SSA^SS")
    assert link(event, *segments) == (Link(kept=KEPT, merged=GONE),)


def test_a40_merges_for_each_patient_that_it_names() -> None:
    data = message(
        msh("ADT^A40^ADT_A39"), "EVN|A40|20240501", "PID|1||1^^^ADT01^MR||X||19500101|M",
        "MRG|2^^^ADT01^MR", "PID|2||5^^^ADT01^MR", "MRG|6^^^ADT01^MR",
    )  # fmt: skip
    found = reading(data)
    assert found.container
    assert [[str(w) for one in i.links for w in (one.kept, one.merged)] for i in found.items] == [
        ["ADT01|1", "ADT01|2"], ["ADT01|5", "ADT01|6"],
    ]  # fmt: skip
    assert [len(i.facts) for i in found.items] == [2, 0]


def test_a24_links_and_a37_takes_it_back() -> None:
    pids = ("PID|1||1^^^ADT01^MR||||19500101", "PID|2||2^^^ADT01^MR||||19600202")
    assert link("A24", *pids) == (Link(kept=KEPT, merged=GONE),)
    assert link("A37", *pids) == (Link(kept=KEPT, merged=GONE, undone=True),)
    assert item(msh("ADT^A24"), *pids).facts == ()


@pytest.mark.parametrize("mrg", ["MRG|", "MRG|1^^^ADT01^MR", "ZZZ|1"])
def test_a_merge_that_names_no_second_links_nothing(mrg: str) -> None:
    found = item(msh("ADT^A40"), "PID|1||1^^^ADT01^MR", mrg)
    assert found.links == ()
    assert "nothing is linked" in str(found.trouble)


def test_results_of_two_patients_are_two_sources_and_each_keeps_its_own() -> None:
    header = msh("ORU^R01")
    one = ("PID|1||1^^^ADT01^MR", PANEL, CREATININE.format(status="F"))
    two = ("PID|2||2^^^ADT01^MR", PANEL, CREATININE.replace("88", "99").format(status="F"))
    found = reading(message(header, *one, *two))
    assert found.container
    assert [i.data for i in found.items] == [message(header, *one), message(header, *two)]
    assert [str(i.patient) for i in found.items] == ["ADT01|1", "ADT01|2"]
    values = [str(facts(i, FactKind.OBSERVATION)[0].value) for i in found.items]
    assert values == ["88 umol/L", "99 umol/L"]
    again = reading(message(header, *one, *one))
    assert len(again.items) == 1
