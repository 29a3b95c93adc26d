"""Whether bytes open as DICOM does, and whether they open as something else besides.

    is_dicom(head)          PS3.10 with its preamble, or a bare dataset whose first elements say so
    other_face(data)        what else the preamble is: "a Windows program", "a TIFF picture" or None

Nothing heavy is imported: the question is asked of every file that is read.
"""

import struct

__all__ = ["has_preamble", "is_dicom", "other_face"]

_VRS = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN "
    b"UR US UT UV".split()
)
_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_GROUPS = frozenset({0x0002, 0x0008, 0x0010})
_FIRST = frozenset({0x0002, 0x0008})
_LONGEST = 1024  # bytes that a value at the very start of a dataset may have

# The 128 bytes of the preamble are anyone's (PS3.10, 7.1): a file may be two things at once.
_FACES = {
    b"MZ": "a Windows program",
    b"\x7fELF": "a Linux program",
    b"\xcf\xfa\xed\xfe": "a macOS program",
    b"\xca\xfe\xba\xbe": "a Java class or macOS program",
    b"#!": "a script",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive",
    b"<": "a page of HTML or XML",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"II+\x00": "a BigTIFF picture",
    b"MM\x00+": "a BigTIFF picture",
}


def is_dicom(head: bytes) -> bool:
    """Whether a file that begins with these bytes is DICOM."""
    return has_preamble(head) or _is_bare(head)


def has_preamble(data: bytes) -> bool:
    """Whether the 128 bytes of preamble and the prefix `DICM` are there."""
    return data[128:132] == b"DICM"


def other_face(data: bytes) -> str | None:
    """What a program that is not looking for DICOM would take the file for, by its preamble."""
    if not has_preamble(data):
        return None
    return next((what for magic, what in _FACES.items() if data.startswith(magic)), None)


def _is_bare(head: bytes) -> bool:
    """Whether two elements in order stand at the start, the first of group 0002 or 0008."""
    return any(_two_elements(head, form) for form in ("<E", "<I", ">E"))


def _two_elements(head: bytes, form: str) -> bool:
    first = _element(head, 0, form)
    if first is None or first[0] >> 16 not in _FIRST:
        return False
    second = _element(head, first[1], form)
    if second is None:
        return first[1] == len(head)
    return second[0] > first[0] and second[0] >> 16 in _GROUPS


def _element(head: bytes, at: int, form: str) -> tuple[int, int] | None:
    """The tag of the element at `at` and where the next begins; None where that is no element."""
    order, explicit = form[0], form[1] == "E"
    try:
        group, number = struct.unpack_from(order + "HH", head, at)
        if not explicit:
            (length,) = struct.unpack_from(order + "L", head, at + 4)
            value = at + 8
        elif head[at + 4 : at + 6] in _LONG:
            (length,) = struct.unpack_from(order + "L", head, at + 8)
            value = at + 12
        elif head[at + 4 : at + 6] in _VRS:
            (length,) = struct.unpack_from(order + "H", head, at + 6)
            value = at + 8
        else:
            return None
    except struct.error:
        return None
    if group not in _GROUPS or length > _LONGEST or length % 2:
        return None
    return group << 16 | number, value + length
