"""One data line of a VCF, and what it says of the reads behind an allele.

    record = record_of(line, number, header, name)
    reads_of(record, call, index)       depth, allele fraction, and a doubt

Read counts come in the words of the callers: AD, AF and DP (GATK), RD and FREQ (VarScan), AU to TU
and TAR, TIR (Strelka user guide, "Somatic variant allele frequencies").
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from urllib.parse import unquote

from osler.errors import BrokenFile
from osler.readers.genome import chromosome_name, length_of
from osler.readers.vcf_header import Header

__all__ = ["NO_ALLELE", "Reads", "Record", "is_sequence", "number_in", "reads_of", "record_of"]

NO_ALLELE = frozenset({".", "*", "<*>", "<NON_REF>"})
"""No call of an allele: a reference block, a deletion that spans the place, a missing one."""

_BASES = re.compile(r"[ACGTNRYSWKMBDHV]+", re.IGNORECASE)
_POSITION = re.compile(r"[0-9]{1,10}")
_NUMBER = re.compile(r"\d{1,18}(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")
_UNDECODED = {"CSQ", "ANN", "vep", "BCSQ"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One data line, split; `calls` holds the FORMAT fields of each sample that is read."""

    number: int
    chromosome: str
    position: int
    reference: str
    alternates: tuple[str, ...]
    filters: tuple[str, ...]
    info: Mapping[str, str]
    calls: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """Depth, and the share of reads with the allele; `doubt` is why a stated share was left out."""

    depth: int | None = None
    fraction: float | None = None
    doubt: str | None = None


def record_of(line: str, number: int, header: Header, name: str) -> Record:
    """Split and check one line; raises `BrokenFile` with its number."""
    columns = line.split("\t")
    expected = 9 + len(header.samples) if header.samples else 8
    if len(columns) < expected or (header.samples and len(columns) > expected):
        raise BrokenFile(
            f"{name}, line {number}: {len(columns)} columns, parted by tabs, where the header "
            f"has {expected}"
        )
    chromosome, position, _, reference, alternates, _, filters, info = columns[:8]
    if not _POSITION.fullmatch(position) or not _BASES.fullmatch(reference):
        raise BrokenFile(
            f"{name}, line {number}: position '{position[:20]}' or reference '{reference[:20]}' is "
            "not valid"
        )
    chromosome = chromosome_name(chromosome)
    longest = length_of(header.build, chromosome)
    # One past the end is the telomere (VCFv4.5, section 1.6.1).
    if longest is not None and int(position) > longest + 1:
        raise BrokenFile(
            f"{name}, line {number}: {chromosome} of {header.build} ends at {longest}, before "
            f"{position}: the build may be another than the one that is stated"
        )
    return Record(
        number=number,
        chromosome=chromosome,
        position=int(position),
        reference=reference,
        alternates=tuple(alternates.split(",")),
        filters=() if filters == "." else tuple(filters.split(";")),
        info=_info(info),
        calls=_calls(columns, header),
    )


def _calls(columns: list[str], header: Header) -> dict[str, dict[str, str]]:
    """The FORMAT fields of the bound sample, or of all where none is bound."""
    if not header.samples:
        return {}
    keys = columns[8].split(":")
    pairs = zip(header.samples, columns[9:], strict=True)
    return {
        sample: dict(zip(keys, column.split(":"), strict=False))
        for sample, column in pairs
        if header.sample in {None, sample}
    }


def _info(text: str) -> dict[str, str]:
    """INFO as key and value; a flag has an empty value. Annotations decode their own parts."""
    pairs = (part.partition("=") for part in text.split(";") if part not in {"", "."})
    return {
        key: unquote(value) if "%" in value and key not in _UNDECODED else value
        for key, _, value in pairs
    }


def is_sequence(allele: str) -> bool:
    """Whether an allele is spelt out in bases."""
    return _BASES.fullmatch(allele) is not None


def number_in(text: str | None) -> float | None:
    """A plain number of a field; None for anything else, NaN and infinity among it."""
    if not text or not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if isfinite(number) else None


def reads_of(record: Record, call: Mapping[str, str], index: int) -> Reads:
    """Depth and allele fraction of one allele of one sample."""
    counts = [number_in(part) for part in call.get("AD", "").split(",")]
    known = [count for count in counts if count is not None]
    complete = len(known) == len(counts) == len(record.alternates) + 1
    depth = number_in(call.get("DP"))
    if depth is None and complete:
        depth = sum(known)
    stated = _stated(call, index)
    fraction, doubt = number_in(stated), None
    if stated not in {None, "", "."} and (fraction is None or fraction > 1):
        fraction, doubt = None, f"allele fraction '{str(stated)[:20]}' is outside 0 to 1: left out"
    elif fraction is None and complete and sum(known) > 0:
        fraction = known[index + 1] / sum(known)
    elif fraction is None:
        fraction = _strelka(record, call, index)
    return Reads(depth=None if depth is None else int(depth), fraction=fraction, doubt=doubt)


def _stated(call: Mapping[str, str], index: int) -> str | None:
    """The fraction as the caller writes it: AF or VAF by allele, VarScan's FREQ in per cent."""
    for key in ("AF", "VAF", "FA"):
        parts = call.get(key, "").split(",")
        if index < len(parts) and parts[index]:
            return parts[index]
    percent = call.get("FREQ", "")
    if not percent.endswith("%"):
        return None
    number = number_in(percent[:-1])
    return percent if number is None else str(number / 100)


def _strelka(record: Record, call: Mapping[str, str], index: int) -> float | None:
    """Reads of tier 1 with the alternate, of those with either allele."""
    keys = (f"{record.reference.upper()}U", f"{record.alternates[index].upper()}U")
    if "TIR" in call:
        keys = ("TAR", "TIR")
    before, after = (number_in(call.get(key, "").split(",")[0]) for key in keys)
    if before is None or after is None or before + after == 0:
        return None
    return after / (before + after)
