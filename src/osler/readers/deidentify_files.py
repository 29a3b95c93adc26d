"""Variants and signals without what tells whose they are: VCF, MAF, WFDB headers, EDF and BDF.

    rewrite_vcf(data, name, cleaner)        sample names become tokens wherever they stand
    rewrite_wfdb(data, name, cleaner)       no remarks, the date moved
    rewrite_edf(data, name, cleaner)        patient and recording fields blank, annotations too

Variants are kept as they are: a genome tells who somebody is to whoever has a second one, and no
profile changes that. Sources: VCF 4.3, section 1.4; GDC MAF; WFDB header(5); EDF+ (2003), 2.1.3.
"""

import re
from calendar import month_abbr
from datetime import date

from osler.errors import BrokenFile, Undeclared
from osler.readers.compressed import unpacked
from osler.readers.deidentify_dates import moved, moved_digits, shifted
from osler.readers.deidentify_text import Cleaner

__all__ = ["rewrite_edf", "rewrite_maf", "rewrite_vcf", "rewrite_wfdb", "sample_token"]

_HEADER_KEPT = (
    "fileformat", "fileDate", "source", "reference", "contig", "assembly", "phasing", "INFO",
    "FILTER", "FORMAT", "ALT", "SAMPLE", "META", "tumor_sample", "normal_sample",
)  # fmt: skip
# What a column is called when it names a role and no person: readers bind by these.
_ROLES = {"tumor", "tumour", "normal", "primary", "metastasis", "germline", "sample"}
_BARCODES = re.compile(r"(?:.*_)?(?:barcode|uuid|case_id|patient(?:_id)?|sample(?:_id)?)", re.I)
_BLANKED = {"center", "sequencer", "bam_file", "sequence_source", "file", "comments"}
_PERSON_KEYS = re.compile(
    r"((?:name|samplename|individual|patient\w*|uuid|barcode|subject|donor)=)(?!S-)\"?([^,>\"]+)\"?",
    re.IGNORECASE,
)
_SIGNALS = 4096
_DAY = re.compile(r"(\d\d?)[./](\d\d?)[./](\d{4}|\d\d)")


def rewrite_vcf(data: bytes, name: str, cleaner: Cleaner) -> bytes:
    """The VCF, unpacked, with its samples as tokens; command lines in the header are dropped."""
    lines = _lines(data, name)
    columns = next((line.split("\t") for line in lines if line.startswith("#CHROM")), [])
    samples = {sample: sample_token(sample, cleaner) for sample in columns[9:]}
    new = []
    for line in lines:
        if line.startswith("##"):
            kept = _vcf_header(line, samples, cleaner)
            new += [kept] if kept is not None else []
        elif line.startswith("#CHROM"):
            new.append("\t".join([*columns[:9], *samples.values()][: len(columns)]))
        else:
            new.append(line)
    return "\n".join([*new, ""]).encode()


def rewrite_maf(data: bytes, name: str, cleaner: Cleaner) -> bytes:
    """The table, unpacked: barcodes and case numbers as tokens, who sequenced it blank."""
    new: list[str] = []
    columns: list[str] = []
    for line in _lines(data, name):
        if line.startswith("#"):
            new += [line] if line.startswith("#version") else []
        elif not columns:
            columns = line.split("\t")
            new.append(line)
        else:
            pairs = zip(columns, line.split("\t"), strict=False)
            new.append("\t".join(_cell(column, value, cleaner) for column, value in pairs))
    return "\n".join([*new, ""]).encode()


def rewrite_wfdb(data: bytes, name: str, cleaner: Cleaner) -> bytes:
    """The header without remarks; its record and file names must tell nothing."""
    lines = [line for line in _lines(data, name) if line.strip() and not line.startswith("#")]
    named = {word for line in lines for word in re.findall(r"[^\W_]+", line.split()[0])}
    if named & (cleaner.known.names | cleaner.known.words):
        raise Undeclared(
            f"{name}: its record or signal files are named after a person: rename them"
        )
    words = lines[0].split()
    day = _DAY.fullmatch(words[5]) if len(words) > 5 else None
    kept = words[:5]
    if day and cleaner.days is not None:
        new = _moved_day(day, cleaner.days)
        kept += [f"{new:%d/%m/}{new.year:04}"] if new else []
    return "\n".join([" ".join(kept), *lines[1:], ""]).encode()


