"""The Merkle tree of RFC 6962 / RFC 9162 section 2.1: roots, proofs, and a head that grows.

    head = Frontier()
    head.append(leaf_hash(b"line 0"))
    verify_inclusion(leaf, index, size, inclusion_proof(index, leaves), head.root())

All hashes are 32-byte SHA-256 digests. A leaf is hashed as ``SHA256(0x00 || data)`` and a node as
``SHA256(0x01 || left || right)``, so that a node can never be passed off as a leaf.
"""

import hashlib
from collections.abc import Callable, Sequence

from osler.errors import LedgerAltered, NotFound

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Frontier",
    "Span",
    "consistency_proof",
    "consistency_spans",
    "inclusion_proof",
    "inclusion_spans",
    "leaf_hash",
    "node_hash",
    "node_number",
    "root",
    "verify_consistency",
    "verify_inclusion",
]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Span = tuple[int, int]
"""Leaves ``start`` up to, not including, ``end``: one subtree of the tree."""


def leaf_hash(data: bytes) -> bytes:
    """Hash one line's bytes (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into the one above them (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree head over leaf hashes; of none, ``SHA256("")`` (RFC 9162 section 2.1.1)."""
    return _root_between(leaves, 0, len(leaves))


def _root_between(leaves: Sequence[bytes], start: int, end: int) -> bytes:
    if start == end:
        return EMPTY_ROOT
    if end - start == 1:
        return leaves[start]
    middle = start + _split(end - start)
    return node_hash(_root_between(leaves, start, middle), _root_between(leaves, middle, end))


def _split(size: int) -> int:
    """The largest power of two below ``size`` (at least 2): where the tree parts in two."""
    return 1 << ((size - 1).bit_length() - 1)


def node_number(level: int, position: int) -> int:
    """Number of the inner node over leaves ``position << level`` and on, in order of completion.

    Nodes are numbered as a growing log completes them, so that a table of them is only ever
    appended to. ``level`` is at least 1 (leaves are level 0 and not numbered here). After ``n``
    leaves, ``n - popcount(n)`` nodes are complete.
    """
    last = ((position + 1) << level) - 1
    return last - last.bit_count() + level - 1


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The subtrees whose roots prove leaf ``index`` of ``size``, from the leaf upwards.

    RFC 9162 section 2.1.3.1. Raises NotFound where the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise NotFound(f"a log of {size} lines has no line {index}: ask for 0 to {size - 1}")
    spans: list[Span] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old_size: int, new_size: int) -> list[Span]:
    """The subtrees whose roots prove that the first ``old_size`` leaves are still the same.

    RFC 9162 section 2.1.4.1. Raises NotFound where the new tree is smaller than the old one.
    """
    if not 0 <= old_size <= new_size:
        raise NotFound(
            f"a log of {new_size} lines cannot be shown to extend one of {old_size}: "
            f"the old size must be 0 to {new_size}"
        )
    if old_size in (0, new_size):
        return []
    spans: list[Span] = []
    start, end = 0, new_size
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start > 0:  # the old head itself is known to the verifier only while it is a left edge
        spans.append((start, end))
    return spans[::-1]


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The hashes that prove ``leaves[index]`` (RFC 9162 section 2.1.3.1)."""
    return [_root_between(leaves, *span) for span in inclusion_spans(index, len(leaves))]


def consistency_proof(old_size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The hashes that prove ``leaves`` to extend its first ``old_size`` (section 2.1.4.1)."""
    return [_root_between(leaves, *span) for span in consistency_spans(old_size, len(leaves))]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether ``proof`` shows ``leaf`` at ``index`` under ``root`` (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size or not _all_hashes(leaf, root, *proof):
        return False
    head = leaf

    def join(sibling: bytes, left: bool) -> None:
        nonlocal head
        head = node_hash(sibling, head) if left else node_hash(head, sibling)

    return _climb(index, size - 1, proof, join) and head == root


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether ``proof`` shows the new log to extend the old one (RFC 9162 section 2.1.4.2)."""
    if not 0 <= old_size <= new_size or not _all_hashes(old_root, new_root, *proof):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if old_size.bit_count() == 1:
        proof = [old_root, *proof]
    if not proof:
        return False
    old_head = new_head = proof[0]

    def join(sibling: bytes, left: bool) -> None:
        nonlocal old_head, new_head
        if left:
            old_head = node_hash(sibling, old_head)
            new_head = node_hash(sibling, new_head)
        else:
            new_head = node_hash(new_head, sibling)

    index, last = old_size - 1, new_size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    return _climb(index, last, proof[1:], join) and (old_head, new_head) == (old_root, new_root)


def _climb(
    index: int, last: int, proof: Sequence[bytes], join: Callable[[bytes, bool], None]
) -> bool:
    """Walk from ``index`` to the head of a tree whose last leaf is ``last``; True on arrival."""
    for sibling in proof:
        if last == 0:
            return False
        left = bool(index & 1) or index == last
        join(sibling, left)
        while left and index and not index & 1:
            index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    return last == 0


def _all_hashes(*hashes: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in hashes)


class Frontier:
    """The head of a growing tree: the roots of its perfect subtrees, largest first.

    Append costs O(1) hashes on average and O(log n) at most; ``root`` costs O(log n).
    """

    __slots__ = ("_roots", "_size")

    def __init__(self, size: int = 0, roots: Sequence[bytes] = ()) -> None:
        """Take up a head again. Raises LedgerAltered where ``roots`` cannot be of that size."""
        if size < 0 or size.bit_count() != len(roots) or not _all_hashes(*roots):
            raise LedgerAltered(
                f"{len(roots)} subtree roots cannot be the head of a tree of {size} leaves: "
                "rebuild the head from the log's lines"
            )
        self._size = size
        self._roots = list(roots)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    def append(self, leaf: bytes) -> list[bytes]:
        """Add a leaf hash; return the inner nodes it completed, lowest first."""
        made: list[bytes] = []
        head, size = leaf, self._size
        while size & 1:
            head = node_hash(self._roots.pop(), head)
            made.append(head)
            size >>= 1
        self._roots.append(head)
        self._size += 1
        return made

    def root(self) -> bytes:
        """The tree head, equal to :func:`root` over the same leaves."""
        if not self._roots:
            return EMPTY_ROOT
        head = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            head = node_hash(left, head)
        return head

    def to_hex(self) -> list[str]:
        """The subtree roots in hexadecimal, largest subtree first."""
        return [value.hex() for value in self._roots]

    @classmethod
    def from_hex(cls, size: int, roots: Sequence[str]) -> "Frontier":
        """Take up what :meth:`to_hex` wrote. Raises LedgerAltered where it is damaged."""
        try:
            return cls(size, [bytes.fromhex(value) for value in roots])
        except ValueError as error:
            raise LedgerAltered(
                f"the stored tree head of {size} leaves is not hexadecimal ({error}): "
                "rebuild the head from the log's lines"
            ) from error
