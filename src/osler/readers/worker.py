"""A process of its own for native decoders, so that a file that kills one is a single reject.

    with Worker() as worker:
        reading = worker.read("slide", path, context)      as slide.read_file would give it

Image, slide, video and DICOM decoders are C: a hostile file can crash them, fill the memory or
hang. Here each of these ends the process, is raised as `BrokenFile` that names file and limit, and
the next read starts another. Errors of `osler.errors` come back as themselves. One process serves
many reads: it is started by its own command line, which is safe under threads and on macOS.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, Self, cast

from osler import errors
from osler.errors import BrokenFile, OslerError
from osler.readers.reading import Context, Reading
from osler.readers.wire import read_frame, reading_from_json, request_to_json, write_frame
from osler.readers.worker_child import OUT_OF_MEMORY

__all__ = ["MEMORY_BYTES", "SECONDS", "Worker"]

MEMORY_BYTES = 560 << 20
"""What the process may hold at once: under 600 MB resident, its libraries included."""

SECONDS = 120.0
"""How long one file may take on a busy machine; of the processor its size allows it less."""

# One thread a decoder: pools would multiply memory, and the batch has its own parallelism.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Worker:
    """A decoder's process, started at the first read and again after it was lost.

    `starts` counts how often. Several threads may share one: their reads take turns.
    """

    def __init__(self, *, memory_bytes: int = MEMORY_BYTES, seconds: float = SECONDS) -> None:
        self.memory_bytes = memory_bytes
        self.seconds = seconds
        self.starts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process; a later read starts another."""
        with self._turn:
            self._end()

    def read(self, module: str, path: Path, context: Context) -> Reading:
        """What `osler.readers.<module>` reads in this file.

        Raises what the reader raises, and `BrokenFile` when the decoder crashed, outgrew
        `memory_bytes` or took longer than `seconds`.
        """
        with self._turn:
            answer = self._ask(request_to_json(module, path, context), context.name)
        if "reading" in answer:
            return reading_from_json(answer["reading"], path)
        if "crash" in answer:
            raise BrokenFile(
                f"{context.name}: its decoder stopped ({str(answer['crash'])[:200]}): "
                "the file is damaged, or this is a fault of Osler's to report"
            )
        raise _error(answer)

    def _ask(self, request: dict[str, Any], name: str) -> dict[str, Any]:
        process = self._running()
        stdin, stdout = cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)
        in_step = False
        try:
            with contextlib.suppress(BrokenPipeError):  # it died: the reading end says so
                write_frame(stdin, request)
            answer = read_frame(cast(BinaryIO, _Timed(stdout, self.seconds)))
            in_step = True
        except TimeoutError as error:
            raise BrokenFile(
                f"{name}: its decoder did not finish within {self.seconds:g} seconds: "
                "the file is damaged, or too much for one read"
            ) from error
        finally:
            if not in_step:
                self._end()  # what comes next from this process would belong to this read
        if answer is None:
            raise BrokenFile(f"{name}: {self._obituary(process)}")
        if "crash" in answer:
            self._end()
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self.starts += 1
            command = [sys.executable, "-P", "-m", "osler.readers.worker_child"]
            self._process = subprocess.Popen(
                [*command, str(self.memory_bytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env={**os.environ, **dict.fromkeys(_THREADS, "1")},
            )
        return self._process

    def _obituary(self, process: subprocess.Popen[bytes]) -> str:
        """Why the process is no more."""
        self._end()
        status = process.returncode
        if status == OUT_OF_MEMORY:
            limit = f"{self.memory_bytes >> 20} MB"
            return f"its decoder needed more than {limit} of memory: damaged, or too large"
        if status == -signal.SIGXCPU:
            return "its decoder needed more time than a file of its size may: damaged or hostile"
        how = f"killed by signal {-status}" if status < 0 else f"exit status {status}"
        return f"its decoder crashed ({how}): the file is damaged or hostile; export it again"

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            # One that died by itself keeps its own status; one that lives has nothing to say.
            process.wait(timeout=0.5 if _closed(process.stdout) else 0)
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def _closed(stream: IO[bytes] | None) -> bool:
    """Whether the other end of a pipe is shut: readable now, though nothing more was sent."""
    if stream is None:
        return True
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return bool(selector.select(0))


def _error(answer: dict[str, Any]) -> OslerError:
    """The reader's own error; a name that is none of ours becomes `BrokenFile`."""
    name = answer.get("error")
    kind = getattr(errors, name) if name in errors.__all__ else BrokenFile
    return cast(OslerError, kind(str(answer.get("says"))))


class _Timed:
    """The reading end of a pipe that raises `TimeoutError` once its time is up."""

    def __init__(self, pipe: BinaryIO, seconds: float) -> None:
        self.pipe = pipe
        self.end = time.monotonic() + seconds

    def read(self, size: int) -> bytes:
        """`size` bytes, or fewer at the end."""
        parts = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self.pipe, selectors.EVENT_READ)
            while len(parts) < size:
                left = self.end - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise TimeoutError
                piece = os.read(self.pipe.fileno(), min(size - len(parts), 1 << 20))
                if not piece:
                    break
                parts += piece
        return bytes(parts)
