"""A small toy repository that is edited at random: files are lists of statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

NAMES = ("run", "area", "scale", "side", "app")
MODULES = ("main", "app.base", "app.run", "shapes.side", "app", "shapes", "std.io")

FIXTURE: dict[str, tuple[str, ...]] = {
    "main.toy": ("use app.base", "use app.run", "base.area(run.side)", "run.run()"),
    "app/base.toy": ("let scale = 1", "fn area(side)\n  area(scale)\nend"),
    "app/run.toy": ("use app.base as app", "let side = app.scale", "fn run()\n  app.area()\nend"),
    "shapes/side.toy": ("use app.run", "fn side()\n  run.app.area()\n  run.run(run.side)\nend"),
    "shapes/area.toy": ("use shapes.side", "use std.io", "side.side()", "io.print(side.run.run)"),
}
"""Chains of modules, an outside one, variables and functions of the same names."""


@dataclass(slots=True)
class ToyEditor:
    """Files as lists of statements, on disk and here, and the edits made so far."""

    root: Path
    rng: random.Random
    files: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    log: list[str] = field(default_factory=list[str])

    def start(self) -> None:
        """Write the fixture."""
        for path, statements in FIXTURE.items():
            self.put(path, list(statements))

    def put(self, path: str, statements: list[str]) -> None:
        """Write one file."""
        self.files[path] = statements
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(statements) + "\n")

    def drop(self, path: str) -> None:
        """Delete one file."""
        del self.files[path]
        (self.root / path).unlink()

    def edit(self) -> None:
        """Make one random edit."""
        actions: list[tuple[int, Callable[[], str]]] = [
            (16, self._statement),
            (2, self._delete),
            (3, self._write),
            (2, self._restore),
        ]
        weights = [weight for weight, _ in actions]
        self.log.append(self.rng.choices([action for _, action in actions], weights)[0]())

    def _name(self) -> str:
        return self.rng.choice(NAMES)

    def _expression(self) -> str:
        chain = ".".join(self._name() for _ in range(self.rng.randint(1, 3)))
        return chain + self.rng.choice(["()", f"({self._name()})", ""])

    def _any(self) -> str:
        module = self.rng.choice(MODULES)
        return self.rng.choice(
            [
                f"use {module}",
                f"use {module} as {self._name()}",
                f"let {self._name()} = {self._expression()}",
                f"fn {self._name()}({self._name()})\n  {self._expression()}\nend",
                f"fn {self._name()}()\n  let {self._name()} = {self._expression()}\nend",
                self._expression(),
                "end",
                "fn never_closed()",
            ]
        )

    def _statement(self) -> str:
        path = self.rng.choice(sorted(self.files))
        statements = self.files[path]
        at, new = self.rng.randint(0, len(statements)), self._any()
        form = self.rng.choice(["insert", "replace", "remove"])
        if form == "insert" or not statements:
            statements.insert(at, new)
        elif form == "replace":
            statements[at % len(statements)] = new
        else:
            new = statements.pop(at % len(statements))
        self.put(path, statements)
        return f"{form} in {path} at {at}: {new!r}"

    def _delete(self) -> str:
        path = self.rng.choice(sorted(self.files))
        if len(self.files) > 2:
            self.drop(path)
        return f"delete {path}"

    def _write(self) -> str:
        path = self.rng.choice(MODULES).replace(".", "/") + ".toy"
        self.put(path, [self._any() for _ in range(3)])
        return f"write {path}: {self.files[path]!r}"

    def _restore(self) -> str:
        path = self.rng.choice(sorted(FIXTURE))
        self.put(path, list(FIXTURE[path]))
        return f"restore {path}"
