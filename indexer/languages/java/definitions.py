"""Classes, methods and fields of a Java file: heads, parameters, modifiers, documentation.

A class without a name of its own is called as in its class file: `$1`, `$2`, … in the order in
which bodies begin within the class around it, and a local class `$1Name`. Type parameters stand
among the parameters as `<`; a record's components are the parameters of the record.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, BindKind, Definition, Parameter, ScopeKind
from indexer.languages.java.local_names import dimensions, spread

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.languages.java.expressions import Expressions
    from indexer.languages.java.regions import Defined, Regions

_KINDS = {
    "interface_declaration": "interface",
    "enum_declaration": "enum",
    "record_declaration": "record",
    "annotation_type_declaration": "annotation",
}
_CONSTRUCTORS = frozenset({"constructor_declaration", "compact_constructor_declaration"})
_VISIBILITIES = frozenset({"public", "protected", "private"})
_STARS = re.compile(rb"\n[ \t]*\*?[ \t]?")
_COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*", re.DOTALL)
_MORE_THAN_WORDS = re.compile(rb"[@/]")
_TARGETS = frozenset({"lambda_expression", "method_reference"})

Annotations = list["Node"]


class Definitions:
    """Reads what a file defines.

    annotated: for each definition its annotations' nodes; fields: rows as in `Binding`, and
    `flags`, their modifiers; heads: definitions with the nodes of what they extend and implement;
    variables: where type parameters are declared.
    """

    def __init__(
        self, text: bytes, regions: Regions, exprs: Expressions, comments: list[Node]
    ) -> None:
        self._text = text
        self._regions = regions
        self._exprs = exprs
        self._comments = comments
        self._comment_ends = [c.end_byte for c in comments]
        self._ordinals: dict[str, int] = {}
        self._locals: dict[tuple[int, str], int] = {}
        self._unnamed: dict[int, str] = {}
        self._qualified: list[str] = []
        self._kinds: list[str] = []
        self.annotated: list[tuple[int, Annotations]] = []
        self.heads: list[tuple[int, Node, bool]] = []
        self.fields: list[tuple[Any, ...]] = []
        self.flags: list[tuple[str, ...]] = []
        self.variables: list[int] = []

    def read(self) -> list[Definition]:
        """All definitions, in document order."""
        self._name_unnamed()
        return [self._definition(n, row) for n, row in enumerate(self._regions.nodes)]

    # Definitions

    def _definition(self, number: int, row: Defined) -> Definition:
        node, regions = row.node, self._regions
        scope = regions.scope_at(row.start) if row.is_class else self._outer(number)
        body = regions.body_scope[number]
        name, name_node = self._name(number, node)
        qualified = self._qualify(scope, name, name_node is None)
        ordinal = self._ordinals[qualified] = self._ordinals.get(qualified, 0) + 1
        self._qualified.append(qualified)
        modifiers, annotations, head = self._modifiers(node)
        flags = self._flags(node, modifiers, scope)
        if annotations:
            self.annotated.append((number, annotations))
        place = name_node or node
        start, end = row.start, -row.negative_end
        line, column = place.start_point
        return Definition(
            row.is_class,
            self._exprs.name(name.encode()),
            scope,
            body,
            qualified,
            ordinal,
            node.start_point[0] + 1,
            node.end_point[0] + 1,
            start,
            end,
            line + 1,
            column,
            self._signature(node, modifiers, head),
            self.docstring(start),
            tuple(self._annotation(a, scope) for a in annotations),
            tuple(self._annotation_text(a) for a in annotations),
            self._bases(number, node, body) if row.is_class else (),
            self._parameters(node, body),
            NONE if row.is_class else self._result(node, body),
            (),
            (),
            flags,
            blake2b(self._text[start:end], digest_size=8).hexdigest(),
        )

    def _outer(self, number: int) -> int:
        """The scope around a method, whose own scope begins where it begins."""
        return self._regions.regions[self._regions.body_scope[number]].parent

    def _name_unnamed(self) -> None:
        """`new A(new B() { }) { }`: what stands in the arguments comes before the class itself."""
        rows = sorted(
            (row.body.start_byte, number, row.start)
            for number, row in enumerate(self._regions.nodes)
            if _is_unnamed(row.node)
        )
        for _, number, start in rows:
            self._unnamed[number] = self._numbered(self._regions.scope_at(start), "")

    def _name(self, number: int, node: Node) -> tuple[str, Node | None]:
        name = node.child_by_field_name("name")
        if name is None or number in self._unnamed:
            return self._unnamed[number], None
        return self._exprs.slice(name), name

    def _numbered(self, scope: int, name: str) -> str:
        key = (self._regions.class_around(scope), name)
        count = self._locals[key] = self._locals.get(key, 0) + 1
        return f"${count}{name}"

    def _qualify(self, scope: int, name: str, is_unnamed: bool) -> str:
        owner = self._regions.class_around(scope)
        if owner == NONE:
            return name
        is_local = self._regions.regions[scope].kind == ScopeKind.FUNCTION
        if is_local and not is_unnamed:
            name = self._numbered(scope, name)
        return f"{self._qualified[owner]}.{name}"

    def _modifiers(self, node: Node) -> tuple[list[str], Annotations, int]:
        """Keywords, annotations, and where the head begins behind them."""
        first = node.child(0) if node.child_count else node
        if first.type != "modifiers":
            return [], [], node.start_byte
        text = self._text[first.start_byte : first.end_byte]
        if not _MORE_THAN_WORDS.search(text):
            return text.decode().split(), [], first.end_byte
        words: list[str] = []
        annotations: Annotations = []
        for child in first.children:
            kind = child.type
            if kind in {"annotation", "marker_annotation"}:
                annotations.append(child)
            elif not child.is_extra:
                words.append(kind)
        return words, annotations, first.end_byte

    def _flags(self, node: Node, modifiers: list[str], scope: int) -> tuple[str, ...]:
        kind = node.type
        flags = list(modifiers)
        if kind in _KINDS:
            flags.append(_KINDS[kind])
        elif kind in _CONSTRUCTORS:
            flags.append("constructor")
            if kind == "compact_constructor_declaration":
                flags.append("compact")
        owner = self._owner_kind(scope)
        if owner == "interface" or owner == "annotation":
            if kind in {"method_declaration", "annotation_type_element_declaration"}:
                has_body = node.child_by_field_name("body") is not None
                if not has_body and "abstract" not in flags:
                    flags.append("abstract")
            if not _VISIBILITIES.intersection(flags):
                flags.append("public")
            if kind in _KINDS or kind == "class_declaration":
                flags.append("static")
        elif not _VISIBILITIES.intersection(flags):
            flags.append("package")
        self._kinds.append(_KINDS.get(kind, "class" if "method" not in kind else ""))
        return tuple(dict.fromkeys(flags))

    def _owner_kind(self, scope: int) -> str:
        region = self._regions.regions[scope]
        return self._kinds[region.definition] if region.kind == ScopeKind.CLASS else ""

    def _signature(self, node: Node, modifiers: list[str], head: int) -> str:
        """The head of a definition on one line, without annotations."""
        if node.type == "object_creation_expression":
            type_ = node.child_by_field_name("type")
            text = self._text[type_.start_byte : type_.end_byte] if type_ is not None else b""
            return " ".join(f"new {text.decode()}()".split())
        body = node.child_by_field_name("body")
        end = body.start_byte if body is not None else node.end_byte
        text = self._text[head:end]
        if b"/" in text:
            text = _COMMENT.sub(b"", text)
        words = text.decode().rstrip(" \t\r\n;").split()
        return " ".join([*modifiers, *words])

    def docstring(self, start: int) -> str | None:
        """The text of the documentation comment that ends right before a byte, else None."""
        index = bisect_right(self._comment_ends, start) - 1
        if index < 0:
            return None
        comment = self._comments[index]
        first, last = comment.start_byte, comment.end_byte
        if self._text[first : first + 3] != b"/**" or self._text[last:start].strip():
            return None
        return _STARS.sub(b"\n", self._text[first + 3 : last - 2]).strip().decode() or None

    # Types of heads

    def _bases(self, number: int, node: Node, body: int) -> tuple[int, ...]:
        kind = node.type
        if kind == "object_creation_expression":
            type_ = node.child_by_field_name("type")
            nodes = [] if type_ is None else [(type_, False)]
        elif kind == "enum_constant":
            owner = self._regions.regions[self._regions.scope_at(node.start_byte)].definition
            name = self._regions.nodes[owner].node.child_by_field_name("name")
            return () if name is None else (self._exprs.type_(name, body),)
        else:
            nodes = _heritage(node)
        rows: list[int] = []
        for base, is_interface in nodes:
            row = self._exprs.type_(base, body)
            if row != NONE:
                rows.append(row)
                if kind != "object_creation_expression":
                    self.heads.append((number, base, is_interface))
        return tuple(rows)

    def _result(self, node: Node, scope: int) -> int:
        type_ = node.child_by_field_name("type")
        row = self._exprs.type_maybe(type_, scope)
        return self._exprs.array_of(row, dimensions(node)) if type_ is not None else NONE

    def _parameters(self, node: Node, scope: int) -> tuple[Parameter, ...]:
        given = node.child_by_field_name("type_parameters")
        generic = [] if given is None else given.named_children
        rows = [self._type_parameter(c, scope) for c in generic if c.type == "type_parameter"]
        parameters = node.child_by_field_name("parameters")
        if parameters is not None and parameters.end_byte - parameters.start_byte > len("()"):
            for child in parameters.named_children:
                row = self._parameter(child, scope)
                if row is not None:
                    rows.append(row)
        return tuple(rows)

    def _type_parameter(self, node: Node, scope: int) -> Parameter:
        children = [c for c in node.named_children if "annotation" not in c.type]
        bounds = [c for c in children if c.type == "type_bound"]
        bound = self._exprs.type_(bounds[0], scope) if bounds else NONE
        self.variables.append(children[0].start_byte)
        return Parameter(self._exprs.slice(children[0]), "<", bound, NONE)

    def _parameter(self, node: Node, scope: int) -> Parameter | None:
        if node.type == "formal_parameter":
            name, type_ = node.child_by_field_name("name"), node.child_by_field_name("type")
            count, kind = dimensions(node), ""
        elif node.type == "spread_parameter":
            (name, type_), count, kind = spread(node), 1, "*"
        else:
            return None
        if name is None:
            return None
        row = self._exprs.array_of(self._exprs.type_maybe(type_, scope), count)
        return Parameter(self._exprs.slice(name), kind, row, NONE)

    # Annotations

    def _annotation(self, node: Node, scope: int) -> int:
        return self._exprs.type_maybe(node.child_by_field_name("name"), scope)

    def _annotation_text(self, node: Node) -> str:
        return self._text[node.start_byte + 1 : node.end_byte].decode()

    # Fields

    def read_fields(self, found: dict[str, list[Node]]) -> None:
        """Read the fields, enum constants and record components of a file's classes."""
        for node in found.get("constant", ()):
            self._constant(node)
        for node in found.get("field", ()):
            self._field(node)
        for number, row in enumerate(self._regions.nodes):
            if row.node.type == "record_declaration":
                self._components(number, row.node)

    def _constant(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        scope = self._regions.scope_at(node.start_byte)
        owner = self._regions.regions[scope].definition
        if name is None or owner == NONE:
            return
        enum = self._regions.nodes[owner].node.child_by_field_name("name")
        row = self._exprs.type_maybe(enum, scope)
        text = self._exprs.slice(enum) if enum is not None else None
        self._bind(node, name, scope, (row, text, NONE), ("public", "static", "final"))

    def _field(self, node: Node) -> None:
        scope = self._regions.scope_at(node.start_byte)
        type_ = node.child_by_field_name("type")
        modifiers, _, _ = self._modifiers(node)
        if node.type == "constant_declaration" or self._owner_kind(scope) == "interface":
            modifiers = ["public", "static", "final"]
        elif not _VISIBILITIES.intersection(modifiers):
            modifiers.append("package")
        base = self._exprs.type_maybe(type_, scope)
        text = None if type_ is None else self._text[type_.start_byte : type_.end_byte].decode()
        for child in node.children_by_field_name("declarator"):
            name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            if name is None:
                continue
            count = dimensions(child)
            row = self._exprs.array_of(base, count)
            said = text + "[]" * count if text is not None else None
            is_target = value is not None and value.type in _TARGETS
            target = self._exprs.maybe(value, scope) if is_target else NONE
            self._bind(node, name, scope, (row, said, target), tuple(modifiers))

    def _components(self, number: int, node: Node) -> None:
        parameters = node.child_by_field_name("parameters")
        scope = self._regions.body_scope[number]
        for child in parameters.named_children if parameters is not None else ():
            row = self._parameter(child, scope)
            name = child.child_by_field_name("name") or spread(child)[0]
            type_ = child.child_by_field_name("type") or spread(child)[1]
            if row is None or name is None or type_ is None:
                continue
            text = self._text[type_.start_byte : type_.end_byte].decode()
            said = text + ("..." if row.kind else "")
            self._bind(child, name, scope, (row.annotation, said, NONE), ("private", "final"))

    def _bind(
        self,
        node: Node,
        name: Node,
        scope: int,
        said: tuple[int, str | None, int],
        flags: tuple[str, ...],
    ) -> None:
        annotation, text, value = said
        line, column = name.start_point
        start, end = node.start_byte, node.end_byte
        place = (line + 1, column, NONE, start, end, False)
        self.fields.append(
            (scope, self._exprs.slice(name), BindKind.ASSIGN, value, annotation, text, *place)
        )
        self.flags.append(flags)


def _heritage(node: Node) -> list[tuple[Node, bool]]:
    """What a class extends and implements, in order; True for what follows `implements`."""
    rows: list[tuple[Node, bool]] = []
    superclass = node.child_by_field_name("superclass")
    if superclass is not None:
        rows += [(c, False) for c in superclass.named_children if not c.is_extra]
    for child in node.children:
        if child.type in {"super_interfaces", "extends_interfaces"}:
            is_interface = child.type == "super_interfaces"
            for group in child.named_children:
                if group.type == "type_list":
                    rows += [(c, is_interface) for c in group.named_children if not c.is_extra]
    return rows


def _is_unnamed(node: Node) -> bool:
    return node.type == "enum_constant" or node.child_by_field_name("name") is None
