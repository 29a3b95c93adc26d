r"""What an RTF document says, as plain text: the same bytes always give the same characters.

    rtf_text(data)        "Impression:\nStage IV."

Paragraphs, lines and rows become line breaks, cells tabs. Headers, footers, footnotes and fields'
results are text; fonts, styles, pictures, objects and what `\*` marks as skippable are not. One
pass, no recursion. Source: Microsoft, Rich Text Format Specification 1.9.1.
"""

import codecs
import re

from osler.errors import BrokenFile

__all__ = ["rtf_text"]

_LARGEST = 64 << 20
_DEEPEST = 10_000
_MOST_TOKENS = 2_000_000  # some five seconds, and a thousand pages
_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,9})? ?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z])"
    rb"|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet info pict object fldinst listtable listoverridetable rsidtbl "
    b"revtbl filetbl themedata colorschememapping datastore latentstyles generator xmlnstbl "
    b"bkmkstart bkmkend pgptbl mmathPr nonshppict template".split()
)
_MEANS = {
    b"par": "\n", b"line": "\n", b"sect": "\n\n", b"page": "\n\n", b"row": "\n", b"cell": "\t",
    b"nestcell": "\t", b"nestrow": "\n", b"tab": "\t", b"emdash": "—", b"endash": "–",
    b"bullet": "•", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
    b"emspace": " ", b"enspace": " ", b"qmspace": " ",
}  # fmt: skip
_SYMBOLS = {b"~": " ", b"_": "-", b"-": "", b"\n": "\n", b"\r": "\n"}
# \fcharset to code page (specification, "Font Table").
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip


def rtf_text(data: bytes) -> str:
    """The document's text; raises `BrokenFile` for what is no RTF is too large or too deep."""
    if not data.startswith(b"{\\rtf"):
        raise BrokenFile("no RTF document: it does not begin with {\\rtf")
    if len(data) > _LARGEST:
        raise BrokenFile(f"an RTF document of {len(data)} bytes: more than {_LARGEST} are not read")
    return _Reader(data).text()


class _Reader:
    """The state of one pass: the group's own (skipped, code page, \\uc) on a stack."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.out: list[str] = []
        self.pending = bytearray()  # bytes of one code page, decoded together (Shift-JIS, GBK)
        self.stack: list[tuple[bool, str, int]] = []
        self.skipped, self.page, self.after_u = False, "cp1252", 1
        self.default = "cp1252"
        self.fonts: dict[int, str] = {}
        self.font: int | None = None
        self.in_fonts = 0
        self.swallow = 0
        self.surrogate = 0

    def text(self) -> str:
        at = seen = 0
        while (found := _TOKEN.match(self.data, at)) is not None:
            at = found.end()
            seen += 1
            if seen > _MOST_TOKENS:
                raise BrokenFile(f"an RTF document of more than {_MOST_TOKENS} words; split it")
            word, number, byte, symbol, brace, plain = found.groups()
            if word == b"bin":
                at = min(len(self.data), at + max(0, int(number or 0)))
            elif word is not None:
                self._word(word, int(number) if number else None)
            elif brace is not None:
                self._brace(brace)
            elif byte is not None:
                self._bytes(bytes([int(byte, 16)]))
            elif symbol is not None:
                self._symbol(symbol)
            elif plain is not None:
                self._bytes(plain)
        self._flush()
        return "".join(self.out)

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self.swallow = 0
        if brace == b"{":
            if len(self.stack) >= _DEEPEST:
                raise BrokenFile(f"an RTF document with groups more than {_DEEPEST} deep")
            self.stack.append((self.skipped, self.page, self.after_u))
        elif self.stack:
            self.skipped, self.page, self.after_u = self.stack.pop()
            if len(self.stack) < self.in_fonts:
                self.in_fonts = 0

    def _word(self, word: bytes, number: int | None) -> None:
        if word == b"u" and number is not None:
            self._unicode(number)
            return
        self._flush()
        if word == b"fonttbl":
            self.in_fonts = len(self.stack)
        if word in _SKIPPED:
            self.skipped = True
        elif word == b"uc":
            self.after_u = min(max(number or 0, 0), 16)
        elif word == b"ansicpg" and number:
            self.default = self.page = _known(f"cp{number}")
        elif word in (b"f", b"fcharset") and number is not None:
            self._font(word, number)
        elif word == b"plain":
            self.page = self.default
        elif word in _MEANS and not self.skipped:
            self.out.append(_MEANS[word])

    def _font(self, word: bytes, number: int) -> None:
        if not self.in_fonts:
            self.page = self.fonts.get(number, self.default) if word == b"f" else self.page
        elif word == b"f":
            self.font = number
        elif self.font is not None and number in _CHARSETS and len(self.fonts) < 10_000:
            self.fonts[self.font] = _CHARSETS[number] if number else self.default

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.skipped = True
        elif symbol in b"\\{}":
            self._bytes(symbol)
        elif not self.skipped:
            self._flush()
            self.out.append(_SYMBOLS.get(symbol, ""))

    def _unicode(self, number: int) -> None:
        """`\\u8217`, UTF-16 and perhaps negative; its stand-in for old readers is passed over."""
        self._flush()
        self.swallow = self.after_u
        unit = number & 0xFFFF
        high, self.surrogate = self.surrogate, 0
        if 0xD800 <= unit < 0xDC00:
            self.surrogate = unit
            return
        if 0xDC00 <= unit < 0xE000:
            unit = 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00) if high else 0xFFFD
        if not self.skipped:
            self.out.append(chr(unit) if unit else "")

    def _bytes(self, data: bytes) -> None:
        passed = min(self.swallow, len(data))
        self.swallow -= passed
        if not self.skipped:
            self.pending += data[passed:]

    def _flush(self) -> None:
        if self.pending:
            self.out.append(self.pending.decode(self.page, errors="replace").replace("\x00", ""))
            self.pending.clear()


def _known(page: str) -> str:
    try:
        return codecs.lookup(page).name
    except LookupError:
        return "cp1252"
