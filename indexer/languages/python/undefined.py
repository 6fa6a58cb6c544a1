"""Names of one Python text that no scope, import, star import or builtin gives.

The facts list only uses that may outlive a function, so the tree is asked for every name that is
read. Where a file fills its own namespace as it runs, nothing is said of its names.
"""

from __future__ import annotations

import builtins
import re
from typing import TYPE_CHECKING

from indexer.facts import NONE
from indexer.languages.python.grammar import capture, kind_ids, language, parse
from indexer.languages.python.quoted import quoted_expression
from indexer.languages.python.regions import Regions
from indexer.missing import MissingKind, MissingUse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from indexer.languages.python.namespaces import Namespaces

BUILTINS = (
    frozenset(dir(builtins))
    | frozenset(
        {"__file__", "__path__", "__builtins__", "__annotations__", "__cached__", "__dict__"}
        | {"__class__", "__module__", "__qualname__", "__conditional_annotations__"}
    )
    | frozenset({"WindowsError", "PythonFinalizationError", "exit", "quit", "reveal_type"})
    # What `gettext.install` puts among the builtins.
    | frozenset({"_"})
)
_BEFORE_3 = frozenset(
    {"unicode", "basestring", "long", "xrange", "raw_input", "unichr", "reduce", "cmp", "file"}
    | {"execfile", "reload", "apply", "buffer", "coerce", "intern", "StandardError"}
)
"""Builtins of Python 2, which code for both asks for under a condition."""

_NAMES = "(_ (identifier) @name) @around"
_ANNOTATIONS = "(type (string) @quoted)"
_GUARDS = "(try_statement) @try (with_statement) @with (call) @call"
_FAILURES = {
    MissingKind.IMPORT: frozenset({"ImportError", "ModuleNotFoundError"}),
    MissingKind.NAME: frozenset({"NameError", "UnboundLocalError"}),
    MissingKind.MEMBER: frozenset({"AttributeError"}),
}
_ANY = frozenset({"Exception", "BaseException"})
_WORD = re.compile(r"\w+")
_TYPES = frozenset(name for name in dir(builtins) if name.endswith(("Error", "Warning"))) | {
    *("StopIteration", "StopAsyncIteration", "KeyboardInterrupt", "SystemExit", "GeneratorExit")
}


class Reading:
    """One text as a tree: the names that it reads, and where a failure to find one is caught."""

    def __init__(self, text: bytes) -> None:
        from tree_sitter import Query, QueryCursor

        self.text = text
        root = parse(text).root_node
        self.regions = Regions(text, capture(root))
        strings = QueryCursor(Query(language(), _ANNOTATIONS)).captures(root).get("quoted", [])
        quoted = (quoted_expression(text, string) for string in strings)
        roots = [root, *(each.tree.root_node for each in quoted if each is not None)]
        # A node finds its parent by a walk from the root, so the query gives both.
        pairs = [m for r in roots for m in QueryCursor(Query(language(), _NAMES)).matches(r)]
        self._names = [(row["name"][0], row["around"][0]) for _, row in pairs]
        self._names.sort(key=lambda pair: pair[0].start_byte)
        found = QueryCursor(Query(language(), _GUARDS)).captures(root)
        self._caught: list[tuple[int, int, frozenset[str]]] = []
        for node in found.get("try", []):
            self._try(node)
        for node in (*found.get("with", []), *found.get("call", [])):
            self._expected(node)

    def _try(self, node: Node) -> None:
        body = node.child_by_field_name("body")
        names: set[str] = set()
        for clause in node.named_children:
            if clause.type != "except_clause":
                continue
            value = clause.child_by_field_name("value")
            said = _text(value).partition(" as ")[0] if value is not None else "Exception"
            words = set(_WORD.findall(said))
            # A name that is no builtin may stand for any exceptions.
            names |= words if words <= _TYPES | _ANY else _ANY
        if body is not None and names:
            self._caught.append((body.start_byte, body.end_byte, frozenset(names)))

    def _expected(self, node: Node) -> None:
        """`with raises(E):`, `suppress(E)`, `assertRaises(E, …)`: E is what is meant to happen."""
        if node.type == "call":
            arguments = node.child_by_field_name("arguments")
            parts = arguments.named_children if arguments is not None else []
            words = {_text(part) for part in parts if part.type == "identifier"}
        else:
            clauses = (c for c in node.named_children if c.type == "with_clause")
            words = {word for clause in clauses for word in _WORD.findall(_text(clause))}
        names = words & (_ANY | frozenset().union(*_FAILURES.values()))
        if names:
            self._caught.append((node.start_byte, node.end_byte, frozenset(names)))

    def is_caught(self, kind: MissingKind, byte: int) -> bool:
        """True where what goes wrong for want of a name is expected to."""
        failures = _FAILURES[kind] | _ANY
        return any(s <= byte < e and names & failures for s, e, names in self._caught)

    def reads(self) -> Iterator[Node]:
        """The nodes of names that are read."""
        return (name for name, around in self._names if _is_read(name, around))

    def scope_of_head(self, node: Node) -> int:
        """The scope around a definition with type parameters whose head a name stands in.

        There the names of a class around it are seen too. `NONE` for any other place.
        """
        around = node.parent
        while around is not None and around.type not in {"block", "module"}:
            if around.child_by_field_name("type_parameters") is not None:
                return self.regions.regions[self.regions.scope_at(node.start_byte)].parent
            around = around.parent
        return NONE


def undefined(names: Namespaces, path: str, reading: Reading) -> list[MissingUse]:
    """Names that nothing gives a meaning."""
    if names.computed(path).has_globals:
        return []
    known: dict[tuple[int, str], bool] = {}
    found: dict[MissingUse, None] = {}
    for node in reading.reads():
        name, scope = _text(node), reading.regions.scope_at(node.start_byte)
        is_given = known.get((scope, name))
        if is_given is None:
            is_given = known[scope, name] = name in BUILTINS or names.gives(path, scope, name)
        if not is_given and _is_undefined(names, path, reading, node):
            found[MissingUse(name, MissingKind.NAME, node.start_point[0] + 1)] = None
    return list(found)


def _is_undefined(names: Namespaces, path: str, reading: Reading, node: Node) -> bool:
    """True when nothing else gives a name a meaning that its scopes do not give."""
    name, outer = _text(node), reading.scope_of_head(node)
    if outer != NONE and names.gives(path, outer, name):
        return False
    if name in _BEFORE_3 and _is_conditional(node):
        return False
    return not reading.is_caught(MissingKind.NAME, node.start_byte) and not names.star_may_give(
        path, name
    )


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


_BINDERS = frozenset(
    {"function_definition", "class_definition", "parameters", "lambda_parameters", "dotted_name"}
    | {"aliased_import", "global_statement", "nonlocal_statement", "list_splat_pattern"}
    | {"dictionary_splat_pattern", "keyword_pattern", "splat_pattern", "case_pattern"}
)
"""Nodes whose own identifiers are bound there, or are parts of dotted names."""

_NAMED_FIRST = frozenset(
    {"keyword_argument", "default_parameter", "typed_default_parameter", "typed_parameter"}
)


def _is_read(node: Node, parent: Node) -> bool:
    if parent.type in _BINDERS:
        return False
    first = parent.start_byte == node.start_byte
    if parent.type == "attribute":
        return first
    return not (first and parent.type in _NAMED_FIRST)


def _is_conditional(node: Node) -> bool:
    kinds = kind_ids("if_statement", "conditional_expression", "boolean_operator", "try_statement")
    at = node.parent
    while at is not None:
        if at.kind_id in kinds:
            return True
        at = at.parent
    return False
