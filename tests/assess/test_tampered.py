"""What an intruder or a careless hand may do to a small dossier, and what must not disturb it."""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from osler.assess.dossier import ASSESSMENT, PROOF
from osler.assess.run import assess_folder
from osler.assess.verify import verify_dossier
from osler.errors import ModelAltered
from osler.judge.specialty import installed, seal_folder
from osler.readers.intake import take_in
from osler.record.patient import Identifier
from tests.assess.conftest import Demonstrated

HOSTILE = "</pre><script>alert(1)</script>[/red]"
ANN = "urn:h|8|8"


def _bundle() -> bytes:
    who = {"resourceType": "Patient", "id": "p", "gender": "[/]", "birthDate": "1961-03-01",
           "identifier": [{"system": "urn:h", "value": "8|8"}]}  # fmt: skip
    ill = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"},
           "clinicalStatus": {"text": "[/red]"}, "code": {"text": HOSTILE}}  # fmt: skip
    entries = [{"resource": who}, {"resource": ill}]
    return json.dumps({"resourceType": "Bundle", "entry": entries}).encode()


@pytest.fixture
def small(tmp_path: Path, own_home: Path) -> Demonstrated:
    export = tmp_path / "export"
    export.mkdir()
    (export / "history.json").write_bytes(_bundle())
    (export / "junk.bin").write_bytes(b"\x00")
    assess_folder(export, tmp_path / "out", patient=Identifier.parse(ANN))
    return Demonstrated(tmp_path / "out", own_home)


def checked(small: Demonstrated) -> dict[str, str]:
    """What the checks that do not hold say, by name."""
    with small.open() as store:
        checks = verify_dossier(small.folder, store, small.public)
    return {check.name: check.says for check in checks if not check.holds}


def _sql(statement: str) -> Callable[[Demonstrated], None]:
    def edit(small: Demonstrated) -> None:
        connection = sqlite3.connect(small.folder / "store" / "osler.sqlite")
        assert connection.execute(statement).rowcount > 0
        connection.commit()
        connection.close()

    return edit


def _proof(**fields: object) -> Callable[[Demonstrated], None]:
    def edit(small: Demonstrated) -> None:
        path = small.folder / PROOF
        path.write_text(json.dumps({**json.loads(path.read_bytes()), **fields}), encoding="utf-8")

    return edit


def _another_line(small: Demonstrated) -> None:
    """A true line of the ledger, truly proven, that is of no assessment."""
    with small.open() as store:
        latest = store.ledger.latest_checkpoint()
        assert latest
        entry, proof = store.ledger.entry(0), store.ledger.inclusion(0, latest.size)
    _proof(
        line=0, entry=entry.to_json(), inclusion=[h.hex() for h in proof], checkpoint=latest.text()
    )(small)


def _assessment(text: bytes) -> Callable[[Demonstrated], None]:
    def edit(small: Demonstrated) -> None:
        (small.folder / ASSESSMENT).write_bytes(text)

    return edit


@pytest.mark.parametrize(
    ("tamper", "name"),
    [
        (_sql("DELETE FROM sources WHERE kind = 'opaque'"), "sources"),
        (_sql("UPDATE sources SET name = 'x.json'"), "sources"),
        (_sql("UPDATE sources SET stream = 'x'"), "sources"),
        (_sql("UPDATE identifiers SET value = '9'"), "sources"),
        (_sql("UPDATE patients SET digest_key = 'x'"), "sources"),
        (_proof(line=10**30), "ledger"),
        (_proof(checkpoint=None), "ledger"),
        (_proof(entry="{}"), "ledger"),
        (_another_line, "report"),
        (_assessment(b"{}"), "report"),
        (_assessment(b"[" * 100_000), "report"),
    ],
)
def test_tampering_has_a_name_and_raises_nothing(
    tamper: Callable[[Demonstrated], None], name: str, small: Demonstrated
) -> None:
    tamper(small)
    assert next(iter(checked(small))) == name


def test_what_comes_later_disturbs_nothing(small: Demonstrated, tmp_path: Path) -> None:
    shipped = Path(str(files("osler"))) / "specialties" / "histology"
    copy = shutil.copytree(shipped, small.home / "specialties" / "mine")
    with pytest.raises(ModelAltered, match="a folder has its name"):
        installed()
    toml = (copy / "specialty.toml").read_text(encoding="utf-8")
    toml = toml.replace('name = "histology"', 'name = "mine"', 1)
    (copy / "specialty.toml").write_text(toml, encoding="utf-8")
    seal_folder(copy)
    unfinished = small.home / "specialties" / ".other.part"
    unfinished.mkdir()
    (unfinished / "specialty.toml").write_text("", encoding="utf-8")
    (tmp_path / "later.txt").write_text("Seen again.")
    time.sleep(1.1)  # the record's clock counts seconds
    with small.open() as store:
        take_in(store, [tmp_path / "later.txt"], patient=Identifier.parse(ANN))
    assert checked(small) == {}


def test_what_a_site_declares_later_changes_nothing_that_was_said(small: Demonstrated) -> None:
    (small.home / "site.toml").write_text('name = "Elsewhere"\n')
    assert checked(small) == {}


def test_what_a_file_says_is_text_in_the_report(small: Demonstrated) -> None:
    page = (small.folder / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_what_is_dated_ahead_is_left_out_and_said(own_home: Path, tmp_path: Path) -> None:
    export = tmp_path / "export"
    export.mkdir()
    (export / "late.txt").write_text("Date: 2962-05-01\nSeen.\n")
    (export / "note.txt").write_text("Date: 2020-05-01\nSeen.\n")
    whose = Identifier.parse("8823")
    assessment = assess_folder(export, tmp_path / "out", patient=whose).assessment
    (warning,) = assessment.warnings
    assert "2962-05-01" in warning
    assert len([s for s in assessment.summary if s.group.startswith("Last reports and notes")]) == 1
