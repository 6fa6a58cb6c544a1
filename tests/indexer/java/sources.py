"""Small Java repositories that are edited at random, and the names that new declarations use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class JavaSources:
    """Files as lists of declarations, and pools of names: the smaller, the more often edits hit.

    more: declarations for any file.
    """

    files: Mapping[str, tuple[str, ...]]
    types: tuple[str, ...]
    methods: tuple[str, ...]
    fields: tuple[str, ...]
    packages: tuple[str, ...]
    more: tuple[str, ...] = ()

    def pools(self) -> tuple[tuple[str, ...], ...]:
        """All pools: a name may be put in the place of another of its pool."""
        return (self.types, self.methods, self.fields, self.packages)


WIDE = JavaSources(
    types=("Base", "Model", "Store", "Item", "Task", "Kind"),
    methods=("save", "make", "run", "get", "size"),
    fields=("owner", "items", "next", "count"),
    packages=("app", "app.model", "app.util", "web"),
    files={
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
            "  public Model save() { super.save(); return this; }\n"
            "  public int size() { return 1; }\n"
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
    },
)
"""Two modules that share a package, secondary types, all forms of imports, generics, lambdas."""

DENSE = JavaSources(
    types=("Base", "Item", "Task"),
    methods=("save", "get"),
    fields=("owner", "next"),
    packages=("app", "web"),
    more=(
        "import web.*;",
        "import app.Item;",
        "import static app.Base.*;",
        "import static web.Task.get;",
        "package web;",
        "class Base { public Base get() { return owner; } Base owner; }",
        "class Item extends Task { void save(Base b) { b.get(); } class Inner {} }",
        "interface Task<T> { T get(); static void save(Object o) {} }",
    ),
    files={
        "src/app/Base.java": (
            "package app;",
            "public class Base {\n  protected Base owner;\n"
            "  public Base get() { return owner; }\n"
            "  protected void save(Object o) { get().save(null); }\n"
            "  protected void save(Base b) { b.get(); }\n"
            "  public static Base next(Base b) { return b; }\n  protected class Inner {}\n}",
        ),
        "src/app/Item.java": (
            "package app;",
            "import web.Task;",
            "public class Item extends Base {\n  Task<Item> next;\n"
            "  public Item get() { next.get().save(this); return this; }\n  Inner inner;\n}",
        ),
        "src/web/Task.java": (
            "package web;",
            "import app.*;",
            "public abstract class Task<T extends Base> {\n  T owner;\n"
            "  public T get() { save(owner.get()); return owner; }\n"
            "  static void save(Item i) { i.next(i); }\n  static void save(Base b) {}\n}",
            "class Item extends app.Item { public Item get() { super.get(); return this; } }",
        ),
        "lib/app/Item.java": (
            "package app;",
            "class Item { void save(Base b) { b.save(b); } Base get() { return null; } }",
        ),
        "lib/web/Use.java": (
            "package web;",
            "import static app.Base.next;",
            "import java.util.function.*;",
            "class Use {\n  Item owner = new Item() { void save(Base b) { get(); } };\n"
            "  void run(Function<Item, Task> f) { f.apply(owner).get(); next(owner.get()); }\n"
            "  void go() { run(i -> i.next()); run(Item::next); new app.Item().save(null); }\n}",
        ),
        "Main.java": (
            "import app.Base;",
            "class Main extends Base { Base get() { save(owner); return next(owner.get()); } }",
        ),
    },
)
"""Few files with types of the same few names, in two roots, whose overloads hang on each other."""
