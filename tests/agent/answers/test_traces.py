"""Stack traces are read as they are pasted."""

from __future__ import annotations

import pytest

from agent.answers.traces import Frame, read_traces

PYTHON = """Traceback (most recent call last):
  File "/app/src/shop/cli.py", line 12, in main
    run(order)
    ~~~^^^^^^^
  File "/app/src/shop/orders.py", line 7, in run
    raise ValueError("no order: 3")
ValueError: no order: 3
"""
PYTHON_FRAMES = (
    Frame("/app/src/shop/cli.py", 12, "main", "run(order)"),
    Frame("/app/src/shop/orders.py", 7, "run", 'raise ValueError("no order: 3")'),
)


def test_a_python_trace_ends_with_its_exception() -> None:
    (thrown,) = read_traces(f"it fails since today:\n\n{PYTHON}\nany idea?")
    assert (thrown.name, thrown.text) == ("ValueError", "no order: 3")
    assert thrown.frames == PYTHON_FRAMES


@pytest.mark.parametrize(
    "before",
    [
        "2026-01-02 03:04:05,678 ERROR [worker-1] ",
        "web_1  | ",
        "> ",
        "    ",
        "\t",
        "[2026-01-02T03:04:05Z] app.py:33 - ",
    ],
)
def test_what_a_log_puts_before_each_line_is_no_part_of_it(before: str) -> None:
    (thrown,) = read_traces("".join(f"{before}{line}\n" for line in PYTHON.splitlines()))
    assert (thrown.name, thrown.text) == ("ValueError", "no order: 3")
    assert thrown.frames == PYTHON_FRAMES


def test_chained_exceptions_come_last_first_and_say_how_they_are_joined() -> None:
    text = (
        PYTHON
        + "\nThe above exception was the direct cause of the following exception:\n\n"
        + PYTHON.replace("ValueError: no order: 3", "shop.errors.OrderError")
        + "\nDuring handling of the above exception, another exception occurred:\n\n"
        + PYTHON.replace("ValueError: no order: 3", "KeyError: 'id'")
    )
    found = [(t.name, t.link) for t in read_traces(text)]
    assert found == [
        ("KeyError", "was being handled when this came"),
        ("shop.errors.OrderError", "caused"),
        ("ValueError", ""),
    ]


def test_a_trace_that_was_cut_off_keeps_its_frames() -> None:
    (thrown,) = read_traces("\n".join(PYTHON.splitlines()[:6]))
    assert (thrown.name, thrown.frames) == ("", PYTHON_FRAMES)


def test_a_module_and_a_comprehension_are_frames_too() -> None:
    text = (
        '  File "a.py", line 3, in <module>\n    f()\n'
        '  File "a.py", line 1, in Shop.total.<locals>.<lambda>\nTypeError\n'
    )
    (thrown,) = read_traces(text)
    assert [frame.name for frame in thrown.frames] == ["<module>", "<lambda>"]
    assert thrown.name == "TypeError"


JAVA = """Exception in thread "main" java.lang.IllegalStateException: it broke: twice
\tat com.example.shop.Orders.run(Orders.java:31)
\tat com.example.shop.Orders$Line.lambda$total$0(Orders.java:52)
\tat java.base/java.util.ArrayList.forEach(ArrayList.java:1596)
\tat app//com.example.shop.Main.<init>(Main.java:9)
\tat com.example.shop.Main.main(Main.java)
\tat sun.reflect.Native.invoke0(Native Method)
Caused by: com.example.shop.OrderException: no order
\tat com.example.shop.Store.find(Store.java:12)
\t... 5 more
"""


def test_java_frames_are_turned_round_and_causes_follow() -> None:
    first, cause = read_traces(JAVA)
    assert (first.name, first.text) == ("java.lang.IllegalStateException", "it broke: twice")
    assert first.frames == (
        Frame("sun/reflect/Native.java", None, "sun.reflect.Native.invoke0"),
        Frame("com/example/shop/Main.java", None, "com.example.shop.Main.main"),
        Frame("com/example/shop/Main.java", 9, "com.example.shop.Main.<init>"),
        Frame("java/util/ArrayList.java", 1596, "java.util.ArrayList.forEach"),
        Frame("com/example/shop/Orders.java", 52, "com.example.shop.Orders.Line.total"),
        Frame("com/example/shop/Orders.java", 31, "com.example.shop.Orders.run"),
    )
    assert (cause.name, cause.text, cause.link) == (
        "com.example.shop.OrderException",
        "no order",
        "is caused by",
    )
    assert cause.frames == (
        Frame("com/example/shop/Store.java", 12, "com.example.shop.Store.find"),
    )


def test_a_java_trace_in_a_log() -> None:
    lines = JAVA.splitlines()
    text = "\n".join(["10:00 ERROR c.e.Main - " + lines[0].partition('"main" ')[2], *lines[1:]])
    assert read_traces(text)[0].name == "java.lang.IllegalStateException"


PYTEST = """
    def test_total():
>       assert total([1]) == 2

tests/test_shop.py:5:
_ _ _ _ _ _ _ _ _ _ _ _

numbers = [1]

    def total(numbers):
>       raise OrderError("no")
E       shop.errors.OrderError: no

src/shop/orders.py:9: OrderError
"""


def test_pytest_output() -> None:
    (thrown,) = read_traces(PYTEST)
    assert read_traces(PYTEST.replace("test_shop.py:5:", "test_shop.py:5: ")) == (thrown,)
    assert (thrown.name, thrown.text) == ("shop.errors.OrderError", "no")
    assert thrown.frames == (
        Frame("tests/test_shop.py", 5, "test_total"),
        Frame("src/shop/orders.py", 9, "total"),
    )


def test_short_pytest_output() -> None:
    text = (
        "tests/test_shop.py:5: in test_total\n    assert total([1]) == 2\n"
        "src/shop/orders.py:9: in total\n    raise OrderError()\nE   shop.errors.OrderError\n"
    )
    (thrown,) = read_traces(text)
    assert (thrown.name, len(thrown.frames)) == ("shop.errors.OrderError", 2)


@pytest.mark.parametrize("text", ["", "the login fails", "see app.py line 3", "a: b\nc: d"])
def test_a_text_without_frames_has_no_trace(text: str) -> None:
    assert read_traces(text) == ()
