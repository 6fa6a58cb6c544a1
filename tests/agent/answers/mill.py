"""A repository in Python and Java that has what each answer needs: small, and written for it."""

from __future__ import annotations

FILES = {
    "src/mill/__init__.py": '"""A mill."""\n\nfrom mill.grain import Grain, Wheat\n',
    "src/mill/errors.py": '''"""What can go wrong."""


class MillError(Exception):
    """Something in the mill is broken."""


class StoneError(MillError):
    pass
''',
    "src/mill/gauge.py": '''"""How full it is."""


class Gauge:
    @property
    def level(self) -> int:
        return 0

    @level.setter
    def level(self, to: int) -> None: ...
''',
    "src/mill/grain.py": '''"""What is ground."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from mill.stones import Stone

LIMIT = 3


class Grain(ABC):
    """Something to grind."""

    def __init__(self, weight: int, *, origin: str) -> None:
        self.weight = weight
        self.origin = origin

    @abstractmethod
    def grind(self, stone: Stone, times: int = 1) -> str:
        """Make flour of it."""

    @property
    @abstractmethod
    def colour(self) -> str: ...

    def label(self) -> str:
        """What stands on the sack.

        :raises ValueError: the weight is none.
        """
        return f"{self.origin}: {self.weight}"


class Wheat(Grain):
    """The usual one."""

    def grind(self, stone: Stone, times: int = 1) -> str:
        if times > LIMIT:
            raise OverflowError(f"{times} is too often")
        return stone.turn(self.weight) + self.label()

    @property
    def colour(self) -> str:
        return "white"


@dataclass
class Sack:
    """Holds grain."""

    grain: Wheat
    size: int
    note: Optional[str] = None

    def empty(self) -> list[Wheat]:
        return [self.grain]

    @staticmethod
    def parse(text: str, folder: Path) -> "Sack":
        return Sack(Wheat(len(text), origin=text), 1)

    async def carry(self, where, *, fast: bool):
        self.empty()
''',
    "src/mill/stones.py": '''"""The stones."""

from mill.errors import StoneError
from mill.grain import LIMIT


class Stone:
    """Turns."""

    def __init__(self, size: int) -> None:
        self.size = size

    def turn(self, weight: int) -> str:
        if weight > self.size:
            raise StoneError("too heavy")
        return "flour" * weight

    def __repr__(self) -> str:
        return "Stone"


def never_used() -> int:
    return LIMIT
''',
    "src/mill/work.py": '''"""A day at the mill."""

from mill.errors import MillError
from mill.grain import Grain, Sack, Wheat
from mill.stones import Stone

def day(sacks: list[Sack], stone: Stone, *, is_long: bool = False) -> list[str]:
    # Each sack is ground once.

    return [sack.grain.grind(stone) for sack in sacks]

def repair(stone: Stone):
    stone.turn(1)
    raise MillError("no miller")

def count(grains):
    for number, grain in enumerate(grains):
        yield number, grain.weight

def short(): return 1

def main() -> None:
    """Open the mill."""
    stone = Stone(10)
    day([Sack(Wheat(1, origin="here"), 2)], stone)
    repair(stone)
''',
    "tests/test_stones.py": """from mill.stones import Stone


def test_turn():
    assert Stone(3).turn(1) == "flour"


def run():
    return Stone(1)
""",
    "tests/test_grain.py": """from mill.grain import Wheat
from mill.stones import Stone


def test_grind():
    assert Wheat(1, origin="x").grind(Stone(2))
""",
    "java/src/main/java/com/example/mill/Wheel.java": """package com.example.mill;

import java.io.IOException;
import java.util.List;

/** Turns in the water. */
public abstract class Wheel<T extends Comparable<T>> {

    private final int spokes;

    protected Wheel(final int spokes) {
        this.spokes = spokes;
    }

    public abstract T turn(List<T> water, int times) throws IOException;

    protected abstract boolean isWet();

    public int getSpokes() {
        return spokes;
    }

    public static String describe(final String name, final double size) {
        return name + size;
    }

    public static String describe(final String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("no name");
        }
        return describe(name, 1.0);
    }
}
""",
    "java/src/main/java/com/example/mill/Noria.java": """package com.example.mill;

import java.util.List;

public class Noria extends Wheel<String> {

    public Noria(final int spokes, final Bucket bucket) {
        super(spokes);
    }

    @Override
    public String turn(final List<String> water, final int times) {
        return water.get(0);
    }

    @Override
    protected boolean isWet() {
        return true;
    }

    public void fill(final Bucket bucket, final String... names) {
        bucket.take(names);
    }

    /**
     * Stops it.
     */
    public void stop() {
    }
}
""",
    "java/src/main/java/com/example/mill/Bucket.java": """package com.example.mill;

public final class Bucket {

    private Bucket() {
    }

    public static Bucket of(final int size) {
        return new Bucket();
    }

    public <E extends Exception> void take(final String[] names) throws E {
    }

    public void orElse(final java.util.Map<String, Integer> sizes, Class<? extends Number> kind) {
    }
}
""",
    "java/src/test/java/com/example/mill/NoriaTest.java": """package com.example.mill;

import org.junit.Test;

public class NoriaTest {

    @Test
    public void testFill() {
        new Noria(1, Bucket.of(1)).fill(Bucket.of(2));
    }
}
""",
}
