"""Every `osler` command of the README runs, in its order, and does what it should."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from osler.bench.demonstration.files import write_demonstration
from osler.home import weights_home
from osler.model.weights import status

README = Path(__file__).resolve().parent.parent / "README.md"
_TRAINS = "osler learn specialty"  # minutes: tests/learn trains on less


def commands() -> list[str]:
    blocks = re.findall(r"```\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line.removeprefix(".venv/bin/") for line in lines if "osler " in line]


def test_the_readme_has_commands() -> None:
    assert [c.split()[1] for c in commands()] == [
        "verify", "read", "record", "assess", "verify", "knowledge", "learn", "bench",
    ]  # fmt: skip


def test_every_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not any(w.weights.name == "efficientnet-lite0" and w.state == "ready" for w in status()):
        pytest.skip("the open weights are not set up: run `osler models setup`")
    monkeypatch.setenv("OSLER_WEIGHTS", str(weights_home()))
    write_demonstration(tmp_path / "osler-demo" / "patient")
    shared = Path(os.environ.get("OSLER_SHARED_DATA", README.parent.parent / "shared" / "data"))
    first = "osler demo --out osler-demo"  # what `make demo` runs once all is installed
    for command in [first, *commands()]:
        needs_data = "./histology" in command
        if command.startswith(_TRAINS) or (needs_data and not shared.is_dir()):
            continue
        words = [str(shared / "histology") if w == "./histology" else w
                 for w in shlex.split(command)[1:]]  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "osler", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
