"""A small library in Python and Java, with something for each tool to find."""

from __future__ import annotations

FILES = {
    "library/__init__.py": '"""A library."""\n\nfrom library.shelves import Shelf\n',
    "library/media.py": '''"""What can be lent."""

from abc import ABC, abstractmethod
from typing import overload

from library.tools import slug

LIMIT = 3


class Countable:
    """Counts itself."""

    def count(self):
        return 1


class Medium(ABC):
    """Something that can be lent."""

    def __init__(self, title: str, *, pages: int = 0):
        self.title = title
        self._pages = pages

    @abstractmethod
    def describe(self, width: int) -> str:
        """What it is, in so many letters."""

    @abstractmethod
    def count(self):
        """How many there are."""

    def key(self) -> str:
        """Its name in addresses."""
        return slug(self.title)

    def _secret(self):
        return self._pages


class Book(Medium):
    """A book."""

    def describe(self, width: int) -> str:
        return self.title[:width]

    def count(self):
        return LIMIT


class Record(Countable, Medium):
    """A record; it counts by its first base."""

    def describe(self, width: int) -> str:
        return "record"


class Sketch(Medium):
    """Leaves its description open."""

    def count(self):
        return 0


@overload
def lend(item: Book) -> str: ...
@overload
def lend(item: Record) -> int: ...
def lend(item):
    """Give something away for a while."""
    return item.key()


class Counter:
    """Another thing with the name of a method."""

    def key(self):
        return "counter"
''',
    "library/shelves.py": '''"""Shelves."""

from library.media import Book, Medium, lend


class Shelf:
    """Holds media."""

    def __init__(self):
        self.items: list[Medium] = []

    def add(self, medium: Medium) -> None:
        """Put a medium on the shelf."""
        self.items.append(medium)
        print(medium.key())

    def lend_all(self):
        """Lend everything."""
        for item in self.items:
            lend(item)
        return lend(Book("last"))


FIRST = Book("first")
FIRST.key()
''',
    "library/tools.py": '''"""Small things."""

import os


def slug(text: str) -> str:
    """A text for addresses."""
    return text.lower().replace(" ", "-")


def long_one():
    """Has many lines."""
'''
    + "".join(f"    value_{n} = {n}  # line {n} of a long function\n" for n in range(150))
    + "    return os.name\n",
    "tests/test_media.py": """from library.media import Book, lend


class Book2(Book):
    pass


def test_lend():
    assert lend(Book("a")) == "a"
    assert lend(Book("b")) == "b"
""",
    "java/src/lib/Shape.java": """package lib;

/** A shape. */
public abstract class Shape implements Named {
    protected double scale = 1.0;

    protected Shape(double scale) { this.scale = scale; }

    /** The area. */
    public abstract double area() throws IllegalStateException;

    public double grow(double by) { return grow(by, 1); }

    @Deprecated
    public double grow(double by, int times) { return area() * by * times; }

    private void hide() { }
}
""",
    "java/src/lib/Named.java": """package lib;

public interface Named {
    String name();
    default String title() { return name().toUpperCase(); }
}
""",
    "java/src/lib/Circle.java": """package lib;

import java.util.List;

public class Circle extends Shape {
    public Circle() { super(1.0); }

    @Override
    public double area() { return 3.14 * scale; }

    @Override
    public String name() { return "circle"; }

    static List<Circle> many() { return List.of(new Circle()); }
}
""",
    "java/src/lib/util/Pen.java": """package lib.util;

import lib.Circle;
import lib.Shape;
import java.util.List;

public class Pen {
    List<Shape> drawn;

    double draw() { return new Circle().grow(2.0); }
}
""",
}
