"""Text: what is structured is found, clinical numbers stay, and what is not found is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.readers import deidentify_text
from osler.readers.deidentify_people import Known, name_words, telling
from osler.readers.deidentify_text import CAUTION, Cleaner, clean
from tests.readers.planted import deidentifier

KNOWN = Known(names=name_words("Jane Young-White"), words=telling("12 Larkspur Road"))


def cleaned(text: str, days: int | None = -40) -> str:
    return clean(text, Cleaner(deidentifier=deidentifier(), days=days, known=KNOWN))


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("on 2024-05-01", "on 2024-03-22"),
        ("on 2024-05-01T10:15:00Z.", "on 2024-03-22T10:15:00Z."),
        ("on 05/13/2024", "on 04/03/2024"),
        ("on 13/05/2024", "on 03/04/2024"),
        ("on 13.5.24", "on 03.4.24"),
        ("on 05/01/2024", "on [date]"),
        ("on 05/01/2024 and 05/13/2024", "on 03/22/2024 and 04/03/2024"),
        ("on 3 May 2024", "on 24 March 2024"),
        ("on May 13, 2024", "on April 03, 2024"),
        ("on the 1st of May 2024", "on the 22nd of March 2024"),
        ("on 12-MAR-2023", "on 31-JAN-2023"),
        ("in May 2019", "in April 2019"),
        ("on May 3", "on [date]"),
        ("on 20240501", "on 20240322"),
        ("since 2011", "since 2011"),
        ("DOB: 03/25/1931", "DOB: [date]"),
    ],
)
def test_dates(text: str, new: str) -> None:
    assert cleaned(text) == new


def test_without_a_shift_dates_go() -> None:
    assert cleaned("2024-05-01, May 13, 2024, 13.05.24", None) == "[date], [date], [date]"


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Name: John Q. Public", "Name: [name]"),
        ("Name: John Public  MRN: 889123", "Name: [name]  MRN: [identifier]"),
        ("Jane Young-White and YOUNG-WHITE, JANE", "[name] and [name]"),
        ("seen by Dr. Alan Grant.", "seen by Dr. [name]."),
        ("of 12 larkspur road", "of [identifier]"),
        ("at 44 High Oak Street, Apt 4.", "at [address]."),
        ("(555) 201-3344 or +44 20 7946 0958", "[phone] or [phone]"),
        ("Tel: 020 7946 0958", "Tel: [phone]"),
        ("j.d@x.org https://x.org/p?id=1", "[e-mail] [url]"),
        ("123-45-6789", "[identifier]"),
        ("943 476 5919", "[identifier]"),
        ("111222333", "[identifier]"),
        ("Boston, MA 02115", "Boston, MA [postcode]"),
        ("SW1A 1AA", "[postcode]"),
        ("a 93-year-old man", "a 90+-year-old man"),
        ("aged 104", "aged 90+"),
        ("Patient-ID: nobody", "Patient-ID: [identifier]"),
    ],
)
def test_identifiers(text: str, new: str) -> None:
    if text.startswith("Patient-ID"):
        assert cleaned(text).startswith("Patient-ID: urn:osler:deidentified|anon-")
    else:
        assert cleaned(text) == new


@pytest.mark.parametrize(
    "text",
    [
        "BP 120/80, HR 98, WBC 5.10 x 10^9/L, pT2 N1a M0, ER 90%",
        "strength 5/5, score 3/10, 10/12/8 mm, ratio 1.5-2.0",
        "a young man with white plaques, given 2000 ML of saline, 1430 PM",
        "SNOMED 162864005 and LOINC 2345-7, chr7:55191822 c.2573T>G",
        "88-year-old, may 3 times daily, 9434765918",
    ],
)
def test_clinical_words_and_numbers_stay(text: str) -> None:
    assert cleaned(text) == text


def test_a_codes_own_words_keep_the_names_in_them() -> None:
    known = Known(names=frozenset({"White"}))
    cleaner = Cleaner(deidentifier=deidentifier(), days=-1, known=known)
    assert cleaner.of("White", names=False) == "White"
    assert cleaner.of("White") == "[name]"


def test_an_undeclared_name_is_not_found_and_that_is_said() -> None:
    assert cleaned("his neighbour Ludmilla drove him") == "his neighbour Ludmilla drove him"
    assert "not found" in CAUTION and "NO GUARANTEE" in str(deidentify_text.__doc__)


@given(st.text(max_size=300), st.none() | st.integers(-365, -1))
def test_any_text_is_taken(text: str, days: int | None) -> None:
    assert isinstance(cleaned(text, days), str)


@given(st.text(alphabet="0123456789/.- MayJan:@[]()\n", max_size=200))
def test_text_like_dates_and_numbers_is_taken(text: str) -> None:
    cleaned(text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["1", "1 ", "May ", "a.", "Name: ", "Aa ", "-", "1.", "1-"])
def test_long_runs_take_no_longer_than_they_must(piece: str) -> None:
    cleaned(piece * (50_000 // len(piece)))
