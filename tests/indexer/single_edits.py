"""All single edits of a small repository: each of its names put otherwise, each statement gone.

Random edits seldom hit what one file asked of another in vain; here everything is tried once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Word(NamedTuple):
    """A name of a pool where it stands: the statement's number, and from where to where in it."""

    statement: int
    start: int
    end: int
    name: str
    pool: Sequence[str]


def words(statements: Sequence[str], pools: Iterable[Sequence[str]]) -> list[Word]:
    """The names of all pools where they stand; once for every pool that has the name."""
    listed = list(pools)
    return [
        Word(number, found.start(), found.end(), found[0], pool)
        for number, statement in enumerate(statements)
        for found in re.finditer(r"\w+", statement)
        for pool in listed
        if found[0] in pool
    ]


def put_otherwise(statements: Sequence[str], word: Word, name: str) -> list[str]:
    """The statements with another name in the place of a word."""
    old = statements[word.statement]
    changed = old[: word.start] + name + old[word.end :]
    return [*statements[: word.statement], changed, *statements[word.statement + 1 :]]


def single_edits(
    statements: Sequence[str], pools: Iterable[Sequence[str]], more: Iterable[str]
) -> Iterator[list[str]]:
    """What a file becomes: a name is the next of its pool, a statement is gone, or one more."""
    for word in words(statements, pools):
        following = word.pool[(word.pool.index(word.name) + 1) % len(word.pool)]
        yield put_otherwise(statements, word, following)
    for number in range(len(statements)):
        yield [*statements[:number], *statements[number + 1 :]]
    for statement in more:
        yield [*statements, statement]
