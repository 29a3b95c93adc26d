"""Pseudonyms, date shifts and UIDs for a de-identified reading, all from one secret key.

    hidden = Deidentifier.load_or_create(profile="basic")
    hidden.pseudonym(Identifier.parse("urn:hosp|8823"))     urn:osler:deidentified|anon-...
    hidden.days(identifier)                                 -211, the same on every run
    hidden.keep_mapping()                                   beside the key, for the hospital only

Every answer is HMAC-SHA-256 (RFC 2104) under the key, so that the same patient has the same
pseudonym in every format and run, and nobody without the key can go back. The shift is 1 to 365
whole days into the past, one a patient: intervals and the time of day stay, the weekday does not
(52 whole weeks would be too few to hide behind). It hangs on the identifier's value alone: a
DICOM header without an issuer then moves with the record that names one.

The key and the mapping lie in `$OSLER_HOME/keys`, readable by their owner only. Whoever has them
can re-identify: this is pseudonymisation (GDPR, article 4(5)), not anonymisation.
"""

import base64
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

from osler.errors import WrongUse
from osler.home import home
from osler.record.moment import utc_now
from osler.record.patient import Identifier

__all__ = ["AUTHORITY", "PROFILES", "Deidentifier", "Profile"]

AUTHORITY = "urn:osler:deidentified"
"""The authority of every pseudonym."""

_KEY_BYTES = 32
_SHIFTS = 365
_REGISTERED = "1.2.840.10008."  # the DICOM standard's own UIDs name no patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is retained beyond PS3.15's Basic Application Level Confidentiality Profile."""

    name: str
    dates: bool
    characteristics: bool = False


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(name="basic", dates=True),
        Profile(name="basic-no-dates", dates=False),
        Profile(name="basic-characteristics", dates=True, characteristics=True),
    )
}
"""`basic` shifts dates, `basic-no-dates` removes them, `basic-characteristics` keeps age, sex,
size and weight in DICOM too (option 113108; ages over 89 become 90)."""


@dataclass(slots=True, kw_only=True)
class Deidentifier:
    """One key under one profile; `mapping` grows as pseudonyms are given.

    `today` decides who is over 89 (45 CFR 164.514(b)(2)(i)(C)). `pixels_trusted` lets pictures
    through that may show a name and do not say whether they do.
    """

    key: bytes = field(repr=False)
    profile: Profile
    path: Path | None = None
    today: date = field(default_factory=lambda: utc_now().date())
    pixels_trusted: bool = False
    mapping: dict[str, Identifier] = field(default_factory=dict, repr=False)

    @classmethod
    def load_or_create(
        cls, path: Path | None = None, profile: str = "basic", *, pixels_trusted: bool = False
    ) -> "Deidentifier":
        """The key at `path`, made on first use; raises `WrongUse` for a profile that is none."""
        if profile not in PROFILES:
            raise WrongUse(
                f"no de-identification profile '{profile}': there are {', '.join(PROFILES)}"
            )
        place = path or home() / "keys" / "deidentify.key"
        return cls(
            key=_load(place) if place.exists() else _create(place),
            profile=PROFILES[profile],
            path=place,
            pixels_trusted=pixels_trusted,
        )

    @property
    def mapping_path(self) -> Path:
        """Where pseudonyms are written with what they stand for."""
        if self.path is None:
            raise WrongUse("this key has no file, so its mapping has no place to be kept")
        return self.path.with_suffix(".jsonl")

    def pseudonym(self, identifier: Identifier) -> Identifier:
        """Its stand-in; one that is a pseudonym already stays as it is."""
        if identifier.authority == AUTHORITY:
            return identifier
        authority = identifier.authority.removeprefix("urn:oid:").casefold()
        value = f"anon-{self.token('patient', f'{authority}|{identifier.value}')}"
        self.mapping[value] = identifier
        return Identifier(authority=AUTHORITY, value=value)

    def days(self, patient: Identifier | None) -> int | None:
        """How far this patient's dates move; None where they are to be removed.

        Dates that belong to nobody known are removed: shifted by another's days they would lie.
        """
        if patient is None or not self.profile.dates:
            return None
        return -1 - int.from_bytes(self._digest("days", patient.value)[:8]) % _SHIFTS

    def token(self, kind: str, value: str) -> str:
        """16 characters of base32 (80 bits) that stand for `value` among its kind."""
        return base64.b32encode(self._digest(kind, value)[:10]).decode().lower()

    def uuid(self, value: str) -> str:
        """A UUID in place of another, the same each time, whatever its case."""
        return str(self._uuid("uuid", value.casefold()))

    def uid(self, value: str) -> str:
        """A UID under 2.25 (PS3.5, B.2) in place of another; the standard's own stay."""
        if not value or value.startswith(_REGISTERED):
            return value
        return f"2.25.{self._uuid('uid', value).int}"

    def name(self, path: str) -> str:
        """A file's name without what it may say of the patient; its endings stay."""
        endings = [end for end in path.rsplit("/", 1)[-1].split(".")[1:][-2:] if len(end) <= 6]
        kept = [end for end in endings if end.isascii() and end.isalnum() and not end.isdigit()]
        return ".".join([f"file-{self.token('file', path)}", *kept])

    def keep_mapping(self) -> None:
        """Add what was given since to the mapping beside the key (mode 0600), one line each."""
        place = self.mapping_path
        known = set()
        if place.exists():
            known = {json.loads(line)["pseudonym"] for line in place.read_text().splitlines()}
        rows = [
            {"pseudonym": name, "authority": original.authority, "value": original.value}
            for name, original in sorted(self.mapping.items())
            if name not in known
        ]
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)

    def _uuid(self, kind: str, value: str) -> UUID:
        return UUID(bytes=self._digest(kind, value)[:16], version=4)

    def _digest(self, kind: str, value: str) -> bytes:
        # The kind comes first and holds no zero byte, so no two questions share an answer.
        return hmac.digest(self.key, f"{kind}\0{value}".encode(errors="surrogatepass"), "sha256")


def _load(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except OSError as error:
        raise WrongUse(
            f"{path} cannot be read ({error.strerror}): it is the mapping key"
        ) from error
    if len(key) != _KEY_BYTES:
        raise WrongUse(f"{path} has {len(key)} bytes, a mapping key has {_KEY_BYTES}")
    if path.stat().st_mode & 0o077:
        raise WrongUse(f"{path} can be read by others: chmod 600 {path}")
    return key


def _create(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = secrets.token_bytes(_KEY_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _load(path)  # another process was first
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
    return key
