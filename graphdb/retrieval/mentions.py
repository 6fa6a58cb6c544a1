"""What a text names: frames of tracebacks, paths, dotted names and identifiers, found in a corpus.

A mention counts by how it is written and is shared among the symbols that it fits, so that a name
that fits fifty methods says little about any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from graphdb.retrieval.naming import named, paths_ending
from graphdb.retrieval.words import STOP_WORDS
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphdb.retrieval.corpus import Corpus

FRAME, PATH, QUALIFIED, QUOTED, IDENTIFIER = 1.0, 0.9, 0.9, 0.7, 0.5
"""How much each way of naming something counts; chosen on development data."""

_MAX_SHARED = 40
"""A name that fits more symbols than this names none of them."""

_PYTHON_FRAME = re.compile(r'File "(?P<path>[^"\n]+)", line (?P<line>\d+)(?:, in (?P<name>\w+))?')
_JAVA_FRAME = re.compile(r"\bat (?P<name>[\w.$]+\.[\w$<>]+)\((?P<path>\w+\.\w+):(?P<line>\d+)\)")
_PATH = re.compile(
    r"(?P<path>[\w.+-]*(?:[/\\][\w.+-]+)*[\w-]\.[A-Za-z]\w{0,9})(?:(?::|#L)(?P<line>\d+))?\b"
)
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:(?:\.|::|#)[A-Za-z_]\w*)+")
_WORD = re.compile(r"[A-Za-z_]\w*")
_QUOTED = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_CODE_SHAPE = re.compile(r"_\w|\w_|[a-z\d][A-Z]|[A-Z]{2}[a-z]|^[A-Z][a-z]+$")


class Mention(NamedTuple):
    """One thing that a text names. line: the line that goes with it, where one is written."""

    text: str
    weight: float
    path: str | None = None
    line: int | None = None


@dataclass(slots=True)
class Named:
    """What the mentions of a text come to: a weight up to 1 for symbols and files, and why."""

    symbols: dict[int, float] = field(default_factory=dict[int, float])
    files: dict[int, float] = field(default_factory=dict[int, float])
    why: dict[int, str] = field(default_factory=dict[int, str])

    def add(self, number: int, weight: float, why: str) -> None:
        """A further mention of a symbol; several add up, and never to more than 1."""
        known = self.symbols.get(number, 0.0)
        self.symbols[number] = 1 - (1 - known) * (1 - weight)
        if weight >= known:
            self.why[number] = why

    def add_file(self, number: int, weight: float) -> None:
        """A further mention of a file."""
        self.files[number] = 1 - (1 - self.files.get(number, 0.0)) * (1 - weight)


def mentions_of(text: str) -> list[Mention]:
    """All mentions, each spelling once, with its heaviest weight."""
    found: dict[tuple[str, str | None], Mention] = {}
    for mention in (*_frames(text), *_paths(text), *_names(text)):
        key = (mention.text, mention.path)
        if key not in found or found[key].weight < mention.weight:
            found[key] = mention
    return list(found.values())


def find_mentions(corpus: Corpus, text: str) -> Named:
    """The symbols and files of a corpus that a text names."""
    result = Named()
    for mention in mentions_of(text):
        if mention.path is not None:
            _find_path(corpus, mention, result)
        else:
            _find_name(corpus, mention, result)
    return result


def _frames(text: str) -> Iterator[Mention]:
    for pattern in (_PYTHON_FRAME, _JAVA_FRAME):
        for match in pattern.finditer(text):
            name = (match["name"] or "").rpartition(".")[2]
            yield Mention(name, FRAME, match["path"], int(match["line"]))


def _paths(text: str) -> Iterator[Mention]:
    for match in _PATH.finditer(text):
        line = int(match["line"]) if match["line"] else None
        yield Mention("", PATH, match["path"], line)


def _names(text: str) -> Iterator[Mention]:
    quoted = " ".join(match.group() for match in _QUOTED.finditer(text))
    inside = set(_WORD.findall(quoted))
    for match in _DOTTED.finditer(text):
        yield Mention(re.sub("::|#", ".", match.group()), QUALIFIED)
    for word in dict.fromkeys(_WORD.findall(text)):
        if len(word) < 3 or word.lower() in STOP_WORDS:
            continue
        if word in inside:
            yield Mention(word, QUOTED)
        elif _CODE_SHAPE.search(word):
            yield Mention(word, IDENTIFIER)


def _find_path(corpus: Corpus, mention: Mention, result: Named) -> None:
    files = paths_ending(corpus, mention.path or "")
    if not files or len(files) > _MAX_SHARED:
        return
    weight = mention.weight / len(files)
    for file in files:
        result.add_file(file, weight)
        members = corpus.in_file[file]
        number = _in_file(corpus, members, mention)
        if number is not None:
            result.add(number, weight, f"{mention.path}:{mention.line} in the text")
        elif members:
            result.add(members[0], weight / 2, f"{mention.path} in the text")


def _in_file(corpus: Corpus, members: Sequence[int], mention: Mention) -> int | None:
    """The symbol of a frame: by its function's name, which outlives line numbers, else by line."""
    line = mention.line
    if line is None:
        return None
    same = [n for n in members if corpus.name[n] == mention.text]
    if same:
        return min(same, key=lambda n: abs(corpus.start[n] - line))
    if mention.text:
        return None
    around = [n for n in members if corpus.start[n] <= line <= corpus.end[n]]
    return min(around, key=lambda n: (corpus.end[n] - corpus.start[n], n), default=None)


def _find_name(corpus: Corpus, mention: Mention, result: Named) -> None:
    name = mention.text
    found = named(corpus, name) if "." in name else _spelt(corpus, name)
    if not found and "." in name:
        _find_parts(corpus, mention, result)
        return
    _share(corpus, found, mention.weight, name, result)


def _find_parts(corpus: Corpus, mention: Mention, result: Named) -> None:
    """A dotted name that is none here: an object's member, or a path into something known."""
    head, _, last = mention.text.rpartition(".")
    if len(last) > 2 and last.lower() not in STOP_WORDS:
        _share(corpus, _spelt(corpus, last), mention.weight * 0.6, last, result)
    owner = named(corpus, head) if "." in head else _spelt(corpus, head)
    if len(head) > 2:
        _share(corpus, owner, mention.weight * 0.6, head, result)


def _spelt(corpus: Corpus, name: str) -> list[int]:
    """Symbols of that very name; in another case only where there is none."""
    same = corpus.by_name.get(name.lower(), [])
    exact = [n for n in same if corpus.name[n].rpartition(".")[2] == name]
    return exact or same


def _share(corpus: Corpus, numbers: Sequence[int], weight: float, name: str, result: Named) -> None:
    code = [n for n in numbers if not corpus.is_test[n]] or list(numbers)
    if not code or len(code) > _MAX_SHARED:
        return
    for number in code:
        is_value = corpus.kind_of(number) in (NodeKind.FIELD, NodeKind.GLOBAL_VARIABLE)
        share = weight * (0.5 if is_value else 1.0) / len(code) ** 0.5
        result.add(number, share, f"{name} in the text")
