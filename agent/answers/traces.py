"""Reads stack traces out of any text: Python, pytest and Java, with whatever a log put before them.

Nothing is looked up here, so that a trace from another machine reads as one from this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PYTHON = re.compile(
    r'(?P<before>.*?)File "(?P<path>[^"\n]+)", line (?P<line>\d+)(?:, in (?P<name>[^\n]*\S))?\s*$'
)
_JAVA = re.compile(
    r"\bat (?:[\w.@-]*/)*(?P<name>[\w.$]+\.(?:[\w$]+|<init>|<clinit>))"
    r"\((?P<file>[\w$.-]+\.\w+|Native Method|Unknown Source)(?::(?P<line>\d+))?\)"
)
_PYTEST = re.compile(
    r"^\s*(?P<path>[\w./\\-]+\.py):(?P<line>\d+):"
    r"(?: in (?P<name>[\w<>.]+)| (?P<error>[A-Z]\w*))?\s*$"
)
_PYTEST_ERROR = re.compile(r"^E\s{1,7}(?P<name>(?:[a-z_]\w*\.)*[A-Z]\w*)(?:: (?P<text>.*))?$")
_PYTEST_DEF = re.compile(r"^\s{0,8}(?:>\s+)?(?:async )?def (?P<name>\w+)\(")
_THROWN = re.compile(r"^(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_<>]\w*>?)*)(?:: ?(?P<text>.*))?$")
_JAVA_THROWN = re.compile(
    r"(?:^|[\s\]:|])(?:Exception in thread \"[^\"]*\" )?"
    r"(?P<name>(?:[a-z_]\w*\.)+[A-Z][\w$]*|[A-Z][\w$]*(?:Exception|Error))(?:: (?P<text>.*))?$"
)
_CAUSED = re.compile(r"(?:Caused by|Suppressed): (?P<name>[\w.$]+)(?:: (?P<text>.*))?$")
_LOOKS_THROWN = re.compile(r"(?:Error|Exception|Warning|Exit|Interrupt|Failure|Fault|Group)$")
_CHAINS = (
    ("direct cause of the following", "caused"),
    ("During handling of the above", "was being handled when this came"),
)
_COMMENT = re.compile(r"\[CIRCULAR REFERENCE|^\s*\.\.\. \d+ (?:more|common)")


@dataclass(frozen=True, slots=True)
class Frame:
    """One call as a trace has it. name: of the function; in Java with its class, dotted.

    path: as written; in Java `package/File.java`. line: None where the trace has none. code: that
    line as the trace shows it, "" where it does not.
    """

    path: str
    line: int | None
    name: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Thrown:
    """One exception with its frames, the innermost last. link: what joins it to the one before."""

    name: str
    text: str
    frames: tuple[Frame, ...]
    link: str = ""


def read_traces(text: str) -> tuple[Thrown, ...]:
    """The exceptions of a text in their order, the one that a person saw last first.

    Empty when the text has no frames.
    """
    lines = text.splitlines()
    if any(_JAVA.search(line) for line in lines):
        return tuple(_java(lines))
    if any(_PYTHON.match(line) for line in lines):
        return tuple(reversed(list(_python(lines))))
    return tuple(_pytest(lines))


@dataclass(slots=True)
class _Open:
    """A trace that is being read."""

    frames: list[Frame] = field(default_factory=list[Frame])
    link: str = ""
    indent: str = ""


def _python(lines: list[str]) -> Iterator[Thrown]:
    """Frames, then the exception; the next trace says how the two belong together."""
    opened, link, is_code = _Open(), "", False
    for line in lines:
        frame = _PYTHON.match(line)
        rest = line[len(opened.indent) :]
        if frame:
            if not opened.frames:
                # What stands before all lines of a trace, such as a time, and its indentation.
                opened.indent = frame["before"].removesuffix("  ")
            name = (frame["name"] or "").rpartition(".")[2]
            opened.frames.append(Frame(frame["path"], int(frame["line"]), name))
        elif is_code and rest.startswith("    ") and line.startswith(opened.indent):
            opened.frames[-1] = replace(opened.frames[-1], code=rest.strip())
        elif chained := next((how for words, how in _CHAINS if words in line), None):
            link = chained
        elif opened.frames and (thrown := _thrown_at(line, opened.indent)):
            yield Thrown(thrown[0], thrown[1], tuple(opened.frames), opened.link)
            opened = _Open()
        is_code = frame is not None
        if link and not opened.frames:
            opened.link, link = link, ""
    if opened.frames:
        yield Thrown("", "", tuple(opened.frames), opened.link)


def _thrown_at(line: str, indent: str) -> tuple[str, str] | None:
    """The exception that a line names, where it stands as far left as the trace itself."""
    rest = line[len(indent) :] if len(line) > len(indent) else ""
    if not rest.startswith((" ", "\t", "^", "~")) and (found := _THROWN.match(rest)):
        return found["name"], found["text"] or ""
    found = _JAVA_THROWN.search(line)
    is_sure = found is not None and _LOOKS_THROWN.search(found["name"])
    return (found["name"], found["text"] or "") if found and is_sure else None


def _java(lines: list[str]) -> Iterator[Thrown]:
    """The exception, then its frames, innermost first."""
    name, text, link = "", "", ""
    frames: list[Frame] = []
    for line in lines:
        if frame := _JAVA.search(line):
            frames.append(_java_frame(frame))
            continue
        caused = _CAUSED.search(line)
        head = caused or (None if _COMMENT.search(line) else _JAVA_THROWN.search(line))
        if head is None:
            continue
        if frames:
            yield Thrown(name, text, tuple(reversed(frames)), link)
            frames, link = [], ""
        name, text = head["name"], head["text"] or ""
        link = "is caused by" if caused else link
    if frames:
        yield Thrown(name, text, tuple(reversed(frames)), link)


def _java_frame(match: re.Match[str]) -> Frame:
    owner, _, method = match["name"].rpartition(".")
    # The compiler's names: lambda$run$0 is in run, access$000 in its class.
    lambda_ = re.match(r"lambda\$(\w+)\$\d+$", method)
    method = lambda_[1] if lambda_ else method
    package = owner.rpartition(".")[0].replace(".", "/")
    file = match["file"] if "." in match["file"] else f"{owner.rpartition('.')[2]}.java"
    path = f"{package}/{file}" if package else file
    line = int(match["line"]) if match["line"] else None
    return Frame(path, line, f"{owner.replace('$', '.')}.{method}")


def _pytest(lines: list[str]) -> Iterator[Thrown]:
    """Entries end with `path:line: Error`; the lines before them have the function's head."""
    frames: list[Frame] = []
    function, error, text = "", "", ""
    for line in lines:
        if head := _PYTEST_DEF.match(line):
            function = head["name"]
        elif thrown := _PYTEST_ERROR.match(line):
            if not error:
                error, text = thrown["name"], thrown["text"] or ""
        elif entry := _PYTEST.match(line):
            frames.append(Frame(entry["path"], int(entry["line"]), entry["name"] or function))
            function = ""
            if entry["error"]:
                yield Thrown(error or entry["error"], text, tuple(frames))
                frames, error, text = [], "", ""
    if frames:
        yield Thrown(error, text, tuple(frames))
