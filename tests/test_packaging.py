"""The wheel is built, installed in a fresh environment and used, as a stranger would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import codexgraph

ROOT = Path(__file__).resolve().parents[1]
LOCKS = (ROOT / "requirements/run.txt", ROOT / "requirements/dev.txt")
NOT_COPIED = (".*", "__pycache__", "dist", "*.egg-info")
SHADOWS = ("indexer", "graphdb", "lsp", "agent", "tui", "benchmarks")


def run(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment = {**inherited, "NO_COLOR": "1", **variables}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked(path: Path) -> dict[str, Version]:
    pins = re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^ ;\\]+)", path.read_text(), re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in pins}


def wanted() -> list[tuple[Path, Requirement]]:
    """Every requirement of the project with the lock that must hold it."""
    data = project()
    run_lock, dev_lock = LOCKS
    rows = [(run_lock, text) for text in data["project"]["dependencies"]]
    # The other extras are what measurements compare with or run, and models that run here.
    rows += [(run_lock, text) for text in data["project"]["optional-dependencies"]["keyring"]]
    rows += [(run_lock, text) for text in data["dependency-groups"]["build"]]
    rows += [(dev_lock, t) for t in data["dependency-groups"]["dev"] if isinstance(t, str)]
    return [(lock, Requirement(text)) for lock, text in rows]


def test_the_locks_hold_what_the_project_asks_for() -> None:
    for lock, requirement in wanted():
        pins = locked(lock)
        name = canonicalize_name(requirement.name)
        assert name in pins, f"{requirement} is not in {lock.name}: run make lock"
        assert pins[name] in requirement.specifier, f"{lock.name} has {name} {pins[name]}"


def test_the_locks_agree_and_name_no_host() -> None:
    run_pins, dev_pins = map(locked, LOCKS)
    assert run_pins.items() <= dev_pins.items()
    for lock in LOCKS:
        text = lock.read_text()
        assert "://" not in text
        assert "--index" not in text
        assert text.count("--hash=sha256:") >= len(locked(lock))


def test_every_folder_is_packed() -> None:
    build = project()["tool"]["hatch"]["build"]["targets"]
    packed = build["wheel"]["force-include"]
    present = sorted(name for name in SHADOWS if (ROOT / name / "__init__.py").exists())
    assert sorted(packed) == present
    assert packed == {name: f"codexgraph/_lib/{name}" for name in present}
    assert {f"/{name}" for name in present} <= set(build["sdist"]["include"])


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source without anything that lies about in a working folder."""
    target = tmp_path_factory.mktemp("clone") / "source"
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(*NOT_COPIED))
    shutil.copytree(ROOT / ".ci", target / ".ci")
    return target


@pytest.fixture(scope="module")
def wheel(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source archive, which must therefore be complete."""
    target = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", target, clone, cwd=clone)
    [built] = target.glob("*.whl")
    assert list(target.glob("*.tar.gz"))
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a fresh environment with the wheel and the locked versions."""
    home = tmp_path_factory.mktemp("fresh") / "venv"
    run(sys.executable, "-m", "venv", home, cwd=wheel.parent)
    pip = (home / "bin/python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    run(*pip, "--require-hashes", "--requirement", LOCKS[0], cwd=wheel.parent)
    run(*pip, "--no-deps", "--no-index", wheel, cwd=wheel.parent)
    run(home / "bin/python", "-m", "pip", "check", cwd=wheel.parent)
    return home / "bin"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A user's folder with packages of our names, which break when they are imported."""
    for name in SHADOWS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('user code ran')\n")
    (tmp_path / "sub").mkdir()
    for number in range(220):
        (tmp_path / "sub" / f"m{number}.py").write_text(f"def function_{number}():\n    pass\n")
    return tmp_path


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_wheel_adds_one_name_and_misses_nothing(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {
        "codexgraph",
        f"codexgraph-{codexgraph.__version__}.dist-info",
    }
    present = [folder for folder in SHADOWS if (ROOT / folder / "__init__.py").exists()]
    wanted_files = {
        f"codexgraph/_lib/{path.relative_to(ROOT).as_posix()}"
        for folder in present
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted_files <= set(names)
    assert not [name for name in names if "/tests/" in name or name.endswith(".pyc")]
    assert f"codexgraph-{codexgraph.__version__}.dist-info/licenses/LICENSE" in names


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", ["script", "module", "path"])
def test_the_users_own_packages_are_never_run(installed: Path, repository: Path, how: str) -> None:
    command = [installed / "codexgraph"]
    if how != "script":
        command = [installed / "python", "-m", "codexgraph"]
    variables = {"PYTHONPATH": "."} if how == "path" else {}
    version = run(*command, "--version", cwd=repository, **variables)
    assert codexgraph.__version__ in version.stdout
    home = {"HOME": str(repository / "home"), "XDG_CACHE_HOME": "", **variables}
    report = run(*command, "index", ".", "--json", "--jobs", "2", cwd=repository, **home)
    assert json.loads(report.stdout)["result"]["files"] == 220 + len(SHADOWS)
    found = run(*command, "symbols", "function_219", "--json", cwd=repository, **home)
    assert "sub/m219.py" in found.stdout
