"""What one file says before others are looked at: definitions, bindings, expressions, sites.

Facts are plain tuples around a table of expressions, so that they cross processes and live in the
cache as `marshal` bytes: no code can hide in them and they load ten times faster than pickles. The
interface (what other files may ask about) and the sites (what only this file's own linking needs)
are two blobs, because an update loads the interface of many files and the sites of a few.
"""

from __future__ import annotations

import marshal
import zlib
from array import array
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_Row = TypeVar("_Row", bound=tuple[Any, ...])

FACTS_VERSION = 4
"""Part of the cache key; raise it whenever an extractor's output changes."""

NONE = -1
"""No expression, or one that carries no fact."""

PARAMETER = -1
"""Stands for the parameter, or whatever was before, among the ordinals of a name's bindings."""


class Op:
    """Expression kinds; each is a tuple whose first item is the kind and whose operands follow.

    An operand called `x`, `f` or `e…` is an index into the file's expression table, or `NONE`.
    """

    NAME = 0  # scope, name; then, if told: bindings in force (ordinals, -1: parameter), class e,
    # and classes that it is no instance of (tuple of e)
    ATTR = 1  # x, attribute name
    CALL = 2  # f, positional arguments (tuple of e), keyword arguments (tuple of (name, e))
    CONST = 3  # type name of a literal: "str", "int", …; of a key also its text
    LIST = 4  # collection type name, elements (tuple of e)
    DICT = 5  # keys (tuple of e), values (tuple of e)
    ITEM = 6  # x, index e: subscription, and generic types in annotations
    UNION = 7  # alternatives (tuple of e): conditional expressions, `or`, `and`, `|` of types
    LAMBDA = 8  # scope of the lambda, its body x
    AWAIT = 9  # x
    ITER = 10  # x: one element when iterating over x
    ENTER = 11  # x: what `with x as …` binds
    UNPACK = 12  # x, position: one element of an unpacked x
    INSTANCE = 13  # x: an instance of the class, or of each class of the tuple, that x denotes
    IMPORT = 14  # level, dotted module: the module itself
    IMPORT_FROM = 15  # level, dotted module, name
    OPERATOR = 16  # operator's method name, left e, right e

    # Of languages with declared types; every integer but the scope of a name is an expression.
    ARRAY = 32  # x: the type of arrays of x
    WILDCARD = 33  # "extends", "super" or "", its bound x
    CAST = 34  # type x, e: a value of that type, whatever e is
    NEW = 35  # type x, arguments (tuple of e), instance around it e, number of its body or ""
    LOCAL = 36  # name, declared type x, value e: a local variable
    ARROW = 37  # number, "value", "void" or "either", parameter names, results (tuple of e)
    ARGUMENT = 38  # number of an ARROW, position: its parameter
    METHOD_REF = 39  # x, name, number: x::name


SLICE = (Op.CONST, "slice")
"""The index of `x[a:b]`."""


class ScopeKind:
    """Regions of names."""

    MODULE = 0
    CLASS = 1
    FUNCTION = 2
    LAMBDA = 3
    COMPREHENSION = 4


class BindKind:
    """Why a name stands in a scope."""

    ASSIGN = 0
    IMPORT = 1
    DEFINITION = 2
    PARAMETER = 3
    LOOP = 4
    WITH = 5
    EXCEPT = 6
    SLOT = 7
    PATTERN = 8


class SiteKind:
    """What happens where a name is used."""

    CALL = 0
    READ = 1
    WRITE = 2
    READ_WRITE = 3
    DECORATOR = 4
    BASE = 5
    IMPORT = 6
    OPERATOR = 7
    TYPE = 8
    IMPLEMENTS = 9


class Scope(NamedTuple):
    """A region of names. `definition` is the class or function that owns it, or `NONE`."""

    kind: int
    parent: int
    definition: int
    globals: tuple[str, ...]
    nonlocals: tuple[str, ...]


def class_around(scopes: Sequence[Scope], scope: int) -> int:
    """The definition of the innermost class around a scope, else `NONE`."""
    while scope > 0:
        row = scopes[scope]
        if row.kind == ScopeKind.CLASS:
            return row.definition
        scope = row.parent
    return NONE


class Parameter(NamedTuple):
    """A parameter.

    `kind` is "" for an ordinary one, "*", "**", "/" for positional only, "=" for keyword only, "<"
    for a type parameter.
    """

    name: str
    kind: str
    annotation: int
    default: int


class Definition(NamedTuple):
    """A class or a function (a method when its scope is a class's).

    scope: where its name is bound; body: its own scope. qualified_name: dotted within the file;
    ordinal: 1, 2, … among definitions of the same qualified name. bases, decorators, returns,
    yields: expressions. flags: "async", "generator", "conditional" (bound only on some path),
    "abstract" (there to be overridden).
    hash: of its code's bytes, hexadecimal.
    """

    is_class: bool
    name: str
    scope: int
    body: int
    qualified_name: str
    ordinal: int
    start_line: int
    end_line: int
    start_byte: int
    end_byte: int
    name_line: int
    name_column: int
    signature: str
    docstring: str | None
    decorators: tuple[int, ...]
    decorator_names: tuple[str, ...]
    bases: tuple[int, ...]
    parameters: tuple[Parameter, ...]
    annotation: int
    returns: tuple[int, ...]
    yields: tuple[int, ...]
    flags: tuple[str, ...]
    hash: str


