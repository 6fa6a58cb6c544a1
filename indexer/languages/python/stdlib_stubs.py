"""The standard library's stubs (typeshed) as text, cut into statements where they are asked for.

A stub is cut by indentation alone, which its formatter guarantees; only the statement that is
wanted is ever parsed, so that a question costs what it asks about and not a file of 2,000 lines.
"""

from __future__ import annotations

import ast
import operator
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE = "typeshed-client"
"""The distribution that carries typeshed; its version says which one."""

NEWEST = (3, 13)
"""The version of Python for which conditions are decided."""

PLATFORM = "linux"

_START = re.compile(r"\n(?=[^\s#)\]}])")
_DEFINED = re.compile(r"(?:async )?(?:def|class) +(\w+)")
_ASSIGNED = re.compile(r"(\w+) *[:=]")
_HEAD_END = re.compile(r"^(?:class .*|\)):(?: *\.\.\.)? *(?:#.*)?$", re.MULTILINE)
_CONDITION = re.compile(r"(?:if|elif) +(.*?): *(?:#.*)?$", re.MULTILINE)
_COMMENT = re.compile(r" *#.*$", re.MULTILINE)
_IMPORT = re.compile(r"(?:from +(\.*)([\w.]*) +)?import +\(?([^)]*)")
_WORD = re.compile(r"([\w.*]+)(?: +as +(\w+))?")
_MAX_LINKS = 16
_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.GtE: operator.ge,
    ast.Gt: operator.gt,
    ast.LtE: operator.le,
    ast.Lt: operator.lt,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class Name(NamedTuple):
    """Where a name is defined: dotted module, and the name in it; "" for the module itself."""

    module: str
    name: str

    @property
    def dotted(self) -> str:
        """The full name."""
        return f"{self.module}.{self.name}" if self.name else self.module


@dataclass(frozen=True, slots=True)
class Table:
    """What a module or a class body says: statements by name, imported names, star imports."""

    statements: dict[str, list[str]]
    imports: dict[str, Name]
    stars: tuple[str, ...]


@cache
def _folder() -> Path | None:
    """Where the stubs lie; found without loading the package that carries them."""
    spec = find_spec(PACKAGE.replace("-", "_"))
    places = spec.submodule_search_locations if spec is not None else None
    return Path(next(iter(places))) / "typeshed" if places else None


@cache
def module(dotted: str) -> Table | None:
    """A module of the standard library, or None."""
    folder, place = _folder(), dotted.replace(".", "/")
    if folder is None:
        return None
    for name in (f"{place}.pyi", f"{place}/__init__.pyi"):
        try:
            text = (folder / name).read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue
        package = dotted if name.endswith("__init__.pyi") else dotted.rpartition(".")[0]
        return table(text, package)
    return None


def table(text: str, package: str) -> Table:
    """The statements of a stub or of a class body; `package` is where relative imports start."""
    statements: dict[str, list[str]] = {}
    imports: dict[str, Name] = {}
    stars: list[str] = []
    for statement in _in_force(text):
        if statement.startswith(("from ", "import ")):
            _add_imports(statement, package, imports, stars)
            continue
        bare = undecorated(statement)
        match = _DEFINED.match(bare) or _ASSIGNED.match(bare)
        if match:
            statements.setdefault(match[1], []).append(statement)
    return Table(statements, imports, tuple(stars))


def _in_force(text: str) -> Iterator[str]:
    """Top-level statements, those of the branches included that are taken."""
    decided = False
    for statement in _cut(text):
        if not statement.startswith(("if ", "elif ", "else:")):
            yield statement
            continue
        match = _CONDITION.match(statement)
        if statement.startswith("if "):
            decided = False
        if not decided and (match is None or holds(match[1])):
            decided = True
            yield from _in_force(_dedented(statement[statement.index("\n") :]))


def _cut(text: str) -> Iterator[str]:
    """Top-level statements as text, decorators with what they decorate."""
    decorators = ""
    for statement in _START.split(text):
        if statement.startswith("@"):
            decorators += f"{statement}\n"
        elif statement[:1] not in {"", " ", "#", "\n"}:
            yield decorators + statement if decorators else statement
            decorators = ""


def undecorated(statement: str) -> str:
    """A statement without the decorators before it."""
    if not statement.startswith("@"):
        return statement
    match = re.search(r"^(?:async def|def|class) ", statement, re.MULTILINE)
    return statement[match.start() :] if match else statement


