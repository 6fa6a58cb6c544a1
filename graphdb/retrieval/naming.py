"""From names as people and other tools write them to symbols of a corpus.

A dotted name is tried whole, then by ever shorter ends; a member is also found through a class that
inherits it or a package that re-exports it. Case is ignored only where nothing fits as spelt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.schema import EdgeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.retrieval.corpus import Corpus

_MAX_PIECES = 50
"""A longer dotted text is data and no name."""

_MEMBERS = (EdgeKind.HAS_METHOD, EdgeKind.HAS_FIELD, EdgeKind.CONTAINS)


def named(corpus: Corpus, dotted: str) -> list[int]:
    """Symbols that a dotted name denotes: by full name, as the end of one, or through an owner.

    A name that starts above the repository's root (`src.pkg.f` for `pkg.f`) fits, too.
    """
    pieces = [piece for piece in dotted.split(".") if piece]
    if not 0 < len(pieces) <= _MAX_PIECES:
        return []
    found = _by_end(corpus, pieces)
    if found or len(pieces) == 1:
        return found
    owners = named(corpus, ".".join(pieces[:-1]))
    found = [m for owner in owners for m in members_called(corpus, owner, pieces[-1])]
    if found:
        return list(dict.fromkeys(found))
    return _below_root(corpus, pieces)


def members_called(corpus: Corpus, owner: int, name: str) -> list[int]:
    """What a class or module has of that name, inherited and re-exported members included."""
    return [
        n.node
        for n in corpus.outgoing.of(owner)
        if n.edge in _MEMBERS and corpus.name[n.node].rpartition(".")[2] == name
    ]


def paths_ending(corpus: Corpus, path: str) -> list[int]:
    """Numbers of the files that a path may mean: itself, or the files that share its longest end.

    A path of another machine (`/usr/lib/python3/site-packages/pkg/a.py`) has its own beginning.
    """
    pieces = [piece for piece in path.replace("\\", "/").split("/") if piece not in ("", ".")]
    if not pieces:
        return []
    same_file = corpus.files_called.get(pieces[-1].lower(), [])
    best, found = 0, list[int]()
    for number in same_file:
        shared = _shared_end(corpus.paths[number].split("/"), pieces)
        if shared > best:
            best, found = shared, [number]
        elif shared == best and shared:
            found.append(number)
    return found


def _by_end(corpus: Corpus, pieces: Sequence[str]) -> list[int]:
    same_name = corpus.by_name.get(pieces[-1].lower(), [])
    dotted = ".".join(pieces)
    for spelt in (dotted, dotted.lower()):
        is_exact = spelt is dotted
        found: list[int] = []
        for number in same_name:
            full = corpus.full_name[number] if is_exact else corpus.full_name[number].lower()
            if full == spelt or full.endswith("." + spelt):
                found.append(number)
        if found:
            whole = [n for n in found if corpus.full_name[n] == dotted]
            return whole or found
    return []


def _below_root(corpus: Corpus, pieces: Sequence[str]) -> list[int]:
    """Symbols whose whole full name is an end of the name."""
    dotted = "." + ".".join(pieces)
    same_name = corpus.by_name.get(pieces[-1].lower(), [])
    return [
        n
        for n in same_name
        if "." in corpus.full_name[n] and dotted.endswith("." + corpus.full_name[n])
    ]


def _shared_end(path: Sequence[str], pieces: Sequence[str]) -> int:
    shared = 0
    for left, right in zip(reversed(path), reversed(pieces), strict=False):
        if left.lower() != right.lower():
            break
        shared += 1
    return shared
