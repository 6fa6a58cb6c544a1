"""A Python class or function whose bodies are still to be written."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from agent.answers.python_imports import FileImports, module_of
from agent.answers.python_values import Imports
from agent.answers.signatures import python_signature
from agent.edits import bare_lines
from graphdb.queries.implementing import abstract_members, constructors
from graphdb.queries.traits import Traits, traits_of
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.answers.ground import Ground
    from agent.answers.signatures import Parameter
    from agent.answers.spec import Member, Spec
    from graphdb.symbols import Symbol

_BODY = "raise NotImplementedError"
_KEPT = frozenset({"property", "classmethod", "staticmethod", "cached_property"})
_FUTURE = "from __future__ import annotations"


def python_text(ground: Ground, spec: Spec, bases: Sequence[Symbol], before: str | None) -> str:
    """The text of the file with the skeleton: a new one, or at the end of one that is there."""
    imports = Imports()
    if spec.is_class:
        body = _class(ground, spec, bases, imports)
    else:
        parameters = ", ".join(_field(member) for member in spec.fields)
        body = f'def {spec.name}({parameters}):\n    """{_quoted(spec.summary)}"""\n    {_BODY}'
    if before is None:
        if imports.typing:
            imports.add("typing", "TYPE_CHECKING")
        heads = [f'"""{_quoted(spec.summary)}"""', _FUTURE, *imports.blocks()]
        if imports.typing:
            inside = "\n".join(f"    {line}" for line in imports.typing_lines())
            heads.append(f"if TYPE_CHECKING:\n{inside}")
        return "\n\n".join(heads) + f"\n\n\n{body}\n"
    return _appended(before, imports, body)


def _class(ground: Ground, spec: Spec, bases: Sequence[Symbol], imports: Imports) -> str:
    named = {base.name: base for base in bases}
    for base in bases:
        imports.add(module_of(base), _inside(base).partition(".")[0])
    # Bases that the repository does not have are kept as written: they may come from elsewhere.
    written = [_inside(named[name]) if name in named else name for name in spec.bases]
    head = f"class {spec.name}({', '.join(written)}):" if written else f"class {spec.name}:"
    parts = [f'    """{_quoted(spec.summary)}"""']
    if made := _constructor(ground, spec, bases, imports):
        parts.append(made)
    missing: dict[str, Symbol] = {}
    for base in bases:
        for member in abstract_members(ground.reader, base):
            missing.setdefault(member.name, member)
    traits = traits_of(ground.reader, list(missing.values()))
    for member in missing.values():
        files = FileImports(ground, member.file_path or "", module_of(member))
        parts.append(_abstract(member, traits.get(member.uid, Traits()), files, imports))
    parts += [_method(member) for member in spec.methods if member.name not in missing]
    return "\n\n".join([f"{head}\n{parts[0]}", *parts[1:]])


def _constructor(
    ground: Ground, spec: Spec, bases: Sequence[Symbol], imports: Imports
) -> str | None:
    """What the base's constructor must be given, then the fields."""
    given: list[Parameter] = []
    for base in bases[:1]:
        for maker in constructors(ground.reader, base)[:1]:
            signature = python_signature(maker.signature or "")
            files = FileImports(ground, maker.file_path or "", module_of(maker))
            for parameter in signature.parameters[1:] if signature else ():
                if parameter.is_required:
                    given.append(parameter)
                    files.add_names(imports, parameter.type)
    own = [field for field in spec.fields if field.name not in {p.name for p in given}]
    if not own:
        return None
    head = [f"{p.name}: {p.type}" if p.type else p.name for p in given]
    lines = [f"    def __init__(self, {', '.join([*head, *map(_field, own)])}) -> None:"]
    if bases:
        passed = (f"{p.name}={p.name}" if p.kind == "keyword" else p.name for p in given)
        lines.append(f"        super().__init__({', '.join(passed)})")
    lines += [f"        self.{field.name} = {field.name}" for field in own]
    return "\n".join(lines)


def _abstract(member: Symbol, traits: Traits, files: FileImports, imports: Imports) -> str:
    """A member of a base that is still to be written, with its signature to the letter."""
    if member.kind is NodeKind.FIELD:
        return f"    {member.name} = ...  # of {member.full_name.rpartition('.')[0]}"
    signature = python_signature(member.signature or "")
    for parameter in signature.parameters if signature else ():
        files.add_names(imports, parameter.type)
        files.add_names(imports, parameter.default or "")
    files.add_names(imports, signature.returns if signature else "")
    decorators = [name for name in traits.decorators if name.rpartition(".")[2] in _KEPT]
    lines = [f"@{name}" for name in decorators]
    lines += [f"{_whole(member)}:", f"    {_BODY}"]
    return "\n".join(f"    {line}" for line in lines)


def _method(member: Member) -> str:
    inside = (member.arguments or "()")[1:-1].strip()
    inside = inside.removeprefix("self").lstrip(", ")
    arguments = f"self, {inside}" if inside else "self"
    returns = f" -> {member.type}" if member.type else ""
    head = f"def {member.name}({arguments}){returns}:"
    try:
        ast.parse(f"{head} pass")
    except SyntaxError:
        head = f"def {member.name}(self):"
    return f"    {head}\n        {_BODY}"


def _field(member: Member) -> str:
    try:
        ast.parse(f"{member.name}: {member.type}")
    except SyntaxError:
        return member.name
    return f"{member.name}: {member.type}" if member.type else member.name


def _appended(before: str, imports: Imports, body: str) -> str:
    """A text with the imports that it lacks behind its own, and the skeleton at its end."""
    try:
        tree = ast.parse(before)
    except (SyntaxError, ValueError):
        return f"{before.rstrip()}\n\n\n{body}\n"
    present = {ast.unparse(node) for node in tree.body}
    # The annotations of an older file may be looked at when it runs.
    wanted = [*imports.lines(), *imports.typing_lines()]
    lacking = [line for line in wanted if line not in present]
    heads = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    is_doc = bool(tree.body) and ast.get_docstring(tree) is not None
    last = heads[-1] if heads else (tree.body[0] if is_doc else None)
    lines = bare_lines(before.rstrip())
    at = (last.end_lineno or 0) if last else 0
    new = ["", *lacking] if lacking and last and not heads else lacking
    lines[at:at] = new
    return "\n".join([*lines, "", "", body]) + "\n"


def _inside(symbol: Symbol) -> str:
    return symbol.uid.split(":", 2)[-1].partition("#")[0]


def _whole(member: Symbol) -> str:
    text = " ".join((member.signature or f"def {member.name}(self)").split())
    return text.replace("( ", "(").replace(", )", ")").replace(" )", ")")


def _quoted(text: str) -> str:
    """A text that may stand in a docstring."""
    return text.replace("\\", "/").replace('"', "'")
