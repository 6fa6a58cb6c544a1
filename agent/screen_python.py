"""Python: names are followed through imports and aliases, calls are looked at by what they denote.

Text that does not parse has no findings: it does not run either, and the parser says so.
"""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from agent.screen import (
    Finding,
    Kind,
    Severity,
    findings_in_text,
    is_outside,
    is_secret_name,
    quoted,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_NETWORK = {
    "socket", "ssl", "requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client",
    "ftplib", "smtplib", "poplib", "imaplib", "telnetlib", "xmlrpc.client", "paramiko",
    "websockets", "websocket", "socketserver", "http.server", "pycurl", "asyncio.open_connection",
}  # fmt: skip
_PROCESS = {
    "subprocess", "pexpect", "pty", "os.system", "os.popen", "os.fork", "os.forkpty", "os.kill",
    "os.killpg", "os._exit", "os.execl", "os.execle", "os.execlp", "os.execv", "os.execve",
    "os.execvp", "os.execvpe", "os.spawnl", "os.spawnv", "os.spawnlp", "os.spawnvp",
    "os.posix_spawn", "os.posix_spawnp", "os.setsid", "os.abort", "asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell",
}  # fmt: skip
_DELETING = {
    "shutil.rmtree", "shutil.move", "os.remove", "os.unlink", "os.rmdir", "os.removedirs",
    "os.rename", "os.replace", "os.truncate", "os.chmod", "os.chown", "os.symlink", "os.link",
    "os.mkdir", "os.makedirs", "shutil.copy", "shutil.copyfile", "shutil.copytree",
}  # fmt: skip
_WRITING_METHODS = {
    "write_text", "write_bytes", "unlink", "rmdir", "touch", "mkdir", "rename", "replace",
    "chmod", "symlink_to", "hardlink_to",
}  # fmt: skip
_SECRETS = {"keyring", "secretstorage", "getpass.getpass", "browser_cookie3"}
_DYNAMIC = {"ctypes", "cffi", "marshal", "code.interact", "importlib.util.spec_from_file_location"}
_RUNNING = {"eval", "exec"}
_OPENING = {"open", "io.open", "os.open", "codecs.open"}
_PATHS = {"pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath"}
_BUILTINS = {"builtins", "__builtins__"}
_TREES = {"shutil.rmtree", "os.removedirs"}


def findings_in_python(text: str) -> list[Finding]:
    """What a file does that has no business in it, in the order of its lines."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        found = set(_Reader(tree).findings())
    except (SyntaxError, ValueError):
        return []
    except (RecursionError, MemoryError):
        return [Finding(1, "expressions nested too deeply to read", Kind.DYNAMIC, Severity.REFUSE)]
    return sorted(found, key=lambda finding: (finding.line, finding.what))


class _Reader:
    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._names: dict[str, str] = {}
        for node in ast.walk(tree):
            self._bind(node)

    def _bind(self, node: ast.AST) -> None:
        """Note what imports and plain aliases make names mean."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                self._names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                self._names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute | ast.Name):
            name = self._dotted(node.value)
            for target in node.targets:
                if isinstance(target, ast.Name) and name and name != target.id:
                    self._names[target.id] = name

    def _dotted(self, node: ast.expr) -> str | None:
        """The full name that an expression denotes, as far as imports tell."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            inner = self._dotted(node.value)
            if inner is None:
                return None
            if inner in _BUILTINS:
                return node.attr
            return f"{inner}.{node.attr}"
        if isinstance(node, ast.Call):
            return self._made(node)
        return None

    def _made(self, call: ast.Call) -> str | None:
        """What `__import__("os")` and `getattr(os, "system")` denote."""
        name = self._dotted(call.func)
        texts = [_text(argument) for argument in call.args]
        if name in ("__import__", "importlib.import_module") and texts and texts[0]:
            return texts[0]
        if name == "getattr" and len(texts) > 1 and texts[1]:
            inner = self._dotted(call.args[0])
            return texts[1] if inner in _BUILTINS else f"{inner}.{texts[1]}"
        return None

    def findings(self) -> Iterator[Finding]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from self._of_import(node)
            elif isinstance(node, ast.Attribute | ast.Name):
                yield from _of_name(self._dotted(node), node.lineno)
            elif isinstance(node, ast.Call):
                yield from self._of_call(node)
            elif isinstance(node, ast.Subscript):
                yield from self._of_variable(self._dotted(node.value), node.slice, node.lineno)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from findings_in_text(node.value, node.lineno)

    def _of_import(self, node: ast.Import | ast.ImportFrom) -> Iterator[Finding]:
        """An import alone is told; using what it brings is what may be refused."""
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            name = f"{module}.{alias.name}" if module else alias.name
            for finding in _of_name(name, node.lineno):
                yield Finding(node.lineno, finding.what, finding.kind, Severity.WARN)

    def _of_call(self, call: ast.Call) -> Iterator[Finding]:
        name = self._dotted(call.func) or ""
        line = call.lineno
        made = self._made(call)
        if made:
            yield from _of_name(made, line)
        elif name in ("__import__", "importlib.import_module", "getattr") and self._is_hidden(call):
            yield Finding(line, name, Kind.DYNAMIC, Severity.WARN)
        if name in _RUNNING:
            is_plain = bool(call.args) and _text(call.args[0]) is not None
            severity = Severity.WARN if is_plain else Severity.REFUSE
            yield Finding(line, name, Kind.DYNAMIC, severity)
        elif name in _DELETING:
            yield from _of_paths(name, [self._path(argument) for argument in call.args], line)
        elif name in _OPENING and _is_writing(call):
            yield from _of_paths(name, [self._path(a) for a in call.args[:1]], line)
        elif isinstance(call.func, ast.Attribute) and call.func.attr in _WRITING_METHODS:
            yield from _of_paths(call.func.attr, [self._path(call.func.value)], line)
        if name in ("os.getenv", "os.environ.get", "os.environ.pop") and call.args:
            yield from self._of_variable("os.environ", call.args[0], line)
        elif name in ("os.environ.copy", "os.environ.items", "os.environ.values"):
            yield Finding(line, name, Kind.SECRET, Severity.WARN)

    def _is_hidden(self, call: ast.Call) -> bool:
        """True when a name is computed that a module or the builtins are asked for."""
        name = self._dotted(call.func)
        if name != "getattr":
            return True
        asked = self._dotted(call.args[0]) if call.args else None
        return asked in ("os", "subprocess", "shutil", "socket", *_BUILTINS)

    def _path(self, node: ast.expr) -> str | None:
        """The beginning of a path that an expression spells, None when it is computed."""
        text = _text(node)
        if text is not None:
            return text
        if isinstance(node, ast.BinOp):
            left = self._path(node.left)
            right = _text(node.right) or ""
            between = "/" if isinstance(node.op, ast.Div) else ""
            return None if left is None else f"{left}{between}{right}"
        if isinstance(node, ast.JoinedStr):
            return self._path(node.values[0]) if node.values else ""
        if isinstance(node, ast.Call):
            name = self._dotted(node.func) or ""
            if name in _PATHS or name in ("os.path.join", "os.path.abspath", "str"):
                return self._path(node.args[0]) if node.args else "."
            if name in ("pathlib.Path.home", "os.path.expanduser"):
                return "~"
        return None

    def _of_variable(self, mapping: str | None, key: ast.expr, line: int) -> Iterator[Finding]:
        text = _text(key)
        if mapping == "os.environ" and text and is_secret_name(text):
            yield Finding(line, f"os.environ[{quoted(text)}]", Kind.SECRET, Severity.REFUSE)


def _of_name(name: str | None, line: int) -> Iterator[Finding]:
    """What using a name means. name: dotted, as resolved."""
    for kind, names, severity in (
        (Kind.NETWORK, _NETWORK, Severity.REFUSE),
        (Kind.PROCESS, _PROCESS, Severity.REFUSE),
        (Kind.SECRET, _SECRETS, Severity.REFUSE),
        (Kind.DYNAMIC, _DYNAMIC, Severity.WARN),
    ):
        if name and (name in names or any(_prefixes(name) & names)):
            # A module alone does nothing yet; what is called of it does.
            is_use = "." in name and name not in _MODULES
            yield Finding(line, name, kind, severity if is_use else Severity.WARN)


_MODULES = {name for name in _NETWORK if name.startswith(("urllib", "http.", "xmlrpc"))}


def _prefixes(name: str) -> set[str]:
    parts = name.split(".")
    return {".".join(parts[:end]) for end in range(1, len(parts))}


def _of_paths(name: str, paths: list[str | None], line: int) -> Iterator[Finding]:
    outside = [path for path in paths if path is not None and is_outside(path)]
    for path in outside:
        yield Finding(line, f"{name}({quoted(path)})", Kind.FILES, Severity.REFUSE)
    if not outside and name in _TREES and None in paths[:1]:
        yield Finding(line, name, Kind.FILES, Severity.WARN)


def _is_writing(call: ast.Call) -> bool:
    modes = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "mode")]
    return any(
        not (isinstance(mode, ast.Constant) and isinstance(mode.value, str))
        or bool(set(mode.value) & set("wax+"))
        for mode in modes
    )


def _text(node: ast.expr) -> str | None:
    """A string that an expression spells, also in pieces."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        return None if left is None or right is None else left + right
    return None
