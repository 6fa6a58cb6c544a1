"""What a signature says, read from the one line that the graph keeps of it.

Python's own parser reads Python's; Java's are cut at the commas and angle brackets of its grammar,
which in a signature are unambiguous.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_JAVA_HEAD = re.compile(
    r"^(?P<before>[^(]*?)(?P<name>\w+)\s*\((?P<parameters>.*)\)(?:\s*throws\s+(?P<throws>.*))?$",
    re.DOTALL,
)
_JAVA_WORDS = re.compile(
    r"\b(?:public|protected|private|static|final|abstract|synchronized|native|default|strictfp|"
    r"transient|volatile)\b|@\w+(?:\.\w+)*(?:\([^)]*\))?"
)
_OPEN, _CLOSE = "<([{", ">)]}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. type: as written, "" for none. default: its source, None for none.

    kind: plain, keyword (by name only), args or kwargs.
    """

    name: str
    type: str = ""
    default: str | None = None
    kind: str = "plain"

    @property
    def is_required(self) -> bool:
        """A call must give it."""
        return self.default is None and self.kind in ("plain", "keyword")


@dataclass(frozen=True, slots=True)
class Signature:
    """returns: as written, "" for none. throws: exceptions that Java declares.

    variables: Java's type variables, each with its bound, "Object" for none.
    """

    name: str
    parameters: tuple[Parameter, ...] = ()
    returns: str = ""
    throws: tuple[str, ...] = ()
    is_async: bool = False
    variables: Mapping[str, str] = field(default_factory=dict[str, str])


def python_signature(text: str) -> Signature | None:
    """A Python signature, `def` included; None for what is none."""
    try:
        (node,) = ast.parse(f"{text.strip().rstrip(':')}: pass").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    returns = ast.unparse(node.returns) if node.returns else ""
    is_async = isinstance(node, ast.AsyncFunctionDef)
    return Signature(node.name, tuple(_python(node.args)), returns, is_async=is_async)


def _python(arguments: ast.arguments) -> Iterator[Parameter]:
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    for argument, default in zip(plain, defaults, strict=True):
        yield _parameter(argument, default, "plain")
    if arguments.vararg:
        yield _parameter(arguments.vararg, None, "args")
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _parameter(argument, default, "keyword")
    if arguments.kwarg:
        yield _parameter(arguments.kwarg, None, "kwargs")


def _parameter(argument: ast.arg, default: ast.expr | None, kind: str) -> Parameter:
    written = ast.unparse(argument.annotation) if argument.annotation else ""
    return Parameter(argument.arg, written, ast.unparse(default) if default else None, kind)


def java_signature(text: str) -> Signature | None:
    """A Java method's or constructor's signature; None for what is none."""
    match = _JAVA_HEAD.match(" ".join(_JAVA_WORDS.sub(" ", text).split()))
    if match is None:
        return None
    before = match["before"].strip()
    variables: dict[str, str] = {}
    if before.startswith("<"):
        end = _end_of_angle(before)
        for part in split_commas(before[1:end]):
            name, _, bound = part.partition(" extends ")
            variables[name.strip()] = bound.partition("&")[0].strip() or "Object"
        before = before[end + 1 :].strip()
    parameters = tuple(map(_java, split_commas(match["parameters"])))
    throws = tuple(split_commas(match["throws"] or ""))
    return Signature(match["name"], parameters, before, throws, variables=variables)


def split_commas(text: str) -> list[str]:
    """A text cut at the commas outside of any brackets."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter in _OPEN) - (letter in _CLOSE)
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found if part.strip()]


def type_variables(class_signature: str) -> dict[str, str]:
    """The type variables of a Java class by its head, with their bounds."""
    match = re.search(r"\b(?:class|interface|record)\s+\w+\s*(<.*)", class_signature)
    if match is None:
        return {}
    inside = match[1][1 : _end_of_angle(match[1])]
    pairs = (part.partition(" extends ") for part in split_commas(inside))
    return {name.strip(): bound.partition("&")[0].strip() or "Object" for name, _, bound in pairs}


def _end_of_angle(text: str) -> int:
    depth = 0
    for index, letter in enumerate(text):
        depth += (letter == "<") - (letter == ">")
        if depth == 0:
            return index
    return len(text) - 1


def _java(text: str) -> Parameter:
    written, _, name = text.rpartition(" ")
    kind = "args" if "..." in written else "plain"
    while name.endswith("[]"):
        name, written = name[:-2], f"{written}[]"
    return Parameter(name, written.replace("...", "[]").replace(" []", "[]").strip(), None, kind)
