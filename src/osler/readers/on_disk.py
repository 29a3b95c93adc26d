"""Bytes as a file, for libraries that open paths alone.

with on_disk(data) as path: ...                    a temporary file, or the path that it was
reading = read_on_disk(read_file, data, context)   a reader of files, given bytes
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from osler.readers.reading import Context, Flow, Reading

__all__ = ["on_disk", "read_on_disk"]


@contextmanager
def on_disk(data: bytes | Path) -> Iterator[Path]:
    """Where these bytes lie while the block lasts; the name has no ending and says nothing."""
    if isinstance(data, Path):
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="osler-") as folder:
        path = Path(folder) / "source"
        path.write_bytes(data)
        yield path


def read_on_disk(
    read_file: Callable[[Path, Context], Flow], data: bytes, context: Context
) -> Reading:
    """What `read_file` reads in these bytes, with the bytes in the place of the file."""
    with on_disk(data) as path:
        flow = read_file(path, context)
        items = tuple(replace(item, file=None, data=data) for item in flow.items)
    return Reading(items=items, container=flow.container)
