"""What was received: the smallest thing about one patient that has an address of its own.

source = Source.of(data, kind="note", name="discharge.txt")
source = Source.of_file(path, kind="slide", name="biopsy.svs")
source.digest        SHA-256 of its bytes; the store holds the bytes under that name
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["AuthorRole", "Source", "Stream", "digest_of"]


def digest_of(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal: how Osler names everything immutable."""
    return hashlib.sha256(data).hexdigest()


class Stream(StrEnum):
    """Who speaks: the hospital's systems, the patient, or a model. Streams never override."""

    EHR = "ehr"
    PATIENT = "patient"
    MODEL = "model"


class AuthorRole(StrEnum):
    """Who wrote the source, as far as the source says."""

    CLINICIAN = "clinician"
    DEVICE = "device"
    LABORATORY = "laboratory"
    SYSTEM = "system"
    UNSTATED = "unstated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One immutable thing received about one patient.

    `kind` is the reader's word for it (`fhir/Observation`, `hl7v2`, `dicom`, `dicom/ecg`,
    `dicom/sr`, `dicom/slide`, `dicom/document`, `image`, `slide`, `video`, `note`, `pdf`, `rtf`,
    `vcf`, `maf`, `expression`, `copy-number`, `wfdb`, `edf`, `sidecar`, `opaque`); `name` is where
    it stood in its delivery and identifies nothing.
    """

    digest: str
    kind: str
    media_type: str
    name: str
    size: int
    author: AuthorRole = AuthorRole.UNSTATED
    stream: Stream = Stream.EHR

    @classmethod
    def of(
        cls,
        data: bytes,
        *,
        kind: str,
        name: str,
        media_type: str = "application/octet-stream",
        author: AuthorRole = AuthorRole.UNSTATED,
    ) -> "Source":
        """The source that these bytes are."""
        return cls(
            digest=digest_of(data),
            kind=kind,
            media_type=media_type,
            name=name,
            size=len(data),
            author=author,
        )

    @classmethod
    def of_file(
        cls,
        path: Path,
        *,
        kind: str,
        name: str,
        media_type: str = "application/octet-stream",
        author: AuthorRole = AuthorRole.UNSTATED,
    ) -> "Source":
        """The source that this file is, read in pieces; raises `OSError`."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(
            digest=digest,
            kind=kind,
            media_type=media_type,
            name=name,
            size=path.stat().st_size,
            author=author,
        )
