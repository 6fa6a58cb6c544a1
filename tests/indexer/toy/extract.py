"""Toy source to facts: a pure function of one file's bytes, which reads it line by line.

Bytes are read, not text, because columns and lengths in the graph are counted in UTF-8 bytes.
"""

from __future__ import annotations

import re
from array import array
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.facts import (
    NONE,
    Binding,
    BindKind,
    Definition,
    FileFacts,
    Op,
    Parameter,
    Scope,
    ScopeKind,
    SiteKind,
    Trouble,
)
from indexer.language import Extracted

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*"
_CHAIN = rb"%b(?:\.%b)*" % (_NAME, _NAME)
_END = rb"[ \t\r]*(?:#.*)?"
_USE = re.compile(rb"[ \t]*use[ \t]+(%b)(?:[ \t]+as[ \t]+(%b))?%b" % (_CHAIN, _NAME, _END))
_FUNCTION = re.compile(rb"[ \t]*fn[ \t]+(%b)[ \t]*\(([^()]*)\)%b" % (_NAME, _END))
_LET = re.compile(rb"[ \t]*let[ \t]+(%b)[ \t]*=" % _NAME)
_CLOSE = re.compile(rb"[ \t]*end%b" % _END)
_TOKEN = re.compile(rb'"[^"]*"?|#.*|\d[\w.]*|(%b)([ \t]*\()?' % _CHAIN)


class Line(NamedTuple):
    """A line of a file: its number from 1, its first byte, its text."""

    number: int
    start: int
    text: bytes


def lines(text: bytes) -> Iterator[Line]:
    """The lines of a file."""
    start = 0
    for number, line in enumerate(text.split(b"\n"), 1):
        yield Line(number, start, line)
        start += len(line) + 1


def extract(path: str, text: bytes) -> Extracted:
    """Read one file's UTF-8 text; never raises for its content."""
    reader = _Reader(text)
    for line in lines(text):
        reader.read(line)
    reader.finish()
    facts = FileFacts(
        path=path,
        language="toy",
        lines=text.count(b"\n") + (not text.endswith(b"\n") and bool(text)),
        docstring=None,
        scopes=tuple(reader.scopes),
        definitions=tuple(reader.definitions),
        bindings=tuple(reader.bindings),
        attributes=(),
        exprs=tuple(reader.exprs),
        stars=(),
        exported=None,
        exported_from=(),
        troubles=tuple(reader.troubles),
    )
    return Extracted(facts, reader.sites)


class _Reader:
    """Collects the facts of a file. Scope 0 is the module; each function has one of its own."""

    def __init__(self, text: bytes) -> None:
        self.scopes = [Scope(ScopeKind.MODULE, NONE, NONE, (), ())]
        self.definitions: list[Definition] = []
        self.bindings: list[Binding] = []
        self.exprs: list[tuple[Any, ...]] = []
        self.troubles: list[Trouble] = []
        self.sites = array("i")
        self._text = text
        self._open: tuple[Line, re.Match[bytes]] | None = None

    def read(self, line: Line) -> None:
        """Read one line, which is one statement."""
        if match := _USE.fullmatch(line.text):
            self._use(line, match)
        elif match := _FUNCTION.fullmatch(line.text):
            self._begin(line, match)
        elif _CLOSE.fullmatch(line.text):
            if self._open is None:
                self.troubles.append(Trouble(line.number, "syntax", "end without fn"))
            self._define(line)
        elif match := _LET.match(line.text):
            self._bind(line, match, BindKind.ASSIGN, NONE)
            self._uses(line, match.end())
        else:
            self._uses(line, 0)

    def finish(self) -> None:
        """Close a function whose end is missing."""
        if self._open is not None:
            line = self._open[0]
            self.troubles.append(Trouble(line.number, "syntax", "fn without end"))
            self._define(Line(self._text.count(b"\n") + 1, len(self._text), b""))

    def _scope(self) -> int:
        return 0 if self._open is None else len(self.scopes) - 1

    def _expr(self, *row: Any) -> int:
        self.exprs.append(row)
        return len(self.exprs) - 1

    def _use(self, line: Line, match: re.Match[bytes]) -> None:
        module = _text(match[1])
        value = self._expr(Op.IMPORT, 0, module)
        self._bind(line, match, BindKind.IMPORT, value, name=2 if match[2] else 1)
        self._site(SiteKind.IMPORT, value, line, match.span(1))

    def _bind(
        self, line: Line, match: re.Match[bytes], kind: int, value: int, *, name: int = 1
    ) -> None:
        bound = Binding(
            scope=self._scope(),
            name=_text(match[name]).rpartition(".")[2],
            kind=kind,
            value=value,
            annotation=NONE,
            annotation_text=None,
            line=line.number,
            column=match.start(name),
            definition=NONE,
            start=line.start,
            end=line.start + len(line.text.rstrip()),
            conditional=False,
        )
        self.bindings.append(bound)

    def _begin(self, line: Line, match: re.Match[bytes]) -> None:
        if self._open is not None:
            self.troubles.append(Trouble(line.number, "syntax", "fn inside fn"))
            self._define(Line(line.number - 1, line.start - 1, b""))
        self._open = (line, match)
        self.scopes.append(Scope(ScopeKind.FUNCTION, 0, len(self.definitions), (), ()))

    def _define(self, last: Line) -> None:
        """The function that is open ends here; the text of a definition is all of its lines."""
        if self._open is None:
            return
        line, match = self._open
        name = _text(match[1])
        end = last.start + len(last.text.rstrip())
        defined = Definition(
            is_class=False,
            name=name,
            scope=0,
            body=self._scope(),
            qualified_name=name,
            ordinal=1 + sum(d.name == name for d in self.definitions),
            start_line=line.number,
            end_line=last.number,
            start_byte=line.start,
            end_byte=end,
            name_line=line.number,
            name_column=match.start(1),
            signature=_text(line.text).partition("#")[0].strip(),
            docstring=None,
            decorators=(),
            decorator_names=(),
            bases=(),
            parameters=tuple(
                Parameter(each.strip(), "", NONE, NONE)
                for each in _text(match[2]).split(",")
                if each.strip()
            ),
            annotation=NONE,
            returns=(),
            yields=(),
            flags=(),
            hash=blake2b(self._text[line.start : end], digest_size=8).hexdigest(),
        )
        self.definitions.append(defined)
        self._open = None

    def _uses(self, line: Line, start: int) -> None:
        """Every name in an expression, as a call or as what is read."""
        for match in _TOKEN.finditer(line.text, start):
            if match[1] is None:
                continue
            first, *rest = _text(match[1]).split(".")
            value = self._expr(Op.NAME, self._scope(), first)
            for name in rest:
                value = self._expr(Op.ATTR, value, name)
            kind = SiteKind.READ
            if match[2] is not None:
                kind, value = SiteKind.CALL, self._expr(Op.CALL, value, (), ())
            # The place of a use is its last name: that is what a rename has to change.
            last = match.start(1) + match[1].rfind(b".") + 1
            self._site(kind, value, line, (last, match.end(1)))

    def _site(self, kind: int, value: int, line: Line, span: tuple[int, int]) -> None:
        start, end = span
        self.sites.extend((kind, self._scope(), value, line.number, start, end - start))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
