"""Words of code and prose: identifiers whole and in parts, lower case, plural folded.

An identifier gives its parts and, where it has several, itself: `get_queryset` is found by both of
its words and, much rarer and so much heavier, by its own spelling.
"""

from __future__ import annotations

import re
from functools import lru_cache

_IDENTIFIER = re.compile(r"[^\W\d]\w*|\d\w*", re.UNICODE)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+", re.UNICODE)
_MAX_WORD = 60
"""Longer runs are data, such as hashes and encoded bytes."""

_STOP_TEXT = (
    "a about above after again all also am an and any are as at be because been before being "
    "below between both but by can cannot could did do does doing down during each few for "
    "from further had has have having he her here hers him his how i if in into is it its "
    "itself just me more most my no nor not now of off on once only or other our out over own "
    "please same she should so some such than that the their them then there these they this "
    "those through to too under until up very was we were what when where which while who "
    "whom why will with would you your self cls def return none true false import class "
    "int str"
)
STOP_WORDS = frozenset(_STOP_TEXT.split())
"""English function words and the words that stand in nearly every definition."""


@lru_cache(maxsize=20_000)
def parts(identifier: str) -> tuple[str, ...]:
    """The words of one identifier, folded: `HTTPServers_v2` gives http, server, v, 2."""
    return tuple(fold(part.lower()) for part in _PARTS.findall(identifier))


@lru_cache(maxsize=20_000)
def terms_of(identifier: str) -> tuple[str, ...]:
    """What one identifier is indexed under: its parts, and itself where it has several."""
    if len(identifier) > _MAX_WORD:
        return ()
    found = parts(identifier)
    kept = tuple(part for part in found if part not in STOP_WORDS)
    if len(found) < 2:
        return kept
    return (*kept, identifier.lower().strip("_"))


def fold(word: str) -> str:
    """A word without its plural: Harman's S-stemmer (JASIS 42, 1991)."""
    if len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    return word if word.endswith(("us", "ss")) else word[:-1]


def identifiers(text: str) -> list[str]:
    """All identifiers and words of a text, as spelt."""
    return _IDENTIFIER.findall(text)


def terms(text: str) -> list[str]:
    """The index terms of a text, in its order, repeats kept."""
    return [term for word in _IDENTIFIER.findall(text) for term in terms_of(word)]
