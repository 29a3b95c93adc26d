"""Who is who in a store: identifiers, patients, and which of them are one person.

    people.key_of(identifier)        the internal key, or None
    people.patient(key)              the person, with the identifiers of everyone merged into them
    people.group(key)                the keys that are that person
    people.digest(key, text)         HMAC-SHA-256 under that key's own secret

A merge moves nothing: facts stay with the key that they were read for, so it can be undone.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

from osler.record.database import Database
from osler.record.patient import Identifier, Patient

__all__ = ["People"]


@dataclass(slots=True)
class People:
    """The patients of one database."""

    database: Database
    _secrets: dict[int, bytes] = field(default_factory=dict, repr=False)

    def key_of(self, identifier: Identifier) -> int | None:
        """The internal key of whoever has that identifier, or None."""
        for (key,) in self.database.execute(
            "SELECT patient FROM identifiers WHERE authority = ? AND value = ?",
            (identifier.authority, identifier.value),
        ):
            return int(key)
        return None

    def identifiers(self, key: int) -> tuple[Identifier, ...]:
        """The identifiers of one key alone, in the order in which they were learnt."""
        rows = self.database.execute(
            "SELECT authority, value FROM identifiers WHERE patient = ? ORDER BY number", (key,)
        )
        return tuple(Identifier(authority=a, value=v) for a, v in rows)

    def patient(self, key: int) -> Patient:
        """The person of that key; the one kept gives the name."""
        group = self.group(key)
        return Patient(
            key=group[0], identifiers=tuple(i for one in group for i in self.identifiers(one))
        )

    def everyone(self) -> list[Patient]:
        """Every person once, in the order of arrival; those erased are nobody any more."""
        rows = self.database.execute(
            "SELECT key FROM patients WHERE erased_at IS NULL ORDER BY key"
        )
        heads = dict.fromkeys(self.group(int(key))[0] for (key,) in list(rows))
        return [self.patient(key) for key in heads]

    def remembered(self) -> list[int]:
        """Every key that still has its secret: nobody who was erased."""
        rows = self.database.execute(
            "SELECT key FROM patients WHERE digest_key IS NOT NULL ORDER BY key"
        )
        return [int(key) for (key,) in rows]

    def group(self, key: int) -> list[int]:
        """The keys that are one person, the one that is kept first."""
        merges = list(
            self.database.execute("SELECT kept, merged FROM merges WHERE undone_at IS NULL")
        )
        into = {int(merged): int(kept) for kept, merged in merges}
        head = key
        while head in into:
            head = into[head]
        found = [head]
        for one in found:  # grows while it is walked: those merged into those merged
            found += [merged for merged, kept in into.items() if kept == one]
        return found

    def digest(self, key: int, text: str) -> str:
        """HMAC-SHA-256 of `text` under that key's secret, in hexadecimal."""
        secret = self._secrets.get(key)
        if secret is None:
            ((stored,),) = self.database.execute(
                "SELECT digest_key FROM patients WHERE key = ?", (key,)
            )
            secret = self._secrets[key] = bytes(stored)
        return hmac.digest(secret, text.encode(), hashlib.sha256).hex()

    def forget(self) -> None:
        """Drop what is remembered: a transaction failed, or somebody was erased."""
        self._secrets.clear()
