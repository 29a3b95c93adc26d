"""The process in which native decoders run: `python -P -m osler.readers.worker_child MEMORY`.

It answers requests (`osler.readers.wire`) on its standard streams until the parent closes them,
and ends itself when it outgrows its memory or is orphaned. What a decoder prints goes nowhere.
"""

import importlib
import math
import os
import resource
import sys
import threading
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from osler.errors import OslerError
from osler.readers.reading import Context, Reading
from osler.readers.wire import read_frame, reading_to_json, request_from_json, write_frame

__all__ = ["OUT_OF_MEMORY", "main"]

OUT_OF_MEMORY = 77
"""The exit status of a worker that grew past its limit."""

_LOOK_S = 0.01
_CPU_S = 3  # of processor time for any file, and as many again as it has megabytes


def main() -> None:
    """Answer until there is nobody to answer."""
    requests, replies = _own_streams()
    _confine(int(sys.argv[1]))
    sys.excepthook = _last_words(replies)
    while (request := read_frame(requests)) is not None:
        write_frame(replies, _answer(*request_from_json(request)))


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the parent, out of reach of decoders that print to descriptors 0, 1 and 2."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    return requests, replies


def _confine(memory: int) -> None:
    """Hold this process to `memory` bytes resident; no core file, for it would hold the patient.

    The kernel's own limit counts what is reserved, used or not, so it stands at twice the memory:
    it stops the one huge allocation at once, and the watch stops what really grows.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (2 * memory, 2 * memory))
    threading.Thread(target=_watch, args=(memory, os.getppid()), daemon=True).start()


def _watch(memory: int, parent: int) -> None:
    while True:
        if _resident_bytes() > memory:
            os._exit(OUT_OF_MEMORY)
        if os.getppid() != parent:
            os._exit(0)
        time.sleep(_LOOK_S)


def _resident_bytes() -> int:
    """What this process holds now; where there is no /proc, the most that it ever held."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except FileNotFoundError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _allow(path: Path) -> None:
    """Processor time for one file, by its size; the kernel ends the process that needs more.

    Waiting for a busy machine costs none: the same file is read or refused on any.
    """
    size = path.stat().st_size >> 20 if path.exists() else 0
    until = math.ceil(time.process_time()) + _CPU_S + size
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _answer(module: str, path: Path, context: Context) -> dict[str, Any]:
    _allow(path)
    try:
        reading, whole = _read(module, path, context)
        return {"reading": reading_to_json(reading, path, whole)}
    except OslerError as error:
        return {"error": type(error).__name__, "says": str(error)}
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _read(module: str, path: Path, context: Context) -> tuple[Reading, bytes | None]:
    """The reading, and the file's bytes where it was read whole."""
    reader = importlib.import_module(module if "." in module else f"osler.readers.{module}")
    if hasattr(reader, "read_file"):
        flow = reader.read_file(path, context)
        return Reading(items=tuple(flow.items), container=flow.container), None
    data = path.read_bytes()
    return reader.read(data, context), data


def _last_words(replies: BinaryIO) -> Any:
    """An error of ours, not the file's: say its type and line, never its text, which may name."""

    def hook(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        last = traceback.extract_tb(at)[-1] if at else None
        where = f" at {Path(last.filename).name}:{last.lineno}" if last else ""
        write_frame(replies, {"crash": f"{kind.__name__}{where}"})

    return hook


if __name__ == "__main__":
    main()
