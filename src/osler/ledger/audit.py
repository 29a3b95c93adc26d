"""The whole ledger read again: every line, every tree node, every checkpoint.

    log.check(public, witnessed=Checkpoint.parse(text_from_the_witness)).raise_if_broken()

Without ``witnessed`` this shows only that the ledger agrees with itself: whoever holds the signing
key and the database can rewrite both. With it, everything up to the witnessed size is certain.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from osler.errors import LedgerAltered, SignatureInvalid
from osler.ledger.checkpoint import Checkpoint
from osler.ledger.entry import Entry
from osler.ledger.merkle import Frontier, leaf_hash
from osler.ledger.signing import PublicKey

__all__ = ["Audit", "Line", "audit"]

Line = tuple[int, bytes, bytes, bytes]
"""A row as stored: line number, kind, text, leaf hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What a check found. ``witnessed_size`` is None where no witness's checkpoint was given."""

    size: int
    checkpoints: int
    witnessed_size: int | None
    problems: tuple[str, ...]

    def raise_if_broken(self) -> None:
        """Return if nothing was found; else raise LedgerAltered naming the first broken line."""
        if not self.problems:
            return
        others = len(self.problems) - 1
        more = f" ({others} more problems: see the whole audit)" if others else ""
        raise LedgerAltered(
            f"{self.problems[0]}{more}. Stop writing, keep this file as it is, and compare it "
            "with a backup"
        )


def audit(
    lines: Iterable[Line],
    nodes: Iterable[tuple[int, bytes]],
    checkpoints: Iterable[tuple[int, bytes]],
    *,
    public: PublicKey,
    origin: str,
    witnessed: Checkpoint | None = None,
) -> Audit:
    """Check stored rows, each kind in ascending order of its key, against each other.

    Problems come lines first, in order, then tree, checkpoints and witness. One rewritten line
    breaks every later root, so of each kind of root only the first that fails is named.
    """
    signed, forged = _open(checkpoints, public, origin)
    wanted = {checkpoint.size for checkpoint in signed}
    if witnessed is not None:
        wanted.add(witnessed.size)
    walk = _Walk(nodes, wanted)
    for line in lines:
        walk.take(*line)
    walk.close()
    problems = [*walk.line_problems, *walk.tree_problems, *forged, *_compare(signed, walk)]
    if witnessed is not None:
        problems += _compare_witness(witnessed, walk, public, origin)
    return Audit(
        size=walk.size,
        checkpoints=len(signed),
        witnessed_size=None if witnessed is None else witnessed.size,
        problems=tuple(problems),
    )


class _Walk:
    """One pass over the lines that grows the tree beside them and keeps the roots asked for."""

    def __init__(self, nodes: Iterable[tuple[int, bytes]], wanted: set[int]) -> None:
        self.size = 0
        self.line_problems: list[str] = []
        self.tree_problems: list[str] = []
        self.roots: dict[int, bytes] = {}
        self._nodes: Iterator[tuple[int, bytes]] = iter(nodes)
        self._number = 0
        self._wanted = wanted
        self._head = Frontier()

    def take(self, line: int, kind: bytes, text: bytes, leaf: bytes) -> None:
        if line < self.size:  # only a number below 0 can come out of turn: line is the table's key
            self.line_problems.append(f"ledger line {line} was put in: lines are numbered from 0")
            return
        if line > self.size:
            self._miss(line)
        problem = _line_problem(line, kind, text, leaf)
        if problem is not None:
            self.line_problems.append(problem)
        if self._head.size == line:  # after a gap the rest of the tree cannot be known
            self._note_root()
            self._grow(leaf)
        self.size = line + 1

    def close(self) -> None:
        self._note_root()
        if not self.tree_problems and self._head.size == self.size and next(self._nodes, None):
            self.tree_problems.append(
                f"the ledger was cut short: it ends before line {self.size}, but the tree stored "
                "beside it goes on"
            )

    def _note_root(self) -> None:
        if self._head.size in self._wanted:
            self.roots[self._head.size] = self._head.root()

    def _miss(self, line: int) -> None:
        first, last = self.size, line - 1
        which = f"line {first} is" if first == last else f"lines {first} to {last} are"
        self.line_problems.append(f"ledger {which} missing: deleted, while line {line} is there")

    def _grow(self, leaf: bytes) -> None:
        # the stored leaf goes in even where the text disagrees, so that one changed text is
        # named as that and nothing else
        for level, made in enumerate(self._head.append(leaf), start=1):
            found = next(self._nodes, None)
            if found != (self._number, made) and not self.tree_problems:
                end = self._head.size
                self.tree_problems.append(
                    f"ledger lines {end - (1 << level)} to {end - 1} were changed together with "
                    f"their hashes, or the tree was: stored node {self._number} does not match"
                )
            self._number += 1


