"""Who read what: the packed table gives what was put in, and only grows."""

from __future__ import annotations

from indexer.readers import Readers, pack_reads
from indexer.solver import BODY, Cell, Reads

A: Cell = ("a.py", "A")
B: Cell = ("b.py", "B")
C: Cell = ("c.py", BODY)
NAME: Cell = ("", "pkg.mod")
READS = {B: {A, NAME}, C: {B}}


def _reads(table: dict[Cell, set[Cell]]) -> Reads:
    reads = Reads()
    reads.add(table)
    return reads


def test_what_was_added_is_found_again_after_packing() -> None:
    readers = Readers()
    readers.add(_reads(READS))
    assert readers.affected({A}, lambda _: False) == {A, B, C}
    again = Readers(readers.packed())
    assert again.affected({A}, lambda _: False) == {A, B, C}
    assert again.affected({A}, lambda cell: cell == B) == {A, B}
    assert again.lookups() == [NAME]


def test_reads_are_packed_at_once_as_one_by_one() -> None:
    reads = {**READS, ("a.py", BODY): {A, ("a.py", "free"), B}, A: {NAME}}
    readers = Readers()
    readers.add(_reads(reads))
    at_once, one_by_one = Readers(pack_reads([_reads(reads)])), Readers(readers.packed())
    for cell in (A, B, C, NAME, ("a.py", "free"), ("a.py", BODY)):
        assert at_once.affected({cell}, lambda _: False) == one_by_one.affected(
            {cell}, lambda _: False
        )
    assert at_once.lookups() == one_by_one.lookups() == [NAME]


def test_additions_stand_beside_what_is_packed() -> None:
    readers = Readers()
    readers.add(_reads(READS))
    more = Readers(readers.packed())
    other: Cell = ("d.py", BODY)
    more.add(_reads({other: {A}}))
    packed, added = more.packed()
    assert packed == readers.packed()[0]
    assert added == [(A, [other])]
    assert Readers((packed, added)).affected({A}, lambda _: False) == {A, B, C, other}


def test_nothing_read_is_nothing_reached() -> None:
    assert Readers().affected({A}, lambda _: False) == {A}
    assert Readers().lookups() == []
