"""Who a record belongs to: an identifier given by an authority, never a name.

Identifier.parse("urn:oid:2.16.840.1.113883.19|8823")
Identifier.parse("8823")        # authority "local": given by the operator's own hand

The first bar parts the two, as in a FHIR token (R4, section 3.1.1.5.10): an authority holds none.
"""

from dataclasses import dataclass

from osler.errors import WrongUse

__all__ = ["LOCAL", "NO_AUTHORITY", "Identifier", "Link", "Patient"]

LOCAL = "local"

NO_AUTHORITY = frozenset({LOCAL, "dicom"})
"""What stands where nobody is named: a bare value, and a DICOM PatientID without its issuer."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Identifier:
    """A value that one authority gave; the same value from another authority is another patient."""

    authority: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Identifier":
        """Read `AUTHORITY|VALUE` or a bare `VALUE`; raises `WrongUse` when either is empty."""
        first, bar, rest = text.partition("|")
        authority, value = (first.strip(), rest.strip()) if bar else (LOCAL, first.strip())
        if not value or not authority:
            raise WrongUse(f"'{text}' names no patient: give VALUE or AUTHORITY|VALUE")
        return cls(authority=authority, value=value)

    def __str__(self) -> str:
        return self.value if self.authority == LOCAL else f"{self.authority}|{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A source's word that two identifiers are one person (HL7 v2 A40, FHIR `Patient.link`).

    `merged` is the one given up for `kept`; `undone` takes such a word back (A37).
    """

    kept: Identifier
    merged: Identifier
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One person, as the store knows them; `key` is internal and means nothing outside it."""

    key: int
    identifiers: tuple[Identifier, ...]

    @property
    def name(self) -> str:
        """What to call the patient on screen: the first identifier, never a person's name."""
        return str(self.identifiers[0])