def _line_problem(line: int, kind: bytes, text: bytes, leaf: bytes) -> str | None:
    changed = leaf_hash(text) != leaf
    try:
        entry = Entry.from_json(text)
    except LedgerAltered as error:
        return f"ledger line {line} was changed: {error}"
    if entry.index != line:
        return f"ledger line {line} was moved: its text says that it is line {entry.index}"
    if changed:
        return f"ledger line {line} was changed: its text no longer has the hash stored with it"
    if entry.kind.encode() != kind:
        return (
            f"ledger line {line} was changed: it is filed as {kind.decode(errors='replace')!r}, "
            f"but its text says {entry.kind!r}"
        )
    return None


def _open(
    rows: Iterable[tuple[int, bytes]], public: PublicKey, origin: str
) -> tuple[list[Checkpoint], list[str]]:
    """The stored checkpoints whose signature holds, and a problem for each other one."""
    signed: list[Checkpoint] = []
    problems: list[str] = []
    for size, text in rows:
        try:
            checkpoint = Checkpoint.parse(text.decode(errors="replace"))
            checkpoint.verify(public)
        except (LedgerAltered, SignatureInvalid) as error:
            problems.append(f"ledger checkpoint at size {size} is forged: {error}")
            continue
        if (checkpoint.size, checkpoint.origin) != (size, origin):
            problems.append(
                f"ledger checkpoint at size {size} was moved: it was signed for "
                f"{checkpoint.origin!r} at size {checkpoint.size}"
            )
            continue
        signed.append(checkpoint)
    return signed, problems


def _compare(signed: list[Checkpoint], walk: _Walk) -> list[str]:
    """Each signed root against the recomputed one; the first that fails, and what is unsigned."""
    held = 0
    for checkpoint in signed:
        if checkpoint.size > walk.size:
            return [
                f"the ledger was cut short: a checkpoint was signed at size {checkpoint.size}, "
                f"but only {walk.size} lines are there"
            ]
        root = walk.roots.get(checkpoint.size)
        if root is not None and root != checkpoint.root:
            return [
                f"ledger lines {held} to {checkpoint.size - 1} were changed: they no longer have "
                f"the root that was signed at size {checkpoint.size}"
            ]
        held = checkpoint.size
    if held < walk.size:
        return [
            f"ledger lines {held} to {walk.size - 1} are under no signed checkpoint: they were "
            "added without sealing"
        ]
    return []


def _compare_witness(
    witnessed: Checkpoint, walk: _Walk, public: PublicKey, origin: str
) -> list[str]:
    try:
        witnessed.verify(public)
    except SignatureInvalid as error:
        return [f"the witnessed checkpoint at size {witnessed.size} does not count: {error}"]
    if witnessed.origin != origin:
        return [f"the witnessed checkpoint is of ledger {witnessed.origin!r}, not {origin!r}"]
    if witnessed.size > walk.size:
        return [
            f"the ledger was cut short: a witness saw {witnessed.size} lines, it now has "
            f"{walk.size}, so lines {walk.size} to {witnessed.size - 1} are gone"
        ]
    root = walk.roots.get(witnessed.size)
    if root is not None and root != witnessed.root:
        return [
            f"the ledger was rewritten: among lines 0 to {witnessed.size - 1} at least one is not "
            f"the line that the witness saw at size {witnessed.size}"
        ]
    return []
