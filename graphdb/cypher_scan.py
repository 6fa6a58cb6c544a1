r"""Splits Cypher text into tokens with their brackets; it knows strings, comments, quoted names.

It is no parser: what it cannot make sense of becomes a symbol token, and callers must err on the
side of doing nothing. Escapes such as `\u0043` are decoded by the caller, not here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache


class TokenKind(Enum):
    """What a token is."""

    WORD = auto()
    QUOTED_NAME = auto()
    STRING = auto()
    NUMBER = auto()
    PARAMETER = auto()
    SYMBOL = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text.

    text: as written, without the backticks of a quoted name. brackets: what is open around it,
    outermost first: `(`, `[` and `{` as written, but `r` for the bracket of a relationship
    pattern and `p` for the property map of a pattern.
    """

    kind: TokenKind
    text: str
    brackets: str

    @property
    def is_name(self) -> bool:
        """True for a word or a quoted name."""
        return self.kind in (TokenKind.WORD, TokenKind.QUOTED_NAME)

    def is_word(self, *words: str) -> bool:
        """True for one of these keywords (upper case) in any case, unquoted."""
        return self.kind is TokenKind.WORD and self.text.upper() in words

    def is_symbol(self, *symbols: str) -> bool:
        """True for one of these symbols."""
        return self.kind is TokenKind.SYMBOL and self.text in symbols


_LEXEME = re.compile(
    r"""
      (?P<skip>\s+ | //[^\n\r]* | /\*.*?(?:\*/|\Z))
    | (?P<string>'(?:[^'\\]|\\.)*(?:'|\Z) | "(?:[^"\\]|\\.)*(?:"|\Z))
    | (?P<quoted>`(?:[^`]|``)*(?:`|\Z))
    | (?P<parameter>\$(?:\w+|`(?:[^`]|``)*`))
    | (?P<number>\d+(?:\.(?=\d)\d+)?(?:[eE][+-]?\d+)?)
    | (?P<word>[^\W\d]\w*)
    | (?P<symbol>\.\.|\+=|=~|<>|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS = {
    "string": TokenKind.STRING,
    "quoted": TokenKind.QUOTED_NAME,
    "parameter": TokenKind.PARAMETER,
    "number": TokenKind.NUMBER,
    "word": TokenKind.WORD,
    "symbol": TokenKind.SYMBOL,
}
_OPENING = {")": "(", "]": "[r", "}": "{p"}
_ESCAPE = re.compile(r"\\u+([0-9a-fA-F]{4})")


@lru_cache(maxsize=256)
def scan(text: str) -> tuple[Token, ...]:
    """All tokens of a text, comments and white space left out."""
    tokens: list[Token] = []
    brackets = ""
    for match in _LEXEME.finditer(text):
        group = match.lastgroup
        if group is None or group == "skip":
            continue
        part = match.group()
        if group == "quoted":
            part = part[1:].removesuffix("`").replace("``", "`")
        if part in _OPENING and brackets and brackets[-1] in _OPENING[part]:
            brackets = brackets[:-1]
        token = Token(_KINDS[group], part, brackets)
        if group == "symbol" and part in "([{":
            brackets += _opened(part, tokens[-1] if tokens else None, brackets)
        tokens.append(token)
    return tuple(tokens)


def spans(text: str) -> list[tuple[TokenKind | None, int, int]]:
    """Kind, start and end of every token, for an editor; a comment has no kind."""
    found: list[tuple[TokenKind | None, int, int]] = []
    for match in _LEXEME.finditer(text):
        group = match.lastgroup or "skip"
        if group != "skip":
            found.append((_KINDS[group], *match.span()))
        elif not match.group().isspace():
            found.append((None, *match.span()))
    return found


def _opened(symbol: str, before: Token | None, brackets: str) -> str:
    if before is None:
        return symbol
    if symbol == "[" and before.is_symbol("-"):
        return "r"
    if symbol == "{" and before.is_name and brackets[-1:] in ("(", "r"):
        return "p"
    return symbol


def without_block_comments(text: str) -> str:
    """The text with each `/* ... */` turned into blanks, for an engine that does not know them."""
    if "/*" not in text:
        return text
    return _LEXEME.sub(_blank_block_comment, text)


def _blank_block_comment(match: re.Match[str]) -> str:
    part = match.group()
    if match.lastgroup != "skip" or not part.startswith("/*"):
        return part
    return "".join(character if character == "\n" else " " for character in part)


def decode_escapes(text: str) -> str:
    r"""The text with every `\uXXXX` replaced, as Neo4j does before it reads anything else."""
    return _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text)
