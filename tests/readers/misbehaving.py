"""Readers that go wrong in the ways that native decoders do; the worker's tests run them."""

import ctypes
import os
import time
from pathlib import Path

from osler.errors import Undeclared
from osler.readers.reading import Context, Flow, Item, Reading
from osler.record.source import Source


def read_file(path: Path, context: Context) -> Flow:
    """Do what the file says."""
    word = path.read_text(encoding="ascii").strip()
    match word:
        case "segfault":
            ctypes.string_at(0)
        case "hang":
            time.sleep(60)
        case "reserve":
            bytearray(4 << 30)
        case "grow":
            held = []
            while True:
                held.append(os.urandom(1 << 20))
        case "exit":
            os._exit(3)
        case "bug":
            raise ZeroDivisionError("Jane Doe")
        case "undeclared":
            raise Undeclared(f"{context.name}: says nothing")
        case "print":
            os.write(1, b"\xff" * 100)
    source = Source.of_file(path, kind="opaque", name=context.name)
    return Flow(items=iter([Item(source=source, file=path, trouble=f"pid {os.getpid()}")]))


def read(data: bytes, context: Context) -> Reading:
    """Never called: `read_file` goes before it."""
    raise AssertionError
