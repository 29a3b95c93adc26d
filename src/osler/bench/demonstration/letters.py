"""Letters about the demonstration patient as word processors and printers leave them: RTF and PDF.

for name, data in letters(): ...
"""

from collections.abc import Iterator

from osler.bench.demonstration.fhir import PATIENT

__all__ = ["letters"]

_REFERRAL = (
    "GENERAL PRACTICE REFERRAL",
    "Date: 2026-08-20",
    f"Patient-ID: {PATIENT}",
    "Note-Type: referral letter",
    "",
    "REASON FOR REFERRAL: Ten weeks of dry cough and 6 kg lost, with many round opacities on the "
    "chest radiograph of 19 August. Please see within two weeks.",
    "",
    "MEDICATIONS: apixaban, bisoprolol, lisinopril.",
    "",
    "ALLERGIES: penicillin (urticaria, 1998).",
)
_CT_REPORT = (
    "RADIOLOGY REPORT",
    "Date: 2026-08-25",
    f"Patient-ID: {PATIENT}",
    "Note-Type: radiology report",
    "",
    "EXAMINATION: CT of the chest, 24 August 2026.",
    "",
    "FINDINGS: Spiculated mass of 38 mm in the right upper lobe. Nodules in both lungs",
    "up to 14 mm. Subcarinal lymph node of 19 mm. No pleural effusion.",
    "",
    "IMPRESSION: Suspected primary tumour of the lung, cT2a cN2 cM1a.",
)


def letters() -> Iterator[tuple[str, bytes]]:
    """Each file's name and bytes."""
    yield "letters/2026-08-20-referral.rtf", _rtf(_REFERRAL)
    yield "letters/2026-08-25-ct-report.pdf", _pdf(_CT_REPORT)


def _rtf(lines: tuple[str, ...]) -> bytes:
    body = "\n".join(f"{line}\\par" for line in lines)
    return f"{{\\rtf1\\ansi\\deff0{{\\fonttbl{{\\f0 Arial;}}}}\\f0\\fs22\n{body}\n}}\n".encode()


def _pdf(lines: tuple[str, ...]) -> bytes:
    """One page of text in a standard font (ISO 32000-1, 7.5 and 9.4)."""
    shown = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    content = f"BT /F1 11 Tf 14 TL 56 780 Td\n{shown}ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    starts = []
    for number, body in enumerate(objects, start=1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    entries = b"".join(b"%010d 00000 n \n" % start for start in starts)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, entries)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
