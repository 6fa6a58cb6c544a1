"""Places in the source, `path:line`, as they stand in texts: found, made links, opened.

A path is taken for one only when the index has that file (or it is the end of one file's path),
so that `example.com:80` and `http://host:8080` stay text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEME = "place:"
_PLACE = re.compile(r"(?<![\w/.\-\[(:])([\w.\-]+(?:/[\w.\-]+)*\.\w+):(\d+)(?:-(\d+))?(?![\w/])")
_FENCE = re.compile(r"^\s{0,3}(```|~~~)")
_LINK = re.compile(r"\[[^\]\n]*\]\([^)\n]*\)")
_CODE = re.compile(r"`[^`\n]+`")
_TRACE = re.compile(r'File "([^"\n]+)", line (\d+)')


class Place(NamedTuple):
    """A line of a file, from 1."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class KnownFiles:
    """The paths of an index, and which file the end of a path means."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self._paths = frozenset(paths)
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for path in self._paths:
            self._by_name[path.rpartition("/")[2]].append(path)

    def find(self, text: str) -> str | None:
        """The indexed file that a path or the end of one means; None for none or several."""
        if text in self._paths:
            return text
        ends = [
            path
            for path in self._by_name.get(text.rpartition("/")[2], ())
            if path.endswith("/" + text) or text.endswith("/" + path)
        ]
        return ends[0] if len(ends) == 1 else None


def places_in(text: str, known: KnownFiles) -> list[Place]:
    """The places that a text names, each once, in its order; frames of a trace are places too."""
    found: dict[Place, None] = {}
    for match in sorted(
        [*_PLACE.finditer(text), *_TRACE.finditer(text)], key=lambda match: match.start()
    ):
        path = known.find(match[1])
        if path is not None:
            found[Place(path, int(match[2]))] = None
    return list(found)


def linked(markdown: str, known: KnownFiles) -> str:
    """Markdown with its places made links; code blocks and links stay as they are."""
    links = LinkStream(known)
    return links.feed(markdown) + links.waiting


class LinkStream:
    """Makes links of the places in a Markdown text that comes in pieces.

    What it has not given out yet is a line that may go on; a long one is cut at a blank.
    """

    LONG = 80

    def __init__(self, known: KnownFiles) -> None:
        self._known = known
        self._waiting = ""
        self._fence = ""
        self._is_inside_line = False

    def feed(self, text: str) -> str:
        """One more piece; what can be shown by now."""
        *lines, self._waiting = (self._waiting + text).split("\n")
        found = "".join(self._line(line) + "\n" for line in lines)
        if len(self._waiting) > self.LONG and (at := self._waiting.rfind(" ") + 1):
            head = self._waiting[:at]
            if "`" not in _CODE.sub("", head):  # or the cut would split what is code
                found += self._line(head, is_whole=False)
                self._waiting = self._waiting[at:]
        return found

    @property
    def waiting(self) -> str:
        """What has come and was not given out, with its links as they would be by now."""
        return self._waiting if self._fence else _linked_line(self._waiting, self._known)

    def _line(self, line: str, *, is_whole: bool = True) -> str:
        match = None if self._is_inside_line else _FENCE.match(line)
        self._is_inside_line = not is_whole
        if match and self._fence in ("", match[1]):
            self._fence = "" if self._fence else match[1]
            return line
        return line if self._fence else _linked_line(line, self._known)


def place_of(href: str) -> Place | None:
    """The place that a link made by `linked` leads to."""
    path, _, line = href.removeprefix(SCHEME).rpartition(":")
    if not href.startswith(SCHEME) or not path or not line.isdecimal():
        return None
    return Place(path, int(line))


def _linked_line(line: str, known: KnownFiles) -> str:
    if ":" not in line:
        return line
    parts: list[str] = []
    at = 0
    for match in re.finditer(f"{_LINK.pattern}|{_CODE.pattern}", line):
        parts += [_with_links(line[at : match.start()], known), _code_link(match.group(), known)]
        at = match.end()
    return "".join([*parts, _with_links(line[at:], known)])


def _with_links(text: str, known: KnownFiles) -> str:
    return _PLACE.sub(lambda match: _link(match, match.group(), known), text)


def _code_link(text: str, known: KnownFiles) -> str:
    """A place that is written as code is a link, too; other code and links stay."""
    match = _PLACE.fullmatch(text.strip("`")) if text.startswith("`") else None
    return _link(match, text, known) if match else text


def _link(match: re.Match[str], text: str, known: KnownFiles) -> str:
    path = known.find(match[1])
    return f"[{text}]({SCHEME}{path.replace(' ', '%20')}:{match[2]})" if path else text
