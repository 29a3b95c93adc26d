"""Every `osler` command of the README runs, in its order, and does what it should."""

import os
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


def shown() -> list[tuple[str, list[str]]]:
    """Each `osler` command, and the lines of output that the README shows for it."""
    found: list[tuple[str, list[str]]] = []
    fence: str | None = None
    for line in README.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fence = None if fence is not None else line.removeprefix("```")
        elif fence == "" and "osler " in line:
            found.append((line.strip().removeprefix(".venv/bin/"), []))
        elif fence == "text":
            found[-1][1].append(line)
    return found


def commands() -> list[str]:
    return [command for command, _ in shown()]


def test_the_readme_has_commands() -> None:
    assert [c.split()[1] for c in commands()] == [
        "verify", "read", "record", "record", "assess", "verify", "knowledge", "learn", "bench",
    ]  # fmt: skip
    assert sum(bool(output) for _, output in shown()) == 2


def test_every_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not any(w.weights.name == "efficientnet-lite0" and w.state == "ready" for w in status()):
        pytest.skip("the open weights are not set up: run `osler models setup`")
    monkeypatch.setenv("OSLER_WEIGHTS", str(weights_home()))
    write_demonstration(tmp_path / "osler-demo" / "patient")
    shared = Path(os.environ.get("OSLER_SHARED_DATA", README.parent.parent / "shared" / "data"))
    first = "osler demo --out osler-demo"  # what `make demo` runs once all is installed
    for command, output in [(first, []), *shown()]:
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
        printed = [" ".join(line.split()) for line in done.stdout.splitlines()]
        for line in output:
            assert line == "..." or " ".join(line.split()) in printed, f"{command}: {line}"
