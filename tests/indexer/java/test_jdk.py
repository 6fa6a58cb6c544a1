"""The table of the JDK's classes reads whole, and its types are those of the JDK."""

from __future__ import annotations

import pytest

from indexer.languages.java.jdk import Jdk
from indexer.languages.java.types import ARRAY, CLASS, INT, PRIMITIVE, VARIABLE, ext


@pytest.fixture(scope="module")
def jdk() -> Jdk:
    return Jdk()


def test_every_line_reads(jdk: Jdk) -> None:
    count = 0
    for name in jdk.names():
        found = jdk.find(name)
        assert found is not None
        for method in found.methods:
            for row in found.read(method):
                assert row.result is not None
                assert None not in row.parameters
                count += 1
        for field in found.fields:
            assert found.field(field) is not None
    assert count > 5000


def test_generic_methods(jdk: Jdk) -> None:
    stream = jdk.find("java.util.stream.Stream")
    assert stream is not None
    (row,) = stream.read("map")
    assert row.variables == ("R",)
    assert row.result == ext("java.util.stream.Stream", (VARIABLE, row.generic, "R"))
    arrays = jdk.find("java.util.Arrays")
    assert arrays is not None
    (row,) = arrays.read("asList")
    assert row.is_varargs
    assert row.parameters == ((ARRAY, (VARIABLE, row.generic, "T")),)


def test_nested_classes_and_supertypes(jdk: Jdk) -> None:
    entry = jdk.find("java.util.Map.Entry")
    assert entry is not None
    assert entry.declared.variables == ("K", "V")
    assert entry.declared.is_interface
    builder = jdk.find("java.lang.StringBuilder")
    assert builder is not None
    # What a class that is not public implements counts for the public one below it.
    assert (CLASS, ("ext", "java.lang.Appendable"), ()) in builder.declared.supers


def test_unknown_names(jdk: Jdk) -> None:
    assert jdk.find("java.util.Nothing") is None
    assert jdk.find("List") is None
    assert INT == (PRIMITIVE, "int")
