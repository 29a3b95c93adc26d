"""What sort of change an allele is: small, fusion, amplification, deletion, or none that is read.

    kind_of(record, index, gene, call)      "amplification"
    copies_of(record, call)                 14.0, None where no count is given

A fusion is a breakend or a `<FUSION>` with both its genes named. An amplification needs the word of
the file: a count of copies (CN) of `AMPLIFIED_COPIES` or more, or the flag AMPLIFIED. A deletion
needs its gene, and `<DEL>` or no copies left.
"""

import re
from collections.abc import Mapping

from osler.readers.vcf_record import Record, is_sequence, number_in

__all__ = ["AMPLIFIED_COPIES", "copies_of", "kind_of"]

AMPLIFIED_COPIES = 6
"""Copies from which a gain is called an amplification where the file itself does not say."""

_BREAKEND = re.compile(r"[\[\]]")
_SMALL = {"", "SNV", "INS", "DEL", "TI", "MNV", "INDEL"}
_TWO_GENES = re.compile(r"[^:&/]+(?:::|&|/)[^:&/]+")


def kind_of(record: Record, index: int, gene: str | None, call: Mapping[str, str]) -> str | None:
    """The kind as `Variant` names it; None for any other structural change."""
    alternate, structural = record.alternates[index], record.info.get("SVTYPE", "")
    if is_sequence(alternate) and structural in _SMALL:
        return "small"
    named = alternate.strip("<>").split(":")[0]
    if structural in {"FUSION", "BND"} or named == "FUSION" or _BREAKEND.search(alternate):
        return "fusion" if gene and _TWO_GENES.fullmatch(gene) else None
    if not gene:
        return None
    copies = copies_of(record, call)
    if {structural, named} & {"CNV", "DUP"}:
        if "AMPLIFIED" in record.info or (copies is not None and copies >= AMPLIFIED_COPIES):
            return "amplification"
        return "deletion" if copies == 0 else None
    return "deletion" if named == "DEL" else None


def copies_of(record: Record, call: Mapping[str, str]) -> float | None:
    """CN of the sample, else of the line."""
    own = number_in(call.get("CN"))
    return own if own is not None else number_in(record.info.get("CN"))
