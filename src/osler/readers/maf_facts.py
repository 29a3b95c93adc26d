"""From the rows of one sample of a MAF to VARIANT facts.

    told = facts_of(data, columns, source, context)
    told.facts, told.troubles

A row without what a variant needs gives no fact and a word in the trouble; it stays in the source.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from osler.readers.doubts import Doubts
from osler.readers.genome import READ_BUILDS, chromosome_name, is_build, length_of
from osler.readers.lines import as_text, lines_of, opened_bytes
from osler.readers.notable import Notable
from osler.readers.reading import Context
from osler.readers.vcf_record import number_in
from osler.record.fact import Code, Fact, FactKind
from osler.record.locator import Evidence, Line
from osler.record.moment import Moment
from osler.record.source import Source
from osler.record.variant import Variant

__all__ = ["Told", "facts_of"]

_POSITION = re.compile(r"[0-9]{1,10}")
_ALLELE = re.compile(r"[ACGTN]+|-", re.IGNORECASE)
_EXON = re.compile(r"(\d{1,4})(?:-\d+)?/\d+")
_NOTHING = {"", ".", "-", "NA", "N/A", "None", "null"}
# Sequence Ontology for a Variant_Classification, where the table has no Consequence of its own.
_TERMS = {
    "missense_mutation": "missense_variant",
    "nonsense_mutation": "stop_gained",
    "frame_shift_del": "frameshift_variant",
    "frame_shift_ins": "frameshift_variant",
    "in_frame_del": "inframe_deletion",
    "in_frame_ins": "inframe_insertion",
    "nonstop_mutation": "stop_lost",
    "translation_start_site": "start_lost",
    "splice_region": "splice_region_variant",
    "silent": "synonymous_variant",
    "intron": "intron_variant",
    "igr": "intergenic_variant",
    "5'utr": "5_prime_UTR_variant",
    "3'utr": "3_prime_UTR_variant",
    "5'flank": "upstream_gene_variant",
    "3'flank": "downstream_gene_variant",
    # Donor or acceptor is not said: the class that holds both.
    "splice_site": "splice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the rows of one sample say; `normals` are the matched normal samples they name."""

    facts: tuple[Fact, ...]
    troubles: tuple[str, ...]
    normals: frozenset[str]


def facts_of(data: bytes, columns: list[str], source: Source, context: Context) -> Told:
    """Read the rows; `columns` are in lower case, `data` begins with the header."""
    doubts, chosen = Doubts(), Notable()
    builds: dict[str, str] = {}
    normals: set[str] = set()
    begun = False
    for number, line in lines_of(opened_bytes(data), context.name):
        if line.startswith(b"#") or not begun:
            begun = begun or not line.startswith(b"#")
            continue
        cells = as_text(line).split("\t")
        if len(cells) != len(columns):
            doubts.add(f"line {number}: {len(cells)} columns where the header has {len(columns)}")
            continue
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
        normals |= {row.get("matched_norm_sample_barcode", "")} - _NOTHING
        build = _build(row, context)
        builds[row.get("ncbi_build", "")] = build or "unknown"
        variant = _variant(row, build, number, doubts) if build else None
        if variant is not None:
            chosen.add(_fact(variant, number, source, context))
    refused = _refused(builds, context)
    told = [*([refused] if refused else []), *doubts.told()]
    told += [chosen.trouble] if chosen.trouble else []
    return Told(
        facts=() if refused else chosen.facts(), troubles=tuple(told), normals=frozenset(normals)
    )


def _build(row: Mapping[str, str], context: Context) -> str | None:
    stated, declared = row.get("ncbi_build", ""), context.declared.get("build")
    build = is_build(stated) if stated not in _NOTHING else is_build(str(declared or ""))
    return build if build in READ_BUILDS else None


