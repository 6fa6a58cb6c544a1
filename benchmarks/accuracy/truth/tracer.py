"""Runs inside the traced project: counts calls between functions of one folder.

It is copied there and imported by that project's interpreter, so it needs nothing but the standard
library of Python 3.9, and does nothing until `start` is called.
"""

from __future__ import annotations

import ast
import atexit
import inspect
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

_OUTSIDE = ("site-packages", "dist-packages")
_UNNAMED: dict[type, str] = {
    ast.Lambda: "<lambda>",
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}
"""What code without a name of its own is called at run time."""


class Tracer:
    """Counts calls in this process and writes them, one JSON object a line, when it ends.

    A call is direct when the caller is the frame right below, and indirect when only frames of
    other code are between the two. An import that runs a module is no call.
    """

    def __init__(self, root: str, folder: str) -> None:
        self._root = os.path.realpath(root) + os.sep
        self._folder = folder
        self._paths: dict[str, str | None] = {}
        self._counts: dict[tuple[Any, int, Any, bool], int] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Record from now on, in all threads of this process and in processes forked from it."""
        atexit.register(self.write)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)
        monitoring: Any = getattr(sys, "monitoring", None)
        if monitoring is not None:
            self._monitor(monitoring)
        else:
            threading.setprofile(self._profile)
            sys.setprofile(self._profile)

    def _monitor(self, monitoring: Any) -> None:
        tool = next(number for number in (4, 3, 2, 5) if monitoring.get_tool(number) is None)
        monitoring.use_tool_id(tool, "codexgraph")
        events = monitoring.events

        def started(code: Any, _offset: int) -> Any:
            if self._path(code) is None:
                return monitoring.DISABLE
            self._called(_frame_of_event())
            return None

        def resumed(code: Any, _offset: int, *_: Any) -> None:
            if self._path(code) is not None:
                self._called(_frame_of_event())

        monitoring.register_callback(tool, events.PY_START, started)
        monitoring.register_callback(tool, events.PY_RESUME, resumed)
        monitoring.set_events(tool, events.PY_START | events.PY_RESUME)

    def _profile(self, frame: Any, event: str, _argument: Any) -> None:
        if event == "call" and self._path(frame.f_code) is not None:
            self._called(frame)

    def _path(self, code: Any) -> str | None:
        """The path below the root, or None for other code."""
        name: str = code.co_filename
        if name not in self._paths:
            self._paths[name] = self._below_root(name)
        return self._paths[name]

    def _below_root(self, name: str) -> str | None:
        if name.startswith("<"):
            return None
        path = os.path.realpath(name)
        if not path.startswith(self._root):
            return None
        relative = path[len(self._root) :].replace(os.sep, "/")
        folders = relative.split("/")[:-1]
        if any(part.startswith(".") or part in _OUTSIDE for part in folders):
            return None
        return relative

    def _called(self, frame: Any) -> None:
        if frame.f_code.co_name == "<module>":
            return
        caller = frame.f_back
        is_indirect = False
        while caller is not None and self._path(caller.f_code) is None:
            is_indirect = True
            caller = caller.f_back
        if caller is None:
            return
        key = (caller.f_code, caller.f_lineno or 0, frame.f_code, is_indirect)
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + 1

    def _forget(self) -> None:
        """What the parent counted, the parent writes."""
        self._lock = threading.Lock()
        self._counts = {}

    def write(self) -> None:
        """Write what was counted to a file of this process."""
        with self._lock:
            counts, self._counts = self._counts, {}
        names = _Names()
        path = Path(self._folder) / f"calls-{os.getpid()}.jsonl"
        with path.open("a", encoding="utf-8") as file:
            for (caller, line, callee, is_indirect), n in counts.items():
                row = {
                    "caller": names.of(caller),
                    "caller_file": self._path(caller),
                    "caller_line": caller.co_firstlineno,
                    "line": line,
                    "callee": names.of(callee),
                    "callee_file": self._path(callee),
                    "callee_line": callee.co_firstlineno,
                    "indirect": int(is_indirect),
                    "n": n,
                }
                file.write(json.dumps(row) + "\n")


def _frame_of_event() -> Any:
    """The frame whose start or resumption called the caller of this function."""
    here: Any = inspect.currentframe()
    return here.f_back.f_back


class _Names:
    """Qualified names of code objects; before Python 3.11 they are read from the source."""

    def __init__(self) -> None:
        self._by_file: dict[str, dict[tuple[int, str], str]] = {}

    def of(self, code: Any) -> str:
        known: str | None = getattr(code, "co_qualname", None)
        if known is not None:
            return known
        path: str = code.co_filename
        if path not in self._by_file:
            self._by_file[path] = _names_in(path)
        name: str = code.co_name
        return self._by_file[path].get((code.co_firstlineno, name), name)


def _names_in(path: str) -> dict[tuple[int, str], str]:
    """(first line, name) -> qualified name of each function and class of a file."""
    found: dict[tuple[int, str], str] = {}

    def walk(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = prefix
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                lines = [child.lineno, *(d.lineno for d in child.decorator_list)]
                name = prefix + child.name
                found.setdefault((min(lines), child.name), name)
                inner = name + ("." if isinstance(child, ast.ClassDef) else ".<locals>.")
            elif type(child) in _UNNAMED:
                name = _UNNAMED[type(child)]
                found.setdefault((getattr(child, "lineno", 0), name), prefix + name)
                inner = prefix + name + ".<locals>."
            walk(child, inner)

    try:
        walk(ast.parse(Path(path).read_bytes()), "")
    except (OSError, SyntaxError, ValueError):
        return {}
    return found


def start(root: str, folder: str) -> Tracer:
    """Count calls between the files below `root`; the process writes a file in `folder`."""
    tracer = Tracer(root, folder)
    tracer.start()
    return tracer
