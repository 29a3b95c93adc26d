"""Bad input: a clear sentence, the right exit code, nothing half-written."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from osler.record.source import digest_of
from osler.record.sqlite import SqliteStore

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_an_empty_folder(osler: Run, tmp_path: Path, own_home: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = osler("read", "empty")
    assert done.returncode == 2
    assert "nothing to read in empty" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_path_that_is_not_there(osler: Run) -> None:
    done = osler("read", "nowhere")
    assert done.returncode == 2
    assert "nowhere does not exist" in done.stderr


def test_a_broken_dicom_is_kept_whole_and_listed(osler: Run, tmp_path: Path) -> None:
    from pydicom.data import get_testdata_file

    whole = Path(str(get_testdata_file("CT_small.dcm", download=False))).read_bytes()
    (tmp_path / "cut.dcm").write_bytes(whole[:700])
    done = osler("read", "cut.dcm")
    assert done.returncode == 3
    assert "damaged DICOM" in done.stdout
    waiting = osler("record", "waiting")
    assert "1 rejected" in waiting.stdout
    assert "cut.dcm" in waiting.stdout
    with SqliteStore.open_read_only(Path(os.environ["OSLER_HOME"]) / "store") as store:
        assert store.bytes_of(digest_of(whole[:700])) == whole[:700]


def test_a_vcf_without_a_genome_build_says_how_to_declare_it(osler: Run, tmp_path: Path) -> None:
    (tmp_path / "panel.vcf").write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        "7\t55191822\t.\tT\tG\t50\tPASS\t.\n"
    )
    done = osler("read", "panel.vcf", "--patient", "8823")
    assert done.returncode == 3
    assert "genome build" in done.stdout
    assert "panel.vcf.json" in done.stdout


def test_no_weights_installed(
    osler: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared_data: Path
) -> None:
    monkeypatch.setenv("OSLER_WEIGHTS", str(tmp_path / "none"))
    done = osler("bench", "run", "histology", "--data", shared_data / "histology")
    assert done.returncode == 1
    assert "WeightsMissing" in done.stderr
    assert "osler models setup" in done.stderr


def _obey_permissions() -> None:
    """In the child: give up root's right to write anywhere (CAP_DAC_OVERRIDE), by prctl(2)."""
    drop_from_bounding_set, dac_override = 24, 1
    ctypes.CDLL(None).prctl(drop_from_bounding_set, dac_override, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="gives up a Linux capability")
def test_a_store_that_cannot_be_written(osler: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Date: 2026-05-01\nWell.\n")
    store = tmp_path / "store"
    store.mkdir()
    store.chmod(0o555)
    done = osler("read", "note.txt", "--store", store, preexec_fn=_obey_permissions)
    assert done.returncode == 1
    assert "StoreReadOnly" in done.stderr
    assert list(store.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="gives up a Linux capability")
def test_a_store_that_became_read_only(osler: Run, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("Well.\n")
    (tmp_path / "two.txt").write_text("Still well.\n")
    store = tmp_path / "store"
    assert osler("read", "one.txt", "--patient", "1", "--store", store).returncode == 0
    for path in (store, *store.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = osler(
        "read", "two.txt", "--patient", "1", "--store", store, preexec_fn=_obey_permissions
    )
    assert done.returncode == 1
    assert "StoreReadOnly" in done.stderr


def test_an_unknown_patient_is_said_without_naming_the_others(osler: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Well.\n")
    assert osler("read", "note.txt", "--patient", "8823").returncode == 0
    done = osler("record", "9999")
    assert done.returncode == 2
    assert "osler record patients" in done.stderr
    assert "8823" not in done.stderr


def test_a_patient_without_a_store(osler: Run) -> None:
    done = osler("assess", "8823", "--out", "out")
    assert done.returncode == 2
    assert "osler read PATH" in done.stderr


def test_a_folder_that_is_nobodys_is_not_guessed(osler: Run, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "note.txt").write_text("Well.\n")
    done = osler("assess", "files", "--out", "out")
    assert done.returncode == 2
    assert "--patient" in done.stderr
    assert not (tmp_path / "out" / "assessment.json").exists()


def test_verifying_something_else(osler: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Well.\n")
    osler("read", "note.txt", "--patient", "8823")
    (tmp_path / "out").mkdir()
    done = osler("verify", "out")
    assert done.returncode == 2
    assert "no finished assessment" in done.stderr


def test_a_result_inside_the_folder_that_is_read(osler: Run, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "note.txt").write_text("Well.\n")
    done = osler("assess", "files", "--out", "files/out", "--patient", "8823")
    assert done.returncode == 2
    assert "lies inside" in done.stderr
    assert not (tmp_path / "files" / "out").exists()


def test_markup_in_files_is_text_on_the_terminal(osler: Run, tmp_path: Path) -> None:
    (tmp_path / "a[").mkdir()
    (tmp_path / "a[" / "b].txt").write_text("Well.\n")
    (tmp_path / "a[" / "p.json").write_text(
        '{"resourceType": "Patient", "gender": "[/]", "birthDate": "1961",'
        ' "identifier": [{"system": "urn:h", "value": "8823"}]}'
    )
    (tmp_path / "[").mkdir()
    (tmp_path / "[" / "x].txt").write_text("Well.\n")
    assert osler("read", ".", "--patient", "urn:h|8823").returncode == 0
    shown = osler("record", "urn:h|8823")
    assert (shown.returncode, "[/]" in shown.stdout) == (0, True)


def test_files_that_were_not_understood_end_an_assessment_with_three(
    osler: Run, tmp_path: Path
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "note.txt").write_text("Well.\n")
    (tmp_path / "files" / "scan.bin").write_bytes(b"\x00\x01\x02")
    done = osler("assess", "files", "--out", "out", "--patient", "8823")
    assert done.returncode == 3
    assert "scan.bin" in done.stderr
    assert (tmp_path / "out" / "report.html").is_file()


def test_a_result_folder_is_one_patients(osler: Run, tmp_path: Path) -> None:
    for who in ("one", "two"):
        (tmp_path / who).mkdir()
        (tmp_path / who / "note.txt").write_text(f"{who} is well.\n")
    assert osler("assess", "one", "--out", "out", "--patient", "1").returncode == 0
    done = osler("assess", "two", "--out", "out", "--patient", "2")
    assert done.returncode == 2
    assert "name another folder" in done.stderr


def test_an_option_that_means_nothing_here_is_refused(osler: Run, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    done = osler("assess", "files", "--out", "out", "--store", "elsewhere")
    assert done.returncode == 2
    assert "--store" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="gives up a Linux capability")
def test_a_store_on_a_read_only_medium_can_be_looked_into(osler: Run, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("Well.\n")
    store = tmp_path / "store"
    assert osler("read", "one.txt", "--patient", "1", "--store", store).returncode == 0
    for path in (store, *store.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for command in (("verify", "ledger"), ("record", "1"), ("record", "waiting")):
        done = osler(*command, "--store", store, preexec_fn=_obey_permissions)
        assert done.returncode == 0, done.stderr


def test_verifying_without_the_key_says_to_pass_it_and_makes_none(
    osler: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.txt").write_text("Well.\n")
    store = tmp_path / "store"
    assert osler("read", "one.txt", "--patient", "1", "--store", store).returncode == 0
    monkeypatch.setenv("OSLER_HOME", str(tmp_path / "another"))
    done = osler("verify", "ledger", "--store", store)
    assert done.returncode == 2
    assert not (tmp_path / "another" / "keys").exists()
