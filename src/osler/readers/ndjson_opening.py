"""Whether a file begins as FHIR bulk data: one whole resource a line.

is_ndjson(head)         of the first 4096 bytes
is_other_lines(head)    lines of JSON that are no FHIR

A resource that is longer than that, all on one line, may be the first of many or alone; the reader
looks further and reads it either way.
"""

import json
import re

__all__ = ["is_ndjson", "is_other_lines"]

_SPACE = b"\xef\xbb\xbf \t\r\n"
_TYPE = re.compile(rb'"resourceType"\s*:\s*"')
_BUNDLE = re.compile(rb'"resourceType"\s*:\s*"Bundle"')


def is_ndjson(head: bytes) -> bool:
    """A whole object with a resourceType, then a line that opens another; or a long first line."""
    head = head.lstrip(_SPACE)
    first, newline, rest = head.partition(b"\n")
    if not first.startswith(b"{") or not _TYPE.search(first):
        return False
    if not newline:
        return len(head) > 2048 and not _BUNDLE.search(head)
    return rest.lstrip().startswith(b"{") and _is_object(first)


def is_other_lines(head: bytes) -> bool:
    """One JSON object a line, and the first is no FHIR: somebody's data set, or a log."""
    first, newline, rest = head.lstrip(_SPACE).partition(b"\n")
    lines = bool(newline) and rest.lstrip().startswith(b"{")
    return lines and first.startswith(b"{") and not _TYPE.search(first) and _is_object(first)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
