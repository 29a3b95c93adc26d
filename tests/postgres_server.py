"""A real PostgreSQL server for the tests, started in a folder of its own and stopped at the end.

    with running(folder) as address: ...        postgresql://osler@localhost:PORT/postgres?...

It needs the server's programs (Debian: `apt-get install postgresql`); PostgreSQL refuses to run as
root, so that root starts it as the account `postgres`, which that package makes.
"""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["programs", "running"]

_PLACES = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt/postgresql")


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, the newest there is, or None."""
    on_path = shutil.which("pg_ctl")
    if on_path:
        return Path(on_path).resolve().parent
    found = [p.parent for place in _PLACES for p in Path(place).glob("**/bin/pg_ctl")]
    return max(found, default=None)


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """A server whose files lie in `folder`; yields its address."""
    bin_ = programs()
    if bin_ is None:
        raise FileNotFoundError("no PostgreSQL programs (Debian: apt-get install postgresql)")
    data, port = folder / "data", _free_port()
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)

    def run(program: str, *words: str) -> None:
        command = [str(bin_ / program), "-D", str(data), *words]
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            cwd=folder,
            timeout=120,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
        )

    run("initdb", "-U", "osler", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
    # Nothing here must survive a crash, and no network but this machine's own.
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c full_page_writes=off"
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://osler@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-m", "immediate", "stop")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
