"""Small Python repositories that are edited at random, and the names that new statements use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Sources:
    """Files as lists of statements, and pools of names: the smaller, the more often an edit hits.

    modules: names that are imported from packages beside the others, and that files are moved to.
    more: statements for any file.
    """

    files: Mapping[str, tuple[str, ...]]
    functions: tuple[str, ...]
    classes: tuple[str, ...]
    variables: tuple[str, ...]
    methods: tuple[str, ...]
    fields: tuple[str, ...]
    modules: tuple[str, ...]
    more: tuple[str, ...] = ()

    def pools(self) -> tuple[tuple[str, ...], ...]:
        """All pools: a name may be put in the place of another of its pool."""
        named = (self.functions, self.classes, self.variables)
        return (*named, self.methods, self.fields, self.modules)


WIDE = Sources(
    functions=("make", "load", "build", "helper", "run"),
    classes=("Base", "Model", "View", "Leaf", "Mixin"),
    variables=("current", "registry", "alias"),
    methods=("save", "make", "close", "__call__", "__init__", "__enter__", "__iter__"),
    fields=("owner", "items", "save", "parent"),
    modules=("part", "deep", "star", "base", "left", "tools", "app"),
    files={
        "src/app/__init__.py": (
            "from .base import Base, make",
            "from .models import *",
            "from . import util as tools",
            "__all__ = ['Base', 'make', 'Model', 'tools']",
        ),
        "src/app/base.py": (
            "from __future__ import annotations",
            "import functools",
            "class Base:\n    owner: Base\n    def __init__(self, parent=None):\n"
            "        self.parent = parent\n    def save(self) -> Base:\n"
            "        return self.close()\n    def close(self):\n        return self",
            "def make(kind=Base) -> Base:\n    return kind()",
            "def wrap(f):\n    @functools.wraps(f)\n    def inner(*a):\n"
            "        return f(*a)\n    return inner",
        ),
        "src/app/models.py": (
            "from app.base import Base as Root, wrap",
            "from .cyc_a import helper",
            "__all__ = ['Model', 'current']",
            "class Model(Root):\n    items = []\n    @wrap\n    def save(self):\n"
            "        super().save()\n        return helper(self)\n    @property\n"
            "    def owner(self):\n        return self.parent",
            "current = Model()",
            "_hidden = current",
        ),
        "src/app/util.py": (
            "from app import Model, Base",
            "def helper():\n    return Model().owner",
            "alias = helper",
        ),
        "src/app/cyc_a.py": (
            "from . import cyc_b",
            "def helper(x):\n    return cyc_b.run(x)",
            "from .cyc_b import run",
        ),
        "src/app/cyc_b.py": (
            "from .cyc_a import *",
            "def run(x):\n    return helper(x)",
            "class Leaf:\n    pass",
        ),
        "src/app/sub/__init__.py": ("from .deep import *", "from ..base import *"),
        "src/app/sub/deep.py": (
            "from ...app import base",
            "class View(base.Base):\n    def close(self):\n        return super().close()",
            "registry: View = View()",
        ),
        "src/app/sub/star.py": (
            "from app.sub import *",
            "from app.models import *",
            "x = View().close().save()",
        ),
        "src/app/sub/chain.py": (
            "from .star import Model, View",
            "class Leaf(Model, View):\n    pass",
            "Leaf().save()",
        ),
        "src/app/shadow.py": ("def make(): pass", "make = make", "class make: pass"),
        "space/one/part.py": (
            "from space.two import part as other",
            "def load():\n    return other.build()",
        ),
        "space/two/part.py": (
            "class Model:\n    def save(self): return self",
            "def build() -> Model: return Model()",
        ),
        "space/two/more.py": ("from space.one.part import load", "load().save()"),
        "plain/__init__.py": ("from plain.left import build", "import plain.right"),
        "plain/left.py": ("import plain.right as right", "def build():\n    return right.load()"),
        "plain/right.py": ("from plain import left", "def load(): return left.build()"),
        "scripts/run.py": (
            "import tools",
            "from app import make",
            "make().save()",
            "tools.helper()",
        ),
        "scripts/tools.py": ("def helper(): return run()", "def run(): return helper()"),
        "tests/conftest.py": ("from app import Base", "def fixture() -> Base: return Base()"),
        "tests/test_app.py": (
            "from app import *",
            "from .conftest import fixture",
            "class TestModel:\n    def test_save(self):\n        Model().save()\n"
            "        fixture().close()",
            "def test_make(): assert make().owner",
        ),
        "top.py": (
            "import app.sub.deep",
            "from app.sub import star",
            "app.sub.deep.registry.close()",
        ),
        "other.py": (
            "from top import star as s, app",
            "s.View().save()",
            "class Mixin(app.Base): pass",
        ),
        **{
            f"pad/p{n}.py": (f"from app import Base\ndef pad{n}(b: Base): return b.save()",)
            for n in range(6)
        },
    },
)
"""Packages, re-exports, stars with and without `__all__`, cycles, a namespace, scripts, tests."""

DENSE = Sources(
    functions=("make", "load"),
    classes=("Base", "View"),
    variables=("current", "alias"),
    methods=("save", "make", "close", "__call__", "__init__"),
    fields=("owner", "items", "save"),
    modules=("base", "view", "left", "part", "app"),
    more=(
        "from app import View as Base, load",
        "def make(given): given.close()",
        "from app import *",
        "from plain.left import *",
        "from . import view as make",
        "class View: pass",
        "__all__ = ['View']",
        "current = make(View())",
        "Base.owner = View()",
    ),
    files={
        "src/app/__init__.py": ("from .base import Base, make",),
        "src/app/base.py": (
            "class Base:\n    owner = None\n    def save(self): return self.owner.save()\n"
            "    def close(self): return self",
            "class View(Base):\n    def save(self): return self",
            "def make(given): return given.save()",
        ),
        "src/app/view.py": (
            "from app.base import *",
            "class Base:\n    items = []\n    def close(self):\n        self.items[0].save()",
            "def load():\n    from app.base import View as Base\n    local = Base()\n"
            "    local.owner = View()\n    make(local)\n    return local",
        ),
        "plain/__init__.py": ("from . import part",),
        "plain/left.py": ("from . import Base, make, part", "make(Base())", "part.make()"),
        "plain/right.py": ("import plain", "def make(given): plain.make(given.close)"),
        "space/part.py": (
            "current = None",
            "def make():\n    global current\n    from app.base import Base\n"
            "    current = Base()\n    current.items.append(Base())",
        ),
        "space/star.py": ("from space.part import current, make", "make()", "current.save()"),
        "tests/test_it.py": ("from app import View, make", "def test_make(): make(View())"),
        "top.py": ("import app", "from app.view import load", "load().close()", "app.make(app)"),
    },
)
"""Few files that ask each other for the same few names, most of them in vain at first."""
