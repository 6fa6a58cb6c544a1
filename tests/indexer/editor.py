"""A small Python repository that is edited at random.

A file is a list of statements, so that an edit (add, drop, replace one) keeps most of the file and
a failing run can be told as a list of short lines. Few names are in play: most edits hit something.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.indexer.single_edits import put_otherwise, words
from tests.indexer.sources import WIDE, Sources

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path


class Statements:
    """Makes up statements whose names are taken from the pools of the sources."""

    def __init__(self, rng: random.Random, names: Sources, paths: list[str]) -> None:
        self._rng = rng
        self._names = names
        self._paths = paths

    def any(self) -> str:
        """A statement for a file."""
        makers: list[tuple[int, Callable[[], str]]] = [
            (6, self.import_),
            (4, self.function),
            (4, self.class_),
            (4, self.variable),
            (2, self.use),
            (1, self.exported),
            (1, self.conditional),
        ]
        weights = [weight for weight, _ in makers]
        return self._rng.choices([maker for _, maker in makers], weights)[0]()

    def _pick(self, *pools: tuple[str, ...]) -> str:
        return self._rng.choice([name for pool in pools for name in pool])

    def _name(self) -> str:
        return self._pick(self._names.functions, self._names.classes, self._names.variables)

    def _module(self) -> str:
        """A module, absolute or relative, that exists as a rule."""
        target = self._rng.choice(self._paths).removesuffix(".py").removesuffix("/__init__")
        if self._rng.random() < 0.4:
            return "." * self._rng.randint(1, 3) + self._rng.choice(["", target.rpartition("/")[2]])
        return target.removeprefix("src/").replace("/", ".")

    def import_(self) -> str:
        module = self._module()
        name = self._pick((self._name(),), self._names.modules)
        form = self._rng.randrange(6)
        if form == 0 and not module.startswith("."):
            return f"import {module}" + self._rng.choice(["", " as mod"])
        if form == 1:
            return f"from {module} import *"
        if form == 2:
            return f"from {module} import {name} as {self._name()}"
        return f"from {module} import {name}, {self._name()}"

    def _expr(self, depth: int = 0) -> str:
        names = self._names
        form = self._rng.randrange(13 if depth < 2 else 2)
        if form == 0:
            return f"{self._pick(names.classes)}()"
        if form <= 2:
            return self._name()
        inner = self._expr(depth + 1)
        if form == 3:
            return f"{inner}()"
        if form == 4:
            return f"{inner}.{self._pick(names.methods[:3], names.fields, names.classes)}"
        if form == 5:
            return f"{inner}.{self._pick(names.methods[:3], names.functions)}()"
        if form == 6:
            return f"[{inner}, {self._name()}][0]"
        if form == 7:
            return f"({inner} or {self._name()})"
        if form == 8:
            return f"mod.{self._name()}()"
        given = self._rng.choice(
            [inner, "lambda x: x.save()", f"{self._pick(names.fields)}={inner}"]
        )
        if form == 9:
            return f"getattr({inner}, 'save')"
        return f"{self._name()}({given})"

    def _annotation(self) -> str:
        name = self._rng.choice([self._pick(self._names.classes), "mod.Model", self._name()])
        return self._rng.choice([name, f"list[{name}]", f"'{name} | None'", f"Optional[{name}]"])

    def _body(self, indent: str) -> str:
        names = self._names
        lines = [
            self._rng.choice(
                [
                    f"{self._expr()}",
                    f"local = {self._expr()}",
                    f"local.{self._pick(names.methods[:3])}()",
                    f"with {self._expr()} as held: held.save()",
                    f"for each in {self._expr()}: each.save()",
                    f"from {self._module()} import {self._name()} as {self._name()}",
                    f"global current; current = {self._expr()}",
                    f"def inner(): return {self._expr()}",
                    f"local.{self._pick(names.fields)} = {self._expr()}",
                    f"registry.append({self._expr()})",
                    f"current['key'] = {self._expr()}",
                    "given.save()",
                    "given()",
                    f"if isinstance(local, {self._pick(names.classes)}): local.close()",
                    f"local = {self._expr()}; local.close(); local = given",
                    "for each in registry: each()",
                ]
            )
            for _ in range(self._rng.randint(0, 3))
        ]
        lines.append(
            self._rng.choice(["pass", f"return {self._expr()}", "return local", "yield local"])
        )
        return "".join(f"\n{indent}{line}" for line in lines)

    def function(self, name: str | None = None, indent: str = "") -> str:
        name = name or self._pick(self._names.functions)
        first = "self, given=None" if indent else f"given={self._expr(1)}"
        declared = self._rng.choice(["", f", other: {self._annotation()} = None"])
        returns = self._rng.choice(["", "", f" -> {self._annotation()}"])
        decorator = self._rng.choice(
            ["", "", "", f"@{self._name()}\n{indent}", "@property\n" + indent if indent else ""]
        )
        return f"{decorator}def {name}({first}{declared}){returns}:{self._body(indent + '    ')}"

    def class_(self) -> str:
        names = self._names
        bases = [
            self._rng.choice([self._pick(names.classes), f"mod.{self._pick(names.classes)}"])
            for _ in range(self._rng.randint(0, 2))
        ]
        base = self._pick(names.classes)
        makers: list[Callable[[], str]] = [
            lambda: self.function(self._pick(names.methods), "    "),
            lambda: f"{self._pick(names.fields)}: {self._annotation()} = None",
            lambda: f"{self._pick(names.fields)} = {self._expr()}",
            lambda: f"def save(self):\n        self.{self._pick(names.fields)} = {self._expr()}",
            lambda: f"def close(self):\n        return super().{self._pick(names.methods)}()",
            lambda: f"class {self._pick(names.classes)}({base}): items = {self._expr()}",
            lambda: f"from app import {self._name()}",
        ]
        members = [self._rng.choice(makers)() for _ in range(self._rng.randint(0, 4))]
        body = "".join(f"\n    {member}" for member in members or ["pass"])
        return f"class {self._pick(names.classes)}({', '.join(dict.fromkeys(bases))}):{body}"

    def variable(self) -> str:
        name = self._name() if self._rng.random() < 0.3 else self._pick(self._names.variables)
        annotation = self._rng.choice(["", "", f": {self._annotation()}"])
        return f"{name}{annotation} = {self._expr()}"

    def use(self) -> str:
        return self._expr()

    def exported(self) -> str:
        names = [self._name() for _ in range(self._rng.randint(0, 4))]
        return self._rng.choice(
            [
                f"__all__ = {names}",
                f"__all__ += {names}",
                "__all__ += mod.__all__",
                "from . import base as mod\n__all__ = mod.__all__ + ['run']",
            ]
        )

    def conditional(self) -> str:
        name = self._name()
        return f"try:\n    from app import {name}\nexcept ImportError:\n    {name} = {self._expr()}"


@dataclass(slots=True)
class Editor:
    """Files as lists of statements, on disk and here, and the edits made so far."""

    root: Path
    rng: random.Random
    sources: Sources = WIDE
    files: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    log: list[str] = field(default_factory=list[str])

    def start(self) -> None:
        """Write the sources."""
        for path, statements in self.sources.files.items():
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
            (24, self._statement),
            (12, self._word),
            (4, self._move),
            (4, self._delete),
            (4, self._add),
            (3, self._package),
            (3, self._break),
            (2, self._restore),
            (2, self._swap),
            (1, self._touch),
            (1, self._branch),
        ]
        weights = [weight for weight, _ in actions]
        self.log.append(self.rng.choices([action for _, action in actions], weights)[0]())

    def _some(self) -> str:
        return self.rng.choice(sorted(self.files))

    def _statements(self) -> Statements:
        return Statements(self.rng, self.sources, sorted(self.files))

    def _word(self) -> str:
        """Put another name in the place of one: what hangs together stays so, and means another."""
        path = self._some()
        statements = self.files[path]
        places = words(statements, self.sources.pools())
        if not places:
            return self._statement()
        word = self.rng.choice(places)
        new = self.rng.choice(word.pool)
        statements = put_otherwise(statements, word, new)
        self.put(path, statements)
        return f"{word.name} becomes {new} in {path}: {statements[word.statement]!r}"

    def _statement(self) -> str:
        path = self._some()
        statements = self.files[path]
        at = self.rng.randint(0, len(statements))
        new = self._statements().any()
        form = self.rng.choice(["insert", "replace", "remove", "append", "reorder"])
        if form == "append" or not statements:
            statements.append(new)
        elif form == "insert":
            statements.insert(at, new)
        elif form == "replace":
            statements[at % len(statements)] = new
        elif form == "remove":
            new = statements.pop(at % len(statements))
        else:
            self.rng.shuffle(statements)
        self.put(path, statements)
        return f"{form} in {path} at {at}: {new!r}"

    def _move(self) -> str:
        path, folder = self._some(), self._some().rpartition("/")[0]
        module = self.rng.choice(self.sources.modules)
        name = self.rng.choice([path.rpartition("/")[2], f"{module}.py"])
        target = f"{folder}/{name}" if folder else name
        statements = self.files[path]
        self.drop(path)
        self.put(target, statements)
        return f"move {path} to {target}"

    def _delete(self) -> str:
        if len(self.files) <= len(self.sources.files) // 2:
            return self._restore()
        path = self._some()
        self.drop(path)
        return f"delete {path}"

    def _add(self) -> str:
        folder = self._some().rpartition("/")[0]
        name = self.rng.choice(
            [*(f"{name}.py" for name in self.sources.modules), "new.py", "tools.pyi", "Model.py"]
        )
        path = f"{folder}/{name}" if folder else name
        maker = self._statements()
        self.put(path, [maker.any() for _ in range(3)])
        return f"write {path}: {self.files[path]!r}"

    def _package(self) -> str:
        """Make a folder a package, or make it none."""
        folder = self._some().rpartition("/")[0]
        path = f"{folder}/__init__.py" if folder else "__init__.py"
        if path in self.files:
            self.drop(path)
            return f"delete {path}"
        self.put(path, [self._statements().any()])
        return f"write {path}: {self.files[path]!r}"

    def _break(self) -> str:
        """Introduce a syntax error, or repair all of a file's."""
        path = self._some()
        broken = ["def broken(:", "class (", "x = = (", "    indented = 1", "'''never closed", ")"]
        clean = [s for s in self.files[path] if s not in broken]
        if clean == self.files[path]:
            clean.insert(self.rng.randint(0, len(clean)), self.rng.choice(broken))
        self.put(path, clean)
        return f"break or repair {path}: {clean!r}"

    def _restore(self) -> str:
        path = self.rng.choice(sorted(self.sources.files))
        self.put(path, list(self.sources.files[path]))
        return f"restore {path}"

    def _swap(self) -> str:
        one, two = self._some(), self._some()
        first, second = self.files[one], self.files[two]
        self.put(one, list(second))
        self.put(two, list(first))
        return f"swap {one} and {two}"

    def _touch(self) -> str:
        path = self._some()
        self.put(path, self.files[path])
        return f"touch {path}"

    def _branch(self) -> str:
        """What a switch of branches does: several files go back, others go away."""
        first = self.sources.files
        for path in self.rng.sample(sorted(first), 4):
            self.put(path, list(first[path]))
        strangers = [p for p in sorted(self.files) if p not in first][:4]
        for path in strangers:
            self.drop(path)
        return f"branch: four files restored, {strangers} deleted"
