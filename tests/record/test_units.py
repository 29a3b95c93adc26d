"""Units: exact where UCUM is, by the analyte where it must be, and refused everywhere else."""

import subprocess
import sys
import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.errors import BrokenFile, InputError, OslerError, Undeclared, WrongUse

pytest.importorskip("ucumvert")

from osler.record.analyte import LOINC, analyte_of, analytes
from osler.record.fact import Code, Quantity
from osler.record.ucum import canonical_ucum, is_ucum, parse_ucum
from osler.record.units import comparable, convert, unit_of


def q(value: str | Decimal, unit: str | None, **more: object) -> Quantity:
    return Quantity(value=Decimal(value), unit=unit, ucum=unit, **more)  # type: ignore[arg-type]


def loinc(code: str | None) -> Code | None:
    return Code(text="x", system=LOINC, code=code) if code else None


@pytest.mark.parametrize(
    ("value", "unit", "to", "code", "gives"),
    [
        ("1.2", "mg/dL", "g/L", None, "0.012"),
        ("5", "10*9/L", "10*3/uL", None, "5"),
        ("5.1", "10*3/uL", "/uL", None, "5100"),
        ("45", "%", "1", None, "0.45"),
        ("98.6", "[degF]", "Cel", None, "37"),
        ("37", "Cel", "[degF]", None, "98.6"),
        ("0", "Cel", "K", None, "273.15"),
        ("5", "m[IU]/L", "u[IU]/mL", None, "5"),
        ("3", "{cells}/uL", "/uL", None, "3"),
        ("100", "[lb_av]", "kg", None, "45.359237"),
        ("1.0", "mg/dL", "umol/L", "2160-0", "88.4016973126"),
        ("100", "mg/dL", "mmol/L", "2345-7", "5.55074490997"),
        ("200", "mg/dL", "mmol/L", "2093-3", "5.17263675158"),
        ("14", "mg/dL", "mmol/L", "3094-0", "4.99750124938"),  # BUN
        ("30", "mg/dL", "mmol/L", "3091-6", "4.99533768483"),  # urea
        ("10", "mg/dL", "mmol/L", "17861-6", "2.49513448775"),
        ("15", "g/dL", "mmol/L", "718-7", "9.30838685656"),
        ("30", "mg/g{creat}", "mg/mmol", "9318-7", "3.3936"),
        ("4", "meq/L", "mmol/L", "2823-3", "4"),
        ("4.8", "meq/L", "mmol/L", "17861-6", "2.4"),
        ("1.2", "mmol/L", "meq/L", "17861-6", "2.4"),
        ("7.0", "%", "mmol/mol", "4548-4", "52.9951902055"),
        ("53", "mmol/mol", "%", "59261-8", "7.00044"),
    ],
)
def test_known_conversions(value: str, unit: str, to: str, code: str | None, gives: str) -> None:
    found = convert(q(value, unit), to, analyte=loinc(code))
    assert (found.value, found.unit, found.ucum) == (Decimal(gives), to, to)


@pytest.mark.parametrize(
    ("unit", "to", "code"),
    [
        ("mg/dL", "umol/L", None),  # which substance?
        ("mg/dL", "mg", "2160-0"),
        ("[IU]/L", "mg/dL", "2160-0"),
        ("[IU]/L", "10*9/L", None),
        ("[arb'U]/mL", "[IU]/mL", None),
        ("meq/L", "mmol/L", None),
        ("meq/L", "mmol/L", "2160-0"),
        ("mosm/kg", "mmol/kg", None),
        ("mmol/mol", "%", None),  # HbA1c? a factor of ten would be wrong
        ("mmol/mol", "1", "4548-4"),
        ("mL/min", "mL/min/{1.73_m2}", None),
        ("ng/mL{FEU}", "ng/mL{DDU}", None),
        ("/[HPF]", "/[LPF]", None),
        ("mg/mmol", "mg/g", "2160-0"),
        ("mg/g", "mmol/g", "9318-7"),
        ("g/dL", "umol/L", "1751-7"),  # albumin is a mass
        ("mmol/L", "mg/dL", "1963-8"),
        ("mK", "Cel", None),
        ("dB", "1", None),
        ("mg/dL", "mg/dl?", None),
        ("mg/dL", "", None),
        ("mg/dL", "10*999999999", None),
        ("mg/dL", "0.mg", None),
        ("mg/dL", "(" * 40, None),
        ("mg/dL", "m" * 100_000, None),
    ],
)
def test_what_is_not_the_same_is_refused(unit: str, to: str, code: str | None) -> None:
    with pytest.raises(WrongUse):
        convert(q("3", unit), to, analyte=loinc(code))
    if is_ucum(to):
        assert comparable(q("3", to), q("3", unit), loinc(code)) is None


@pytest.mark.parametrize("unit", [None, "", "units", "MU/L", "PG/ML", "ML", "ratio"])
def test_an_absent_or_doubtful_unit_is_never_inferred(unit: str | None) -> None:
    quantity = Quantity(value=Decimal(1), unit=unit)
    assert canonical_ucum(unit) is None
    with pytest.raises(Undeclared):
        convert(quantity, "mg/dL")
    with pytest.raises(Undeclared):
        unit_of(quantity)
    assert comparable(quantity, q("1", "mg/dL")) is None
    assert comparable(q("1", "mg/dL"), quantity) is None


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+999999"])
def test_no_number_is_no_quantity(value: str) -> None:
    with pytest.raises(BrokenFile):
        convert(q(value, "mg/dL"), "umol/L", analyte=loinc("2160-0"))


