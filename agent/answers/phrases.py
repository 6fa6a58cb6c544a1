"""Patterns of plain English: `who|what calls? {x}` instead of a page of regular expression.

A pattern is words with blanks between them. `a|b` is a choice, `(a b)|c` one of several words,
`[a|b]` may be left out, `<call>` any word of `VOCABULARY` for it. `{x}` is a name with what people
put around it ("the method `run()` in App"), `{x:path}` a word of the vocabulary, `{x*}` any words.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND_WORDS: Mapping[str, tuple[NodeKind, ...]] = {
    "class": (NodeKind.CLASS,),
    "interface": (NodeKind.CLASS,),
    "enum": (NodeKind.CLASS,),
    "record": (NodeKind.CLASS,),
    "exception": (NodeKind.CLASS,),
    "function": (NodeKind.FUNCTION, NodeKind.METHOD),
    "method": (NodeKind.METHOD, NodeKind.FUNCTION),
    "constructor": (NodeKind.METHOD,),
    "property": (NodeKind.METHOD, NodeKind.FIELD),
    "decorator": (NodeKind.FUNCTION, NodeKind.CLASS),
    "field": (NodeKind.FIELD,),
    "attribute": (NodeKind.FIELD,),
    "constant": (NodeKind.GLOBAL_VARIABLE, NodeKind.FIELD),
    "variable": (NodeKind.GLOBAL_VARIABLE, NodeKind.FIELD),
    "module": (NodeKind.MODULE,),
    "file": (NodeKind.MODULE,),
    "package": (NodeKind.MODULE,),
    "folder": (NodeKind.MODULE,),
    "directory": (NodeKind.MODULE,),
    "def": (NodeKind.FUNCTION, NodeKind.METHOD),
    "symbol": (),
}
"""Words that people put beside a name, and the kinds that they mean."""

VOCABULARY: Mapping[str, str] = {
    "about": "about|for|that|which|handling|doing|responsible for|dealing with|concerning|to|where",
    "base": "bases?|parents?|super|supertypes?|superclass(es)?|ancestors|mro|interfaces|"
    "(base|parent|super)[ -]?class(es)?",
    "break": "breaks?|be affected|is affected|happens?|changes?|fails?|go(es)? wrong",
    "call": "calls?|calling|called|invokes?|instantiates?|creates?|constructs?|raises?|throws?|"
    "triggers?|executes?",
    "called": "called|invoked|raised|thrown|created|instantiated|constructed|triggered|made",
    "change": "chang(e|es|ed|ing)|modif(y|ies|ied|ying)|edit(s|ed|ing)?|remov(e|es|ed|ing)|"
    "delet(e|es|ed|ing)|renam(e|es|ed|ing)|touch|refactor|break|mov(e|es|ed|ing)|drop|rewrite",
    "class": "class|classes|interfaces?|types?",
    "code": "code|parts?|functions?|methods?|class(es)?|logic|implementation|files?|place|bit|"
    "symbols|definitions|something|anything",
    "cover": "covers?|tests?|exercises?|reach(es)?|calls?|touch(es)?|hit|uses?|run|checks?",
    "cycle": "import (cycles?|loops?)|(circular|cyclic) (imports?|dependenc(y|ies))",
    "define": "defines?|declares?|contains?|provides?|offers?|holds?",
    "defined": "defined|declared|implemented|located|live|lives|come from|written|found|at|"
    "definition|belong",
    "derived": "subclass(es)?|sub classes|child(ren)?( classes)?|implementations?|implement[oe]rs|"
    "descendants|derived classes|subtypes",
    "do": "do|does|can|could|did",
    "exist": "are|exist|are there|are defined|do we have|does (it|(this|the) \\w+) have",
    "inherit": "extends?|extending|inherits?( from)?|implements?|implementing|derives?( from)?|"
    "subclass(es)?|derived from|inheriting from",
    "member": "methods|members|fields|attributes|functions|properties",
    "parameters": "arguments?|parameters?|args|params|options|inputs|return (type|value)",
    "path": "(?!(the|this|total|all)\\b)[`'\"]?[\\w./-]+[`'\"]?",
    "place": "file|module|class|package|place|line|folder",
    "repository": "repo|repository|project|code ?base|code|program|application|app|library|"
    "package|software",
    "shape": "overview|summary|structure|architecture|outline|map|layout|shape",
    "start": "entry ?-?points?|starting points?|main functions?",
    "text": "source( code)?|code|signature|docstring|documentation|docs?|body|details|info|"
    "information|type|return type",
    "thing": "classes|functions|methods|fields|attributes|variables|modules|files|tests",
    "unused": "unused|dead|(never|not) (used|called)",
    "use": "uses?|using|refers? to|references?|mentions?|reads?|writes?|sets?|accesse?s?|"
    "modif(y|ies)|assigns?( to)?",
    "used": "used|referenced|mentioned|read|written|set|assigned|accessed|needed",
    "way": "path|way|route|chain|connection",
    "who": "who|what|what else|which \\w+|where do (we|i|you|they)|"
    "does (any|some)(one|thing|body)( else)?",
    "will": "will|would|might|may|can|could",
}
"""Words that stand for each other in a pattern, where it says `<name>`."""

_KINDS = "|".join(KIND_WORDS)
_NAME = r"""(?:`[^`]+`|'[^']+'|"[^"]+"|[\w.$/:\\#<>@-]+(?:\([^()]*\))?)"""
_NO_NAMES = r"(?:i|we|you|it|they|one|(?:any|some|no)(?:one|body|thing)) "
_SUBJECT = (
    rf"(?:(?:the|a|an|my|our|this|that|any) )?(?:(?P<%s_kind>{_KINDS}) )?(?:(?:called|named) )?"
    rf"(?!{_NO_NAMES})(?P<%s>{_NAME})(?: (?P<%s_like>{_KINDS}))?"
    rf"(?: (?:in|of|from|inside|within) (?:the )?(?:(?:{_KINDS}) )?(?P<%s_in>{_NAME}))?"
)
_HOLE = re.compile(r"\{(?P<name>\w+)(?P<words>\*)?(?::(?P<of>\w+))?\}")
_SYNONYMS = re.compile(r"(?<!\?P)<(\w+)>")

_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d\u00b4", "''\"\"'")
_CONTRACTIONS = re.compile(
    r"\b(who|what|where|how|that)'s\b|\b(who|what|where) re\b", re.IGNORECASE
)
_POLITE = re.compile(
    r"(?:(?:please|hey|hi|hello|ok|okay|so|and|but|now|also)[,:]? |"
    r"(?:can|could|would|will) you (?:please |kindly )?(?=\w+ )|"
    r"(?:do you know|tell me|tell us|i wonder|i'd like to know|let me know|i need to know|"
    r"i (?:want|would like|need) to (?:know|see|find out|understand))(?: about(?= where| who| what)"
    r"|:)? |"
    r"(?:show|give|list|display|print)(?: me| us)? (?:all |every |a list of )?(?:of )?|"
    r"find (?:me )?(?:all|every) (?:the )?(?=\w+ (?:of|to|for) )|"
    r"what are (?:all )?the (?=\w+ (?:of|to|for|from|in) ))",
    re.IGNORECASE,
)
_LAST_WORDS = re.compile(r"(?:[\s?!.;,]+|[,\s]+(?:please|thanks|thank you|here))+$", re.IGNORECASE)


def tidy(question: str) -> str:
    """A question without what says nothing: politeness, contractions, marks at its end."""
    text = " ".join(question.translate(_QUOTES).split())
    text = _CONTRACTIONS.sub(lambda m: f"{m[1] or m[2]} {'is' if m[1] else 'are'}", text)
    text = _LAST_WORDS.sub("", text)
    while (match := _POLITE.match(text)) and match.end() < len(text):
        text = text[match.end() :]
    return text


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression for whole questions.

    Every word brings the blank before it, so that what is left out leaves none behind.
    """
    return re.compile("".join(map(_word, _words(pattern))), re.IGNORECASE)


def _words(pattern: str) -> list[str]:
    """A pattern cut at the blanks outside of brackets."""
    found, depth = [""], 0
    for letter in pattern:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(letter, 0)
        if letter == " " and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return found


def _word(word: str) -> str:
    is_optional = word.startswith("[") and word.endswith("]")
    text = _SYNONYMS.sub(lambda m: f"(?:{VOCABULARY[m[1]]})", word[1:-1] if is_optional else word)
    text = _HOLE.sub(_hole, text)
    return f"(?: (?:{text}))?" if is_optional else f" (?:{text})"


def _hole(hole: re.Match[str]) -> str:
    name = hole["name"]
    if hole["words"]:
        return rf"(?P<{name}>.+)"
    if hole["of"]:
        return rf"(?P<{name}>{VOCABULARY[hole['of']]})"
    return _SUBJECT % (name, name, name, name)


def match(pattern: str, text: str) -> dict[str, str] | None:
    """The words in the holes of a pattern that fits a whole text; None where it does not."""
    found = compiled(pattern).fullmatch(f" {text}")
    if found is None:
        return None
    return {name: words for name, words in found.groupdict().items() if words}
