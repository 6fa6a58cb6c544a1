"""How a docstring is written: Google, NumPy or Sphinx style, and Javadoc.

`…` stands for the words that only a person can add.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from inspect import cleandoc
from typing import TYPE_CHECKING

from graphdb.queries.rows import per_kind
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphdb.store import GraphReader

BLANK = "…"
_SAMPLE = 2_000
_LINES = re.MULTILINE
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Style(StrEnum):
    """Conventions for Python docstrings."""

    GOOGLE = "google"
    NUMPY = "numpy"
    SPHINX = "sphinx"


_SIGNS = {
    Style.GOOGLE: re.compile(
        r"^\s*(?:Args|Arguments|Returns|Raises|Yields|Attributes):\s*$", _LINES
    ),
    Style.NUMPY: re.compile(
        r"^\s*(?:Parameters|Returns|Raises|Yields|Attributes)\s*\n\s*-{3,}", _LINES
    ),
    Style.SPHINX: re.compile(r"^\s*:(?:param|returns?|raises?|type|rtype)\b[^:\n]*:", _LINES),
}
_RAISES = (
    re.compile(r"^\s*:raises?\s+(?P<name>[\w.]+)\s*:", _LINES),
    re.compile(r"^\s*@(?:throws|exception)\s+(?P<name>[\w.]+)", _LINES),
)
_HEADING = re.compile(r"^\s*Raises(?P<colon>:)?\s*$")
_RAISED = re.compile(r"^\s*(?P<name>[A-Za-z_][\w.]*)\s*(?::|$)")


@dataclass(frozen=True, slots=True)
class Part:
    """A parameter, field or exception. type: "" where none is written. text: what is known."""

    name: str
    type: str = ""
    text: str = BLANK


@dataclass(frozen=True, slots=True)
class Doc:
    """What a docstring is to say. returns, yields: a type, "" for an unknown one, or None."""

    summary: str
    parameters: tuple[Part, ...] = ()
    attributes: tuple[Part, ...] = ()
    returns: str | None = None
    yields: str | None = None
    raises: tuple[Part, ...] = ()

    @property
    def is_short(self) -> bool:
        """It is one line."""
        has_parts = self.parameters or self.attributes or self.raises
        return not has_parts and self.returns is None and self.yields is None


def prevailing_style(reader: GraphReader) -> Style:
    """The style of most docstrings of a repository; Google's where none has sections."""
    part = (
        "MATCH (n:%s) WHERE n.repo = $repo AND n.language = 'python' AND n.docstring IS NOT NULL "
        f"RETURN n.docstring AS text LIMIT {_SAMPLE}"
    )
    kinds = (NodeKind.FUNCTION, NodeKind.METHOD, NodeKind.CLASS)
    rows = reader.query(per_kind(kinds, part), max_rows=None).rows
    found = Counter(
        style for (text,) in rows for style, sign in _SIGNS.items() if sign.search(text)
    )
    return found.most_common(1)[0][0] if found else Style.GOOGLE


def raises_in(docstring: str) -> list[str]:
    """The exceptions that a docstring says are raised, whatever its style."""
    found = [m["name"] for pattern in _RAISES for m in pattern.finditer(docstring)]
    lines = cleandoc(docstring).splitlines()
    for number, line in enumerate(lines):
        heading = _HEADING.match(line)
        below = lines[number + 1 :]
        if heading and heading["colon"]:
            found += _entries(below, _margin(line) + 1)
        elif heading and below and set(below[0].strip()) == {"-"}:
            found += _entries(below[1:], _margin(line))
    return list(dict.fromkeys(found))


def _entries(lines: Sequence[str], least: int) -> list[str]:
    """The names that begin entries: lines as far left as the first, up to one further left."""
    found: list[str] = []
    margin = _margin(lines[0]) if lines else 0
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        is_heading = bool(after.strip()) and set(after.strip()) == {"-"}
        if line.strip() and (_margin(line) < max(least, margin) or is_heading):
            break
        match = _RAISED.match(line)
        if match and _margin(line) == margin:
            found.append(match["name"])
    return found


def summary_of(name: str) -> str:
    """The words of a name as a first line."""
    words = " ".join(_WORDS.findall(name)).strip() or name
    lowered = " ".join(w if w.isupper() and len(w) > 1 else w.lower() for w in words.split())
    return f"{lowered[:1].upper()}{lowered[1:]}."


def python_lines(doc: Doc, style: Style) -> list[str]:
    """A Python docstring with its quotes, without indentation."""
    if doc.is_short:
        return [f'"""{doc.summary}"""']
    sections = {Style.GOOGLE: _google, Style.NUMPY: _numpy, Style.SPHINX: _sphinx}[style](doc)
    return [f'"""{doc.summary}', *sections, '"""']


def javadoc_lines(doc: Doc) -> list[str]:
    """A Javadoc comment, without indentation."""
    tags = [f"@param {p.name} {p.text}" for p in doc.parameters]
    tags += [f"@return {BLANK}"] if doc.returns is not None else []
    tags += [f"@throws {p.name} {p.text}" for p in doc.raises]
    body = [doc.summary, *(["", *tags] if tags else [])]
    return ["/**", *(f" * {line}".rstrip() for line in body), " */"]


def _google(doc: Doc) -> list[str]:
    lines: list[str] = []
    for heading, parts in (("Attributes", doc.attributes), ("Args", doc.parameters)):
        if parts:
            lines += ["", f"{heading}:"]
            lines += [f"    {p.name}{f' ({p.type})' if p.type else ''}: {p.text}" for p in parts]
    for heading, value in (("Returns", doc.returns), ("Yields", doc.yields)):
        if value is not None:
            lines += ["", f"{heading}:", f"    {f'{value}: ' if value else ''}{BLANK}"]
    if doc.raises:
        lines += ["", "Raises:", *(f"    {p.name}: {p.text}" for p in doc.raises)]
    return lines


def _numpy(doc: Doc) -> list[str]:
    lines: list[str] = []

    def section(heading: str, items: Iterable[str]) -> None:
        lines.extend(["", heading, "-" * len(heading), *items])

    for heading, parts in (("Attributes", doc.attributes), ("Parameters", doc.parameters)):
        if parts:
            heads = ((f"{p.name} : {p.type}" if p.type else p.name, p.text) for p in parts)
            section(heading, (line for head, text in heads for line in (head, f"    {text}")))
    for heading, value in (("Returns", doc.returns), ("Yields", doc.yields)):
        if value is not None:
            section(heading, (value or BLANK, f"    {BLANK}") if value else (BLANK,))
    if doc.raises:
        section("Raises", (line for p in doc.raises for line in (p.name, f"    {p.text}")))
    return lines


def _sphinx(doc: Doc) -> list[str]:
    lines = [""]
    lines += [f":ivar {p.name}: {p.text}" for p in doc.attributes]
    lines += [f":param {p.name}: {p.text}" for p in doc.parameters]
    lines += [f":return: {BLANK}"] if doc.returns is not None else []
    lines += [f":yield: {BLANK}"] if doc.yields is not None else []
    return lines + [f":raises {p.name}: {p.text}" for p in doc.raises]


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())
