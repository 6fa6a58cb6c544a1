"""The jobs by name, with what each is told of: a text, and where it is about."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from agent.languages import SUFFIXES
from graphdb.errors import CodexGraphError, NotFoundError
from graphdb.queries.names import resolve
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from agent.task import Task
    from agent.tasks.ground import Work
    from graphdb.symbols import Symbol

_PLACE = re.compile(r"^(?P<path>.+?):(?P<line>\d+)(?::(?P<column>\d+))?$")
_WRITTEN = (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD)


class Job(StrEnum):
    """What the agent can be asked for; the first five are CodexGraph's applications."""

    ASK = "ask"
    DEBUG = "debug"
    TEST = "test"
    GENERATE = "generate"
    COMMENT = "comment"
    CLASS = "class"
    COMPLETE = "complete"


def task(job: Job, work: Work, text: str, where: str = "", history: str = "") -> Task:
    """The task of a job.

    text: the question, issue, description or name. where: for generate a name or a path, for class
    the path. history: what was said before a question, in brief. Raises CodexGraphError for what
    cannot be found or is not enough.
    """
    from agent.tasks.answering import Ask, Debug
    from agent.tasks.coding import Complete, WriteClass

    if not text.strip():
        raise CodexGraphError(f"{job} was given nothing to work on: give a text")
    if job is Job.ASK:
        return Ask(work, text, history)
    if job is Job.DEBUG:
        return Debug(work, text)
    if job is Job.TEST:
        return _unit_test(work, text)
    if job is Job.GENERATE:
        return _generate(work, text, where)
    if job is Job.COMMENT:
        return _comment(work, text)
    if job is Job.CLASS:
        if not where.endswith(SUFFIXES):
            raise CodexGraphError(
                f"--path {where or '(none)'}: give the file of the class to write"
            )
        work.ground.read_file(where)  # refuses what leads out before a model is asked
        return WriteClass(work, text, where)
    path, line, column = place_of(text)
    return Complete(work, path, line, column)


def place_of(text: str) -> tuple[str, int, int | None]:
    """Path, line (1-based) and column (0-based, None where none is given) of `path:line[:column]`.

    Columns are written from 1, as editors show them. Raises CodexGraphError.
    """
    match = _PLACE.match(text.strip())
    if match is None:
        raise CodexGraphError(f"{text!r} is no place: write path:line or path:line:column")
    column = int(match["column"]) - 1 if match["column"] else None
    return match["path"], int(match["line"]), column


def _definition(work: Work, name: str) -> Symbol:
    symbol = resolve(work.ground.reader, name, _WRITTEN)
    if symbol.kind not in _WRITTEN:
        raise CodexGraphError(
            f"{name} is a {symbol.kind.lower()}: name a class, function or method"
        )
    return symbol


def _comment(work: Work, text: str) -> Task:
    from agent.tasks.commenting import Comment, comment_file

    if text.endswith(SUFFIXES) and work.ground.read_file(text) is not None:
        return comment_file(work, text)
    return Comment(work, _definition(work, text))


def _unit_test(work: Work, name: str) -> Task:
    from agent.answers.places_of_tests import path_of_test
    from agent.tasks.unit_test import UnitTest

    symbol = _definition(work, name)
    path = path_of_test(work.ground, symbol.file_path or "")
    package = ""
    if path.endswith(".java"):
        head = re.search(
            r"^\s*package\s+([\w.]+)", work.text_of(symbol.file_path or ""), re.MULTILINE
        )
        package = head[1] if head else ""
    return UnitTest(work, symbol, path, package)


def _generate(work: Work, what: str, where: str) -> Task:
    from agent.tasks.coding import Generate

    if not where:
        what, comma, where = (part.strip() for part in what.rpartition(","))
        if not comma or not what:
            raise CodexGraphError("say what and where: 'a method that ..., pkg.module.Class'")
    is_there = work.ground.read_file(where) is not None
    if is_there or (where.endswith(SUFFIXES) and "/" in where):
        return Generate(work, what, where)
    try:
        symbol = _definition(work, where)
    except NotFoundError:
        if where.endswith(SUFFIXES):
            return Generate(work, what, where)
        raise
    return Generate(work, what, symbol.file_path or "", symbol)