def test_an_hba1c_below_the_scale_is_refused() -> None:
    with pytest.raises(InputError, match="below"):
        convert(q("1.5", "%"), "mmol/mol", analyte=loinc("4548-4"))


def test_comparator_and_reference_range_come_along() -> None:
    found = convert(
        q("0.5", "mg/dL", comparator="<", low=Decimal("0.7"), high=Decimal("1.2")),
        "umol/L",
        analyte=loinc("2160-0"),
    )
    assert found.comparator == "<"
    assert (str(found.low), str(found.high)) == ("61.8811881188", "106.082036775")
    assert found.flag == "L"


def test_the_same_unit_stays_as_it_is_even_where_nothing_converts_it() -> None:
    assert convert(q("7.40", "[pH]"), "[pH]").value == Decimal("7.40")
    assert comparable(q("7.2", "[pH]"), q("7.4", "[pH]")) == q("7.4", "[pH]")


@pytest.mark.parametrize(
    ("spelt", "means"),
    [
        ("mcg/mL", "ug/mL"), ("ug/mL", "ug/mL"), ("K/uL", "10*3/uL"), ("x10E9/L", "10*9/L"),
        ("X10(3)/uL", "10*3/uL"), ("10^12/L", "10*12/L"), ("mmHg", "mm[Hg]"), ("mg/dl", "mg/dl"),
        ("MG/DL", "mg/dL"), ("mIU/L", "m[IU]/L"), ("mEq/L", "meq/L"), ("°C", "Cel"),
        ("bpm", "/min"), ("cells/uL", "{cells}/uL"), ("µmol/L", "umol/L"), ("/HPF", "/[HPF]"),
    ],
)  # fmt: skip
def test_spellings_with_one_meaning(spelt: str, means: str) -> None:
    assert canonical_ucum(spelt) == means
    assert unit_of(Quantity(value=Decimal(1), unit=spelt)) == means


def test_every_analyte_is_whole_and_codes_stand_once() -> None:
    known = {id(a): a for a in analytes().values()}.values()
    codes = [code for a in known for code in a.loinc]
    assert len(codes) == len(set(codes))
    assert all(_check_digit(code) for code in codes)
    for a in known:
        assert a.molar_mass or a.valence or a.mass_only or a.equation == "hba1c", a.name
        assert not (a.mass_only and a.molar_mass)
    assert analyte_of(Code(text="Creatinine")) is None
    assert analyte_of(Code(text="Creatinine", system="urn:local", code="2160-0")) is None


def _check_digit(code: str) -> bool:
    """LOINC's own (mod 10): every second digit from the right is doubled."""
    number, check = code.split("-")
    doubled = "".join(str(int(d) * (2 if i % 2 == 0 else 1)) for i, d in enumerate(number[::-1]))
    return (10 - sum(map(int, doubled)) % 10) % 10 == int(check)


PAIRS = [
    ("mg/dL", "umol/L", "2160-0"), ("mg/dL", "mmol/L", "2345-7"), ("%", "mmol/mol", "4548-4"),
    ("[degF]", "Cel", None), ("10*9/L", "10*3/uL", None), ("/uL", "10*9/L", None),
    ("g/dL", "mmol/L", "718-7"), ("meq/L", "mmol/L", "17861-6"), ("mm[Hg]", "kPa", None),
    ("pg/mL", "pmol/L", "2132-9"), ("[lb_av]", "kg", None),
]  # fmt: skip
numbers = st.decimals(min_value=3, max_value=10_000, places=3, allow_nan=False)


@given(numbers, st.sampled_from(PAIRS), st.sampled_from([None, "<", ">", "<=", ">="]))
def test_there_and_back(value: Decimal, pair: tuple[str, str, str | None], sign: str) -> None:
    unit, to, code = pair
    there = convert(q(value, unit, comparator=sign), to, analyte=loinc(code))
    back = convert(there, unit, analyte=loinc(code))
    assert there.comparator == back.comparator == sign
    assert abs(back.value - value) <= abs(value) * Decimal("1e-9")


@given(numbers, numbers, st.sampled_from(PAIRS))
def test_order_is_kept(a: Decimal, b: Decimal, pair: tuple[str, str, str | None]) -> None:
    unit, to, code = pair
    low, high = sorted((a, b))
    one = convert(q(low, unit), to, analyte=loinc(code)).value
    other = convert(q(high, unit), to, analyte=loinc(code)).value
    assert one < other or (one == other and high == low)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [
                    "m",
                    "g",
                    "/",
                    ".",
                    "[IU]",
                    "{x}",
                    "10*",
                    "9",
                    "-",
                    "(",
                    ")",
                    "L",
                    "%",
                    "Cel",
                    "dB",
                ]
            ),
            max_size=14,
        ).map("".join),
    )
)
def test_any_text_is_a_unit_or_an_error_of_ours(text: str) -> None:
    started = time.monotonic()
    canonical_ucum(text)
    try:
        assert parse_ucum(text).factor > 0
        convert(q("2", "mg/dL"), text, analyte=loinc("2160-0"))
    except OslerError:
        pass
    assert time.monotonic() - started < 5


def test_the_library_is_imported_only_for_a_unit() -> None:
    script = (
        "import sys, osler.record.units; print([m for m in ('pint', 'lark') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