@cache
def holds(condition: str) -> bool:
    """A condition on the version or the platform, decided; any other is taken to hold."""
    try:
        return _decided(ast.parse(condition, mode="eval").body)
    except SyntaxError:
        return True


def _decided(node: ast.expr) -> bool:
    if isinstance(node, ast.BoolOp):
        parts = [_decided(value) for value in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _decided(node.operand)
    if not isinstance(node, ast.Compare):
        return True
    told = {"sys.version_info": NEWEST, "sys.platform": PLATFORM}.get(ast.unparse(node.left))
    compare = _COMPARED.get(type(node.ops[0]))
    try:
        value = ast.literal_eval(node.comparators[0])
        return True if told is None or compare is None else compare(told, value)
    except (ValueError, TypeError):
        return True


def _add_imports(statement: str, package: str, imports: dict[str, Name], stars: list[str]) -> None:
    match = _IMPORT.match(_COMMENT.sub("", statement))
    if match is None:
        return
    dots, source, names = match[1], match[2] or "", match[3]
    if dots:
        above = package.rsplit(".", len(dots) - 1)[0] if len(dots) > 1 else package
        source = f"{above}.{source}" if source else above
    for name, alias in _WORD.findall(names):
        if name == "*":
            stars.append(source)
        elif match[2] is not None:
            imports[alias or name] = Name(source, name)
        else:
            imports[alias or name.partition(".")[0]] = Name(
                name if alias else name.partition(".")[0], ""
            )


def parsed(statement: str) -> ast.stmt | None:
    """A statement's tree; None where this interpreter does not know its syntax."""
    try:
        return ast.parse(statement).body[0]
    except (SyntaxError, IndexError):
        return None


def parsed_class(statement: str) -> tuple[ast.ClassDef | None, str]:
    """A class's tree without its body, and the text of the body, without its indentation."""
    end = _HEAD_END.search(statement)
    if end is None:
        return None, ""
    node = parsed(_COMMENT.sub("", statement[: end.end()]).rstrip().removesuffix("...") + " ...")
    return (node if isinstance(node, ast.ClassDef) else None), _dedented(statement[end.end() :])


def _dedented(block: str) -> str:
    return block.replace("\n    ", "\n")


@cache
def find(module_name: str, name: str) -> Name | None:
    """Where a name of a module is defined, through imports, star imports and `A = B`."""
    return _find(module_name, name, 0)


def _find(module_name: str, name: str, links: int) -> Name | None:
    source = module(module_name)
    if source is None or links > _MAX_LINKS:
        return None
    if name in source.statements:
        return _alias(module_name, name, source.statements[name], links) or Name(module_name, name)
    imported = source.imports.get(name)
    if imported is not None:
        if not imported.name:
            return imported if module(imported.module) is not None else None
        inner = _submodule(*imported) if imported.module == module_name else None
        return inner or _find(imported.module, imported.name, links + 1) or _submodule(*imported)
    for star in source.stars:
        found = None if name.startswith("__") else _find(star, name, links + 1)
        if found is not None:
            return found
    return _submodule(module_name, name)


def _submodule(module_name: str, name: str) -> Name | None:
    inner = f"{module_name}.{name}"
    return Name(inner, "") if module(inner) is not None else None


_ALIAS = re.compile(r"\w+(?:: *TypeAlias)? *= *([\w.]+) *(?:#.*)?$", re.MULTILINE)


def _alias(module_name: str, name: str, statements: list[str], links: int) -> Name | None:
    """What `A = B` names, when B is a name that the stubs know."""
    match = _ALIAS.match(statements[-1])
    if match is None or match[1] == name:
        return None
    found: Name | None = Name(module_name, "")
    for part in match[1].split("."):
        if found is None or found.name:
            return None
        found = _find(found.module, part, links + 1)
    if found is None and match[1] != "...":
        found = _find("builtins", match[1], links + 1)
    return found


@cache
def locate(dotted: str) -> tuple[Name, str] | None:
    """The longest start of a dotted name that is known outside classes, and the names behind it."""
    head, *rest = dotted.split(".")
    found: Name | None = Name(head, "") if module(head) is not None else None
    while rest and found is not None and not found.name:
        found = find(found.module, rest.pop(0))
    return None if found is None else (found, ".".join(rest))
