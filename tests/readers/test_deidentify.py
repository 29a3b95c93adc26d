"""De-identification's key: it stays local, answers the same each time, and can be looked up."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import WrongUse
from osler.home import home
from osler.readers.deidentify import AUTHORITY, Deidentifier
from osler.record.patient import Identifier
from tests.readers.planted import OWNER, deidentifier


def test_the_key_is_made_once_and_only_its_owner_can_read_it() -> None:
    one, two = Deidentifier.load_or_create(), Deidentifier.load_or_create()
    assert one.key == two.key and len(one.key) == 32
    assert one.path == home() / "keys" / "deidentify.key"
    assert stat.S_IMODE(one.path.stat().st_mode) == 0o600
    assert one.pseudonym(OWNER) == two.pseudonym(OWNER)
    assert repr(one.key) not in repr(one) and OWNER.value not in repr(one)


def test_another_key_gives_other_answers(tmp_path: Path) -> None:
    one = Deidentifier.load_or_create(tmp_path / "a.key")
    two = Deidentifier.load_or_create(tmp_path / "b.key")
    assert one.pseudonym(OWNER) != two.pseudonym(OWNER)
    assert one.uid("1.2.3") != two.uid("1.2.3")


def test_a_key_that_others_can_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "k.key"
    Deidentifier.load_or_create(path)
    path.chmod(0o644)
    with pytest.raises(WrongUse, match="chmod 600"):
        Deidentifier.load_or_create(path)
    path.write_bytes(b"short")
    with pytest.raises(WrongUse, match="5 bytes"):
        Deidentifier.load_or_create(path)


def test_an_unknown_profile_names_those_that_exist() -> None:
    with pytest.raises(WrongUse, match="basic, basic-no-dates, basic-characteristics"):
        Deidentifier.load_or_create(profile="full")
    assert not (home() / "keys").exists()


def test_the_mapping_leads_back_and_grows_by_each_pseudonym_once(tmp_path: Path) -> None:
    hidden = Deidentifier.load_or_create(tmp_path / "k.key")
    name = hidden.pseudonym(OWNER)
    assert name.authority == AUTHORITY and OWNER.value not in name.value
    assert hidden.pseudonym(name) == name
    for _ in range(2):
        hidden.keep_mapping()
    again = Deidentifier.load_or_create(tmp_path / "k.key")
    again.pseudonym(OWNER)
    again.keep_mapping()
    assert stat.S_IMODE(hidden.mapping_path.stat().st_mode) == 0o600
    (row,) = [json.loads(line) for line in hidden.mapping_path.read_text().splitlines()]
    assert row == {
        "pseudonym": name.value, "authority": OWNER.authority, "value": OWNER.value
    }  # fmt: skip


def test_an_authority_counts_and_its_way_of_writing_does_not() -> None:
    hidden = deidentifier()
    bare = Identifier(authority="2.16.840.1.99", value=OWNER.value)
    other = Identifier(authority="urn:oid:2.16.840.1.98", value=OWNER.value)
    assert hidden.pseudonym(OWNER) == hidden.pseudonym(bare) != hidden.pseudonym(other)


@given(st.text(min_size=1, max_size=30))
def test_shifts_lie_in_the_year_before(value: str) -> None:
    hidden = deidentifier()
    who = Identifier(authority="urn:a", value=value)
    days = hidden.days(who)
    assert days is not None and -365 <= days <= -1
    assert days == hidden.days(Identifier(authority="dicom", value=value))
    assert deidentifier("basic-no-dates").days(who) is None
    assert hidden.days(None) is None


@given(st.from_regex(r"[0-2](\.(0|[1-9][0-9]{0,8})){1,6}", fullmatch=True))
def test_uids_are_under_2_25_and_valid(uid: str) -> None:
    new = deidentifier().uid(uid)
    assert new.startswith("2.25.") and len(new) <= 64 and new != uid
    assert new == deidentifier().uid(uid)


def test_the_standards_own_uids_stay() -> None:
    assert deidentifier().uid("1.2.840.10008.5.1.4.1.1.2") == "1.2.840.10008.5.1.4.1.1.2"


@pytest.mark.parametrize(
    ("name", "ending"),
    [("Zebulon_Quill.json.gz", ".json.gz"), ("a/Zebulon.dcm", ".dcm"), ("IM.Zebulon9.1951", "")],
)
def test_a_files_name_keeps_its_ending_alone(name: str, ending: str) -> None:
    new = deidentifier().name(name)
    assert new.startswith("file-") and "Zeb" not in new and "1951" not in new
    assert new.endswith(ending) and len(new) == len("file-") + 16 + len(ending)
