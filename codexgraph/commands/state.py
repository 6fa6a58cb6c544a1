"""Commands about the index and the installation: status, doctor, config, schema."""

# Typer reads annotations when the program runs, so they are not postponed here.
import json
from typing import Annotated, Any

import typer

from codexgraph import rendering
from codexgraph.options import command
from codexgraph.session import Session
from graphdb.schema import EDGE_PROPERTIES, LEGAL_ENDS, NODE_PROPERTIES, ExtraLabel, NodeKind
from graphdb.symbols import to_json


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "status")(status)
    command(app, "schema", is_reading=False)(schema)
    command(app, "doctor", is_reading=False)(doctor)
    config = typer.Typer(help="Settings.", no_args_is_help=True)
    command(config, "show", is_reading=False)(config_show)
    app.add_typer(config, name="config")


def status(session: Session) -> int:
    """Show what is indexed and whether it is behind the files."""
    meta, counts = session.reader.meta(), session.reader.counts()
    state = session.freshness()
    result = {
        "repo": meta.repo,
        "root": meta.root,
        "store": session.config.store,
        "indexed_at": meta.indexed_at,
        "tool_version": meta.tool_version,
        "schema_version": meta.schema_version,
        "files": meta.files,
        "nodes": dict(counts.nodes),
        "edges": dict(counts.edges),
    }
    rows = [
        ("repository", f"{meta.repo}  {meta.root}"),
        ("store", session.config.store),
        ("indexed", f"{meta.indexed_at} by codexgraph {meta.tool_version}"),
        ("revision", f"{meta.commit or 'none'}{f' on {meta.branch}' if meta.branch else ''}"),
        ("files", str(meta.files)),
        ("nodes", _counted(counts.nodes)),
        ("edges", _counted(counts.edges)),
        ("dirty", str(len(state.dirty_files))),
        ("changed since", str(len(state.changed_files) + len(state.deleted_files))),
    ]
    return session.answer(result, rendering.columns(rows))


def schema(session: Session) -> int:
    """Print the labels, edge types and properties that queries may use."""
    edges = {
        edge.value: {"from": sorted(a), "to": sorted(b)} for edge, (a, b) in LEGAL_ENDS.items()
    }
    value = {
        "labels": [kind.value for kind in NodeKind],
        "extra_labels": [label.value for label in ExtraLabel],
        "node_properties": list(NODE_PROPERTIES),
        "edge_properties": list(EDGE_PROPERTIES),
        "edges": edges,
    }
    if session.options.json:
        session.write_object(value, None)
        return 0
    session.emit(
        [
            "labels: " + ", ".join(NodeKind),
            "further labels: " + ", ".join(ExtraLabel),
            "node properties: " + ", ".join(NODE_PROPERTIES),
            "edge properties: " + ", ".join(EDGE_PROPERTIES),
            "edges:",
        ]
    )
    rows = ((name, ", ".join(e["from"]), "-> " + ", ".join(e["to"])) for name, e in edges.items())
    session.emit("  " + line for line in rendering.columns(rows))
    return 0


def config_show(
    session: Session,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value is from.")] = False,
) -> int:
    """Print the settings that hold here; never a password."""
    from codexgraph.config import setting_rows, user_config_file

    rows = setting_rows(session.config)
    if origin:
        session.say(f"your own settings: {user_config_file()}")
    if session.options.json:
        value = {
            key: {"value": _plain(item), "origin": place} if origin else _plain(item)
            for key, item, place in rows
        }
        session.write_object({"root": str(session.config.root), "settings": value}, None)
        return 0
    table = [
        [key, json.dumps(_plain(item)), *([place] if origin else [])] for key, item, place in rows
    ]
    session.emit(rendering.columns(table))
    return 0


def doctor(session: Session) -> int:
    """Check the installation, the index and the stores; code 1 when something is broken."""
    from codexgraph.doctor import State, examine

    checks = examine(session.config)
    is_broken = any(check.state == State.BROKEN for check in checks)
    if session.options.json:
        session.write_object({"ok": not is_broken, "checks": to_json(checks)}, None)
    else:
        style = session.style
        for check in checks:
            mark = {State.OK: "ok  ", State.WARNING: "warn", State.BROKEN: "FAIL"}[check.state]
            shown = mark if check.state == State.OK else style.warn(mark)
            fix = f"  ({check.fix})" if check.fix else ""
            session.emit([f"{shown}  {check.name}: {check.detail}{fix}"])
    return 1 if is_broken else 0


def _counted(counts: Any) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()) if number)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return value if isinstance(value, str | int | float | bool) else str(value)
