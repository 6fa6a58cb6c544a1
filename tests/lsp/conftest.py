"""A small repository and servers on it."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.lsp.raw_client import RawClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILES = {
    "pkg/__init__.py": "from pkg.base import Base, helper\n",
    "pkg/base.py": '''
        """Base things."""
        import os


        class Base:
            """A base of things."""

            size: int = 0

            def __init__(self, name: str) -> None:
                self.name = name

            def run(self, times: int = 1) -> "Base":
                """Run it."""
                return self

            def never(self) -> str:
                return os.path.join("a", "b")


        def helper(x):
            return Base(x).run().name


        LIMIT = 3
        ''',
    "pkg/child.py": """
        import pkg.base
        from pkg import Base, helper as h
        from pkg.base import LIMIT


        class Child(Base):
            def run(self, times=LIMIT):
                super().run(times)
                return self.name + "é漢😀" + pkg.base.helper("é😀") + h("x")

            def go(self):
                child = Child("a")
                child.run()
                self.run()
                return child.size


        def make() -> Child:
            return Child("z")
        """,
    "tests/test_child.py": """
        from pkg.child import Child, make


        def test_run():
            assert Child("a").run()
            assert make()
        """,
}

JAVA_FILES = {
    "src/a/Shape.java": """
        package a;

        public class Shape {
            protected int size;

            public int area(int times) {
                return size * times;
            }
        }
        """,
    "src/b/Square.java": """
        package b;

        import a.Shape;

        public class Square extends Shape {
            @Override
            public int area(int times) {
                return super.area(times) + helper();
            }

            int helper() {
                Shape shape = new Shape();
                return shape.area(2);
            }
        }
        """,
}

COMMAND = [sys.executable, "-P", "-m", "codexgraph", "lsp"]


def write_repository(root: Path, files: dict[str, str] = FILES) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).removeprefix("\n"))
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def indexed(root: Path) -> Path:
    """A repository with an index of what it holds now."""
    command = [sys.executable, "-P", "-m", "codexgraph", "index", "--quiet"]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    return root


def where(file: Path, text: str, offset: int = 0) -> tuple[int, int]:
    """0-based line and UTF-8 byte column of the first place where a text stands in a file."""
    for number, line in enumerate(file.read_bytes().split(b"\n")):
        start = line.find(text.encode())
        if start >= 0:
            return number, start + offset
    raise AssertionError(f"{text!r} is not in {file}")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return write_repository(tmp_path / "repo")


@pytest.fixture
def start(repository: Path) -> Iterator[Callable[..., RawClient]]:
    clients: list[RawClient] = []

    def begin(*arguments: str, cwd: Path | None = None, **environment: str) -> RawClient:
        client = RawClient([*COMMAND, *arguments], cwd or repository, environment)
        clients.append(client)
        return client

    yield begin
    for client in clients:
        client.close()


@pytest.fixture
def client(start: Callable[..., RawClient], repository: Path) -> RawClient:
    """A server that has indexed the repository."""
    found = start()
    found.initialize(repository)
    found.wait_until_indexed()
    return found
