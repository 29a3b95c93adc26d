"""The state of one code, arbitrated on indexed columns: only the facts that hold are decoded.

    claims_of(database, keys, "http://loinc.org|2160-0", as_of, known_at)     their JSON

The same rules as a whole `Record` follows (`osler.record.arbitration`), asked of the database.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from osler.record.arbitration import STATES, first_known, holds, known_by_then, latest, standing
from osler.record.database import Database
from osler.record.fact import microseconds

__all__ = ["claims_of"]

_COLUMNS = (
    "source, ordinal, code, scope, kind, stream, identity, replaces, status, assertion, began, "
    "began_by, ended, known, known_by, received"
)
_STATES = ", ".join(f"'{kind}'" for kind in sorted(STATES))
_AT_ONCE = 16  # of the newest events at a time: the last one is nearly always among them
_NAMES_AT_ONCE = 500


class _Row(NamedTuple):
    """A row of `_COLUMNS`: what arbitration asks of a fact, and where the fact itself is."""

    source: int
    ordinal: int
    code: str
    scope: str
    kind: str
    stream: str
    identity: str | None
    replaces: str | None
    status: str
    assertion: str
    began: int
    began_by: int
    ended: int | None
    known: int
    known_by: int
    received: int


def claims_of(
    database: Database,
    keys: Sequence[int],
    code: str,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
) -> list[str]:
    """The facts of that code that hold, as stored, in no order."""
    named = code if "|" in code else code.casefold()  # as `Code.key` writes them
    asked = _Asked(database, keys, named, _limit(as_of), _limit(known_at))
    return [asked.text(row) for row in (*asked.states(), *asked.events())]


def _limit(when: datetime | None) -> int | None:
    return None if when is None else microseconds(when)


class _Asked(NamedTuple):
    """One question of one store."""

    database: Database
    keys: Sequence[int]
    code: str
    as_of: int | None
    known_at: int | None

    def states(self) -> list[_Row]:
        """What holds of the kinds that change."""
        return self._hold(self._rows(f"code = ? AND kind IN ({_STATES})", self.code))

    def events(self) -> list[_Row]:
        """The last of each kind that accumulates, in each stream and scope."""
        groups = {
            group
            for key in self.keys
            for group in self.database.execute(
                "SELECT DISTINCT kind, stream, scope FROM facts "
                f"WHERE patient = ? AND code = ? AND kind NOT IN ({_STATES})",
                (key, self.code),
            )
        }
        return [row for group in sorted(groups) for row in self._last_of(*group)]

    def _last_of(self, kind: str, stream: str, scope: str) -> list[_Row]:
        """Walk back from the newest until one holds."""
        asked = "code = ? AND kind = ? AND stream = ? AND scope = ?"
        if self.as_of is not None:
            asked += f" AND began <= {self.as_of}"
        if self.known_at is not None:
            asked += f" AND known <= {self.known_at}"
        which = (self.code, kind, stream, scope)
        count = _AT_ONCE
        while True:
            several = [
                self._rows(f"{asked} ORDER BY began DESC LIMIT {count}", *which, keys=[key])
                for key in self.keys
            ]
            newest = {row for rows in several for row in rows}
            last = latest(self._hold(newest))
            if last:
                # One that began earlier, on a day or in a year, may have gone on until then.
                since = max(row.began for row in last)
                also = self._rows(f"{asked} AND began_by >= {since}", *which)
                return latest(self._hold({*newest, *also}))
            if all(len(rows) < count for rows in several):
                return []
            count *= 8

    def text(self, row: _Row) -> str:
        """The fact of a row, as stored."""
        ((text,),) = list(
            self.database.execute(
                "SELECT fact FROM facts WHERE source = ? AND ordinal = ?",
                (row.source, row.ordinal),
            )
        )
        return str(text)

    def _hold(self, rows: Iterable[_Row]) -> list[_Row]:
        """Those that hold, beside every version of them and everything that replaces another."""
        asked = set(rows)
        if not asked:
            return []
        beside = asked | set(self._rows("replaces IS NOT NULL"))
        names = sorted({row.identity for row in beside if row.identity})
        for start in range(0, len(names), _NAMES_AT_ONCE):
            some = names[start : start + _NAMES_AT_ONCE]
            marks = ", ".join("?" * len(some))
            beside |= set(self._rows(f"identity IN ({marks})", *some))
        known = known_by_then(sorted(beside, key=_order), self.known_at)
        first, present = first_known(known), self._present()
        held = (r for r in standing(known) if holds(r, self.as_of, present, first))
        return [row for row in held if row in asked]

    def _present(self) -> int | None:
        """The instant that a record without limits is asked for: when it last grew."""
        if self.as_of is not None or self.known_at is not None:
            return self.as_of if self.as_of is not None else self.known_at
        grew = [
            microseconds(datetime.fromisoformat(received_at))
            for key in self.keys
            for (received_at,) in self.database.execute(
                "SELECT max(received_at) FROM sources WHERE patient = ?", (key,)
            )
            if received_at
        ]
        return max(grew, default=None)

    def _rows(self, condition: str, *values: Any, keys: Sequence[int] | None = None) -> list[_Row]:
        found: list[_Row] = []
        for key in keys or self.keys:
            query = f"SELECT {_COLUMNS} FROM facts WHERE patient = ? AND {condition}"
            found += [_Row(*row) for row in self.database.execute(query, (key, *values))]
        return found


def _order(row: _Row) -> tuple[int, int]:
    return row.source, row.ordinal
