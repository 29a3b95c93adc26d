"""The append-only log in a database that its caller owns.

    log = Log(connection, SigningKey.load_or_create(path))
    connection.execute("BEGIN IMMEDIATE")
    log.append("assess", {"record": digest}, at="2026-11-23T09:00:00Z")
    log.extend([("read", body), ("read", other)], at=...)      many lines at once
    log.seal()                            # once per transaction
    connection.execute("COMMIT")          # the act and its line are kept together, or neither

**Tamper evidence reaches back only to the last checkpoint that somebody else holds (a witness).**
Whoever has both the database and the signing key can rewrite the whole log and sign it afresh;
only a checkpoint kept where they cannot reach it (another department, a time-stamping service, a
printed sheet) shows that. Lines after that checkpoint are protected against whoever lacks the key.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from osler.errors import LedgerAltered, NotFound, WrongUse
from osler.ledger.audit import Audit, audit
from osler.ledger.checkpoint import Checkpoint, check_origin
from osler.ledger.database import Database
from osler.ledger.entry import JSON, Entry
from osler.ledger.merkle import (
    Frontier,
    Span,
    consistency_spans,
    inclusion_spans,
    leaf_hash,
    node_number,
)
from osler.ledger.signing import PublicKey, SigningKey
from osler.ledger.tables import STATEMENTS

__all__ = ["Log"]


class Log:
    """A tamper-evident log of JSON lines.

    ``database`` commits only when told to (a ``sqlite3.Connection`` with ``isolation_level=None``
    is one). ``key`` may be None for a log that is only read. ``origin`` names the log in its
    checkpoints.
    """

    def __init__(self, database: Database, key: SigningKey | None, origin: str = "osler") -> None:
        check_origin(origin)
        self._database = database
        self._key = key
        self.origin = origin

    def create_tables(self, statements: Iterable[str] = STATEMENTS) -> None:
        """Make the tables and their append-only guards where they are not there yet."""
        for statement in statements:  # not executescript: that would commit the caller's work
            self._database.execute(statement)

    @property
    def size(self) -> int:
        """Number of lines."""
        return int(self._value("SELECT coalesce(max(line) + 1, 0) FROM ledger_line"))

    def append(self, kind: str, body: Mapping[str, JSON], at: str) -> Entry:
        """Write the next line, inside the caller's open transaction.

        ``at`` is ISO 8601 in UTC. Raises WrongUse (no transaction is open, or JSON cannot carry
        the body exactly) and LedgerAltered (the stored tree lacks a node).
        """
        return self.extend([(kind, body)], at)[0]

    def extend(self, lines: Iterable[tuple[str, Mapping[str, JSON]]], at: str) -> list[Entry]:
        """Write the next lines, each its kind and body, as :meth:`append` would one by one."""
        self._need_transaction("append to")
        size = self.size
        head = Frontier(size, self._roots((0, size)))
        number = size - size.bit_count()  # of the next node to be completed
        entries: list[Entry] = []
        rows: list[tuple[int, str, str, bytes]] = []
        nodes: list[tuple[int, bytes]] = []
        for index, (kind, body) in enumerate(lines, start=size):
            entry = Entry(index=index, at=at, kind=kind, body=body)
            text = entry.to_json()
            leaf = leaf_hash(text.encode())
            entries.append(entry)
            rows.append((index, kind, text, leaf))
            for made in head.append(leaf):
                nodes.append((number, made))
                number += 1
        self._database.executemany(
            "INSERT INTO ledger_line (line, kind, text, leaf) VALUES (?, ?, ?, ?)", rows
        )
        self._database.executemany("INSERT INTO ledger_node (number, hash) VALUES (?, ?)", nodes)
        return entries

    def seal(self) -> Checkpoint:
        """Sign the present size and root and keep the checkpoint; call once per transaction.

        Returns the latest checkpoint where nothing was added since. Raises WrongUse (no key, no
        transaction) and LedgerAltered (the log no longer extends its latest checkpoint, or that
        one is another key's: signing on top would only hide it).
        """
        if self._key is None:
            raise WrongUse("this ledger is open for reading only: open it with its signing key")
        self._need_transaction("seal")
        latest, size = self.latest_checkpoint(), self.size
        if latest is not None:
            self._check_extends(latest, size, self._key)
            if latest.size == size:
                return latest
        root = self._span_root((0, size))
        made = Checkpoint.sign(self._key, origin=self.origin, size=size, root=root)
        self._database.execute(
            "INSERT INTO ledger_checkpoint (size, text) VALUES (?, ?)", (size, made.text())
        )
        return made

    def entries(
        self, kind: str | None = None, start: int = 0, end: int | None = None
    ) -> Iterator[Entry]:
        """Lines ``start`` up to, not including, ``end``, in order; of one kind if given.

        Raises LedgerAltered at a line whose text no longer has its stored hash.
        """
        end = self.size if end is None else end  # lines written while reading are not followed
        where, values = "line >= ? AND line < ?", [start, end]
        query = f"SELECT line, CAST(text AS BLOB), leaf FROM ledger_line WHERE {where}"
        if kind is None:
            rows = self._rows(f"{query} ORDER BY line", *values)
        else:
            rows = self._rows(f"{query} AND kind = ? ORDER BY line", *values, kind)
        for line, text, leaf in rows:
            yield _opened(line, text, leaf)

    def entry(self, index: int) -> Entry:
        """One line. Raises NotFound, or LedgerAltered where its text was changed."""
        query = "SELECT line, CAST(text AS BLOB), leaf FROM ledger_line WHERE line = ?"
        for line, text, leaf in self._rows(query, index):
            return _opened(line, text, leaf)
        raise NotFound(f"the ledger has no line {index}: it has {self.size} lines, from 0")

    def latest_checkpoint(self) -> Checkpoint | None:
        """The checkpoint of the largest size, unverified; None for a log never sealed."""
        query = "SELECT CAST(text AS BLOB) FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"
        for (text,) in self._rows(query):
            return Checkpoint.parse(text.decode(errors="replace"))
        return None

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Hashes that prove line ``index`` to be in the log of ``size`` lines (now, if None).

        O(log n) reads. Check them with :func:`osler.ledger.merkle.verify_inclusion`.
        """
        size = self._sound_size(size)
        return [self._span_root(span) for span in inclusion_spans(index, size)]

    def consistency(self, old_size: int, new_size: int) -> list[bytes]:
        """Hashes that prove the log of ``new_size`` lines to extend that of ``old_size``."""
        new_size = self._sound_size(new_size)
        return [self._span_root(span) for span in consistency_spans(old_size, new_size)]

    def check(self, public: PublicKey, witnessed: Checkpoint | None = None) -> Audit:
        """Read everything again and say what does not hold; see :mod:`osler.ledger.audit`.

        Take ``public`` and ``witnessed`` from outside this machine, or they prove little.
        """
        with self._one_view():
            return audit(
                self._rows(
                    "SELECT line, CAST(kind AS BLOB), CAST(text AS BLOB), CAST(leaf AS BLOB) "
                    "FROM ledger_line ORDER BY line"
                ),
                self._rows("SELECT number, hash FROM ledger_node ORDER BY number"),
                self._rows("SELECT size, CAST(text AS BLOB) FROM ledger_checkpoint ORDER BY size"),
                public=public,
                origin=self.origin,
                witnessed=witnessed,
            )

    def _check_extends(self, latest: Checkpoint, size: int, key: SigningKey) -> None:
        expected = key.public.note_id(self.origin)
        if latest.key_id != expected:
            raise LedgerAltered(
                f"the latest checkpoint (size {latest.size}) names key {latest.key_id}, the key "
                f"in use is {expected}: the key file was replaced or the checkpoint forged; put "
                "the old key back, or check the ledger before going on"
            )
        if latest.size > size or self._span_root((0, latest.size)) != latest.root:
            raise LedgerAltered(
                f"the ledger of {size} lines no longer extends its checkpoint at size "
                f"{latest.size}: stop writing and check the ledger"
            )

    def _need_transaction(self, act: str) -> None:
        if not self._database.in_transaction:
            raise WrongUse(
                f"to {act} the ledger, open a transaction first (BEGIN IMMEDIATE): a line stands "
                "or falls with the act that it records"
            )

    def _sound_size(self, size: int | None) -> int:
        present = self.size
        if size is not None and size > present:
            raise NotFound(f"the ledger has {present} lines, not {size}: ask for a smaller size")
        return present if size is None else size

    def _node(self, level: int, position: int) -> bytes:
        """Root of the perfect subtree over leaves ``position << level`` and on."""
        if level == 0:
            rows = self._rows("SELECT CAST(leaf AS BLOB) FROM ledger_line WHERE line = ?", position)
        else:
            number = node_number(level, position)
            rows = self._rows("SELECT CAST(hash AS BLOB) FROM ledger_node WHERE number = ?", number)
        for (value,) in rows:
            return bytes(value)
        first = position << level
        raise LedgerAltered(
            f"the ledger's tree lacks the node over lines {first} to {first + (1 << level) - 1}: "
            "stop writing and check the ledger"
        )

    def _span_root(self, span: Span) -> bytes:
        """Root over a span that starts where the tree parts, from its stored perfect subtrees."""
        return Frontier(span[1] - span[0], self._roots(span)).root()

    def _roots(self, span: Span) -> list[bytes]:
        """The roots of those perfect subtrees, the largest first."""
        start, end = span
        size = end - start
        roots: list[bytes] = []
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                roots.append(self._node(level, start >> level))
                start += 1 << level
        return roots

    def _rows(self, query: str, *values: object) -> Iterator[Any]:
        return iter(self._database.execute(query, values))

    def _value(self, query: str) -> Any:
        return next(self._rows(query))[0]

    @contextmanager
    def _one_view(self) -> Iterator[None]:
        """All reads inside see the same state, even while another process writes."""
        if self._database.in_transaction:
            yield
            return
        self._database.execute("BEGIN")
        try:
            yield
        finally:
            self._database.execute("COMMIT")


def _opened(line: int, text: bytes, leaf: bytes) -> Entry:
    if leaf_hash(text) != leaf:
        raise LedgerAltered(
            f"ledger line {line} was changed: its text no longer has the hash stored with it. "
            "Check the whole ledger before relying on any line"
        )
    return Entry.from_json(text)
