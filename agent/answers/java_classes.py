"""A Java class whose bodies are still to be written."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.answers.java_values import JavaValues, erasure
from agent.answers.signatures import java_signature, type_variables
from graphdb.queries.implementing import abstract_members, constructors
from graphdb.queries.members import owners_of
from graphdb.queries.traits import Traits, traits_of
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.answers.ground import Ground
    from agent.answers.signatures import Parameter
    from agent.answers.spec import Member, Spec
    from graphdb.symbols import Symbol

_BODY = 'throw new UnsupportedOperationException("to be written");'


def java_text(ground: Ground, spec: Spec, bases: Sequence[Symbol]) -> str:
    """The text of a new file with the class. spec.path: where, which tells the package."""
    package = package_of(ground, spec.path)
    imports: set[str] = set()
    missing: dict[tuple[str, int], tuple[Symbol, Symbol]] = {}
    for base in bases:
        for member in abstract_members(ground.reader, base):
            arity = len((member.signature or "").split(","))
            missing.setdefault((member.name, arity), (member, base))
    parts = [f"    {_field(field)}" for field in spec.fields]
    if made := _constructor(ground, spec, bases, imports, package):
        parts.append(made)
    for member, base in missing.values():
        parts.append(_method(ground, member, base, imports, package))
    known = {name for name, _ in missing}
    parts += [_own(method) for method in spec.methods if method.name not in known]
    head = _head(ground, spec, bases, imports, package)
    heads = [f"package {package};"] if package else []
    heads += ["\n".join(f"import {name};" for name in sorted(imports))] if imports else []
    doc = "\n".join(["/**", f" * {spec.summary.replace('*/', '* /')}", " */"])
    body = "\n\n".join(parts)
    return "\n\n".join([*heads, f"{doc}\n{head} {{"]) + (f"\n\n{body}\n}}\n" if body else "\n}\n")


def package_of(ground: Ground, path: str) -> str:
    """The package of a new file: that of its neighbours, else of the folders below `java`."""
    folder = path.rpartition("/")[0]
    rows = ground.reader.query(
        "MATCH (n:CLASS) WHERE n.repo = $repo AND n.file_path STARTS WITH $folder "
        "RETURN n.file_path AS path, n.uid AS uid, n.full_name AS name ORDER BY path, uid",
        {"folder": f"{folder}/"},
        max_rows=None,
    ).rows
    for other, uid, name in rows:
        if other.rpartition("/")[0] == folder:
            inside = uid.split(":", 2)[-1].partition("#")[0]
            return name.removesuffix(inside).rstrip(".")
    below = re.sub(r"^(?:.*/)?java(?:/|$)", "", folder)
    return below.replace("/", ".")


def _head(
    ground: Ground, spec: Spec, bases: Sequence[Symbol], imports: set[str], package: str
) -> str:
    named = {base.name: base for base in bases}
    extended: list[str] = []
    implemented: list[str] = []
    for name in spec.bases:
        base = named.get(name)
        is_interface = base is not None and "INTERFACE" in base.labels
        written = _named(ground, base, imports, package) if base else name
        (implemented if is_interface or extended else extended).append(written)
    head = f"public class {spec.name}"
    head += f" extends {extended[0]}" if extended else ""
    return head + (f" implements {', '.join(implemented)}" if implemented else "")


def _named(ground: Ground, base: Symbol, imports: set[str], package: str) -> str:
    values = JavaValues(ground, base, package)
    name = values.reference(base)
    imports |= values.imports
    return name


def _constructor(
    ground: Ground, spec: Spec, bases: Sequence[Symbol], imports: set[str], package: str
) -> str | None:
    """What the superclass's shortest constructor must be given, then the fields."""
    given: list[Parameter] = []
    for base in [b for b in bases if "INTERFACE" not in b.labels][:1]:
        makers = [m for m in constructors(ground.reader, base) if m.name == base.name]
        signatures = [s for m in makers if (s := java_signature(m.signature or ""))]
        shortest = min(signatures, key=lambda s: len(s.parameters), default=None)
        wanted = shortest.parameters if shortest else ()
        given += [_typed(ground, each, base, {}, imports, package) for each in wanted]
    if not given and not spec.fields:
        return None
    own = [field for field in spec.fields if field.name not in {p.name for p in given}]
    parameters = [f"{p.type} {p.name}" for p in given]
    parameters += [f"{field.type or 'Object'} {field.name}" for field in own]
    lines = [f"    public {spec.name}({', '.join(parameters)}) {{"]
    lines += [f"        super({', '.join(p.name for p in given)});"] if given else []
    lines += [f"        this.{field.name} = {field.name};" for field in own]
    return "\n".join([*lines, "    }"])


def _typed(
    ground: Ground,
    parameter: Parameter,
    base: Symbol,
    own: dict[str, str],
    imports: set[str],
    package: str,
) -> Parameter:
    """A parameter of a base's member with a type that the new file can name."""
    values = JavaValues(ground, base, package)
    variables = {k: v for k, v in type_variables(base.signature or "").items() if k not in own}
    written = values.local_type(parameter.type, variables)
    imports |= {name for name in values.imports if name not in own}
    return replace(parameter, type=written)


def _method(ground: Ground, member: Symbol, base: Symbol, imports: set[str], package: str) -> str:
    """An abstract method of a base, with its signature to the letter but for type variables."""
    signature = java_signature(member.signature or "")
    if signature is None or member.kind is not NodeKind.METHOD:
        return f"    // {member.name}, of {base.full_name}"
    own = dict(signature.variables)
    declared = _declaring(ground, member, base)
    typed = [_typed(ground, p, declared, own, imports, package) for p in signature.parameters]
    values = JavaValues(ground, declared, package)
    outer = {k: v for k, v in type_variables(declared.signature or "").items() if k not in own}
    returns = values.local_type(signature.returns, outer)
    throws = [values.local_type(erasure(name, outer), {}) for name in signature.throws]
    imports |= {name for name in values.imports if name not in own}
    traits = traits_of(ground.reader, [member]).get(member.uid, Traits())
    is_protected = traits.visibility == "protected"
    is_near = traits.visibility == "package" and "INTERFACE" not in declared.labels
    visible = "protected " if is_protected else "" if is_near else "public "
    generic = ", ".join(f"{k} extends {v}" if v != "Object" else k for k, v in own.items())
    head = f"{visible}{f'<{generic}> ' if generic else ''}{returns} {member.name}"
    arguments = ", ".join(f"{p.type} {p.name}" for p in typed)
    thrown = f" throws {', '.join(throws)}" if throws else ""
    return f"    @Override\n    {head}({arguments}){thrown} {{\n        {_BODY}\n    }}"


def _declaring(ground: Ground, member: Symbol, base: Symbol) -> Symbol:
    """The class that declares a member, which may stand above the base."""
    owner = member.full_name.rpartition(".")[0]
    return next((o for o in owners_of(ground.reader, [member]) if o.full_name == owner), base)


def _field(field: Member) -> str:
    return f"private final {field.type or 'Object'} {field.name};"


def _own(method: Member) -> str:
    arguments = (method.arguments or "()")[1:-1].strip()
    is_typed = all(" " in part.strip() for part in arguments.split(",") if part.strip())
    shown = arguments if is_typed else ""
    returns = method.type or "void"
    return f"    public {returns} {method.name}({shown}) {{\n        {_BODY}\n    }}"
