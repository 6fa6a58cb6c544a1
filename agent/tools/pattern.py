"""Takes a simple Cypher query apart: its path patterns, and the predicates that filter them.

Only MATCH and WHERE in front of one RETURN are understood; of anything else nothing is said,
because a wrong diagnosis costs a model more than none.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from graphdb.cypher_scan import Token, TokenKind, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Tokens = tuple[Token, ...]

_UNKNOWN = (
    *("OPTIONAL", "WITH", "UNWIND", "CALL", "UNION", "FOREACH", "USING", "EXISTS", "COUNT"),
    *("SHORTESTPATH", "ALLSHORTESTPATHS", "XOR"),
)
_MAX_TOKENS = 400
_WORDY = frozenset(TokenKind) - {TokenKind.SYMBOL}
_COMPARISONS = ("=", "<>", "<=", ">=", "=~")
_BEFORE_BRACKET = ("AND", "OR", "NOT", "IN", "CONTAINS", "WITH")


@dataclass(frozen=True, slots=True)
class Step:
    """One hop of a path: the relationship with its dashes, and the node that it leads to."""

    relationship: Tokens
    node: Tokens


@dataclass(frozen=True, slots=True)
class Path:
    """A path pattern: a node and the hops from it."""

    start: Tokens
    steps: tuple[Step, ...]

    def text(self, steps: int | None = None) -> str:
        """The pattern, or its part up to some hop."""
        taken = self.steps[:steps]
        return text_of([*self.start, *(t for s in taken for t in (*s.relationship, *s.node))])


@dataclass(frozen=True, slots=True)
class Parts:
    """A query taken apart: all paths in order, and the predicates, of which all must hold."""

    paths: tuple[Path, ...]
    predicates: tuple[Tokens, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A property that a query compares with a value. variable: "" where the node has none."""

    variable: str
    label: str
    property: str
    value: Token


def take_apart(cypher: str) -> Parts | None:
    """The parts of a query, None for one that is not simple enough."""
    tokens = scan(cypher)
    top = [t for t in tokens if not t.brackets]
    if len(tokens) > _MAX_TOKENS or not top or not top[0].is_word("MATCH"):
        return None
    if any(t.is_word(*_UNKNOWN) for t in tokens) or any(t.is_symbol(";") for t in tokens[:-1]):
        return None
    end = next((n for n, t in enumerate(tokens) if not t.brackets and t.is_word("RETURN")), None)
    if end is None:
        return None
    paths: list[Path] = []
    predicates: list[Tokens] = []
    for clause in _split(tokens[:end], lambda t: t.is_word("MATCH"))[1:]:
        matched, *filters = _split(clause, lambda t: t.is_word("WHERE"))
        found = [_path(part) for part in _split(matched, lambda t: t.is_symbol(","))]
        if len(filters) > 1 or any(path is None for path in found):
            return None
        paths += [path for path in found if path is not None]
        predicates += _conjuncts(filters[0]) if filters else []
    return Parts(tuple(paths), tuple(predicates))


def _split(tokens: Sequence[Token], is_border: Callable[[Token], bool]) -> list[Tokens]:
    """Tokens cut at those outside all brackets that are borders; the borders are left out."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if not token.brackets and is_border(token):
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts]


def _conjuncts(tokens: Tokens) -> list[Tokens]:
    """What is joined by AND at the top; the whole where an OR stands there, too."""
    if any(not t.brackets and t.is_word("OR") for t in tokens):
        return [tokens]
    return [part for part in _split(tokens, lambda t: t.is_word("AND")) if part]


def _path(tokens: Tokens) -> Path | None:
    """A path from its tokens; one that is named loses its name."""
    if len(tokens) > 2 and tokens[0].is_name and tokens[1].is_symbol("="):
        tokens = tokens[2:]
    nodes: list[list[Token]] = []
    between: list[list[Token]] = [[]]
    for token in tokens:
        if not token.brackets and token.is_symbol("("):
            nodes.append([token])
            between.append([])
        elif token.brackets.startswith("(") or (token.is_symbol(")") and nodes):
            nodes[-1].append(token)
        else:
            between[-1].append(token)
    if not nodes or between[0] or between[-1] or not all(between[1:-1]):
        return None
    steps = zip(between[1:-1], nodes[1:], strict=True)
    return Path(tuple(nodes[0]), tuple(Step(tuple(r), tuple(n)) for r, n in steps))


def text_of(tokens: Sequence[Token]) -> str:
    """Tokens as text again."""
    text = ""
    before: Token | None = None
    for token in tokens:
        text += " " if before is not None and _are_apart(before, token) else ""
        is_quoted = token.kind is TokenKind.QUOTED_NAME
        text += "`" + token.text.replace("`", "``") + "`" if is_quoted else token.text
        before = token
    return text


def _are_apart(before: Token, after: Token) -> bool:
    """Whether a blank stands between two tokens: where they would be one, and for the eye."""
    if after.kind in _WORDY and (before.kind in _WORDY or before.is_symbol(")", "]")):
        return True
    if any(token.is_symbol(*_COMPARISONS) for token in (before, after)):
        return True
    if after.is_symbol("{"):
        return before.is_name
    return after.is_symbol("(", "[") and before.is_word(*_BEFORE_BRACKET)


def node_literals(path: Path) -> list[Literal]:
    """The properties in the braces of a path's nodes."""
    found: list[Literal] = []
    for node in (path.start, *(step.node for step in path.steps)):
        variable = node[1].text if len(node) > 1 and node[1].is_name else ""
        for number in range(1, len(node) - 1):
            key, colon, value = node[number - 1], node[number], node[number + 1]
            if key.brackets.endswith("p") and key.is_name and colon.is_symbol(":"):
                found.append(Literal(variable, _label(node), key.text, value))
    return found


def predicate_literals(predicate: Tokens, paths: Sequence[Path]) -> list[Literal]:
    """Comparisons `variable.property = value` and the like in a predicate."""
    labels: dict[str, str] = {}
    for path in paths:
        for node in (path.start, *(step.node for step in path.steps)):
            if len(node) > 1 and node[1].is_name and (label := _label(node)):
                labels.setdefault(node[1].text, label)
    found: list[Literal] = []
    for number in range(len(predicate) - 4):
        variable, dot, name, operator, value = predicate[number : number + 5]
        if variable.is_name and dot.is_symbol(".") and name.is_name and operator.is_symbol("="):
            label = labels.get(variable.text, "")
            found.append(Literal(variable.text, label, name.text, value))
    return found


def _label(node: Tokens) -> str:
    """The one label of a node; "" for none or several."""
    labels = [
        token.text
        for before, token in pairwise(node)
        if before.is_symbol(":", "|", "&") and token.is_name and token.brackets == "("
    ]
    return labels[0] if len(labels) == 1 else ""
