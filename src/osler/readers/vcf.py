"""A VCF 4.x file (plain, gzip or bgzip) to one source and one VARIANT fact an allele.

    reading = read(data, Context(name="panel.vcf", now=now, declared={"build": "GRCh38"}))
    reading.items[0].facts[0].value         Variant(gene="EGFR", protein_change="p.Leu858Arg", ...)
    reading.items[0].facts[0].evidence.at   Line(number=42)

The build must be known; an origin is never guessed; an allele that the sample's genotype leaves
out is a fact that says ABSENT. The source holds the unpacked text, so that its lines can be
counted. Source: hts-specs, VCFv4.3.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from urllib.parse import unquote

from osler.errors import BrokenFile
from osler.readers.compressed import unpacked
from osler.readers.reading import Context, Item, Reading
from osler.readers.vcf_annotation import Effect, effect_of
from osler.readers.vcf_header import Header, header_of
from osler.record.fact import Assertion, Code, Fact, FactKind
from osler.record.locator import Evidence, Line
from osler.record.source import AuthorRole, Source
from osler.record.variant import Variant

__all__ = ["AMPLIFIED_COPIES", "read"]

AMPLIFIED_COPIES = 6
"""Copies from which a gain is called an amplification where the file itself does not say."""

_BASES = re.compile(r"[ACGTNRYSWKMBDHV]+", re.IGNORECASE)
_POSITION = re.compile(r"[0-9]{1,18}")
_BREAKEND = re.compile(r"[\[\]]")
# No call of an allele: a reference block, a deletion that spans the place, a missing one.
_NO_ALLELE = {".", "*", "<*>", "<NON_REF>"}
_LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """One data line, split; `calls` holds the FORMAT fields of each sample."""

    number: int
    chromosome: str
    position: int
    reference: str
    alternates: tuple[str, ...]
    filters: tuple[str, ...]
    info: Mapping[str, str]
    calls: Mapping[str, Mapping[str, str]]


def read(data: bytes, context: Context) -> Reading:
    """The variants of one file.

    Raises `UnknownFormat`, `Undeclared` (the genome build is open) and `BrokenFile` with the
    number of the line.
    """
    plain = unpacked(data, context.name)
    lines = _text(plain, context.name).splitlines()
    header = header_of(lines, context)
    source = Source.of(
        plain, kind="vcf", name=context.name, media_type="text/x-vcf", author=AuthorRole.LABORATORY
    )
    facts: list[Fact] = []
    doubts: list[str] = []
    for number, line in enumerate(lines[header.first - 1 :], start=header.first):
        if not line.strip():
            continue
        record = _record(line, number, header, context.name)
        for index, alternate in enumerate(record.alternates):
            if alternate not in _NO_ALLELE:
                facts += _facts(record, index, header, source, context, doubts)
    troubles = [*header.troubles, *_shortened(doubts)]
    item = Item(source=source, data=plain, facts=tuple(facts), trouble="; ".join(troubles) or None)
    return Reading(items=(item,))


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BrokenFile(f"{name}, line {line}: no UTF-8, which VCF 4 prescribes") from error


def _record(line: str, number: int, header: Header, name: str) -> _Record:
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
    keys = columns[8].split(":") if header.samples else []
    return _Record(
        number=number,
        chromosome=chromosome,
        position=int(position),
        reference=reference,
        alternates=tuple(alternates.split(",")),
        filters=() if filters == "." else tuple(filters.split(";")),
        info=_info(info),
        calls={
            sample: dict(zip(keys, column.split(":"), strict=False))
            for sample, column in zip(header.samples, columns[9:], strict=True)
        },
    )


def _info(text: str) -> dict[str, str]:
    """INFO as key and value; a flag has an empty value. CSQ and ANN decode their own parts."""
    pairs = (part.partition("=") for part in text.split(";") if part not in {"", "."})
    return {
        key: value if key in {"CSQ", "ANN"} else unquote(value)
        for key, _, value in pairs
    }  # fmt: skip


def _facts(
    record: _Record,
    index: int,
    header: Header,
    source: Source,
    context: Context,
    doubts: list[str],
) -> list[Fact]:
    effect, doubt = effect_of(record.info, header.csq, record.reference, record.alternates, index)
    if doubt:
        doubts.append(f"line {record.number}: {doubt}")
    call = record.calls.get(header.sample or "", {})
    kind = _kind(record, index, effect, call)
    if kind is None:
        doubts.append(
            f"line {record.number}: {record.alternates[index]} is kept; Osler reads only small "
            "variants, fusions with their genes, and amplifications with gene and copy number"
        )
        return []
    variant = _variant(record, index, header, effect, kind)
    return [
        Fact(
            kind=FactKind.VARIANT,
            code=Code(text=str(variant) if kind == "small" else f"{variant.gene} {kind}"),
            evidence=Evidence(source=source.digest, at=Line(number=record.number)),
            received_at=context.now,
            value=variant,
            valid_from=header.date,
            recorded_at=header.date,
            recorded_inferred=True,
            status="final" if variant.passed else "filtered",
            assertion=_assertion(record, index, header),
            identity=":".join(
                str(part)
                for part in (
                    header.build, record.chromosome, record.position, record.reference,
                    record.alternates[index],
                )
            ),
        )
    ]  # fmt: skip


def _variant(record: _Record, index: int, header: Header, effect: Effect, kind: str) -> Variant:
    call = record.calls.get(header.sample or "", {})
    depth, fraction = _reads(call, index)
    return Variant(
        build=header.build,
        chromosome=record.chromosome,
        position=record.position,
        reference=record.reference,
        alternate=record.alternates[index],
        gene=effect.gene,
        transcript=effect.transcript,
        coding_change=effect.coding_change,
        protein_change=effect.protein_change,
        consequence=effect.consequence,
        exon=effect.exon,
        kind=kind,
        filters=record.filters,
        sample=header.sample,
        depth=depth,
        allele_fraction=fraction,
        origin=_origin(record, header),
    )


def _kind(record: _Record, index: int, effect: Effect, call: Mapping[str, str]) -> str | None:
    """`small`, `fusion` or `amplification`; None for any other structural change."""
    alternate, structural = record.alternates[index], record.info.get("SVTYPE", "")
    if _BASES.fullmatch(alternate) and structural in {"", "SNV", "INS", "DEL"}:
        return "small"
    named = alternate.strip("<>").split(":")[0]
    if structural in {"FUSION", "BND"} or named == "FUSION" or _BREAKEND.search(alternate):
        return "fusion" if effect.gene else None
    if {structural, named} & {"CNV", "DUP"} and effect.gene:
        copies = _number(record.info.get("CN")) or _number(call.get("CN")) or 0
        if "AMPLIFIED" in record.info or copies >= AMPLIFIED_COPIES:
            return "amplification"
    return None


def _origin(record: _Record, header: Header) -> str | None:
    """What the line or the header says, and nothing where the columns are not told apart."""
    if header.unbound:
        return None
    if "SOMATIC" in record.info and "GERMLINE" not in record.info:
        return "somatic"
    if "GERMLINE" in record.info and "SOMATIC" not in record.info:
        return "germline"
    return header.origin


def _reads(call: Mapping[str, str], index: int) -> tuple[int | None, float | None]:
    """Depth and allele fraction of one allele, from DP, AF and AD."""
    counts = [_number(part) for part in call.get("AD", "").split(",")]
    known = [count for count in counts if count is not None]
    complete = len(known) == len(counts) and len(known) > index + 1
    depth = _number(call.get("DP"))
    if depth is None and complete:
        depth = sum(known)
    fractions = [_number(part) for part in call.get("AF", "").split(",")]
    fraction = fractions[index] if index < len(fractions) else None
    if fraction is None and complete and sum(known) > 0:
        fraction = known[index + 1] / sum(known)
    if fraction is not None and not 0 <= fraction <= 1:
        fraction = None
    return (None if depth is None else int(depth)), fraction


def _number(text: str | None) -> float | None:
    if not text or not re.fullmatch(r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?", text):
        return None
    number = float(text)
    return number if isfinite(number) else None


def _assertion(record: _Record, index: int, header: Header) -> Assertion:
    """Whether the genotype holds the allele: of the sample read, or of all where none is chosen."""
    names = [header.sample] if header.sample else list(record.calls)
    held = {_holds(record.calls[name].get("GT"), index) for name in names if name in record.calls}
    if held == {False}:
        return Assertion.ABSENT
    # A file without genotypes lists what was found.
    return Assertion.PRESENT if held <= {True} else Assertion.POSSIBLE


def _holds(genotype: str | None, index: int) -> bool | None:
    """True, False, or None for a genotype that was not called; no GT means: it is listed."""
    if genotype is None:
        return True
    alleles = re.split(r"[/|]", genotype)
    if str(index + 1) in alleles:
        return True
    return None if "." in alleles else False


def _shortened(doubts: Sequence[str]) -> list[str]:
    more = len(doubts) - _LISTED
    return [*doubts[:_LISTED], *([f"and {more} more lines like these"] if more > 0 else [])]
