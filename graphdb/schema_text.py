"""The schema in words, for whoever is to write Cypher: a language model first of all."""

from __future__ import annotations

from graphdb.schema import LEGAL_ENDS, EdgeKind, ExtraLabel, NodeKind

_NODES = {
    NodeKind.MODULE: "a file of code, or a package; name is dotted",
    NodeKind.CLASS: f"a class; may also be labelled {', '.join(ExtraLabel)}",
    NodeKind.FUNCTION: "a function outside classes",
    NodeKind.METHOD: "a method; class is the name of its class",
    NodeKind.FIELD: "a field or attribute of a class",
    NodeKind.GLOBAL_VARIABLE: "a variable at the top of a module",
    NodeKind.EXTERNAL: "something outside the repository; has names only",
    NodeKind.FILE: "a file as it was indexed",
}
_PROPERTIES = (
    "name (short; dotted on MODULE), full_name (dotted, whole), file_path (relative), class (short "
    "name of the class of a METHOD or FIELD), signature, code (source text), docstring, "
    "start_line, end_line, visibility, modifiers (list), decorators (list), type_name, language"
)
_EDGES = {
    EdgeKind.CONTAINS: "module or class has something; via is definition or import",
    EdgeKind.HAS_METHOD: "own and inherited methods; inherited is true or false",
    EdgeKind.HAS_FIELD: "own and inherited fields; inherited is true or false",
    EdgeKind.INHERITS: "derived class to base class",
    EdgeKind.IMPLEMENTS: "class to interface",
    EdgeKind.USES: "reads or writes; access is read, write or readwrite",
    EdgeKind.CALLS: "caller to callee",
    EdgeKind.INSTANTIATES: "makes an instance of a class",
    EdgeKind.IMPORTS: "module to what it imports",
    EdgeKind.EXPORTS: "module to what it names as public",
    EdgeKind.OVERRIDES: "member of a derived class to that of the base",
    EdgeKind.DECORATES: "decorator to what it decorates",
    EdgeKind.HAS_TYPE: "field or variable to the class of its value",
    EdgeKind.RETURNS_TYPE: "function or method to the class that it returns",
    EdgeKind.TESTS: "test to what it tests",
}


def schema_text() -> str:
    """Labels, properties and edges with what they mean, a line each."""
    lines = ["Node labels:"]
    lines += [f"  {kind.value}: {meaning}" for kind, meaning in _NODES.items()]
    lines += [f"Properties of every node: {_PROPERTIES}", "Relationships:"]
    lines += [
        f"  ({_ends(kind, 0)})-[:{kind.value}]->({_ends(kind, 1)}): {meaning}"
        for kind, meaning in _EDGES.items()
    ]
    return "\n".join(lines)


def _ends(kind: EdgeKind, side: int) -> str:
    """The labels of one end in the schema's order."""
    labels = LEGAL_ENDS[kind][side]
    return "|".join(label.value for label in NodeKind if label in labels)
