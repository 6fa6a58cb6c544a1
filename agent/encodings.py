"""In which encoding a file is: what it says itself (PEP 263), else UTF-8, else Latin-1."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

_PYTHON = (".py", ".pyi", ".pyw")
_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.ASCII)
_SAMPLE = bytes(range(32, 127)) + b"\\u0041"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def encoding_of(path: str, data: bytes) -> tuple[bytes, str]:
    """The mark at a file's start and its encoding: what Python says, UTF-8, else Latin-1."""
    if data.startswith(codecs.BOM_UTF8):
        return codecs.BOM_UTF8, "utf-8"
    for mark in _UTF16:
        if data.startswith(mark):
            return mark, "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    for encoding in filter(None, (declared_encoding(path, data.decode("latin-1")), "utf-8")):
        with suppress(UnicodeDecodeError):
            data.decode(encoding)
            return b"", encoding
    return b"", "latin-1"


def declared_encoding(path: str, text: str) -> str | None:
    """The encoding that one of the first two lines of a Python file declares (PEP 263)."""
    if not path.endswith(_PYTHON):
        return None
    found = next(filter(None, map(_COOKIE.match, text.split("\n", 2)[:2])), None)
    try:
        # Code is ASCII; what is no encoding of that, such as hex, declares none.
        is_one = found is not None and _SAMPLE.decode(found[1]) == _SAMPLE.decode("ascii")
        return codecs.lookup(found[1]).name if found is not None and is_one else None
    except (LookupError, UnicodeError):
        return None


def text_of(path: str, data: bytes) -> str:
    """A file as text; what is no text in the encoding that it declares, else UTF-8, is replaced."""
    encoding = declared_encoding(path, data.decode("latin-1")) or "utf-8"
    return data.decode(encoding, "replace")
