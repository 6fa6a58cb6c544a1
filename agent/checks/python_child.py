"""Looks at Python source in an interpreter of its own, and runs none of it.

A project's own interpreter knows which syntax the project may use, and a text that exhausts a
parser takes only this process with it. Started as a file, so it imports nothing of the project and
keeps to what old versions of Python 3 have.

Standard input: JSON {"task": "compile" | "bare", "texts": [...], "path": ...}. Output: JSON list, a
value a text: for "compile" null or [line, message]; for "bare" a hash of the tree without
docstrings, or null for what does not parse.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
import warnings

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def compiled(text: str, path: str) -> list[object] | None:
    """What keeps a text from being compiled."""
    try:
        compile(text, path, "exec", 0, True)
    except SyntaxError as error:
        return [error.lineno, "{}: {}".format(type(error).__name__, error.msg)]  # noqa: UP032
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return [None, "{}: {}".format(type(error).__name__, error)]  # noqa: UP032
    return None


def bare(text: str) -> str | None:
    """A hash of what a text does, whatever its comments and docstrings say."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and _has_docstring(node):
            # A body of a docstring alone is as good as `pass`.
            node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, ast.Module) and not node.body:
            node.body = [ast.Pass()]
    try:
        return hashlib.sha256(ast.dump(tree).encode("utf-8", "replace")).hexdigest()
    except RecursionError:
        return None


def _has_docstring(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef,
) -> bool:
    first = node.body[0] if node.body else None
    value = first.value if isinstance(first, ast.Expr) else None
    return isinstance(getattr(value, "value", getattr(value, "s", None)), str)


def main() -> None:
    """Answer one request."""
    warnings.simplefilter("ignore")
    request = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    if request["task"] == "compile":
        answer = [compiled(text, request["path"]) for text in request["texts"]]
    else:
        answer = [bare(text) for text in request["texts"]]
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