class Binding(NamedTuple):
    """A name bound in a scope, or an attribute bound through a method's receiver.

    `definition` is the bound definition for BindKind.DEFINITION, the method for an attribute of its
    receiver, else `NONE`. Lines are 1-based; columns 0-based bytes. start, end: of the statement.
    """

    scope: int
    name: str
    kind: int
    value: int
    annotation: int
    annotation_text: str | None
    line: int
    column: int
    definition: int
    start: int
    end: int
    conditional: bool


class Star(NamedTuple):
    """`from module import *`."""

    level: int
    module: str
    line: int
    column: int
    length: int


class Site(NamedTuple):
    """A use: of what (`expr`), where (1-based line, 0-based column, length), in which scope."""

    kind: int
    scope: int
    expr: int
    line: int
    column: int
    length: int


class Trouble(NamedTuple):
    """A part of a file that could not be read as the language."""

    line: int
    kind: str
    message: str


class FileFacts(NamedTuple):
    """All facts of one file.

    attributes: bindings whose scope is the class's own scope. stores: what is assigned to an
    attribute of anything but a receiver, or to an item: target and value, both expressions.
    package: what the full names of its definitions begin with, None where that is the module's own
    name. flags: modifiers of the bindings, in their order, or nothing. offers: look-ups by name
    that this file answers, each with the definition that does.
    """

    path: str
    language: str
    lines: int
    docstring: str | None
    scopes: tuple[Scope, ...]
    definitions: tuple[Definition, ...]
    bindings: tuple[Binding, ...]
    attributes: tuple[Binding, ...]
    exprs: tuple[tuple[Any, ...], ...]
    stars: tuple[Star, ...]
    exported: tuple[str, ...] | None
    exported_from: tuple[int, ...]
    troubles: tuple[Trouble, ...]
    stores: tuple[tuple[int, int], ...] = ()
    package: str | None = None
    flags: tuple[tuple[str, ...], ...] = ()
    offers: tuple[tuple[str, str], ...] = ()


_OFFERS_SIZE = 4
_DEFINITIONS = FileFacts._fields.index("definitions")
_PARAMETERS = Definition._fields.index("parameters")
_NAMED: dict[int, type[tuple[Any, ...]]] = {
    FileFacts._fields.index("scopes"): Scope,
    FileFacts._fields.index("bindings"): Binding,
    FileFacts._fields.index("attributes"): Binding,
    FileFacts._fields.index("stars"): Star,
    FileFacts._fields.index("troubles"): Trouble,
}


def named_rows(kind: type[_Row], rows: Iterable[tuple[Any, ...]]) -> tuple[_Row, ...]:
    """Plain tuples, whose items are a row's fields in order, as rows.

    Five times faster than to call the row's own constructor, and there are many rows.
    """
    make = cast("Callable[[Iterable[Any]], _Row]", partial(tuple.__new__, kind))  # pyright: ignore[reportUnknownMemberType]
    return tuple(map(make, rows))


_plain: Callable[[Iterable[Any]], tuple[Any, ...]] = tuple


def encode_facts(facts: FileFacts) -> bytes:
    """The stored form of the interface; `decode_facts` is its inverse."""
    rows = list[Any](facts)
    rows[_DEFINITIONS] = tuple(
        (*d[:_PARAMETERS], tuple(map(_plain, d.parameters)), *d[_PARAMETERS + 1 :])
        for d in facts.definitions
    )
    for field in _NAMED:
        rows[field] = tuple(map(_plain, rows[field]))
    offers = marshal.dumps(facts.offers)
    rest = zlib.compress(marshal.dumps(tuple(rows)), 1)
    return len(offers).to_bytes(_OFFERS_SIZE, "little") + offers + rest


def decode_offers(blob: bytes) -> tuple[tuple[str, str], ...]:
    """The offers in what `encode_facts` wrote, without a look at the rest."""
    size = int.from_bytes(blob[:_OFFERS_SIZE], "little")
    return marshal.loads(blob[_OFFERS_SIZE : _OFFERS_SIZE + size])  # noqa: S302


def decode_facts(blob: bytes) -> FileFacts:
    """Read what `encode_facts` wrote.

    Raises ValueError, EOFError, TypeError or zlib.error on other bytes.
    """
    start = _OFFERS_SIZE + int.from_bytes(blob[:_OFFERS_SIZE], "little")
    rows = list[Any](marshal.loads(zlib.decompress(memoryview(blob)[start:])))  # noqa: S302
    rows[_DEFINITIONS] = named_rows(
        Definition,
        [
            (*d[:_PARAMETERS], named_rows(Parameter, d[_PARAMETERS]), *d[_PARAMETERS + 1 :])
            for d in rows[_DEFINITIONS]
        ],
    )
    for field, kind in _NAMED.items():
        rows[field] = named_rows(kind, rows[field])
    return FileFacts._make(rows)


def encode_sites(sites: array[int]) -> bytes:
    """The stored form of a file's sites: six integers each, as in `Site`."""
    return zlib.compress(sites.tobytes(), 1)


def decode_sites(blob: bytes) -> list[Site]:
    """Read what `encode_sites` wrote."""
    flat = array("i")
    flat.frombytes(zlib.decompress(blob))
    fields = [flat[i::6] for i in range(6)]
    return list(map(Site, *fields))
