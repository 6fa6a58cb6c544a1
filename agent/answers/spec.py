"""What a text asks to be written: a class or function, its bases, fields, methods and place.

Only what is said in so many words is read; whether a name means anything here is the graph's to
say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = r"`?([A-Za-z_][\w.]*)`?"
_CAMEL = r"`?([A-Z]\w*)`?"
_CLASS = (
    re.compile(rf"\b(?:class|interface|record|enum)\s+(?:is\s+)?(?:called|named)\s+{_CAMEL}"),
    re.compile(r"\b(?:class|interface|record|enum)\s+(?:`([A-Z]\w*)`|([A-Z]\w*[a-z]\w*))"),
    re.compile(r"(?:`([A-Z]\w*)`|\b([A-Z]\w*[a-z]\w*))\s+(?:class|interface|record|enum)\b"),
    re.compile(r"^#+\s*`?([A-Z]\w*[a-z]\w*)`?\s*$", re.MULTILINE),
)
_FUNCTION = (
    re.compile(r"\b(?:function|method)\s+(?:is\s+)?(?:(?:called|named)\s+)?`(\w+)(?:\([^)]*\))?`"),
    re.compile(r"\b(?:function|method)\s+(?:is\s+)?(?:(?:called|named)\s+)?(\w+)\("),
    re.compile(r"\b(?:function|method)\s+(?:is\s+)?(?:called|named)\s+(\w+)"),
    re.compile(r"\bdef\s+(\w+)"),
)
_CALLED = re.compile(
    r"^(?:(?:an?|the)\s+)?(?:function|method)\s+(?:is\s+)?(?:(?:called|named)\s+)?\w+\s*"
    r"(?:\([^)]*\))?\s*(?:that|which|to)\s+",
    re.IGNORECASE,
)
"""What a sentence says before it says what a function does."""
_BASES = re.compile(
    r"\b(?:extend(?:s|ing)|subclass(?:es|ing)?(?:\s+of)?|inherit(?:s|ing)(?:\s+from)?|"
    r"deriv(?:es|ed|ing)\s+from|based\s+on|implement(?:s|ing)|child(?:\s+class)?\s+of)\s+"
    r"(?:(?:the|a|an|from|abstract|base|class|interface|both|our)\s+)*"
    rf"(?P<names>{_CAMEL}(?:\s*(?:,\s*and|,|and|&)\s+(?:the\s+)?(?:interface\s+)?{_CAMEL})*)"
)
_PATH = re.compile(r"`?((?:[\w.-]+/)*[\w-]+\.(?:py|java)|(?:[\w.-]+/)+)`?(?=$|[\s,.;:)])")
_FIELDS = re.compile(
    r"\b(?:fields?|attributes?|properties|constructor parameters?|parameters?)\b\s*(?:are|:|of)?\s*"
    r"(?P<items>[`A-Za-z_][^.\n;]*)",
    re.IGNORECASE,
)
_METHODS = re.compile(
    r"\bmethods?\b\s*(?:are|:|called|named)?\s*(?P<items>[`A-Za-z_][^.\n;]*)", re.IGNORECASE
)
_LIST = re.compile(
    r"^#*\s*\**(?P<what>fields|attributes|properties|methods|functions)\**:?\**\s*\n+"
    r"(?P<items>(?:\s*[-*+]\s+\S.*\n?)+)",
    re.IGNORECASE | re.MULTILINE,
)
_ITEM = re.compile(
    r"^`?(?P<name>[A-Za-z_]\w*)(?P<arguments>\([^)]*\))?`?\s*"
    r"(?:(?:->|:|\()\s*`?(?P<type>[A-Za-z_][\w.\[\]|<>, ]*?)`?\)?)?(?:\s+[-\u2013].*)?$"
)
_PARAMETER = re.compile(r"(?P<name>[A-Za-z_]\w*)(?:\s*:\s*(?P<type>[^=]+))?")
_MAX_SUMMARY = 85
_PROSE = "the a an of for that which and or to is are it its with"
_NO_ITEMS = frozenset(_PROSE.split())


@dataclass(frozen=True, slots=True)
class Member:
    """A field or method that the text names. type: of it or its result; arguments: in brackets."""

    name: str
    type: str = ""
    arguments: str | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """What is to be written. name: "" where the text names nothing new. path: "" for no place."""

    name: str
    is_class: bool
    bases: tuple[str, ...]
    fields: tuple[Member, ...]
    methods: tuple[Member, ...]
    path: str
    summary: str


def read_spec(text: str, path: str = "") -> Spec:
    """A spec from a text. path: where it is to stand, if the person has said so elsewhere."""
    bases = [name for match in _BASES.finditer(text) for name in re.findall(_CAMEL, match["names"])]
    bases = [name for name in dict.fromkeys(bases) if name not in ("And", "The")]
    places = _PATH.findall(text)
    place = path or (places[-1] if places else "")
    name = _first(_CLASS, text, set(bases))
    function = _first(_FUNCTION, text, set())
    is_class = bool(name) or not function
    methods = _members(text, _METHODS, ("methods", "functions"))
    fields = _members(text, _FIELDS, ("fields", "attributes", "properties"))
    if not is_class:
        fields = fields or _parameters(function_name(text)[1])
    if is_class and place.endswith(".java"):
        name = name or place.rpartition("/")[2].removesuffix(".java")
    return Spec(
        name=(name if is_class else function) or _camel(place),
        is_class=is_class,
        bases=tuple(bases),
        fields=fields,
        methods=methods if is_class else (),
        path=place,
        summary=_summary(text),
    )


def function_name(text: str) -> tuple[str, str]:
    """The name of a new function or method and what stands in its brackets; "" for none."""
    name = _first(_FUNCTION, text, set())
    match = re.search(rf"\b{name}\((?P<arguments>[^)]*)\)", text) if name else None
    return name, match["arguments"] if match else ""


def _parameters(arguments: str) -> tuple[Member, ...]:
    found = (_PARAMETER.match(part.strip()) for part in arguments.split(","))
    return tuple(Member(m["name"], (m["type"] or "").strip()) for m in found if m is not None)


def _first(patterns: Iterable[re.Pattern[str]], text: str, but: set[str]) -> str:
    for pattern in patterns:
        for match in pattern.finditer(text):
            name = next((group for group in match.groups() if group), "")
            if name and name not in but:
                return name
    return ""


def _members(text: str, sentence: re.Pattern[str], headings: tuple[str, ...]) -> tuple[Member, ...]:
    found: dict[str, Member] = {}
    lists = [m for m in _LIST.finditer(text) if m["what"].lower() in headings]
    for match in lists:
        for line in match["items"].splitlines():
            _add(found, re.sub(r"^\s*[-*+]\s+", "", line))
    if not lists and (match := sentence.search(text)):
        for part in re.split(r",\s*(?:and\s+)?(?![^(\[<]*[)\]>])|\s+and\s+", match["items"]):
            if not _add(found, part):
                break
    return tuple(found.values())


def _add(found: dict[str, Member], text: str) -> bool:
    """Add what one item names; False for an item that is prose."""
    match = _ITEM.match(text.strip().rstrip(".;"))
    if match is None or match["name"].lower() in _NO_ITEMS:
        return False
    kind = (match["type"] or "").strip()
    # A remark behind a colon is no type.
    kind = kind if " " not in kind or any(c in kind for c in "[<|") else ""
    found.setdefault(match["name"], Member(match["name"], kind, match["arguments"]))
    return True


def _summary(text: str) -> str:
    """The first sentence without the place and the fields, on one line."""
    lines = (line.strip(" #*") for line in text.splitlines())
    prose = next((line for line in lines if " " in line), "").replace("`", "")
    prose = re.sub(r"[,;]?\s*(?:\b(?:in|at|below|into)\s+)?(?:[\w.-]+/)+[\w.-]*", "", prose)
    prose = re.sub(r"[,;]?\s*\b(?:with|having)\s+(?:the\s+)?(?:fields?|attributes?)\b.*", "", prose)
    prose = _CALLED.sub("", prose)
    first = re.split(r"(?<=[.!?])\s", prose, maxsplit=1)[0].strip(" .,;")
    if len(first) > _MAX_SUMMARY:
        first = f"{first[:_MAX_SUMMARY].rpartition(' ')[0]} …"
    return f"{first[:1].upper()}{first[1:]}." if first else "To be described."


def _camel(path: str) -> str:
    """A class's name from a file's."""
    stem = path.rpartition("/")[2].partition(".")[0].strip("_")
    return "".join(f"{part[:1].upper()}{part[1:]}" for part in stem.split("_"))
