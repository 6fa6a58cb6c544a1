"""Writing truth files, gzipped when their name says so."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write records, one a line; returns how many. Raises as `write_lines`."""
    return write_lines(path, [json.dumps(row, ensure_ascii=False) for row in rows])


def write_lines(path: Path, lines: Iterable[str]) -> int:
    """Write lines; returns how many. Raises CodexGraphError when the file cannot be written."""
    texts = [f"{line}\n" for line in lines]
    data = "".join(texts).encode()
    try:
        path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    except OSError as error:
        raise CodexGraphError(f"{path} cannot be written: {error}") from None
    return len(texts)
