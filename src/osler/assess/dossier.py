"""The folder that an assessment leaves: what was said, the report, and the proof that it was.

    dossier = write_dossier(assessment, store, Path("out"))

    assessment.json     the assessment
    report.html         the same for a reader, in one file
    proof.json          the ledger line that binds both, its inclusion proof, a signed checkpoint

`proof.json` is written last: its existence means that the others are whole.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from osler.assess.assessment import Assessment
from osler.assess.exhibits import open_exhibits, open_pictures
from osler.assess.to_html import to_html
from osler.assess.to_json import to_json
from osler.errors import StoreError, StoreReadOnly
from osler.ledger.entry import JSON
from osler.record.patient import Identifier
from osler.record.source import digest_of
from osler.record.store import Store

__all__ = ["ASSESSMENT", "PROOF", "REPORT", "Dossier", "render", "write_dossier"]

ASSESSMENT = "assessment.json"
REPORT = "report.html"
PROOF = "proof.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Where the files are, and the ledger line that binds them."""

    folder: Path
    line: int

    @property
    def report(self) -> Path:
        """The report for a reader."""
        return self.folder / REPORT


def render(assessment: Assessment, store: Store) -> tuple[bytes, bytes]:
    """The two files that are logged: JSON and HTML, the same for the same assessment."""
    data = to_json(assessment)
    exhibits = open_exhibits(assessment, store)
    pictures = open_pictures((s.source for s in assessment.not_assessed), store)
    return data, to_html(assessment, exhibits, pictures, digest_of(data))


def write_dossier(assessment: Assessment, store: Store, folder: Path) -> Dossier:
    """Write the files and their ledger line; either all of it stands, or none.

    Raises `StoreReadOnly` when the folder cannot be written to.
    """
    data, page = render(assessment, store)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".partial-") as partial:
            _write(Path(partial) / ASSESSMENT, data)
            _write(Path(partial) / REPORT, page)
            line, proof = _log(assessment, store, data, page)
            _write(Path(partial) / PROOF, json.dumps(proof, indent=2).encode() + b"\n")
            (folder / PROOF).unlink(missing_ok=True)
            for name in (ASSESSMENT, REPORT, PROOF):
                os.replace(Path(partial) / name, folder / name)
    except PermissionError as error:
        raise StoreReadOnly(f"cannot write to {folder}: name another with --out") from error
    except OSError as error:
        raise StoreError(f"cannot write to {folder}: {error.strerror or error}") from error
    return Dossier(folder=folder, line=line)


def _log(
    assessment: Assessment, store: Store, data: bytes, page: bytes
) -> tuple[int, Mapping[str, object]]:
    patient = store.patient(Identifier.parse(assessment.patient))
    provenance = assessment.provenance
    body: dict[str, JSON] = {
        "patient": store.keyed_digest(patient, "patient"),
        "assessment": digest_of(data),
        "report": digest_of(page),
        "sources": [store.keyed_digest(patient, digest) for digest in provenance.sources],
        "specialties": dict(provenance.specialties),
        "knowledge": dict(provenance.knowledge),
        "settings": {name: dict(s) for name, s in provenance.settings.items()},
        "code": provenance.code,
        "findings": len(assessment.findings),
        "options": len(assessment.options),
        "abstentions": sum(f.abstains is not None for f in assessment.findings),
        "not_assessed": len(assessment.not_assessed),
        "status": assessment.status,
    }
    with store.writing() as act:
        entry = act.log("assessment", body)
    checkpoint = store.ledger.latest_checkpoint()
    if checkpoint is None:
        raise StoreError("the ledger has no checkpoint after writing to it")
    return entry.index, {
        "line": entry.index,
        "entry": entry.to_json(),
        "inclusion": [h.hex() for h in store.ledger.inclusion(entry.index, checkpoint.size)],
        "checkpoint": checkpoint.text(),
    }


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
