"""The two private notations of bcftools' BCSQ: changes of protein and of DNA.

    protein_of("858L>858R")                         "p.Leu858Arg"
    is_about("55191822T>G+55191830A>C", "55191822T>G")      True

Source: bcftools manual, `csq`. Only a single residue is turned into HGVS; any other change would
need the protein's sequence, and stays unset.
"""

import re

__all__ = ["BCSQ", "is_about", "protein_of"]

BCSQ = (
    "Consequence", "gene", "transcript", "biotype", "strand", "amino_acid_change", "dna_change",
)  # fmt: skip
"""The parts of an entry, in their order."""

_THREE = {
    "A": "Ala", "R": "Arg", "N": "Asn", "D": "Asp", "C": "Cys", "Q": "Gln", "E": "Glu",
    "G": "Gly", "H": "His", "I": "Ile", "L": "Leu", "K": "Lys", "M": "Met", "F": "Phe",
    "P": "Pro", "S": "Ser", "T": "Thr", "W": "Trp", "Y": "Tyr", "V": "Val", "U": "Sec",
    "*": "Ter",
}  # fmt: skip
_CHANGE = re.compile(r"([1-9]\d{0,5})([A-Z*])(?:>([1-9]\d{0,5})([A-Z*]))?")


def protein_of(text: str) -> str | None:
    """HGVS for the change of one residue, or for its silence; None for anything longer."""
    found = _CHANGE.fullmatch(text)
    if found is None or (found[3] and found[3] != found[1]):
        return None
    before, after = _THREE.get(found[2]), _THREE.get(found[4] or found[2])
    if before is None or after is None:
        return None
    return f"p.{before}{found[1]}{'=' if before == after else after}"


def is_about(change: str, told: str) -> bool:
    """Whether a compound change holds this one."""
    return told in change.split("+")
