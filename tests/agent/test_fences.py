"""Code blocks as models write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.fences import Block, blocks, code_of

ONE = [
    ("```python\nx = 1\n```", Block("x = 1\n", "python", None, True, 1)),
    ("Here:\n\n```py\nx = 1\n```\nDone.", Block("x = 1\n", "py", None, True, 3)),
    ("~~~java\nint x;\n~~~", Block("int x;\n", "java", None, True, 1)),
    ("~~~\n```\nx\n```\n~~~", Block("```\nx\n```\n", "", None, True, 1)),
    ("````\n```\nx\n```\n````", Block("```\nx\n```\n", "", None, True, 1)),
    ("```python\nx = 1\n", Block("x = 1\n\n", "python", None, False, 1)),
    ("```python\nx = 1", Block("x = 1\n", "python", None, False, 1)),
    ("```\n```", Block("", "", None, True, 1)),
    ("  ```python\n  def f():\n      pass\n  ```", Block("def f():\n    pass\n", "python", None)),
    ("```python\r\nx = 1\r\n```\r\n", Block("x = 1\n", "python")),
    ("``` python\nx\n```", Block("x\n", "python")),
    ("```Python\nx\n```", Block("x\n", "python")),
    ("```python src/a.py\nx\n```", Block("x\n", "python", "src/a.py")),
    ("```python:src/a.py\nx\n```", Block("x\n", "python", "src/a.py")),
    ('```python title="src/a.py"\nx\n```', Block("x\n", "python", "src/a.py")),
    ("```{.python file=src/a.py}\nx\n```", Block("x\n", "python", "src/a.py")),
    ("```src/a.py\nx\n```", Block("x\n", "", "src/a.py")),
    ("### `src/a.py`\n```python\nx\n```", Block("x\n", "python", "src/a.py")),
    ("**src/a.py**:\n\n```python\nx\n```", Block("x\n", "python", "src/a.py")),
    ("File: src/A.java\n```java\nx\n```", Block("x\n", "java", "src/A.java")),
    ("```python\n# src/a.py\nx\n```", Block("# src/a.py\nx\n", "python", "src/a.py")),
    ("```python\n# see a.py\nx\n```", Block("# see a.py\nx\n", "python", None)),
    ("In src/a.py write\n```python\nx\n```", Block("x\n", "python", None)),
]


@pytest.mark.parametrize(("reply", "expected"), ONE)
def test_one_block(reply: str, expected: Block) -> None:
    (found,) = blocks(reply)
    assert (found.code, found.language, found.path, found.is_closed) == (
        expected.code,
        expected.language,
        expected.path,
        expected.is_closed,
    )
    if expected.line:
        assert found.line == expected.line


DOCSTRING = '''def f():
    """Example:

```
f()
```
    """
    return 1
'''
INNER = '''def f():
    """Example:

    ```python
    f()
    ```
    """
'''
INNER_FLUSH = '''"""A module.

```python
run()
```
"""
x = 1
'''


@pytest.mark.parametrize("code", [DOCSTRING, INNER, INNER_FLUSH])
def test_fences_in_docstrings_are_part_of_the_code(code: str) -> None:
    reply = f"Here it is:\n```python\n{code}```\nThat is all."
    assert [block.code for block in blocks(reply)] == [code]
    several = f"```python\n{code}```\nand\n```java\nint x;\n```\n"
    assert [block.code for block in blocks(several)] == [code, "int x;\n"]


def test_several_blocks_and_which_one_is_meant() -> None:
    reply = (
        "First the test:\n```bash\npip install a-rather-long-package-name\n```\n"
        "```python tests/t.py\ndef test(): ...\n```\n```python\nx = 1\ny = 2\nz = 3000000000\n```"
    )
    assert [block.language for block in blocks(reply)] == ["bash", "python", "python"]
    assert code_of(reply, "python") == "x = 1\ny = 2\nz = 3000000000\n"
    assert code_of(reply, "python", "tests/t.py") == "def test(): ...\n"
    assert code_of(reply, "java") == "pip install a-rather-long-package-name\n"


def test_backticks_in_a_line_of_prose_open_nothing() -> None:
    assert blocks("Use ```x``` or\n```not a fence``` here") == ()


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("def f():\n    return 1\n", "def f():\n    return 1\n"),
        (
            "Sure! Here is it:\n\ndef f():\n    return 1\n\nHope it helps.",
            "def f():\n    return 1\n",
        ),
        ("package a;\n\nclass B {\n    int x;\n}\n", "package a;\n\nclass B {\n    int x;\n}\n"),
        ("I cannot do that.", ""),
        ("If you want to use it, call me later.", ""),
        ("", ""),
    ],
)
def test_a_reply_without_fences(reply: str, expected: str) -> None:
    assert code_of(reply, "python") == expected


@given(st.text(alphabet="`~ \n\"'axy:/.#", max_size=120))
def test_any_reply_is_read(reply: str) -> None:
    for block in blocks(reply):
        assert block.line >= 1
    code_of(reply, "python")


@given(st.lists(st.sampled_from(["x = 1", "", "    y", "# c"]), min_size=1, max_size=8))
def test_what_is_fenced_comes_back(lines: list[str]) -> None:
    code = "\n".join(lines) + "\n"
    (block,) = blocks(f"text\n```python\n{code}```\ntext")
    assert block.code == (code if code.strip("\n") else "")