def _refused(builds: Mapping[str, str], context: Context) -> str | None:
    """Why no row can be placed: a build that is open, or two."""
    declared = is_build(str(context.declared.get("build") or ""))
    found = set(builds.values()) | ({declared} if declared else set())
    if "unknown" in found:
        said = ", ".join(sorted(repr(stated) for stated, b in builds.items() if b == "unknown"))
        return (
            f"its NCBI_Build ({said[:80]}) is none that Osler reads: no variant was taken; declare "
            '"build" as GRCh37 or GRCh38 in its sidecar where the column is empty'
        )
    if len(found) > 1:
        return f"two genome builds ({', '.join(sorted(found))}): no variant was taken"
    return None


def _variant(row: Mapping[str, str], build: str, number: int, doubts: Doubts) -> Variant | None:
    chromosome, start = chromosome_name(row["chromosome"]), row["start_position"]
    reference, alternate = row["reference_allele"], _alternate(row)
    longest = length_of(build, chromosome)
    sound = _POSITION.fullmatch(start) and _ALLELE.fullmatch(reference) and chromosome
    if not sound or not _ALLELE.fullmatch(alternate) or alternate.upper() == reference.upper():
        doubts.add(
            f"line {number}: position '{start[:20]}' or alleles '{reference[:20]}', "
            f"'{alternate[:20]}' are not valid: no fact"
        )
        return None
    if longest is not None and not 0 < int(start) <= longest:
        doubts.add(f"line {number}: {start} is outside {chromosome} of {build}: no fact")
        return None
    exon = _EXON.match(row.get("exon_number", "") or row.get("exon", ""))
    depth, fraction = _reads(row, number, doubts)
    classified = row.get("variant_classification", "").casefold()
    return Variant(
        build=build,
        chromosome=chromosome,
        position=int(start),
        reference=reference,
        alternate=alternate,
        gene=_said(row, "hugo_symbol", unless=("Unknown",)),
        transcript=_said(row, "transcript_id"),
        coding_change=_change(_said(row, "hgvsc")),
        protein_change=_change(_said(row, "hgvsp") or _said(row, "hgvsp_short")),
        consequence=_said(row, "consequence") or _TERMS.get(classified),
        exon=int(exon[1]) if exon else None,
        filters=tuple(part for part in re.split("[;,]", _said(row, "filter") or "") if part),
        sample=_said(row, "tumor_sample_barcode"),
        depth=depth,
        allele_fraction=fraction,
        origin={"somatic": "somatic", "germline": "germline"}.get(
            row.get("mutation_status", "").casefold()
        ),
    )


def _alternate(row: Mapping[str, str]) -> str:
    """The tumour's allele that is not the reference; cBioPortal fills either column."""
    second, first = row["tumor_seq_allele2"], row.get("tumor_seq_allele1", "")
    same = second.upper() == row["reference_allele"].upper() or not second
    return first if same and first else second


def _said(row: Mapping[str, str], key: str, unless: tuple[str, ...] = ()) -> str | None:
    value = row.get(key, "")
    return None if value in _NOTHING or value in unless else value


def _change(text: str | None) -> str | None:
    return text.rsplit(":", 1)[-1] if text else None


def _reads(row: Mapping[str, str], number: int, doubts: Doubts) -> tuple[int | None, float | None]:
    depth, with_it = number_in(row.get("t_depth")), number_in(row.get("t_alt_count"))
    without = number_in(row.get("t_ref_count"))
    if depth is None and with_it is not None and without is not None:
        depth = with_it + without
    if depth is None or with_it is None or depth == 0:
        return (None if depth is None else int(depth)), None
    if with_it > depth:
        doubts.add(f"line {number}: {with_it:g} of {depth:g} reads: allele fraction left out")
        return int(depth), None
    return int(depth), with_it / depth


def _fact(variant: Variant, number: int, source: Source, context: Context) -> Fact:
    declared = context.declared.get("date")
    place = (variant.sample or "", variant.build, variant.chromosome, str(variant.position))
    return Fact(
        kind=FactKind.VARIANT,
        code=Code(text=str(variant)),
        evidence=Evidence(source=source.digest, at=Line(number=number)),
        received_at=context.now,
        value=variant,
        valid_from=Moment.parse(declared, context.zone) if isinstance(declared, str) else None,
        status="final" if variant.passed else "filtered",
        identity=":".join((*place, variant.reference, variant.alternate)),
    )
