"""The skeleton of a method in a class that is there: `a method called total(tax), mod.Order`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.answers.answer import TEMPLATE, GraphAnswer, Section, code_of, inline
from agent.answers.relations import member_sections, origin
from agent.answers.spec import function_name, read_spec
from agent.answers.subjects import CLASSES, UnclearNameError, find_subject
from agent.draft import Edit
from agent.edits import bare_lines, changed_lines
from agent.splicing import added_method
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from agent.answers.ground import Ground
    from agent.answers.subjects import Subject
    from graphdb.symbols import Symbol

_WHERE = re.compile(r"(?:,|\b(?:in|to|of|into|class))\s+`?(?P<name>[A-Za-z_][\w.]*)`?[.\s]*$")
_PARAMETER = re.compile(r"(?P<type>[\w.<>\[\], ?]+\s)?\s*(?P<name>[A-Za-z_]\w*)")


def skeleton_method(ground: Ground, text: str) -> GraphAnswer | None:
    """The method at the end of its class; without a name for it, what the class has.

    None for a text that asks for no method, or names no class at its end.
    """
    match = _WHERE.search(text.strip())
    if match is None or re.search(r"\bmethod\b", text, re.IGNORECASE) is None:
        return None
    try:
        owner = find_subject(ground, match["name"], CLASSES)
    except UnclearNameError:
        return None
    asked = text.strip()[: match.start()]
    return _skeleton(ground, asked, owner) if owner.first.kind is NodeKind.CLASS else None


def _skeleton(ground: Ground, text: str, owner: Subject) -> GraphAnswer:
    symbol = owner.first
    name, arguments = function_name(text)
    title = f"Skeleton of a method of {owner.name}"
    members = member_sections(ground, symbol, limit=50)
    before = ground.read_file(symbol.file_path or "")
    summary = read_spec(text).summary
    after = _added(symbol, before, name, arguments, summary) if before and name else None
    if before is None or after is None:
        lacks = (
            f"The text does not say what the method is called. Write, for instance, `a method "
            f"called total(tax), {symbol.full_name}`."
            if not name
            else f"{symbol.full_name} is not where it was indexed: run `codexgraph index`."
        )
        sections = (Section("", (lacks,)), origin(owner), *members)
        return GraphAnswer(title, sections, label=TEMPLATE, is_found=False)
    edit = Edit(symbol.file_path or "", before, after)
    lines = bare_lines(after)
    new = sorted(n for n in changed_lines(edit) if lines[n - 1].strip())
    shown = "\n".join(lines[new[0] - 1 : new[-1]])
    said = Section("", (f"The method {inline(name)} at the end of {inline(symbol.full_name)}.",))
    code = Section("The skeleton", codes=(code_of(shown, f"{edit.path}:{new[0]}"),))
    return GraphAnswer(f"Skeleton of {inline(name)}", (said, code, *members), (edit,), TEMPLATE)


def _added(symbol: Symbol, before: str, name: str, arguments: str, summary: str) -> str | None:
    """The file with the method; None where the class does not stand where it was indexed."""
    first, last = symbol.start_line or 0, symbol.end_line or 0
    lines = bare_lines(before)
    if not 0 < first <= last <= len(lines) or symbol.name not in "".join(lines[first - 1 : last]):
        return None
    is_java = (symbol.file_path or "").endswith(".java")
    code = (_java if is_java else _python)(name, arguments, summary)
    try:
        return added_method(before, first, last, code)
    except ValueError:
        return None


def _python(name: str, arguments: str, summary: str) -> str:
    names = [part.strip() for part in arguments.split(",") if part.strip()]
    head = ", ".join(["self", *(part for part in names if part != "self")])
    text = summary.replace("\\", "/").replace('"', "'")
    return f'def {name}({head}):\n    """{text}"""\n    raise NotImplementedError\n'


def _java(name: str, arguments: str, summary: str) -> str:
    found = [m for part in arguments.split(",") if (m := _PARAMETER.fullmatch(part.strip()))]
    head = ", ".join(f"{(m['type'] or 'Object').strip()} {m['name']}" for m in found)
    # A slash behind a star would end the comment, and a backslash begin an escape.
    text = summary.replace("*/", "").replace("\\", "")
    return (
        f"/**\n * {text}\n */\npublic Object {name}({head}) {{\n"
        "    throw new UnsupportedOperationException();\n}\n"
    )
