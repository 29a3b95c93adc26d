"""Genome builds and chromosomes: one name for each, and how long each chromosome is.

    build_in("Homo_sapiens_assembly38.fasta")       "GRCh38"
    chromosome_name("7"), chromosome_name("MT")     "chr7", "chrM"
    length_of("GRCh38", "chr7")                     159345973

A contig that is no primary chromosome keeps the name it has. Lengths: Genome Reference Consortium,
assembly reports of GRCh37 and GRCh38.
"""

import re

__all__ = ["READ_BUILDS", "build_in", "build_of_length", "chromosome_name", "is_build", "length_of"]

READ_BUILDS = ("GRCh37", "GRCh38")
"""The builds that Osler reads; the others are known by name, so that they can be refused."""

_BUILDS = {
    "GRCh38": re.compile(r"grch38|hg38|(?<![a-z])b38|assembly38|hs38", re.IGNORECASE),
    "GRCh37": re.compile(r"grch37|hg19|(?<![a-z])b37|hs37|g1k_v37|assembly19(?!\d)", re.IGNORECASE),
    "NCBI36": re.compile(r"ncbi36|hg18|(?<![a-z])b36|assembly18(?!\d)", re.IGNORECASE),
    "T2T-CHM13": re.compile(r"chm13|t2t|(?<![a-z0-9])hs1(?![0-9])", re.IGNORECASE),
    "GRCm": re.compile(r"grcm\d\d|(?<![a-z])mm(?:9|10|39)(?!\d)", re.IGNORECASE),
}
_BARE = {"38": "GRCh38", "37": "GRCh37", "19": "GRCh37", "36": "NCBI36", "18": "NCBI36"}
_NAME = re.compile(r"(?:chr)?([1-9]|1\d|2[0-2]|X|Y|M|MT)", re.IGNORECASE)
_ORDER = (*(f"chr{number}" for number in range(1, 23)), "chrX", "chrY")
_LENGTHS = {
    "GRCh38": dict(zip(_ORDER, (
        248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636,
        138394717, 133797422, 135086622, 133275309, 114364328, 107043718, 101991189, 90338345,
        83257441, 80373285, 58617616, 64444167, 46709983, 50818468, 156040895, 57227415,
    ), strict=True)),
    "GRCh37": dict(zip(_ORDER, (
        249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022,
        141213431, 135534747, 135006516, 133851895, 115169878, 107349540, 102531392, 90354753,
        81195210, 78077248, 59128983, 63025520, 48129895, 51304566, 155270560, 59373566,
    ), strict=True)),
}  # fmt: skip


def build_in(words: str) -> str | None:
    """The one build that these words name; None where they name none, or two."""
    named = [build for build, pattern in _BUILDS.items() if pattern.search(words)]
    return named[0] if len(named) == 1 else None


def is_build(word: str) -> str | None:
    """The build that this word alone is: a declaration, or the NCBI_Build of a MAF (`38`)."""
    bare = word.strip()
    if bare in _BARE:
        return _BARE[bare]
    found = [build for build, pattern in _BUILDS.items() if pattern.match(bare)]
    return found[0] if len(found) == 1 else None


def build_of_length(chromosome: str, length: int) -> str | None:
    """The build in which a chromosome is exactly that long."""
    name = chromosome_name(chromosome)
    return next((b for b, lengths in _LENGTHS.items() if lengths.get(name) == length), None)


def chromosome_name(name: str) -> str:
    """`chr1` to `chr22`, `chrX`, `chrY`, `chrM`; any other contig as it stands."""
    found = _NAME.fullmatch(name)
    if found is None:
        return name
    bare = found[1].upper()
    return "chrM" if bare == "MT" else f"chr{bare}"


def length_of(build: str, chromosome: str) -> int | None:
    """Bases of a primary chromosome; None for any other contig.

    None for chrM too, whose sequence in hg19 is another than in GRCh37.
    """
    return _LENGTHS.get(build, {}).get(chromosome)
