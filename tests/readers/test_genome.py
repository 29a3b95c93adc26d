"""Builds and chromosomes have one name each, and a wrong one is refused."""

import pytest

from osler.readers.genome import (
    build_in,
    build_of_length,
    chromosome_name,
    is_build,
    length_of,
)


@pytest.mark.parametrize(
    ("words", "build"),
    [
        ("Homo_sapiens_assembly38.fasta", "GRCh38"),
        ("file:///ref/hs38DH.fa", "GRCh38"),
        ("human_g1k_v37.fasta", "GRCh37"),
        ("ucsc.hg19.fa", "GRCh37"),
        ("hg18.fa", "NCBI36"),
        ("chm13v2.0.fa", "T2T-CHM13"),
        ("GRCm38.fa", "GRCm"),
        ("mm10.fa", "GRCm"),
        ("hg19_lifted_to_hg38.fa", None),
        ("genome.fa", None),
    ],
)
def test_builds_in_the_words_of_a_header(words: str, build: str | None) -> None:
    assert build_in(words) == build


def test_a_build_alone() -> None:
    assert [is_build(word) for word in ("38", "37", "hg19", " GRCh38 ", "GRCh38.p13", "39")] == [
        "GRCh38", "GRCh37", "GRCh37", "GRCh38", "GRCh38", None,
    ]  # fmt: skip


def test_one_name_for_each_chromosome() -> None:
    told = [
        "1",
        "chr1",
        "CHR22",
        "X",
        "mt",
        "M",
        "chrM",
        "23",
        "0",
        "GL000192.1",
        "chrUn_KI270742v1",
    ]
    assert [chromosome_name(name) for name in told] == [
        "chr1", "chr1", "chr22", "chrX", "chrM", "chrM", "chrM", "23", "0", "GL000192.1",
        "chrUn_KI270742v1",
    ]  # fmt: skip


def test_lengths_tell_builds_apart() -> None:
    assert build_of_length("7", 159345973) == "GRCh38"
    assert build_of_length("chr7", 159138663) == "GRCh37"
    assert build_of_length("chr7", 1) is None
    assert length_of("GRCh38", "chrY") == 57227415
    assert length_of("GRCh38", "chrM") is None
