"""Import statements find their place."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.importing import with_imports

PYTHON = [
    ("import os\nimport sys\n", "import re", "import os\nimport re\nimport sys\n"),
    ("import os\n", "import os", "import os\n"),
    ("from a import b\n", "from a import b", "from a import b\n"),
    ("from a import b, d\n", "from a import c", "from a import b, c, d\n"),
    ("from a import B, c\n", "from a import D", "from a import B, D, c\n"),
    ("from a import b  # why\n", "from a import c", "from a import b  # why\nfrom a import c\n"),
    (
        "from a import (\n    b,\n)\n",
        "from a import c",
        "from a import (\n    b,\n)\nfrom a import c\n",
    ),
    (
        "import os\n\nfrom app import x\n",
        "import app.y",
        "import os\n\nimport app.y\nfrom app import x\n",
    ),
    (
        "import os\n\nfrom app import x\n",
        "import re",
        "import os\nimport re\n\nfrom app import x\n",
    ),
    ("from app import x\n", "import re", "import re\n\nfrom app import x\n"),
    ("import re\n\nx = 1\n", "from app import y", "import re\n\nfrom app import y\n\nx = 1\n"),
    (
        "import requests\n\nimport app.a\nimport app.c\n",
        "import app.b",
        "import requests\n\nimport app.a\nimport app.b\nimport app.c\n",
    ),
    (
        "import requests\n\nimport zapp.a\n",
        "import numpy",
        "import numpy\nimport requests\n\nimport zapp.a\n",
    ),
    ('"""Doc."""\n\nx = 1\n', "import re", '"""Doc."""\n\nimport re\n\nx = 1\n'),
    ('"""Doc."""', "import re", '"""Doc."""\n\nimport re\n'),
    (
        '"""Doc."""\n\nfrom __future__ import annotations\n\nx = 1\n',
        "import re",
        '"""Doc."""\n\nfrom __future__ import annotations\n\nimport re\n\nx = 1\n',
    ),
    (
        '"""Doc."""\n\nimport re\n',
        "from __future__ import annotations",
        '"""Doc."""\n\nfrom __future__ import annotations\n\nimport re\n',
    ),
    (
        "#!/usr/bin/env python\n# note\n\nx = 1\n",
        "import re",
        "#!/usr/bin/env python\n# note\n\nimport re\n\n\nx = 1\n",
    ),
    ("", "import re", "import re\n"),
    ("x = 1\n", "from a import b", "from a import b\n\n\nx = 1\n"),
    ("from . import a\n", "from .b import c", "from . import a\nfrom .b import c\n"),
    ("from .b import c\n", "from .. import d", "from .. import d\nfrom .b import c\n"),
    ("import os\r\n", "import re", "import os\r\nimport re\r\n"),
    ("def f(:\n", "import re", "import re\ndef f(:\n"),
    ("import a as b\n", "import a", "import a as b\nimport a\n"),
]


@pytest.mark.parametrize(("text", "statement", "expected"), PYTHON)
def test_python(text: str, statement: str, expected: str) -> None:
    assert with_imports(text, [statement], "python") == expected


JAVA = [
    ("package a;\n\nclass B {\n}\n", "import x.Y;", "package a;\n\nimport x.Y;\n\nclass B {\n}\n"),
    ("import a.A;\nimport c.C;\n", "import b.B;", "import a.A;\nimport b.B;\nimport c.C;\n"),
    ("import a.A;\n", "import a.A;", "import a.A;\n"),
    ("import a.*;\n", "import a.A;", "import a.*;\n"),
    ("import a.A;\n", "import static b.B.c;", "import static b.B.c;\n\nimport a.A;\n"),
    ("import static b.B.c;\n", "import a.A;", "import static b.B.c;\n\nimport a.A;\n"),
    (
        "/* Licence. */\n\nclass B {\n}\n",
        "import x.Y;",
        "/* Licence. */\n\nimport x.Y;\n\nclass B {\n}\n",
    ),
    (
        "/** About B. */\nclass B {\n}\n",
        "import x.Y;",
        "import x.Y;\n\n/** About B. */\nclass B {\n}\n",
    ),
    ("class B {\n}\n", "import x.Y;", "import x.Y;\n\nclass B {\n}\n"),
    ("package a;", "import x.Y;", "package a;\n\nimport x.Y;\n"),
]


@pytest.mark.parametrize(("text", "statement", "expected"), JAVA)
def test_java(text: str, statement: str, expected: str) -> None:
    assert with_imports(text, [statement], "java") == expected


@pytest.mark.parametrize("language", ["python", "java"])
@pytest.mark.parametrize("statement", ["x = 1", "", "import", "import os; rm()", "import a\nx()"])
def test_other_statements_are_refused(statement: str, language: str) -> None:
    with pytest.raises(ValueError, match="is no import statement"):
        with_imports("", [statement], language)


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="where cobol imports is not known"):
        with_imports("", ["import a"], "cobol")


_STATEMENTS = st.sampled_from(
    [
        "import os",
        "import re",
        "from a import b",
        "from a import C",
        "from .x import y",
        "import a.b",
    ]
)


@given(st.lists(_STATEMENTS, unique=True), st.lists(_STATEMENTS, unique=True))
def test_every_statement_is_there_once(given: list[str], added: list[str]) -> None:
    text = with_imports("".join(f"{line}\n" for line in given), added, "python")
    assert with_imports(text, added, "python") == text
    names = [
        (getattr(node, "level", 0), getattr(node, "module", None), alias.name)
        for node in ast.parse(text).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]
    assert len(names) == len(set(names)) == len({*given, *added})
