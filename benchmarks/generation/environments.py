"""Prepares once, with the network, what later runs offline: trees, compilations, interpreters.

Everything lies in one private cache folder: `trees/`, `venvs/` and Maven's `maven/`. What is ready
has a note beside it (`.json`); a folder without one was not finished and is made again.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.sandbox.ran import RunLimits
from benchmarks.generation.bare import BareFolder
from benchmarks.generation.javac_options import Compilation, read_compilations
from benchmarks.generation.testrun import BrokenEnvironmentError
from benchmarks.harness.trees import lay_out

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.sandbox.ran import Ran
    from benchmarks.generation.recipes import Recipe
    from benchmarks.harness.repositories import Repository

_LIMITS = RunLimits(seconds=1_800.0, output_bytes=64_000_000)
_MARK = re.compile(r"^(?:\[ERROR\]\s*)+")


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a commit. missing: paths that the repository lacks."""

    folder: Path
    commit: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MavenBuild:
    """A tree that Maven has built. top: folder of the outermost pom.xml, relative."""

    tree: Tree
    top: str
    compilations: tuple[Compilation, ...]
    interpreter: str


@dataclass(frozen=True, slots=True)
class PythonBuild:
    """A tree and an interpreter that has what its tests import. base: that of the venv."""

    tree: Tree
    python: Path
    base: Path
    interpreter: str


def lay_tree(cache: Path, repository: Repository, commit: str) -> Tree:
    """The files of a commit in the cache, as the commit has them."""
    folder = cache / "trees" / f"{_plain(repository.name)}-{commit[:12]}"
    missing = lay_out(repository, commit, folder)
    return Tree(folder.resolve(), commit, tuple(missing))


def build_maven(
    cache: Path, tree: Tree, path: str, tests: Sequence[str], say: Callable[[str], None]
) -> MavenBuild:
    """Build a tree once, so that all that Maven needs is in the cache, and note the compilations.

    path: of a file whose project it is. Raises BrokenEnvironmentError.
    """
    top = _top(tree.folder, path)
    java = _version(["java", "-version"])
    note = tree.folder.with_suffix(".json")
    if note.is_file():
        found = json.loads(note.read_text(encoding="utf-8"))
        compilations = tuple(_compilation(row) for row in found["compilations"])
        return MavenBuild(tree, top, compilations, java)
    say(f"building {tree.folder.name} with Maven, which fetches what it needs")
    for stale in tree.folder.rglob("target"):
        if (stale.parent / "pom.xml").is_file():
            shutil.rmtree(stale)
    command = ["mvn", "-B", "-X", f"-Dmaven.repo.local={cache.resolve() / 'maven'}", "test"]
    command += [f"-Dtest={','.join(tests)}", "-DfailIfNoTests=false"]
    command += ["-Dsurefire.failIfNoSpecifiedTests=false", "-Dmaven.test.failure.ignore=true"]
    ran = _online(tree.folder / top).run(command, _LIMITS)
    compilations = read_compilations(ran.output, tree.folder)
    if not ran.is_ok or not compilations:
        raise BrokenEnvironmentError(f"Maven could not build {tree.folder.name}: {_why(ran)}")
    _note(note, {"compilations": [asdict(row) for row in compilations]})
    return MavenBuild(tree, top, compilations, java)


def build_python(
    cache: Path, tree: Tree, recipe: Recipe, python: Path | None, say: Callable[[str], None]
) -> PythonBuild:
    """Make the environment of a recipe. Raises BrokenEnvironmentError."""
    base = python or find_python(recipe.python)
    folder = cache.resolve() / "venvs" / tree.folder.name
    note = folder.with_suffix(".json")
    wanted = {"base": str(base), "steps": list(recipe.steps)}
    venv_python = folder / "bin" / "python"
    if not note.is_file() or json.loads(note.read_text(encoding="utf-8")) != wanted:
        say(f"making the environment of {tree.folder.name} with {base}")
        work = folder.with_name(folder.name + "-work")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        runner = _online(tree.folder)
        _venv(runner, base, folder)
        tools = work / "tools"
        if recipe.tools:
            _venv(runner, Path(sys.executable), tools)
            _step(runner, [str(tools / "bin/python"), "-m", "pip", "install", *recipe.tools])
        names = {"tools": tools / "bin", "bin": folder / "bin", "work": work}
        for step in recipe.steps:
            _step(
                runner,
                shlex.split(step.format(**{k: shlex.quote(str(v)) for k, v in names.items()})),
            )
        shutil.rmtree(work)
        _note(note, wanted)
    return PythonBuild(tree, venv_python, base, f"Python {_version([str(venv_python), '-V'])}")


def find_python(version: str) -> Path:
    """An interpreter of that version: on PATH, or among those of pyenv.

    Raises BrokenEnvironmentError.
    """
    places = [Path(found)] if (found := shutil.which(f"python{version}")) else []
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    places += sorted(root.glob(f"versions/{version}*/bin/python{version}"), reverse=True)
    for place in places:
        script = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"
        try:
            done = subprocess.run([place, "-c", script], capture_output=True, check=False)
        except OSError:
            continue
        said = done.stdout.decode("utf-8", "replace").split(maxsplit=1)
        if done.returncode == 0 and len(said) == 2 and said[0] == version:
            return Path(said[1].strip())
    raise BrokenEnvironmentError(f"no Python {version} here: install it or name one with --python")


def _venv(runner: BareFolder, base: Path, folder: Path) -> None:
    _step(runner, [str(base), "-m", "venv", "--clear", str(folder)])


def _step(runner: BareFolder, command: Sequence[str]) -> None:
    ran = runner.run(command, _LIMITS)
    if not ran.is_ok:
        raise BrokenEnvironmentError(f"{shlex.join(command)[:200]} failed: {_why(ran)}")


def _online(folder: Path) -> BareFolder:
    return BareFolder(folder, is_online=True)


def _why(ran: Ran) -> str:
    """One line of what a command complained of: the first errors it names, else its last words."""
    lines = [line.strip() for line in ran.output.splitlines() if line.strip()]
    errors = [_MARK.sub("", line) for line in lines if "ERROR" in line or "error:" in line]
    told = "; ".join(list(dict.fromkeys(filter(None, errors)))[:3])
    return (told or (lines or [str(ran.end)])[-1])[:400]


def _top(folder: Path, path: str) -> str:
    """The first folder on the way to a file that has a pom.xml."""
    parts = path.split("/")[:-1]
    for depth in range(len(parts) + 1):
        if (folder.joinpath(*parts[:depth]) / "pom.xml").is_file():
            return "/".join(parts[:depth])
    raise BrokenEnvironmentError(f"{path} has no pom.xml above it")


def _version(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise BrokenEnvironmentError(f"{command[0]} does not start: {error}") from error
    said = (done.stdout or done.stderr).decode("utf-8", "replace").splitlines()
    return said[0].strip().removeprefix("Python ") if said else "unknown"


def _compilation(row: dict[str, list[str] | str]) -> Compilation:
    lists = (tuple(row[name]) for name in ("folders", "excluded"))
    return Compilation(tuple(row["words"]), str(row["output"]), *lists)


def _note(path: Path, content: object) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    temporary.replace(path)


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in name)
