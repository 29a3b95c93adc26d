"""The site: what the operator wrote, or nothing vouched for."""

from pathlib import Path

import pytest

from osler.errors import WrongUse
from osler.judge.number import Site
from osler.judge.site import load_site


def test_without_a_file_nothing_is_vouched_for(own_home: Path) -> None:
    assert load_site() == Site(name="this site", zone="UTC", populations=())


def test_what_the_operator_wrote(own_home: Path) -> None:
    (own_home / "site.toml").write_text(
        'name = "St Elsewhere"\nzone = "Europe/Amsterdam"\npopulations = ["P (Q)"]\n'
    )
    assert load_site() == Site(name="St Elsewhere", zone="Europe/Amsterdam", populations=("P (Q)",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'zone = "Europe/Amsterdom"', "'Europe/Amsterdom' is no IANA time zone"),
        (b'zone = "../etc"', "is no IANA time zone"),
        (b'population = ["P"]', "population"),
        (b'populations = "P"', "populations"),
        (b"name = St Elsewhere", "line 1"),
        (b'name = "\xff"', "utf-8"),
    ],
)
def test_a_line_that_is_wrong_is_named(own_home: Path, text: bytes, said: str) -> None:
    (own_home / "site.toml").write_bytes(text)
    with pytest.raises(WrongUse, match=r"site\.toml") as caught:
        load_site()
    assert said in str(caught.value)
