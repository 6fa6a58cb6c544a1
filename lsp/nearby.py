"""What a half-written expression means, from the places in the same file where it is complete.

The line that is being typed rarely parses. `x.` is what `x` is elsewhere in the same function: what
it is called with, what it was made from, which members were found on it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.queries.members import constructors_of, members_of, owners_of
from graphdb.queries.mentions import mentions_at
from graphdb.schema import NodeKind
from lsp.text import byte_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphdb.queries.mentions import FileContent
    from graphdb.symbols import Symbol
    from lsp.answers import Answers

_CHAIN = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*$")
_WORD = re.compile(r"\w*$")
_FUNCTIONS = (NodeKind.FUNCTION, NodeKind.METHOD)
_MAX_PLACES = 200


def word_before(text: str) -> str:
    """The word that a text ends with, which may be empty."""
    found = _WORD.search(text)
    return found[0] if found else ""


def chain_before(text: str) -> str:
    """The dotted name that a text ends with, which may be empty."""
    found = _CHAIN.search(text)
    return found[0] if found else ""


def top_level(content: FileContent) -> list[Symbol]:
    """What a file defines outside of any class or function."""
    module = next((s for s in content.symbols if s.kind == NodeKind.MODULE), None)
    prefix = f"{module.full_name}." if module else ""
    return [s for s in content.symbols if s.full_name == prefix + s.name]


@dataclass(frozen=True, slots=True)
class Nearby:
    """The file around a line (1-based) that is being typed."""

    answers: Answers
    content: FileContent
    lines: Sequence[str]
    line: int

    def members(self, chain: str, *, is_called: bool = False) -> list[Symbol]:
        """What can be written behind `chain.`, or behind a call of it."""
        owners = [owner for s in self.named(chain) for owner in self._owners(s, is_called)]
        if not owners and not is_called:
            owners = self._assigned(chain)
        if owners:
            return members_of(self.answers.reader, owners)
        return [] if is_called else self._seen_members(chain)

    def named(self, chain: str) -> list[Symbol]:
        """The symbols that a dotted name denotes where it stands elsewhere in the file."""
        pattern = re.compile(rf"(?<![\w.]){re.escape(chain)}(?!\w)")
        last = len(chain) - len(chain.rpartition(".")[2])
        for number, index in self._places(pattern, self._all_lines()):
            if found := self._at(number, index + last):
                return found
        return [s for s in top_level(self.content) if s.name == chain]

    def signatures(self, symbols: Sequence[Symbol]) -> list[Symbol]:
        """What runs when symbols are called: a class's constructors, or itself."""
        found: list[Symbol] = []
        for symbol in symbols:
            is_class = symbol.kind == NodeKind.CLASS
            made = constructors_of(self.answers.reader, symbol) if is_class else []
            found += made or [symbol]
        return [symbol for symbol in found if symbol.signature]

    def _owners(self, symbol: Symbol, is_called: bool) -> list[Symbol]:
        """Whose members stand behind a symbol, or behind a call of it."""
        if symbol.kind == NodeKind.MODULE:
            return [symbol]
        if symbol.kind == NodeKind.CLASS:
            return [symbol]
        is_function = symbol.kind in _FUNCTIONS
        return self.answers.types(symbol) if is_function == is_called else []

    def _assigned(self, chain: str) -> list[Symbol]:
        """The class that a name was given an instance of, in the same function."""
        pattern = re.compile(rf"(?<![\w.]){re.escape(chain)}\s*(?::[^=]*)?=\s*(?P<value>[\w.]+)\(")
        found: list[Symbol] = []
        for number, index in self._places(pattern, self._function_lines()):
            match = pattern.search(self.lines[number - 1], index)
            if match:
                for symbol in self._at(number, match.end("value") - 1):
                    is_class = symbol.kind == NodeKind.CLASS
                    found += [symbol] if is_class else self.answers.types(symbol)
        return found

    def _seen_members(self, chain: str) -> list[Symbol]:
        """Members of the class on which all members were found that this function uses of it."""
        pattern = re.compile(rf"(?<![\w.]){re.escape(chain)}\.(?=[^\W\d])")
        seen: dict[str, Symbol] = {}
        for number, index in self._places(pattern, self._function_lines()):
            match = pattern.match(self.lines[number - 1], index)
            if match:
                seen |= {s.uid: s for s in self._at(number, match.end())}
        members = [s for s in seen.values() if s.kind in (NodeKind.METHOD, NodeKind.FIELD)]
        if not members:
            return []
        reader = self.answers.reader
        around = [s for s in self._around() if s.kind == NodeKind.CLASS]
        for owner in (*reversed(around), *owners_of(reader, members)):
            all_members = members_of(reader, [owner])
            if {s.uid for s in members} <= {s.uid for s in all_members}:
                return all_members
        return []

    def _around(self) -> list[Symbol]:
        """The definitions around the line, the outermost first."""
        return [
            symbol
            for symbol in self.content.symbols
            if symbol.kind in (*_FUNCTIONS, NodeKind.CLASS)
            and (symbol.start_line or 0) <= self.line <= (symbol.end_line or 0) + 1
        ]

    def _function_lines(self) -> range:
        """The lines of the innermost function around the line, else those of the file."""
        functions = [s for s in self._around() if s.kind in _FUNCTIONS]
        if not functions:
            return range(1, len(self.lines) + 1)
        last = functions[-1]
        return range(last.start_line or 1, min(len(self.lines), last.end_line or 1) + 1)

    def _all_lines(self) -> list[int]:
        """All lines, those of the same function first."""
        near = self._function_lines()
        return [*near, *(n for n in range(1, len(self.lines) + 1) if n not in near)]

    def _places(
        self, pattern: re.Pattern[str], numbers: Sequence[int]
    ) -> Iterator[tuple[int, int]]:
        """Line and index of matches outside of the line that is being typed."""
        found = 0
        for number in numbers:
            if number != self.line:
                for match in pattern.finditer(self.lines[number - 1]):
                    yield number, match.start()
                    found += 1
            if found >= _MAX_PLACES:
                return

    def _at(self, number: int, index: int) -> list[Symbol]:
        column = byte_of(self.lines[number - 1], index)
        return [mention.target for mention in mentions_at(self.content, number, column)]
