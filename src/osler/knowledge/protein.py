"""Protein changes: HGVS text in either alphabet to one canonical form.

    protein_change("NP_005219.2:p.(Leu858Arg)").text      # "L858R"
    protein_change("p.Glu746_Ala750del").consequence      # "inframe_deletion"

Source: HGVS nomenclature 21.0, recommendations for protein variants. What is not a change of one of
the kinds below (uncertain positions, alleles, repeats, extensions) gives None, never a guess.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ProteinChange", "ProteinChangeKind", "protein_change"]

_THREE = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E",
    "Gly": "G", "His": "H", "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F",
    "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W", "Tyr": "Y", "Val": "V", "Sec": "U",
    "Ter": "*",
}  # fmt: skip
_LONG = {one: three for three, one in _THREE.items()}
_THREE_LETTERS = "|".join(_THREE)
_ONE_LETTER = "".join(sorted(set(_LONG) - {"*"}))
_RESIDUE = rf"(?:(?:{_THREE_LETTERS})|[{_ONE_LETTER}]|\*|X)"
_SEQUENCE = rf"{_RESIDUE}+"
_PLACE = rf"(?P<first_residue>{_RESIDUE})(?P<first>[1-9]\d*)"
_RANGE = rf"{_PLACE}(?:_(?P<last_residue>{_RESIDUE})(?P<last>[1-9]\d*))?"

_ACCESSION = re.compile(r"^[A-Za-z][A-Za-z0-9_.\-]*(?:\([A-Za-z0-9_\-]+\))?:(?=p\.)")
_SHOUTED_RESIDUE = re.compile(_THREE_LETTERS.upper())
_SHOUTED = re.compile(rf"^(?:{_THREE_LETTERS.upper()})\d")
_TOKEN = re.compile(_RESIDUE)
_FRAMESHIFT = re.compile(rf"^{_PLACE}(?:{_RESIDUE})?fs(?:(?:Ter|\*|X)(?:\d+|\?))?$")
_DELINS = re.compile(rf"^{_RANGE}(?:delins|del(?:{_SEQUENCE})ins|>)(?P<inserted>{_SEQUENCE})$")
_DELETION = re.compile(rf"^{_RANGE}del(?:{_SEQUENCE}|\d+)?$")
_DUPLICATION = re.compile(rf"^{_RANGE}dup(?:{_SEQUENCE}|\d+)?$")
_INSERTION = re.compile(rf"^{_RANGE}ins(?P<inserted>{_SEQUENCE})$")
_SUBSTITUTION = re.compile(rf"^{_PLACE}(?P<inserted>{_RESIDUE}|=)$")
_START_LOST = re.compile(r"^(?P<first_residue>Met|M)(?P<first>1)(?:\?|ext.*)$")


class ProteinChangeKind(StrEnum):
    """The kinds of change that are understood."""

    SUBSTITUTION = "substitution"
    SYNONYMOUS = "synonymous"
    START_LOST = "start lost"
    DELETION = "deletion"
    DUPLICATION = "duplication"
    INSERTION = "insertion"
    DELINS = "delins"
    FRAMESHIFT = "frameshift"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProteinChange:
    """A change of a protein: positions count residues from 1, letters are the one-letter code.

    A stop is "*" and is a substitution. A single position has `last == first`. The new reading
    frame of a frameshift is left out: callers name it differently for the same change.
    """

    kind: ProteinChangeKind
    first: int
    first_residue: str
    last: int
    last_residue: str
    inserted: str = ""

    @property
    def text(self) -> str:
        """The canonical short form, without "p.": L858R, R175*, E746_A750del, W24fs."""
        return self._written(str)

    @property
    def hgvs(self) -> str:
        """The three-letter form with "p.": p.Leu858Arg."""
        return "p." + self._written(lambda letters: "".join(_LONG[one] for one in letters))

    @property
    def consequence(self) -> str:
        """The class that rules speak of.

        One of missense, synonymous, start_lost, truncating, inframe_deletion, inframe_insertion;
        a deletion-insertion counts by its net length, and as missense when that is nought.
        """
        if self.kind is ProteinChangeKind.FRAMESHIFT or "*" in self.inserted:
            return "truncating"
        net = len(self.inserted) - (self.last - self.first + 1)
        match self.kind:
            case ProteinChangeKind.SUBSTITUTION:
                return "missense"
            case ProteinChangeKind.SYNONYMOUS:
                return "synonymous"
            case ProteinChangeKind.START_LOST:
                return "start_lost"
            case ProteinChangeKind.DELETION:
                return "inframe_deletion"
            case ProteinChangeKind.DUPLICATION | ProteinChangeKind.INSERTION:
                return "inframe_insertion"
        if net == 0:
            return "missense"
        return "inframe_deletion" if net < 0 else "inframe_insertion"

    def touches(self, first: int, last: int) -> bool:
        """Whether any changed residue lies in first..last, both ends counted."""
        return self.first <= last and self.last >= first

    def _written(self, letters: Callable[[str], str]) -> str:
        place = f"{letters(self.first_residue)}{self.first}"
        if self.last != self.first:
            place += f"_{letters(self.last_residue)}{self.last}"
        new = letters(self.inserted)
        match self.kind:
            case ProteinChangeKind.SUBSTITUTION:
                return place + new
            case ProteinChangeKind.SYNONYMOUS:
                return place + "="
            case ProteinChangeKind.START_LOST:
                return place + "?"
            case ProteinChangeKind.DELETION:
                return place + "del"
            case ProteinChangeKind.DUPLICATION:
                return place + "dup"
            case ProteinChangeKind.INSERTION:
                return f"{place}ins{new}"
            case ProteinChangeKind.DELINS:
                return f"{place}delins{new}"
        return place + "fs"


def protein_change(text: str) -> ProteinChange | None:
    """The change that `text` names, or None if it names none that is understood.

    Takes the three- and the one-letter code, with or without accession, "p." and the parentheses
    of a predicted change; "X" and "Ter" for a stop; and "L747_A750>P" for a deletion-insertion.
    """
    body = _bare(text)
    if found := _START_LOST.match(body):
        return _change(ProteinChangeKind.START_LOST, found)
    if found := _FRAMESHIFT.match(body):
        return _change(ProteinChangeKind.FRAMESHIFT, found)
    if found := _DELINS.match(body):
        return _change(ProteinChangeKind.DELINS, found)
    if found := _DELETION.match(body):
        return _change(ProteinChangeKind.DELETION, found)
    if found := _DUPLICATION.match(body):
        return _change(ProteinChangeKind.DUPLICATION, found)
    if found := _INSERTION.match(body):
        return _insertion(found)
    if found := _SUBSTITUTION.match(body):
        return _substitution(found)
    return None


def _bare(text: str) -> str:
    body = _ACCESSION.sub("", text.strip()).removeprefix("p.")
    while len(body) > 1 and body[0] + body[-1] in {"()", "[]"}:
        body = body[1:-1]
    # A report may write p.LEU858ARG. Only a start of three capitals and a number says so: elsewhere
    # ALA may as well be the three residues alanine, leucine, alanine.
    if not _SHOUTED.match(body):
        return body
    return _SHOUTED_RESIDUE.sub(lambda found: found[0].capitalize(), body)


def _letters(residues: str) -> str:
    return "".join(
        "*" if token == "X" else _THREE.get(token, token) for token in _TOKEN.findall(residues)
    )


def _change(kind: ProteinChangeKind, found: re.Match[str]) -> ProteinChange | None:
    parts = found.groupdict()
    first, residue = int(parts["first"]), _letters(parts["first_residue"])
    last = int(parts["last"]) if parts.get("last") else first
    last_residue = _letters(parts["last_residue"]) if parts.get("last") else residue
    # A range that runs backwards, or names one place twice, is damaged text.
    if last < first or (parts.get("last") and last == first):
        return None
    return ProteinChange(
        kind=kind,
        first=first,
        first_residue=residue,
        last=last,
        last_residue=last_residue,
        inserted=_letters(parts.get("inserted") or ""),
    )


def _insertion(found: re.Match[str]) -> ProteinChange | None:
    change = _change(ProteinChangeKind.INSERTION, found)
    # HGVS names the two neighbours; anything else does not say where.
    return change if change is not None and change.last == change.first + 1 else None


def _substitution(found: re.Match[str]) -> ProteinChange | None:
    new, old = found["inserted"], _letters(found["first_residue"])
    if new == "=" or _letters(new) == old:
        return ProteinChange(
            kind=ProteinChangeKind.SYNONYMOUS,
            first=int(found["first"]),
            first_residue=old,
            last=int(found["first"]),
            last_residue=old,
        )
    return _change(ProteinChangeKind.SUBSTITUTION, found)
