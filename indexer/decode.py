"""File bytes to UTF-8 bytes, the only form that the parser sees.

Line ends are never touched, so lines and columns are those an editor shows; a byte order mark is
dropped, as Python's own tokenizer does. The surprising choice: text in an unknown encoding is read
as Latin-1, which cannot fail, and reported, because most of such a file is ASCII code.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_UTF8_BOM = codecs.BOM_UTF8
_WIDE_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # first: it starts with the UTF-16 mark
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_COOKIE_BYTES = 512
_EDITOR_SUFFIX = re.compile(r"(?<=^utf-8)-.*|(?<=^latin-1)-.*")  # Emacs writes utf-8-unix

# Codecs that no source file with a readable comment is in: they move line ends, take quadratic time
# or would have shown a byte order mark.
_REFUSED_CODECS = re.compile(r"idna|punycode|undefined|utf-?7|utf-?(16|32).*|(raw-)?unicode-escape")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text as UTF-8, the encoding it was read as, and one line where something is wrong.

    A binary file gives no text, the encoding `binary` and a problem.
    """

    text_utf8: bytes
    encoding: str
    problem: str | None = None


def decode(data: bytes) -> Decoded:
    """Find the encoding by byte order mark, PEP 263 comment, then UTF-8; never raises."""
    for mark, encoding in _WIDE_BOMS:
        if data.startswith(mark):
            return _wide(data[len(mark) :], encoding)
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        return Decoded(b"", "binary", f"binary file: NUL byte in line {line}")
    if data.startswith(_UTF8_BOM):
        return _utf8(data[len(_UTF8_BOM) :])
    cookie = _cookie(data)
    if cookie is None:
        return _utf8(data)
    return _by_cookie(data, cookie)


def _wide(data: bytes, encoding: str) -> Decoded:
    try:
        text = data.decode(encoding).encode()
    except UnicodeError:
        return Decoded(b"", "binary", f"binary file: starts like {encoding} and is not")
    if b"\0" in text:
        return Decoded(b"", "binary", f"binary file: NUL character in {encoding} text")
    return Decoded(text, encoding)


def _utf8(data: bytes, problem: str | None = None) -> Decoded:
    try:
        if not data.isascii():
            data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        bad = f"not UTF-8 (byte 0x{data[error.start]:02x} in line {line}): read as Latin-1"
        return Decoded(data.decode("latin-1").encode(), "latin-1", problem or bad)
    return Decoded(data, "utf-8", problem)


def _cookie(data: bytes) -> str | None:
    """The encoding that a comment in one of the first two lines names."""
    for line in _LINE_END.split(data[:_COOKIE_BYTES], maxsplit=2)[:2]:
        if match := _COOKIE.match(line):
            name = match[1].decode("ascii", "replace").lower().replace("_", "-")
            return _EDITOR_SUFFIX.sub("", name)
        if not _BLANK.match(line):
            return None
    return None


def _by_cookie(data: bytes, cookie: str) -> Decoded:
    try:
        name = codecs.lookup(cookie).name
        if _REFUSED_CODECS.fullmatch(name.replace("_", "-")):
            raise LookupError(cookie)
        if name == "utf-8":
            return _utf8(data)
        text = data.decode(name).encode()
    except LookupError:
        return _utf8(data, f"unknown encoding {cookie!r} in the coding comment: ignored")
    except UnicodeError:
        return _utf8(data, f"not {cookie}, which the coding comment names: comment ignored")
    return Decoded(text, name)


def valid_utf8(text: bytes) -> bytes:
    """UTF-8 for sure, so that no name needs a look at how it is encoded."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("utf-8", "replace").encode()
    return text
