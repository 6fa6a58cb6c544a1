"""A small Java repository that is edited at random: files are lists of declarations.

Few names are in play, so that most edits hit something: types move between packages and files, gain
and lose bases, members and imports; some edits break a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

TYPES = ("Base", "Model", "Store", "Item", "Task", "Kind")
METHODS = ("save", "make", "run", "get", "size")
FIELDS = ("owner", "items", "next", "count")
PACKAGES = ("app", "app.model", "app.util", "web")

FIXTURE: dict[str, tuple[str, ...]] = {
    "core/src/main/java/app/Base.java": (
        "package app;",
        "import java.util.*;",
        "public abstract class Base {\n  protected Base owner;\n  protected List<Base> items;\n"
        "  public Base save() { return this; }\n  public abstract int size();\n"
        "  public static Base make(int n) { return null; }\n"
        "  public static Base make(String s) { return make(s.length()); }\n  class Inner {}\n}",
        "class Helper { static void run(Base b) { b.save(); } }",
    ),
    "core/src/main/java/app/model/Model.java": (
        "package app.model;",
        "import app.Base;",
        "import static app.Base.make;",
        "public class Model extends Base implements Task<Model> {\n  private Kind kind;\n"
        "  public Model save() { super.save(); return this; }\n  public int size() { return 1; }\n"
        "  public Model get() { items.get(0).save(); return (Model) make(1); }\n"
        "  Inner inner() { return null; }\n}",
    ),
    "core/src/main/java/app/model/Task.java": (
        "package app.model;",
        "public interface Task<T> {\n  T get();\n  default void run() { get(); }\n}",
        "enum Kind {\n  ONE { int code() { return 1; } }, TWO;\n  int code() { return 2; }\n"
        "  Kind next() { return values()[0]; }\n}",
    ),
    "core/src/main/java/app/util/Store.java": (
        "package app.util;",
        "import app.model.*;",
        "import java.util.function.*;",
        "public class Store<T> {\n  T owner;\n  T get() { return owner; }\n"
        "  <R> Store<R> map(Function<T, R> f) { return null; }\n"
        "  void each(Consumer<? super T> c) { c.accept(owner); }\n"
        "  static int size(Store<Model> s) {\n    s.get().save();\n"
        "    s.each(m -> m.run());\n    return s.map(m -> m.get()).get().size();\n  }\n}",
    ),
    "core/src/main/java/app/util/Item.java": (
        "package app.util;",
        "import static app.Base.*;",
        "public record Item(int count, app.Base next) {\n  Item { make(count); }\n"
        "  app.Base save() { return next().save(); }\n}",
    ),
    "web/src/main/java/web/Item.java": (
        "package web;",
        "import app.util.*;",
        "import app.model.Model;",
        "public class Item {\n  Store<Model> items = new Store<>();\n"
        "  void run() { items.get().get().save();\n"
        "    new Model() { public int size() { return 3; } }; }\n"
        "  int size(Object o) { return o instanceof Model m ? m.size() : o.hashCode(); }\n}",
    ),
    "web/src/main/java/app/Helper.java": (
        "package app;",
        'public class Helper {\n  void save(Base b) { b.size(); Base.make("x"); }\n}',
    ),
    "core/src/test/java/app/ModelTest.java": (
        "package app;",
        "import app.model.Model;",
        "class ModelTest {\n  @Test void saves() { new Model().save(); run(this::saves); }\n"
        "  void run(Runnable r) { r.run(); }\n}",
    ),
    "Main.java": (
        "import app.*;",
        "import app.model.Model;",
        "class Main { static Base make() { return new Model().save(); } }",
        "class Kind extends Model { public int size() { return super.size(); } }",
    ),
    "core/src/main/java/app/package-info.java": ("/** The application. */", "package app;"),
}
"""Two modules that share a package, secondary types, all forms of imports, generics, lambdas."""


class Declarations:
    """Makes up declarations whose names are taken from small pools."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

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
        return f"package {self._rng.choice(PACKAGES)};"

    def import_(self) -> str:
        package, type_ = self._rng.choice(PACKAGES), self._rng.choice(TYPES)
        member = self._rng.choice([*METHODS, "*", "Inner", *FIELDS])
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
        name = self._rng.choice(TYPES)
        other = self._rng.choice(TYPES)
        return self._rng.choice(
            [
                *(name, name, f"{name}<{other}>", f"app.{name}", f"{name}.Inner", "int"),
                *("String", f"List<{name}>", f"{name}[]", "T"),
            ]
        )

    def _expr(self, depth: int = 0) -> str:
        rng = self._rng
        if depth > 2:
            return rng.choice(["this", "null", "1", "owner", '"s"', "x", rng.choice(TYPES)])
        inner = self._expr(depth + 1)
        name = rng.choice(METHODS)
        return rng.choice(
            [
                f"{inner}.{name}()",
                f"{inner}.{name}({self._expr(depth + 1)})",
                f"{name}({inner})",
                f"new {rng.choice(TYPES)}()",
                f"new {rng.choice(TYPES)}() {{ int size() {{ return {name}(); }} }}",
                f"{inner}.{rng.choice(FIELDS)}",
                f"{rng.choice(TYPES)}.{name}(1)",
                f"(({self._type()}) {inner})",
                f"{name}(y -> y.{name}())",
                f"{name}({rng.choice(TYPES)}::{name})",
                f"(true ? {inner} : owner)",
                "x",
            ]
        )

    def _member(self) -> str:
        rng = self._rng
        access = rng.choice(["", "public ", "private ", "static ", "abstract "])
        name = rng.choice(METHODS)
        body = rng.choice(
            [
                f"{{ return {self._expr()}; }}",
                f"{{ var x = {self._expr()}; x.{name}(); return x; }}",
                f"{{ for ({self._type()} x : items) {{ x.{name}(); }} return null; }}",
                f"{{ class Local extends {rng.choice(TYPES)} {{}} return new Local().{name}(); }}",
                ";",
            ]
        )
        return rng.choice(
            [
                f"{access}{self._type()} {rng.choice(FIELDS)} = {self._expr(1)};",
                f"{access}{self._type()} {name}() {body}",
                f"{access}{self._type()} {name}({self._type()} x) {body}",
                f"<T extends {self._type()}> T {name}(T x, {self._type()}... more) {body}",
                f"static class Inner extends {rng.choice(TYPES)} {{ }}",
                f"@Override public String toString() {body}",
            ]
        )

    def type_(self) -> str:
        rng = self._rng
        name = rng.choice(TYPES)
        base, other = rng.choice(TYPES), rng.choice(TYPES)
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
    files: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    log: list[str] = field(default_factory=list[str])

    def start(self) -> None:
        """Write the fixture."""
        for path, declarations in FIXTURE.items():
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
        new = Declarations(self.rng).any()
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

    def _rename(self) -> str:
        """Put another name in the place of one, everywhere in a file."""
        path = self._some()
        pool = self.rng.choice([TYPES, METHODS, FIELDS])
        old, new = self.rng.choice(pool), self.rng.choice(pool)
        self.put(path, [text.replace(old, new) for text in self.files[path]])
        return f"rename {old} to {new} in {path}"

    def _move(self) -> str:
        path, folder = self._some(), self._some().rpartition("/")[0]
        name = self.rng.choice([path.rpartition("/")[2], f"{self.rng.choice(TYPES)}.java"])
        target = f"{folder}/{name}" if folder else name
        declarations = self.files[path]
        self.drop(path)
        self.put(target, declarations)
        return f"move {path} to {target}"

    def _delete(self) -> str:
        if len(self.files) < 7:
            return self._restore()
        path = self._some()
        self.drop(path)
        return f"delete {path}"

    def _add(self) -> str:
        folder = self._some().rpartition("/")[0]
        name = f"{self.rng.choice(TYPES)}.java"
        path = f"{folder}/{name}" if folder else name
        maker = Declarations(self.rng)
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
        path = self.rng.choice(sorted(FIXTURE))
        self.put(path, list(FIXTURE[path]))
        return f"restore {path}"
