"""Queries that need no Cypher from a model: the frequent questions, and what worked before.

Values are always bound as parameters. A query that a model wrote and that answered is kept with its
string literals turned into parameters (CRAFT, arXiv 2309.17428; LATM, arXiv 2305.17126); nothing of
it but schema words and identifiers ever reaches a prompt again.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphdb.cypher_scan import TokenKind, scan, spans
from graphdb.errors import WriteRefusedError
from graphdb.gate import check_read_only

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SYMBOL, WORD = "symbol", "word"
SOURCE = "source"
"""The one template whose answer is code."""

FILE_NAME = "templates.json"
VERSION = 1
MAX_KEPT = 20
_MAX_CYPHER = 400
_MAX_FILE_BYTES = 100_000
_MAX_PARAMETERS = 4
_SURE = "(e.tier IS NULL OR e.tier <> 'candidate')"


@dataclass(frozen=True, slots=True)
class Template:
    """A query with holes.

    parameters: (name, kind) in order; a symbol is a name, bound as the list of the uids that it
    stands for; a word is bound as it is.
    """

    name: str
    description: str
    parameters: tuple[tuple[str, str], ...]
    cypher: str

    @property
    def usage(self) -> str:
        """The template as a call, with what it answers."""
        return f"{self.name}({', '.join(name for name, _ in self.parameters)}): {self.description}"


@dataclass(frozen=True, slots=True)
class Kept:
    """The templates of a repository, the most recently useful first. note: why there are none."""

    templates: tuple[Template, ...] = ()
    note: str | None = None


def _symbol(name: str, description: str, match: str, answer: str) -> Template:
    """A question about one symbol `n`."""
    cypher = f"MATCH {match} WHERE n.repo = $repo AND n.uid IN $name AND {_SURE} RETURN {answer}"
    return Template(name, description, (("name", SYMBOL),), cypher)


_ANY = "(n:MODULE|CLASS|FUNCTION|METHOD|FIELD|GLOBAL_VARIABLE)"
_WORDS = "toLower(n.name) CONTAINS toLower($word)"
_OTHERS = "DISTINCT m ORDER BY m.full_name"
FREQUENT = (
    Template(
        "definition",
        "where something is defined, and how",
        (("name", SYMBOL),),
        f"MATCH {_ANY} WHERE n.repo = $repo AND n.uid IN $name RETURN n.full_name AS name, "
        "n.signature AS signature, n.docstring AS docstring, n.file_path AS file, "
        "n.start_line AS line",
    ),
    Template(
        SOURCE,
        "the source text of something",
        (("name", SYMBOL),),
        f"MATCH {_ANY} WHERE n.repo = $repo AND n.uid IN $name RETURN n",
    ),
    _symbol(
        "callers",
        "what calls a function or makes instances of a class",
        "(m)-[e:CALLS|INSTANTIATES]->(n:CLASS|FUNCTION|METHOD)",
        _OTHERS,
    ),
    _symbol(
        "callees",
        "what a function calls",
        "(n:MODULE|CLASS|FUNCTION|METHOD)-[e:CALLS|INSTANTIATES]->(m)",
        _OTHERS,
    ),
    _symbol(
        "references",
        "all that uses something, not only calls",
        f"(m)-[e:CALLS|INSTANTIATES|USES|INHERITS|IMPLEMENTS|HAS_TYPE|RETURNS_TYPE]->{_ANY}",
        _OTHERS,
    ),
    Template(
        "subclasses",
        "all classes derived from a class, directly or not",
        (("name", SYMBOL),),
        "MATCH (m:CLASS)-[:INHERITS|IMPLEMENTS*1..10]->(n:CLASS|EXTERNAL) "
        f"WHERE n.repo = $repo AND n.uid IN $name RETURN {_OTHERS}",
    ),
    Template(
        "superclasses",
        "all bases of a class, directly or not",
        (("name", SYMBOL),),
        "MATCH (n:CLASS)-[:INHERITS|IMPLEMENTS*1..10]->(m) "
        f"WHERE n.repo = $repo AND n.uid IN $name RETURN {_OTHERS}",
    ),
    Template(
        "overrides",
        "members of subclasses that override a method or field",
        (("name", SYMBOL),),
        "MATCH (m)-[:OVERRIDES*1..10]->(n:METHOD|FIELD) "
        f"WHERE n.repo = $repo AND n.uid IN $name RETURN {_OTHERS}",
    ),
    _symbol(
        "members",
        "the methods and fields that a class defines itself",
        "(n:CLASS)-[e:HAS_METHOD|HAS_FIELD {inherited: false}]->(m)",
        "DISTINCT m ORDER BY m.start_line",
    ),
    _symbol(
        "contents",
        "what a module defines at its top level",
        "(n:MODULE)-[e:CONTAINS {via: 'definition'}]->(m)",
        "DISTINCT m ORDER BY m.start_line",
    ),
    _symbol("imports", "what a module imports", "(n:MODULE)-[e:IMPORTS]->(m)", _OTHERS),
    _symbol(
        "importers",
        "the modules that import a module or a name of one",
        "(m:MODULE)-[e:IMPORTS]->(n:MODULE|CLASS|FUNCTION|GLOBAL_VARIABLE|EXTERNAL)",
        _OTHERS,
    ),
    _symbol("tests", "the tests of something", f"(m)-[e:TESTS]->{_ANY}", _OTHERS),
    Template(
        "path",
        "how one function comes to call another",
        (("from", SYMBOL), ("to", SYMBOL)),
        "MATCH p = shortestPath((a:MODULE|CLASS|FUNCTION|METHOD)"
        "-[:CALLS|INSTANTIATES*..8]->(b:CLASS|FUNCTION|METHOD)) "
        "WHERE a.repo = $repo AND a.uid IN $from AND b.uid IN $to "
        "RETURN [n IN nodes(p) | n.full_name] AS path",
    ),
    Template(
        "methods_named",
        "methods of a class, inherited ones too, with a word in their name",
        (("class", SYMBOL), ("word", WORD)),
        "MATCH (c:CLASS)-[:HAS_METHOD]->(n:METHOD) "
        f"WHERE c.repo = $repo AND c.uid IN $class AND {_WORDS} "
        "RETURN DISTINCT n ORDER BY n.full_name",
    ),
    Template(
        "functions_named",
        "functions and methods with a word in their name",
        (("word", WORD),),
        f"MATCH (n:FUNCTION|METHOD) WHERE n.repo = $repo AND {_WORDS} "
        "RETURN n ORDER BY size(n.name), n.full_name",
    ),
    Template(
        "classes_named",
        "classes with a word in their name",
        (("word", WORD),),
        f"MATCH (n:CLASS) WHERE n.repo = $repo AND {_WORDS} "
        "RETURN n ORDER BY size(n.name), n.full_name",
    ),
)
"""The frequent questions; a name that stands for several symbols is refused before they run."""


def load(folder: Path) -> Kept:
    """The templates that were kept in an index folder; what is malformed is left out with a note.

    Raises nothing: without the file, or with a bad one, there are no templates.
    """
    path = folder / FILE_NAME
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            return Kept(note=f"{path} is too long to be ours: it is ignored")
        value: Any = json.loads(path.read_text(encoding="utf-8"))
        if value["version"] != VERSION:
            return Kept(note=f"{path} is of another version: it is ignored")
        texts: list[Any] = list(value["templates"])[:MAX_KEPT]
    except FileNotFoundError:
        return Kept()
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return Kept(note=f"{path} cannot be read: it is ignored")
    found = [kept for text in texts if isinstance(text, str) and (kept := _checked(text))]
    note = None if len(found) == len(texts) else f"{path} has malformed templates: they are ignored"
    return Kept(_numbered(found), note)


def keep(folder: Path, queries: Iterable[str]) -> Kept:
    """Generalize queries that answered in a run that ended well, and keep them in an index folder.

    Those kept before stay behind the new ones, at most `MAX_KEPT` in all. Raises OSError when the
    folder cannot be written.
    """
    known = [template.cypher for template in load(folder).templates]
    fresh = [text for query in queries if (text := generalized(query)) is not None]
    order = list(dict.fromkeys([*reversed(fresh), *known]))[:MAX_KEPT]
    if order != known:
        _write(folder / FILE_NAME, {"version": VERSION, "templates": order})
    return Kept(_numbered(order))


def generalized(cypher: str) -> str | None:
    """A query with parameters in the place of its string literals; None for one not to be kept.

    Kept are single-line read queries of plain identifiers: no quoted names, comments or literals
    with escapes, because their words are shown to models again.
    """
    text = " ".join(cypher.split()).rstrip("; ")
    if _parameters(text):
        return None
    names: dict[str, str] = {}
    pieces: list[str] = []
    at = 0
    for kind, start, end in spans(text):
        if kind is None:
            return None
        if kind is TokenKind.STRING:
            literal = text[start:end]
            name = names.setdefault(literal, f"$p{len(names) + 1}")
            pieces += [text[at:start], name]
            at = end
    if any("\\" in name or len(name) < 2 or name[0] != name[-1] for name in names):
        return None
    return _checked("".join(pieces) + text[at:])


def _checked(text: str) -> str | None:
    """A template's text, None when it is none of ours."""
    tokens = scan(text)
    is_plain = text.isascii() and text.isprintable() and len(text) <= _MAX_CYPHER and tokens
    strange = (TokenKind.STRING, TokenKind.QUOTED_NAME)
    if not is_plain or any(t.kind in strange or len(t.text) > 30 for t in tokens):
        return None
    if any(kind is None for kind, _, _ in spans(text)):
        return None
    if not tokens[0].is_word("MATCH", "OPTIONAL"):
        return None
    try:
        check_read_only(text)
    except WriteRefusedError:
        return None
    named = _parameters(text)
    is_ours = named == [f"p{number}" for number in range(1, len(named) + 1)]
    return text if is_ours and 0 < len(named) <= _MAX_PARAMETERS else None


def _parameters(text: str) -> list[str]:
    """The parameters of a text but the repository's, in order of first use."""
    found = [t.text[1:] for t in scan(text) if t.kind is TokenKind.PARAMETER and t.text != "$repo"]
    return list(dict.fromkeys(found))


def _numbered(texts: Sequence[str]) -> tuple[Template, ...]:
    """Templates by the order of their texts."""
    return tuple(
        Template(
            f"kept_{number}",
            f"answered before: {text}",
            tuple((name, WORD) for name in _parameters(text)),
            text,
        )
        for number, text in enumerate(texts, 1)
    )


def _write(path: Path, value: dict[str, Any]) -> None:
    """Replaces a file as a whole."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
