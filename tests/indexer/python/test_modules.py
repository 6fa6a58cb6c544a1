"""Which file an import means, where more than one could be."""

from __future__ import annotations

import pytest

from indexer.languages.python.modules import Modules

FILES = (
    "sebs/sebs.py",
    "sebs/types.py",
    "sebs/parts/__init__.py",
    "tools/run.py",
    "tools/sebs.py",
)


@pytest.mark.parametrize(
    ("importer", "name", "meant"),
    [
        ("sebs/sebs.py", "sebs", ("ns", ":sebs")),
        ("sebs/sebs.py", "sebs.types", ("mod", "sebs/types.py")),
        ("sebs/types.py", "sebs.types", ("mod", "sebs/types.py")),
        ("sebs/types.py", "sebs.parts", ("mod", "sebs/parts/__init__.py")),
        ("tools/run.py", "sebs", ("mod", "tools/sebs.py")),
        ("tools/run.py", "sebs.types", ("mod", "sebs/types.py")),
        ("tools/run.py", "sebs.nothing", None),
    ],
)
def test_a_module_beside_a_script(importer: str, name: str, meant: tuple[str, str] | None) -> None:
    modules = Modules(FILES)
    assert modules.find(importer, name) == meant


def test_the_order_of_questions_does_not_matter() -> None:
    asked = [(importer, name) for importer in FILES for name in ("sebs", "sebs.types", "parts")]
    forth, back = Modules(FILES), Modules(FILES)
    answers = {question: forth.find(*question) for question in asked}
    assert answers == {question: back.find(*question) for question in reversed(asked)}
