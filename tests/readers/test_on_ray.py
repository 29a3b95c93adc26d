"""Many processes read what one reads."""

import json
from pathlib import Path

import pytest

from osler.readers.intake import take_in
from osler.readers.on_ray import on_ray
from osler.record.codec import fact_to_json
from osler.record.sqlite import SqliteStore

pytestmark = [
    pytest.mark.slow,
    # Ray leaves sockets and files to the operating system when it stops.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning",
                               "ignore::pytest.PytestUnraisableExceptionWarning"),
]  # fmt: skip


def content(store: SqliteStore) -> list[str]:
    """Everything but when it was received."""
    said = []
    for patient in store.patients():
        record = store.record(patient.identifiers[0])
        said += [f"{patient.name} {source}" for source in record.sources]
        for fact in record.facts:
            whole = fact_to_json(fact)
            del whole["received_at"]
            said.append(json.dumps(whole, sort_keys=True))
    return [*said, *(f"{held.source} {held.trouble}" for held in store.rejects())]


def test_ray_reads_what_one_process_reads(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    paths = [*sorted((shared_data / "fhir_r4").glob("A*.gz")), shared_data / "dicom"]
    (tmp_path / "broken.json").write_text('{"resourceType": "Patient"')
    paths.append(tmp_path / "broken.json")
    with SqliteStore.open(tmp_path / "one") as one, SqliteStore.open(tmp_path / "many") as many:
        alone = take_in(one, paths)
        together = take_in(many, paths, parse=on_ray)
        assert content(one) == content(many)
        assert (alone.sources, alone.facts) == (together.sources, together.facts)
        assert alone.rejected == together.rejected != []