def rewrite_edf(data: bytes, name: str, cleaner: Cleaner) -> bytes:
    """The recording with the identifying fields of its header as EDF+ writes them when unknown."""
    try:
        signals = int(data[252:256])
        header, records = int(data[184:192]), int(data[236:244])
    except ValueError as error:
        raise BrokenFile(f"{name}: an EDF header without its numbers ({error})") from error
    if not 0 < signals <= _SIGNALS or header != 256 * (signals + 1) or len(data) < header:
        raise BrokenFile(f"{name}: an EDF header of {signals} signals that does not add up")
    new = bytearray(data)
    found = _DAY.fullmatch(data[168:176].decode("latin-1"))
    day = _moved_day(found, cleaner.days) if found and cleaner.days is not None else None
    said = f"{day.day:02}-{month_abbr[day.month].upper()}-{day.year}" if day else "X"
    new[8:88] = b"X X X X".ljust(80)
    new[88:168] = f"Startdate {said} X X X".encode().ljust(80)
    new[168:176] = f"{day:%d.%m.%y}".encode() if day else b"01.01.85"
    _blank_annotations(new, signals, header, records, name)
    return bytes(new)


def _blank_annotations(new: bytearray, signals: int, header: int, records: int, name: str) -> None:
    """Keep of an annotation signal the clock of each record, and none of its words."""
    width = 3 if new[:1] == b"\xff" else 2
    labels = [bytes(new[256 + 16 * i : 272 + 16 * i]).strip() for i in range(signals)]
    start = 256 + signals * 216
    try:
        sizes = [int(new[start + 8 * i : start + 8 * i + 8]) * width for i in range(signals)]
    except ValueError as error:
        raise BrokenFile(f"{name}: an EDF header without sample counts ({error})") from error
    record = sum(sizes)
    if min(sizes) < 0 or record <= 0:
        raise BrokenFile(f"{name}: an EDF header with impossible sample counts")
    count = (len(new) - header + record - 1) // record
    for i, label in enumerate(labels):
        if not label.endswith(b"Annotations"):
            continue
        for number in range(count):
            at = header + number * record + sum(sizes[:i])
            held = bytes(new[at : at + sizes[i]])
            clock, found, _ = held.partition(b"\x14\x14\0")
            keep = clock + b"\x14\x14\0" if found and re.fullmatch(rb"[+-][\d.]+", clock) else b""
            new[at : at + len(held)] = keep.ljust(len(held), b"\0")


def _lines(data: bytes, name: str) -> list[str]:
    text = unpacked(data, name).decode("utf-8-sig", errors="replace")
    return [line.rstrip("\r") for line in text.rstrip("\n").split("\n")]


def sample_token(sample: str, cleaner: Cleaner) -> str:
    """What stands for a sample's name; a column that names a role ("TUMOR") keeps it."""
    if sample.casefold() in _ROLES:
        return sample
    return f"S-{cleaner.deidentifier.token('sample', sample)}"


def _vcf_header(line: str, samples: dict[str, str], cleaner: Cleaner) -> str | None:
    key, _, value = line[2:].partition("=")
    if key not in _HEADER_KEPT:
        return None
    if key == "fileDate":
        days = cleaner.days
        new = (moved_digits(value, days) or moved(value, days)) if days is not None else None
        return f"##fileDate={new}" if new else None
    if key in {"SAMPLE", "META", "tumor_sample", "normal_sample"}:
        for sample, put in samples.items():
            value = re.sub(rf"(?<![\w.-]){re.escape(sample)}(?![\w.-])", put, value)
        value = _PERSON_KEYS.sub(lambda m: m[1] + sample_token(m[2], cleaner), value)
        return f"##{key}={cleaner.of(value)}"
    if key in {"reference", "assembly", "source"}:
        # The file's name says the build; the folders above it say who works where.
        return f"##{key}={value.rsplit('/', 1)[-1]}"
    return line


def _cell(column: str, value: str, cleaner: Cleaner) -> str:
    if column.casefold() in _BLANKED:
        return ""
    if value and _BARCODES.fullmatch(column) and not column.casefold().startswith("dbsnp"):
        return sample_token(value, cleaner)
    return value


def _moved_day(found: re.Match[str], days: int) -> date | None:
    """The day of `dd/mm/yyyy` or `dd.mm.yy`, moved; EDF's two digits turn at 85 (EDF+, 2.1.3.2)."""
    day, month, year = (int(part) for part in found.groups())
    full = year if len(found[3]) == 4 else year + (1900 if year >= 85 else 2000)
    try:
        return shifted(date(full, month, day), days)
    except ValueError:
        return None
