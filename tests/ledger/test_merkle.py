"""The tree against the RFC's definition, known answers, and single-bit damage."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import LedgerAltered, NotFound
from osler.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    node_number,
    root,
    verify_consistency,
    verify_inclusion,
)

# Inputs and answers of the Certificate Transparency project's reference implementation.
KNOWN_DATA = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
KNOWN_LEAVES = [leaf_hash(data) for data in KNOWN_DATA]
LEAVES = [leaf_hash(bytes([number])) for number in range(40)]
SIZES = range(len(LEAVES) + 1)
ROOTS = [root(LEAVES[:size]) for size in SIZES]


def flip(value: bytes, bit: int) -> bytes:
    damaged = bytearray(value)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


@pytest.mark.parametrize("size", range(len(KNOWN_ROOTS)))
def test_root_has_the_known_answer(size: int) -> None:
    assert root(KNOWN_LEAVES[:size]).hex() == KNOWN_ROOTS[size]


def test_empty_root_is_the_hash_of_nothing() -> None:
    assert root([]) == EMPTY_ROOT == hashlib.sha256(b"").digest() == Frontier().root()


def test_proofs_have_the_known_answers() -> None:
    common = [
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        KNOWN_ROOTS[4],
    ]
    sibling = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
    old_edge = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
    assert [h.hex() for h in inclusion_proof(5, KNOWN_LEAVES)] == [sibling, *common]
    assert [h.hex() for h in consistency_proof(6, KNOWN_LEAVES)] == [old_edge, *common]


def test_a_node_cannot_pass_for_a_leaf() -> None:
    left, right = KNOWN_LEAVES[:2]
    assert node_hash(left, right) != leaf_hash(left + right)


@given(st.lists(st.binary(max_size=8), max_size=200))
def test_frontier_agrees_with_the_definition(data: list[bytes]) -> None:
    leaves = [leaf_hash(item) for item in data]
    head = Frontier()
    for leaf in leaves:
        head.append(leaf)
    assert head.size == len(leaves)
    assert head.root() == root(leaves)
    assert Frontier.from_hex(head.size, head.to_hex()).root() == head.root()


@given(st.integers(0, 2**40))
def test_frontier_goes_on_from_where_it_was_stored(size: int) -> None:
    roots = [leaf_hash(bytes([n])) for n in range(size.bit_count())]
    first, second = Frontier(size, roots), Frontier(size, roots)
    again = Frontier.from_hex(size, first.to_hex())
    again.append(LEAVES[0])
    second.append(LEAVES[0])
    assert again.root() == second.root()


def test_frontier_numbers_nodes_in_the_order_it_completes_them() -> None:
    head, numbers = Frontier(), []
    for position, leaf in enumerate(LEAVES):
        for level, made in enumerate(head.append(leaf), start=1):
            first = position + 1 - (1 << level)
            assert made == root(LEAVES[first : position + 1])
            numbers.append(node_number(level, position >> level))
    assert numbers == list(range(len(LEAVES) - len(LEAVES).bit_count()))


@pytest.mark.parametrize(
    ("size", "roots"), [(1, []), (3, ["00" * 32]), (1, ["00"]), (1, ["zz" * 32]), (-1, ["00" * 32])]
)
def test_frontier_refuses_a_damaged_head(size: int, roots: list[str]) -> None:
    with pytest.raises(LedgerAltered, match="head"):
        Frontier.from_hex(size, roots)


def test_every_inclusion_proof_up_to_40_holds_for_its_place_only() -> None:
    for size in SIZES[1:]:
        leaves = LEAVES[:size]
        for index in range(size):
            proof = inclusion_proof(index, leaves)
            assert verify_inclusion(leaves[index], index, size, proof, ROOTS[size])
            other = (index + 1) % size
            assert size == 1 or not verify_inclusion(leaves[index], other, size, proof, ROOTS[size])
            assert not verify_inclusion(
                leaves[index], index, size, [*proof, LEAVES[0]], ROOTS[size]
            )
            assert not proof or not verify_inclusion(
                leaves[index], index, size, proof[:-1], ROOTS[size]
            )


def test_every_consistency_proof_up_to_40_holds_for_its_sizes_only() -> None:
    for new in SIZES:
        for old in range(new + 1):
            proof = consistency_proof(old, LEAVES[:new])
            assert verify_consistency(old, new, ROOTS[old], ROOTS[new], proof)
            assert not verify_consistency(old, new, ROOTS[old], ROOTS[new], [*proof, LEAVES[0]])
            if 0 < old < new:
                assert not verify_consistency(old, new, ROOTS[old], ROOTS[new], proof[:-1])
                assert not verify_consistency(old - 1, new, ROOTS[old - 1], ROOTS[new], proof)


@given(st.data())
def test_one_flipped_bit_breaks_an_inclusion_proof(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 40))
    index = data.draw(st.integers(0, size - 1))
    parts = [LEAVES[index], ROOTS[size], *inclusion_proof(index, LEAVES[:size])]
    which = data.draw(st.integers(0, len(parts) - 1))
    parts[which] = flip(parts[which], data.draw(st.integers(0, 255)))
    assert not verify_inclusion(parts[0], index, size, parts[2:], parts[1])


@given(st.data())
def test_one_flipped_bit_breaks_a_consistency_proof(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 40))
    old = data.draw(st.integers(1, new))
    parts = [ROOTS[old], ROOTS[new], *consistency_proof(old, LEAVES[:new])]
    which = data.draw(st.integers(0, len(parts) - 1))
    parts[which] = flip(parts[which], data.draw(st.integers(0, 255)))
    assert not verify_consistency(old, new, parts[0], parts[1], parts[2:])


def test_every_single_bit_of_the_proofs_in_a_tree_of_13_counts() -> None:
    inclusion = [LEAVES[9], ROOTS[13], *inclusion_proof(9, LEAVES[:13])]
    consistency = [ROOTS[6], ROOTS[13], *consistency_proof(6, LEAVES[:13])]

    def included(parts: list[bytes]) -> bool:
        return verify_inclusion(parts[0], 9, 13, parts[2:], parts[1])

    def consistent(parts: list[bytes]) -> bool:
        return verify_consistency(6, 13, parts[0], parts[1], parts[2:])

    for parts, holds in ((inclusion, included), (consistency, consistent)):
        assert holds(parts)
        for which, value in enumerate(parts):
            for bit in range(256):
                assert not holds([*parts[:which], flip(value, bit), *parts[which + 1 :]])


def test_a_hash_of_another_length_is_refused() -> None:
    left, right = LEAVES[:2]
    # the same bytes, parted elsewhere, would hash to the same root
    shifted, rest = (left + right)[:31], (left + right)[31:]
    assert not verify_inclusion(shifted, 0, 2, [rest], ROOTS[2])


def test_any_log_extends_the_empty_one_without_proof() -> None:
    assert verify_consistency(0, 5, EMPTY_ROOT, ROOTS[5], [])
    assert not verify_consistency(0, 5, ROOTS[1], ROOTS[5], [])


def test_what_is_not_there_cannot_be_proven() -> None:
    with pytest.raises(NotFound, match="no line 4"):
        inclusion_proof(4, LEAVES[:4])
    with pytest.raises(NotFound, match="old size"):
        consistency_proof(5, LEAVES[:4])
    assert not verify_inclusion(LEAVES[0], 0, 0, [], EMPTY_ROOT)
    assert not verify_consistency(5, 4, ROOTS[5], ROOTS[4], [])
