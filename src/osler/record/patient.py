"""Who a record belongs to: an identifier given by an authority, never a name.

Identifier.parse("urn:oid:2.16.840.1.113883.19|8823")
Identifier.parse("8823")        # authority "local": given by the operator's own hand
"""

from dataclasses import dataclass

from osler.errors import WrongUse

__all__ = ["LOCAL", "Identifier", "Patient"]

LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Identifier:
    """A value that one authority gave; the same value from another authority is another patient."""

    authority: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Identifier":
        """Read `AUTHORITY|VALUE` or a bare `VALUE`; raises `WrongUse` when the value is empty."""
        authority, bar, value = text.strip().rpartition("|")
        if not value.strip():
            raise WrongUse(f"'{text}' names no patient: give VALUE or AUTHORITY|VALUE")
        return cls(authority=authority.strip() if bar else LOCAL, value=value.strip())

    def __str__(self) -> str:
        return self.value if self.authority == LOCAL else f"{self.authority}|{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One person, as the store knows them; `key` is internal and means nothing outside it."""

    key: int
    identifiers: tuple[Identifier, ...]

    @property
    def name(self) -> str:
        """What to call the patient on screen: the first identifier, never a person's name."""
        return str(self.identifiers[0])
