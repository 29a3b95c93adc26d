"""From a record of a VCF to VARIANT facts, one an allele.

    for fact in facts_of(record, header, source, context, doubts): ...

Where a sample column is bound its genotype decides: PRESENT, ABSENT (`0/0`), no fact (`./.`). Where
several are not told apart, an allele that all have is PRESENT, one that none has is ABSENT, and any
other POSSIBLE.
"""

import re
from collections.abc import Iterator, Mapping

from osler.readers.doubts import Doubts
from osler.readers.reading import Context
from osler.readers.vcf_annotation import Allele, Effect, effect_of
from osler.readers.vcf_header import Header
from osler.readers.vcf_kind import copies_of, kind_of
from osler.readers.vcf_record import NO_ALLELE, Record, number_in, reads_of
from osler.record.fact import Assertion, Code, Fact, FactKind
from osler.record.locator import Evidence, Line
from osler.record.source import Source
from osler.record.variant import Variant

__all__ = ["facts_of"]

_VARSCAN = {"1": "germline", "2": "somatic"}


def facts_of(
    record: Record, header: Header, source: Source, context: Context, doubts: Doubts
) -> Iterator[Fact]:
    """The facts of one line."""
    for index, alternate in enumerate(record.alternates):
        assertion = _assertion(record, index, header)
        if alternate in NO_ALLELE or assertion is None:
            continue
        allele = Allele(
            position=record.position,
            reference=record.reference,
            alternates=record.alternates,
            index=index,
        )
        effect, doubt = effect_of(record.info, header.formats, allele)
        if doubt:
            doubts.add(f"line {record.number}: {doubt}")
        variant = _variant(record, index, header, effect, doubts)
        if variant is not None:
            yield _fact(variant, record, header, source, context, assertion)


def _fact(
    variant: Variant,
    record: Record,
    header: Header,
    source: Source,
    context: Context,
    assertion: Assertion,
) -> Fact:
    # A call of another specimen is another statement, not a newer version of this one.
    whose = (header.sample or "", header.taken.text if header.taken else "")
    place = (variant.build, variant.chromosome, str(variant.position))
    return Fact(
        kind=FactKind.VARIANT,
        code=Code(text=str(variant)),
        evidence=Evidence(source=source.digest, at=Line(number=record.number)),
        received_at=context.now,
        value=variant,
        # The file's own date is when it was made; when the specimen was taken a person declares.
        valid_from=header.taken,
        recorded_at=header.made,
        recorded_inferred=header.made is None,
        status="final" if variant.passed else "filtered",
        assertion=assertion,
        identity=":".join((*whose, *place, variant.reference, variant.alternate)),
    )


def _variant(
    record: Record, index: int, header: Header, effect: Effect, doubts: Doubts
) -> Variant | None:
    call = record.calls.get(header.sample or "", {})
    kind = kind_of(record, index, effect.gene, call)
    if kind is None:
        doubts.add(
            f"line {record.number}: {record.alternates[index][:40]} is kept; Osler reads only "
            "small variants, fusions with both genes, and amplifications and deletions with "
            "their gene"
        )
        return None
    reads = reads_of(record, call, index)
    if reads.doubt:
        doubts.add(f"line {record.number}: {reads.doubt}")
    return Variant(
        build=header.build,
        chromosome=record.chromosome,
        position=record.position,
        reference=record.reference,
        alternate=record.alternates[index],
        gene=effect.gene.replace("&", "::") if effect.gene and kind == "fusion" else effect.gene,
        transcript=effect.transcript,
        coding_change=effect.coding_change,
        protein_change=effect.protein_change,
        consequence=effect.consequence,
        exon=effect.exon,
        kind=kind,
        filters=record.filters,
        sample=header.sample,
        depth=reads.depth,
        allele_fraction=reads.fraction,
        origin=_origin(record, header),
        end=_end(record),
        copies=copies_of(record, call) if kind != "small" else None,
        genotype=call.get("GT"),
    )


def _end(record: Record) -> int | None:
    end = number_in(record.info.get("END"))
    return int(end) if end is not None and record.position <= end < 1 << 40 else None


def _origin(record: Record, header: Header) -> str | None:
    """What the line or the header says, and nothing where the columns are not told apart."""
    if header.bound.unbound:
        return None
    if "SOMATIC" in record.info and "GERMLINE" not in record.info:
        return "somatic"
    if "GERMLINE" in record.info and "SOMATIC" not in record.info:
        return "germline"
    if header.varscan_status and record.info.get("SS") in _VARSCAN:
        return _VARSCAN[record.info["SS"]]
    return header.bound.origin


def _assertion(record: Record, index: int, header: Header) -> Assertion | None:
    """Whether the genotype holds the allele; None where nobody's was called."""
    calls: list[Mapping[str, str]] = list(record.calls.values())
    if calls and all(_is_no_call(call.get("GT")) for call in calls):
        return None
    held = {_holds(call.get("GT"), index) for call in calls}
    if held == {False}:
        return Assertion.ABSENT
    # A file without genotypes lists what was found.
    return Assertion.PRESENT if held <= {True} else Assertion.POSSIBLE


def _is_no_call(genotype: str | None) -> bool:
    return genotype is not None and set(genotype) <= set("./|")


def _holds(genotype: str | None, index: int) -> bool | None:
    """True, False, or None for a genotype that was called in part; no GT means: it is listed."""
    if genotype is None:
        return True
    alleles = re.split(r"[/|]", genotype)
    if str(index + 1) in alleles:
        return True
    return None if "." in alleles else False
