"""A cohort's files parsed by many processes, on one machine or a cluster, through Ray.

    take_in(store, paths, parse=on_ray)

The same sources and facts as in one process, in the same order: Ray only parses, and one process
writes. Files that are read in parts (an export of gigabytes) are parsed where they are written.
`RAY_ADDRESS` names a cluster whose machines see the same files; without it, this machine.
"""

import logging
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from osler.errors import WrongUse
from osler.readers.files import File
from osler.readers.parse import Parsed, Parser
from osler.readers.reading import Flow
from osler.record.patient import Identifier

__all__ = ["on_ray"]

_AHEAD = 4  # files in flight for each process, so that none waits and memory stays bounded


class _Reader:
    """A process of its own with a parser of its own."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser

    def parse(self, file: File, people: Mapping[str, Identifier]) -> Parsed | None:
        """What the file says; None where it must be walked by the one that writes."""
        parsed = self.parser.parse(file, people)
        return None if isinstance(parsed.reading, Flow) else parsed


def on_ray(
    parser: Parser,
    files: Sequence[File],
    people: Mapping[str, Identifier],
    progress: Any = lambda name: None,
) -> Iterator[Parsed]:
    """Each file's `Parsed`, in the order of `files`; raises `WrongUse` without Ray."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves the machine
    try:
        import ray as installed
    except ModuleNotFoundError as error:
        raise WrongUse("reading on ray needs Ray: pip install 'osler[ray]'") from error
    ray: Any = installed  # its decorators are beyond any type checker
    ours = not ray.is_initialized()
    if ours:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        count = max(1, min(int(ray.cluster_resources().get("CPU", 1)), len(files)))
        actors = [ray.remote(_Reader).remote(parser.alike()) for _ in range(count)]
        shared = ray.put(dict(people))
        waiting: deque[tuple[File, Any]] = deque()
        for number, file in enumerate(files):
            waiting.append((file, actors[number % count].parse.remote(file, shared)))
            if len(waiting) >= count * _AHEAD:
                yield _next(ray, waiting, parser, people, progress)
        while waiting:
            yield _next(ray, waiting, parser, people, progress)
    finally:
        if ours:
            ray.shutdown()


def _next(
    ray: Any,
    waiting: deque[tuple[File, Any]],
    parser: Parser,
    people: Mapping[str, Identifier],
    progress: Any,
) -> Parsed:
    file, promise = waiting.popleft()
    progress(file.name)
    parsed: Parsed | None = ray.get(promise)
    return parser.parse(file, people) if parsed is None else parsed
