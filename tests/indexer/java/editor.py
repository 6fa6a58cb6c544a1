"""A small Java repository that is edited at random: files are lists of declarations.

Few names are in play, so that most edits hit something: types move between packages and files, gain
and lose bases, members and imports; some edits break a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.indexer.java.sources import WIDE, JavaSources
from tests.indexer.single_edits import put_otherwise, words

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path


class Declarations:
    """Makes up declarations whose names are taken from the pools of the sources."""

    def __init__(self, rng: random.Random, names: JavaSources) -> None:
        self._rng = rng
        self._names = names

    def any(self) -> str:
        """A declaration for a file."""
        makers: list[tuple[int, Callable[[], str]]] = [
            (5, self.type_),
            (4, self.import_),
            (1, self.package),
        ]
        weights = [weight for weight, _ in makers]
        return self._rng.choices([maker for _, maker in makers], weights)[0]()

    def package(self) -> str:
        return f"package {self._rng.choice(self._names.packages)};"

    def import_(self) -> str:
        names = self._names
        package, type_ = self._rng.choice(names.packages), self._rng.choice(names.types)
        member = self._rng.choice([*names.methods, "*", "Inner", *names.fields])
        return self._rng.choice(
            [
                f"import {package}.{type_};",
                f"import {package}.*;",
                f"import static {package}.{type_}.{member};",
                f"import {package}.{type_}.Inner;",
                "import java.util.*;",
            ]
        )

    def _type(self) -> str:
        names = self._names
        name = self._rng.choice(names.types)
        other = self._rng.choice(names.types)
        return self._rng.choice(
            [
                *(name, name, f"{name}<{other}>", f"app.{name}", f"{name}.Inner", "int"),
                *("String", f"List<{name}>", f"{name}[]", "T"),
            ]
        )

    def _expr(self, depth: int = 0) -> str:
        names = self._names
        rng = self._rng
        if depth > 2:
            return rng.choice(["this", "null", "1", "owner", '"s"', "x", rng.choice(names.types)])
        inner = self._expr(depth + 1)
        name = rng.choice(names.methods)
        return rng.choice(
            [
                f"{inner}.{name}()",
                f"{inner}.{name}({self._expr(depth + 1)})",
                f"{name}({inner})",
                f"new {rng.choice(names.types)}()",
                f"new {rng.choice(names.types)}() {{ int size() {{ return {name}(); }} }}",
                f"{inner}.{rng.choice(names.fields)}",
                f"{rng.choice(names.types)}.{name}(1)",
                f"(({self._type()}) {inner})",
                f"{name}(y -> y.{name}())",
                f"{name}({rng.choice(names.types)}::{name})",
                f"(true ? {inner} : owner)",
                "x",
            ]
        )

    def _member(self) -> str:
        names = self._names
        rng = self._rng
        access = rng.choice(["", "public ", "private ", "static ", "abstract "])
        name, base = rng.choice(names.methods), rng.choice(names.types)
        body = rng.choice(
            [
                f"{{ return {self._expr()}; }}",
                f"{{ var x = {self._expr()}; x.{name}(); return x; }}",
                f"{{ for ({self._type()} x : items) {{ x.{name}(); }} return null; }}",
                f"{{ class Local extends {base} {{}} return new Local().{name}(); }}",
                ";",
            ]
        )
        return rng.choice(
            [
                f"{access}{self._type()} {rng.choice(names.fields)} = {self._expr(1)};",
                f"{access}{self._type()} {name}() {body}",
                f"{access}{self._type()} {name}({self._type()} x) {body}",
                f"<T extends {self._type()}> T {name}(T x, {self._type()}... more) {body}",
                f"static class Inner extends {rng.choice(names.types)} {{ }}",
                f"@Override public String toString() {body}",
            ]
        )

    def type_(self) -> str:
        names = self._names
        rng = self._rng
        name = rng.choice(names.types)
        base, other = rng.choice(names.types), rng.choice(names.types)
        head = rng.choice(
            [
                f"class {name} extends {base}",
                f"public class {name}<T extends {base}> implements {other}<T>",
                f"abstract class {name}",
                f"interface {name}<T> extends {base}, {other}",
                f"record {name}({self._type()} next)",
                f"class {name} extends {base}.Inner",
            ]
        )
        members = [self._member() for _ in range(rng.randint(0, 4))]
        return f"{head} {{\n" + "".join(f"  {member}\n" for member in members) + "}"


@dataclass(slots=True)
class JavaEditor:
    """Files as lists of declarations, on disk and here, and the edits made so far."""

    root: Path
    rng: random.Random
    sources: JavaSources = WIDE
    files: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    log: list[str] = field(default_factory=list[str])

    def start(self) -> None:
        """Write the sources."""
        for path, declarations in self.sources.files.items():
            self.put(path, list(declarations))

    def put(self, path: str, declarations: list[str]) -> None:
        """Write one file."""
        self.files[path] = declarations
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(declarations) + "\n")

    def drop(self, path: str) -> None:
        """Delete one file."""
        del self.files[path]
        (self.root / path).unlink()

    def edit(self) -> None:
        """Make one random edit."""
        actions: list[tuple[int, Callable[[], str]]] = [
            (24, self._declaration),
            (6, self._rename),
            (8, self._word),
            (3, self._move),
            (3, self._delete),
            (4, self._add),
            (2, self._break),
            (3, self._restore),
        ]
        weights = [weight for weight, _ in actions]
        self.log.append(self.rng.choices([action for _, action in actions], weights)[0]())

    def _some(self) -> str:
        return self.rng.choice(sorted(self.files))

    def _declaration(self) -> str:
        path = self._some()
        declarations = self.files[path]
        at = self.rng.randint(0, len(declarations))
        new = Declarations(self.rng, self.sources).any()
        form = self.rng.choice(["insert", "replace", "remove", "append"])
        if form == "append" or not declarations:
            declarations.append(new)
        elif form == "insert":
            declarations.insert(at, new)
        elif form == "replace":
            declarations[at % len(declarations)] = new
        else:
            new = declarations.pop(at % len(declarations))
        self.put(path, declarations)
        return f"{form} in {path} at {at}: {new!r}"

    def _word(self) -> str:
        """Put another name in the place of one: what hangs together stays so, and means another."""
        path = self._some()
        places = words(self.files[path], self.sources.pools())
        if not places:
            return self._declaration()
        word = self.rng.choice(places)
        new = self.rng.choice(word.pool)
        self.put(path, put_otherwise(self.files[path], word, new))
        return f"{word.name} becomes {new} in {path}: {self.files[path][word.statement]!r}"

    def _rename(self) -> str:
        """Put another name in the place of one, everywhere in a file."""
        path = self._some()
        pool = self.rng.choice([self.sources.types, self.sources.methods, self.sources.fields])
        old, new = self.rng.choice(pool), self.rng.choice(pool)
        self.put(path, [text.replace(old, new) for text in self.files[path]])
        return f"rename {old} to {new} in {path}"

    def _move(self) -> str:
        path, folder = self._some(), self._some().rpartition("/")[0]
        name = self.rng.choice(
            [path.rpartition("/")[2], f"{self.rng.choice(self.sources.types)}.java"]
        )
        target = f"{folder}/{name}" if folder else name
        declarations = self.files[path]
        self.drop(path)
        self.put(target, declarations)
        return f"move {path} to {target}"

    def _delete(self) -> str:
        if len(self.files) <= len(self.sources.files) // 2:
            return self._restore()
        path = self._some()
        self.drop(path)
        return f"delete {path}"

    def _add(self) -> str:
        folder = self._some().rpartition("/")[0]
        name = f"{self.rng.choice(self.sources.types)}.java"
        path = f"{folder}/{name}" if folder else name
        maker = Declarations(self.rng, self.sources)
        self.put(path, [maker.package(), maker.import_(), maker.type_(), maker.type_()])
        return f"write {path}: {self.files[path]!r}"

    def _break(self) -> str:
        """Introduce a syntax error, or repair all of a file's."""
        path = self._some()
        broken = ["class {", "void (", "}}", "import ;", "/* never closed", "class X extends {"]
        clean = [text for text in self.files[path] if text not in broken]
        if clean == self.files[path]:
            clean.insert(self.rng.randint(0, len(clean)), self.rng.choice(broken))
        self.put(path, clean)
        return f"break or repair {path}: {clean!r}"

    def _restore(self) -> str:
        path = self.rng.choice(sorted(self.sources.files))
        self.put(path, list(self.sources.files[path]))
        return f"restore {path}"
