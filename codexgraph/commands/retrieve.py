"""Retrieval: search, context, locate and map, all from the graph and without a model."""

# Typer reads annotations when the program runs, so they are not postponed here.
import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codexgraph import rendering
from codexgraph.commands.ask import in_repository
from codexgraph.options import command
from codexgraph.session import Session
from graphdb.errors import CodexGraphError, NotFoundError
from graphdb.schema import CODE_KINDS, NodeKind
from graphdb.symbols import Symbol, to_json

if TYPE_CHECKING:
    from graphdb.retrieval.packing import Packed
    from graphdb.retrieval.retriever import Found, Retriever

TextArgument = Annotated[
    str, typer.Argument(metavar="TEXT", help="Words, an issue or a traceback; - reads stdin.")
]
BudgetOption = Annotated[
    int, typer.Option("--budget", min=50, help="Tokens, four characters each.")
]
_NAME = re.compile(r"[\w./$-]+(?::\d+)?")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "search")(search)
    command(app, "context")(context)
    command(app, "locate")(locate)
    command(app, "map")(repository_map)


def search(
    session: Session,
    text: TextArgument,
    kind: Annotated[
        list[NodeKind] | None, typer.Option("--kind", help="Only this kind; may be repeated.")
    ] = None,
    k: Annotated[int, typer.Option("--k", min=1, help="How many symbols.")] = 20,
) -> int:
    """Search by words, names and the graph together, ranked, with the reason of each hit."""
    found = _retriever(session).search(_text(text), tuple(kind or CODE_KINDS), k)
    lines = rendering.columns(_rows(found), session.style)
    files = [item.symbol.file_path for item in found]
    return session.answer(to_json(found), lines, files, is_found=bool(found))


def context(
    session: Session,
    about: Annotated[
        str,
        typer.Argument(metavar="ABOUT", help="A NAME, path:line, or any text; - reads stdin."),
    ],
    budget: BudgetOption = 2_000,
) -> int:
    """Print what one needs to know to read or write something, within a budget of tokens."""
    text = _text(about)
    symbol = _symbol(session, text)
    retriever = _retriever(session)
    if symbol is not None:
        packed = retriever.context_of(symbol, budget)
    else:
        packed = retriever.context_for(text, budget)
    return _answer_packed(session, packed, symbol)


def locate(
    session: Session,
    text: TextArgument,
    k: Annotated[int, typer.Option("--k", min=1, help="How many of each.")] = 10,
) -> int:
    """Find the files, classes and functions that an issue or a traceback is about."""
    found = _retriever(session).locate(_text(text), k)
    style = session.style
    lines = [style.bold("files")]
    rows = ((f"  {item.path}", f"{item.score:.2f}", item.why) for item in found.files)
    lines += rendering.columns(rows, style)
    for title, items in (("classes", found.classes), ("functions", found.functions)):
        lines.append(style.bold(title))
        lines += ["  " + line for line in rendering.columns(_rows(items), style)]
    files = [item.path for item in found.files]
    files += [i.symbol.file_path or "" for i in (*found.classes, *found.functions)]
    result = {
        "files": [item._asdict() for item in found.files],
        "classes": to_json(found.classes),
        "functions": to_json(found.functions),
    }
    return session.answer(result, lines if found.files else [], files, is_found=bool(found.files))


def repository_map(session: Session, budget: BudgetOption = 2_000) -> int:
    """Print the most used classes and functions of the repository, within a budget of tokens."""
    return _answer_packed(session, _retriever(session).map(budget), None)


def _retriever(session: Session) -> "Retriever":
    from codexgraph.wiring import open_retriever

    return open_retriever(session.config, session.reader)


def _text(argument: str) -> str:
    text = sys.stdin.read() if argument == "-" else argument
    if not text.strip():
        raise CodexGraphError("the text is empty: give words, a name or path:line")
    return text


def _symbol(session: Session, text: str) -> Symbol | None:
    """The symbol that a text is the name of, or None where it is to be read as a text."""
    from graphdb.queries.names import resolve

    name = text.strip()
    if not _NAME.fullmatch(name):
        return None
    path, colon, line = name.rpartition(":")
    if colon and line.isdigit():
        return resolve(session.reader, f"{in_repository(session, path)}:{line}")
    try:
        return resolve(session.reader, in_repository(session, name))
    except NotFoundError:
        if "." in name or "/" in name:
            raise
        return None


def _rows(found: "tuple[Found, ...]") -> list[tuple[str, str, str, str]]:
    return [
        (
            item.symbol.location,
            f"{item.score:.2f}",
            item.symbol.kind.value.lower().replace("global_variable", "global"),
            f"{item.symbol.full_name}  ({item.why})",
        )
        for item in found
    ]


def _answer_packed(session: Session, packed: "Packed", symbol: Symbol | None) -> int:
    result: dict[str, Any] = {
        "symbol": to_json(symbol),
        "budget": packed.budget,
        "tokens": packed.tokens,
        "items": to_json(packed.items),
        "text": packed.text,
    }
    files = [item.symbol.file_path for item in packed.items]
    lines = packed.text.splitlines()
    return session.answer(result, lines, files, is_found=bool(packed.items))
