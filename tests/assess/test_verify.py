"""A dossier verifies, and each kind of tampering is found under its own name."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from osler.assess.dossier import ASSESSMENT, PROOF, REPORT
from osler.assess.verify import verify_dossier
from osler.ledger.checkpoint import Checkpoint
from osler.ledger.signing import SigningKey
from tests.assess.conftest import Demonstrated


def broken(demo: Demonstrated) -> set[str]:
    """The names of the checks that do not hold, apart from the replay that rests on them."""
    with demo.open() as store:
        checks = verify_dossier(demo.folder, store, demo.public)
    return {check.name for check in checks if not check.holds}


def test_an_untouched_dossier_holds_and_replays_to_the_same_bytes(
    demonstrated: Demonstrated,
) -> None:
    with demonstrated.open() as store:
        checks = verify_dossier(demonstrated.folder, store, demonstrated.public)
    assert [check.name for check in checks if not check.holds] == []
    assert checks[-1].name == "replay"
    assert checks[-1].says == "assessed again: the same bytes"


def _image_byte(demo: Demonstrated) -> None:
    with demo.open() as store:
        (digest,) = store.connection.execute(
            "SELECT digest FROM sources WHERE kind = 'image' LIMIT 1"
        ).fetchone()
        path = store.blobs.path(digest)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _report_number(demo: Demonstrated) -> None:
    path = demo.folder / ASSESSMENT
    said = json.loads(path.read_bytes())
    said["findings"][0]["number"]["value"] = 0.01
    path.write_text(json.dumps(said, indent=2), encoding="utf-8")


def _report_page(demo: Demonstrated) -> None:
    path = demo.folder / REPORT
    path.write_bytes(path.read_bytes().replace(b"preliminary", b"signed", 1))


def _own_specialty(demo: Demonstrated, name: str = "histology") -> Path:
    """A copy of a shipped specialty in the site's own folder, where it takes precedence."""
    copy = demo.home / "specialties" / name
    shutil.copytree(Path(str(files("osler"))) / "specialties" / name, copy)
    return copy


def _adapter(demo: Demonstrated) -> None:
    path = _own_specialty(demo) / "adapter.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def _calibrator(demo: Demonstrated) -> None:
    path = _own_specialty(demo, "cardiology") / "calibrators.json"
    path.write_bytes(path.read_bytes().replace(b"0.", b"0.9", 1))


def _edit(demo: Demonstrated, statement: str) -> None:
    """Change the database as an intruder would: past the append-only guards."""
    connection = sqlite3.connect(demo.folder / "store" / "osler.sqlite")
    guards = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in guards:
        connection.execute(f"DROP TRIGGER {name}")
    changed = connection.execute(statement).rowcount
    connection.commit()
    connection.close()
    assert changed > 0


def _ledger_line(demo: Demonstrated) -> None:
    _edit(
        demo, "UPDATE ledger_line SET text = replace(text, '\"read\"', '\"seen\"') WHERE line = 2"
    )


def _ledger_line_gone(demo: Demonstrated) -> None:
    _edit(demo, "DELETE FROM ledger_line WHERE line = 3")


def _ledger_lines_swapped(demo: Demonstrated) -> None:
    _edit(demo, "UPDATE ledger_line SET line = -1 WHERE line = 4")
    _edit(demo, "UPDATE ledger_line SET line = 4 WHERE line = 5")
    _edit(demo, "UPDATE ledger_line SET line = 5 WHERE line = -1")


def _fact(demo: Demonstrated) -> None:
    _edit(
        demo, "UPDATE facts SET fact = replace(fact, '\"present\"', '\"absent\"') WHERE rowid = 5"
    )


def _checkpoint(demo: Demonstrated) -> None:
    """A checkpoint over the right root, signed by somebody else's key."""
    path = demo.folder / PROOF
    proof = json.loads(path.read_bytes())
    true = Checkpoint.parse(proof["checkpoint"])
    forger = SigningKey.generate()
    forged = Checkpoint.sign(forger, origin=true.origin, size=true.size, root=true.root)
    path.write_text(json.dumps({**proof, "checkpoint": forged.text()}), encoding="utf-8")


def _unreadable(demo: Demonstrated) -> None:
    (demo.folder / ASSESSMENT).write_bytes(b"{")


@pytest.mark.parametrize(
    ("tamper", "name"),
    [
        (_image_byte, "sources"),
        (_report_number, "report"),
        (_report_page, "report"),
        (_unreadable, "report"),
        (_adapter, "models"),
        (_calibrator, "models"),
        (_ledger_line, "ledger"),
        (_ledger_line_gone, "ledger"),
        (_ledger_lines_swapped, "ledger"),
        (_checkpoint, "ledger"),
        (_fact, "facts"),
    ],
)
def test_tampering_is_found_under_its_name(
    tamper: Callable[[Demonstrated], None], name: str, demonstrated: Demonstrated
) -> None:
    tamper(demonstrated)
    assert name in broken(demonstrated)


def test_an_unfinished_dossier_is_said_to_be_unfinished(demonstrated: Demonstrated) -> None:
    (demonstrated.folder / PROOF).unlink()
    from osler.errors import NotFound

    with pytest.raises(NotFound, match="no finished assessment"):
        broken(demonstrated)
