"""An identifier is an authority and a value, and what is written can be read again."""

import pytest

from osler.errors import WrongUse
from osler.record.patient import LOCAL, Identifier


@pytest.mark.parametrize(
    ("text", "authority", "value"),
    [
        ("8823", LOCAL, "8823"),
        ("urn:h|8823", "urn:h", "8823"),
        ("urn:h|88|23", "urn:h", "88|23"),
        (" urn:h | 8823 ", "urn:h", "8823"),
    ],
)
def test_what_is_written_is_read_again(text: str, authority: str, value: str) -> None:
    made = Identifier.parse(text)
    assert made == Identifier(authority=authority, value=value)
    assert Identifier.parse(str(made)) == made


@pytest.mark.parametrize("text", ["", " ", "|", "urn:h|", "|8823"])
def test_what_names_nobody(text: str) -> None:
    with pytest.raises(WrongUse, match="names no patient"):
        Identifier.parse(text)
