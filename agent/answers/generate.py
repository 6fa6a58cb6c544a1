"""Skeletons of new code from a description, with what the graph has for writing the bodies."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.answers.answer import (
    TEMPLATE,
    GraphAnswer,
    Row,
    Section,
    code_of,
    inline,
    rows_section,
)
from agent.answers.java_classes import java_text
from agent.answers.new_member import skeleton_method
from agent.answers.python_classes import python_text
from agent.answers.python_tests import snake_case
from agent.answers.relations import look, test_uids
from agent.answers.spec import read_spec
from agent.answers.subjects import UnclearNameError, find_subject, kind_name, symbol_row
from agent.draft import Edit
from agent.edits import lines_of
from agent.tools.texts import dedented
from graphdb.queries.implementing import abstract_members
from graphdb.queries.siblings import siblings
from graphdb.queries.source import source_of
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.answers.ground import Ground
    from agent.answers.spec import Spec
    from graphdb.symbols import Symbol

_BUDGET = 1_500
_MAX_SIBLINGS = 5
_MAX_SIBLING_LINES = 60


def skeleton_code(ground: Ground, text: str, path: str = "") -> GraphAnswer:
    """A skeleton of what a text describes. path: the file, or folder, if the text does not say.

    The text may be a sentence that ends with a path, or a whole specification.
    """
    spec = read_spec(text, path)
    method = None if path else skeleton_method(ground, text)
    if method is not None:
        return method
    bases, unknown = _bases(ground, spec)
    spec = _placed(ground, spec, bases)
    is_python = spec.path.endswith(".py")
    if not spec.name or not (is_python or spec.path.endswith(".java")):
        return _unplaced(ground, spec, text)
    before = ground.read_file(spec.path)
    if before is not None and not is_python:
        note = f"{spec.path} is there already: name another class or file."
        return GraphAnswer("Skeleton", (Section("", (note,)),), label=TEMPLATE, is_found=False)
    after = (
        python_text(ground, spec, bases, before) if is_python else java_text(ground, spec, bases)
    )
    edit = Edit(spec.path, before, after)
    sections = [_understood(spec, bases, unknown, is_new=before is None)]
    missing = [m for base in bases for m in abstract_members(ground.reader, base)]
    if missing:
        rows = (Row(look(m), m.location) for m in missing)
        sections.append(rows_section("To implement", rows))
    shared = "" if before is None else _shared(before, after)
    shown = after[len(shared) :]
    line = shared.count("\n") + 1 + len(shown) - len(shown.lstrip("\n"))
    place = f"{spec.path}:{line}"
    sections.append(Section("The skeleton", codes=(code_of(shown.strip("\n"), place, 300),)))
    sections += _examples(ground, bases)
    sections += _context(ground, text)
    title = f"Skeleton of {inline(spec.name)}"
    return GraphAnswer(title, tuple(sections), (edit,), TEMPLATE)


def _bases(ground: Ground, spec: Spec) -> tuple[list[Symbol], list[str]]:
    """The classes that the text derives from, and the names of those that are not here."""
    found: list[Symbol] = []
    unknown: list[str] = []
    for name in spec.bases:
        try:
            subject = find_subject(ground, name, (NodeKind.CLASS,), "")
        except UnclearNameError:
            unknown.append(name)
            continue
        if subject.first.kind is NodeKind.CLASS:
            found.append(subject.first)
        else:
            unknown.append(name)
    return found, unknown


def _placed(ground: Ground, spec: Spec, bases: Sequence[Symbol]) -> Spec:
    """The spec with a file: the one named, or one for it in the folder named, or beside a base."""
    path = spec.path
    if path.endswith((".py", ".java")) and "/" not in path:
        path = next((f"{_folder(base)}/{path}".lstrip("/") for base in bases), path)
    if path.endswith((".py", ".java")) or not spec.name:
        return replace(spec, path=path)
    folder = path.rstrip("/") or next((_folder(base) for base in bases), "")
    suffix = _suffix(ground, bases, folder)
    if not suffix or (not folder and not bases):
        return replace(spec, path="")
    name = spec.name if suffix == ".java" else snake_case(spec.name)
    return replace(spec, path="/".join(filter(None, [folder, f"{name}{suffix}"])))


def _suffix(ground: Ground, bases: Sequence[Symbol], folder: str) -> str:
    """Of the language of the bases, or of most files of a folder."""
    if bases:
        return "." + (bases[0].file_path or "").rpartition(".")[2]
    rows = ground.reader.query(
        "MATCH (f:FILE) WHERE f.repo = $repo AND f.file_path STARTS WITH $folder "
        "RETURN f.file_path AS path",
        {"folder": f"{folder}/" if folder else ""},
        max_rows=None,
    ).rows
    ends = ["." + path.rpartition(".")[2] for (path,) in rows]
    return max(sorted(set(ends)), key=ends.count) if ends else ""


def _unplaced(ground: Ground, spec: Spec, text: str) -> GraphAnswer:
    """What is missing, and what the graph has on the text all the same."""
    is_function = re.search(r"\b(?:function|method)\b", text, re.IGNORECASE) is not None
    what = "function" if is_function else "class"
    lacks = f"what the {what} is called" if not spec.name else "where it is to stand"
    example = (
        "a function called total(orders), src/pkg/orders.py"
        if is_function
        else "a class FileCache that extends Cache, src/pkg/cache.py"
    )
    note = f"The text does not say {lacks}. Write, for instance, `{example}`."
    sections = (Section("", (note,)), *_context(ground, text))
    return GraphAnswer("Skeleton", sections, label=TEMPLATE, is_found=False)


def _understood(
    spec: Spec, bases: Sequence[Symbol], unknown: Sequence[str], *, is_new: bool
) -> Section:
    """What was read from the text, so that a misreading is seen at once."""
    what = "class" if spec.is_class else "function"
    place = "a new file" if is_new else "at the end of the file"
    texts = [f"The {what} {inline(spec.name)} in {spec.path}, {place}."]
    if unknown:
        texts.append(f"Not in the repository: {', '.join(map(inline, unknown))}.")
    if spec.fields:
        heading = "Fields" if spec.is_class else "Parameters"
        texts.append(f"{heading}: {', '.join(inline(field.name) for field in spec.fields)}.")
    if spec.methods:
        texts.append(f"Methods: {', '.join(inline(method.name) for method in spec.methods)}.")
    rows = tuple(symbol_row(base, f"its {kind_name(base)}") for base in bases)
    return Section("", tuple(texts), rows)


def _examples(ground: Ground, bases: Sequence[Symbol]) -> list[Section]:
    """Classes that were written for the same base, with the code of the shortest."""
    found = [s.symbol for base in bases[:1] for s in siblings(ground.reader, base)]
    shown = found[:_MAX_SIBLINGS]
    if not shown:
        return []
    sections = [rows_section("Classes to follow", map(symbol_row, found), limit=_MAX_SIBLINGS)]
    in_tests = test_uids(ground, shown)
    product = [s for s in shown if s.uid not in in_tests] or shown
    shortest = min(product, key=lambda s: (s.end_line or 0) - (s.start_line or 0))
    code = source_of(ground.reader, shortest).code or ""
    example = code_of("\n".join(dedented(code)), shortest.location, _MAX_SIBLING_LINES)
    return [*sections, Section(f"For example {inline(shortest.name)}", codes=(example,))]


def _context(ground: Ground, text: str) -> list[Section]:
    packed = ground.retriever().context_for(text, _BUDGET)
    if not packed.text:
        return []
    return [Section("What the repository has on it", codes=(code_of(packed.text, None, 200),))]


def _folder(symbol: Symbol) -> str:
    return (symbol.file_path or "").rpartition("/")[0]


def _shared(before: str, after: str) -> str:
    """What both texts begin with, up to a whole line."""
    end = 0
    for one, other in zip(lines_of(before), lines_of(after), strict=False):
        if one != other:
            break
        end += len(one)
    return before[:end]
