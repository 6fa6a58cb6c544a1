"""A sandbox on this machine: a copy of a repository, and commands that see little else.

Inside, the copy also stands where the original does outside, so that absolute paths which an
installation or a build tool wrote down lead to the copy and not to the original.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from agent.sandbox.copying import CopyLimits, copy_files, list_files
from agent.sandbox.isolation import (
    HOME,
    Isolation,
    Method,
    candidates,
    isolation_of,
    outer_user,
    system_view,
)
from agent.sandbox.place import Place
from agent.sandbox.plan import Bind, Bounds, Plan
from agent.sandbox.ran import End, Ran, RunLimits
from agent.sandbox.running import Ending, run_plan
from agent.sandbox.tree import Tree, parts_of, remove_tree
from graphdb.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from agent.draft import Edit

_MIB = 1 << 20
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class LocalSandbox:
    """A copy of a repository in which commands run; also a context manager that closes it."""

    def __init__(
        self, root: Path, files: Iterable[str] | None, isolation: Isolation, limits: CopyLimits
    ) -> None:
        self.isolation = isolation
        self._root = root.resolve()
        self._owner = outer_user(isolation.method)
        self._at = Place()
        self._place = self._at.folder
        try:
            self.folder = self._new_folder("copy")
            self._pristine = self._place / "pristine"
            self._pristine.mkdir(mode=0o700)
            listed = list_files(self._root) if files is None else files
            copied = copy_files(self._root, self._pristine, listed, limits, None)
            again = copy_files(self._pristine, self.folder, copied.paths, limits, self._owner)
            self.notes = (*copied.notes, *again.notes)
            self._size = copied.size
            self._paths = copied.paths
            self._limits = limits
            self._tree = Tree(self.folder, self._owner)
        except BaseException:
            self.close()
            raise

    def _new_folder(self, name: str) -> Path:
        folder = self._place / name
        folder.mkdir(mode=0o755)
        if self._owner is not None:
            os.chown(folder, *self._owner)
        return folder

    def apply(self, edits: Iterable[Edit]) -> None:
        """Write files of the copy. Raises SandboxError for a path that leads out of it."""
        for edit in edits:
            self._tree.write(edit.path, edit.after.encode("utf-8", "surrogateescape"))

    def read(self, path: str) -> bytes | None:
        """A file of the copy, such as a report that a run wrote; None where there is none."""
        return self._tree.read(path)

    def names(self, path: str) -> list[str]:
        """What a folder of the copy holds."""
        return self._tree.names(path)

    def make_folder(self, path: str) -> None:
        """Make a folder of the copy."""
        self._tree.make_folder(path)

    @property
    def roots(self) -> tuple[str, str]:
        """Where the copy stands, as programs in it name it: its own place, and the original's."""
        return str(self.folder), str(self._root)

    def remove(self, path: str) -> None:
        """Remove a file or a folder of the copy."""
        self._tree.remove(path)

    def reset(self, paths: Iterable[str] | None = None) -> None:
        """Make files as they were, or with None everything; what was not there is removed."""
        if paths is None:
            remove_tree(self.folder)
            self.folder = self._new_folder("copy")
            copy_files(self._pristine, self.folder, self._paths, self._limits, self._owner)
            return
        for path in paths:
            parts_of(path)
            before = self._pristine / path
            self._tree.remove(path)
            if before.is_file() and not before.is_symlink():
                self._tree.write(path, before.read_bytes(), before.stat().st_mode & 0o777)

    def run(
        self,
        command: Sequence[str],
        limits: RunLimits,
        *,
        cwd: str = "",
        environment: Mapping[str, str] | None = None,
        readable: Sequence[Path] = (),
    ) -> Ran:
        """Run a command below the copy, without network, and kill all it started.

        Raises SandboxError for a `cwd` outside the copy and for a readable folder that holds home.
        """
        inner_root = self.folder if self.isolation.method is Method.OPEN else self._root
        folder = inner_root.joinpath(*() if cwd in ("", ".") else parts_of(cwd))
        plan = Plan(
            method=self.isolation.method,
            command=list(command),
            folder=str(folder),
            environment={**self._environment(), **(environment or {})},
            parent=0,
            status_fd=-1,
            bounds=self._bounds(limits),
            user=self._owner,
        )
        if self.isolation.is_closed:
            plan = self._with_view(plan, readable)
        return self._told(command, run_plan(plan, limits.output_bytes))

    def _environment(self) -> dict[str, str]:
        home, temporary = HOME, "/tmp"  # noqa: S108 - the sandbox's own
        if self.isolation.method is Method.OPEN:
            for name in ("home", "tmp"):
                if not (self._place / name).exists():
                    self._new_folder(name)
            home, temporary = str(self._place / "home"), str(self._place / "tmp")
        return {
            "PATH": _PATH,
            "HOME": home,
            "LANG": "C.UTF-8",
            "TMPDIR": temporary,
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def _bounds(self, limits: RunLimits) -> Bounds:
        grown = limits.file_mb * _MIB
        return Bounds(
            seconds=limits.seconds,
            cpu_seconds=limits.cpu_seconds,
            memory=limits.memory_mb * _MIB,
            file=grown,
            processes=limits.processes,
            disk_folder=str(self.folder),
            disk=2 * self._size + grown,
            private=grown,
        )

    def _with_view(self, plan: Plan, readable: Sequence[Path]) -> Plan:
        """The files that the command sees, and mount points in the copy for those inside it."""
        binds, links, files = system_view()
        writable = [Bind(str(self.folder), place, is_writable=True) for place in self.roots]
        for path in readable:
            self._check_readable(path)
            binds.append(Bind(str(path), str(path)))
            if self._root in path.parents:
                self._tree.make_folder(str(path.relative_to(self._root)))
        root = self._place / "root"
        root.mkdir(exist_ok=True)
        if plan.method == Method.BUBBLEWRAP:
            root = self._place / "files"
            for name, text in files:
                target = root / name.lstrip("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
        return plan._replace(root=str(root), binds=[*binds, *writable], links=links, files=files)

    def _check_readable(self, path: Path) -> None:
        if not path.is_absolute() or not path.exists():
            raise SandboxError(f"{path} cannot be shown to a run: it is not there")
        real = path.resolve()
        for kept, name in ((Path.home(), "the home folder"), (self._root, "the original")):
            if real == kept or real in kept.resolve().parents:
                raise SandboxError(f"{path} cannot be shown to a run: it holds {name}")

    def _told(self, command: Sequence[str], ending: Ending) -> Ran:
        return Ran(
            tuple(command),
            ending.end,
            ending.exit_code,
            ending.output,
            ending.seconds,
            self.isolation.apart,
            (*self.isolation.open, *ending.left),
        )

    def close(self) -> None:
        """Remove the copy; calling it twice is allowed. Raises SandboxError if some is left."""
        self._at.remove()

    def __enter__(self) -> LocalSandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_sandbox(
    root: Path,
    files: Iterable[str] | None = None,
    *,
    limits: CopyLimits | None = None,
    accept_open: bool = False,
    method: Method | None = None,
) -> LocalSandbox:
    """Copy a repository into a sandbox.

    files: paths relative to the root; None asks git, or walks. accept_open: also where nothing
    keeps code apart from this machine. method: None takes the best that works. Raises SandboxError.
    """
    isolation = isolation_of(method) if method else find_isolation()
    if not isolation.is_closed and not accept_open:
        raise SandboxError(
            "code is not run here: this system isolates nothing; install bubblewrap, or accept it"
            f" ({'; '.join(isolation.open)})"
        )
    return LocalSandbox(root, files, isolation, limits or CopyLimits())


def find_isolation() -> Isolation:
    """The best isolation that works here, by running a command in each kind until one runs."""
    reasons: list[str] = []
    with tempfile.TemporaryDirectory(prefix="codexgraph-empty-") as empty:
        for method in candidates():
            isolation = isolation_of(method)
            with LocalSandbox(Path(empty), (), isolation, CopyLimits()) as sandbox:
                ran = sandbox.run(["true"], RunLimits(seconds=10, memory_mb=256, file_mb=1))
            if ran.is_ok:
                return isolation
            reasons.append(f"{method} do not work here: {_first_line(ran)}")
    return isolation_of(Method.OPEN, reasons)


def _first_line(ran: Ran) -> str:
    lines = ran.output.strip().splitlines()
    return lines[-1] if lines else End(ran.end).value


def describe() -> Isolation:
    """What would keep code apart on this machine, for `doctor`."""
    return find_isolation()
