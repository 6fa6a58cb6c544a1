"""A class in Java and in Python, each with five tests of it: from good to one that is no code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

JAVA_CART = "src/main/java/shop/Cart.java"
JAVA_TESTS = "src/test/java/shop"

JAVA = {
    JAVA_CART: """package shop;

import java.util.ArrayList;
import java.util.List;

public class Cart {
    private final int limit;
    private final List<Integer> lines = new ArrayList<>();

    public Cart(int limit) {
        this.limit = limit;
    }

    public boolean add(int price, int count) {
        if (count <= 0) {
            throw new IllegalArgumentException("count must be positive");
        }
        if (lines.size() >= limit) {
            return false;
        }
        lines.add(price * count);
        return true;
    }

    public Sum sum() {
        Sum sum = new Sum();
        for (int line : lines) {
            sum.total += line;
        }
        return sum;
    }

    public static class Sum {
        int total;

        public boolean isFree() {
            return total == 0;
        }
    }
}
""",
    f"{JAVA_TESTS}/GoodTest.java": """package shop;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.Test;

class GoodTest {
    @Test
    void sum() {
        Cart cart = new Cart(2);
        assertTrue(cart.add(2, 3));
        assertEquals(6, cart.sum().total);
        assertFalse(cart.sum().isFree());
    }

    @Test
    void limit() {
        Cart cart = new Cart(1);
        assertTrue(cart.add(1, 1));
        assertFalse(cart.add(1, 1));
        assertThrows(IllegalArgumentException.class, () -> cart.add(1, 0));
    }

    @Test
    void free() {
        assertTrue(new Cart(1).sum().isFree());
    }
}
""",
    f"{JAVA_TESTS}/WeakTest.java": """package shop;

import org.junit.jupiter.api.Test;

class WeakTest {
    @Test
    void runs() {
        new Cart(1).add(1, 1);
    }
}
""",
    f"{JAVA_TESTS}/FailingTest.java": """package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

class FailingTest {
    @Test
    void right() {
        assertTrue(new Cart(1).add(1, 1));
    }

    @Test
    void wrong() {
        assertEquals(1, new Cart(1).sum().total);
    }

    @Test
    void thrown() {
        new Cart(1).add(1, -1);
    }

    @Test
    @Disabled
    void later() {}
}
""",
    f"{JAVA_TESTS}/UnknownTest.java": """package shop;

import org.junit.jupiter.api.Test;

class UnknownTest {
    @Test
    void runs() {
        new Trolley(1).add(1, 1);
    }
}
""",
    f"{JAVA_TESTS}/BrokenTest.java": """package shop;

import org.junit.jupiter.api.Test;

class BrokenTest {
    @Test
    void runs() {
        new Cart(1).add(1, 1)
    }
}
""",
}

PYTHON_CART = "shop/cart.py"

PYTHON = {
    "shop/__init__.py": "",
    PYTHON_CART: '''"""Carts."""


class Cart:
    """Lines with prices."""

    def __init__(self, limit=10):
        self.limit = limit
        self.lines = []

    def add(self, price, count=1):
        if count <= 0:
            raise ValueError("count must be positive")
        if len(self.lines) >= self.limit:
            return False
        self.lines.append(price * count)
        return True

    def total(self):
        total = 0
        for line in self.lines:
            total += line
        return total


def discount(total, percent):
    if percent > 50:
        percent = 50
    return total - total * percent / 100
''',
    "tests/test_good.py": """import pytest

from shop.cart import Cart, discount


def test_total():
    cart = Cart()
    assert cart.add(2, 3) is True
    assert cart.add(1) is True
    assert cart.total() == 7


def test_limit():
    cart = Cart(1)
    assert cart.add(1) is True
    assert cart.add(1) is False


def test_count():
    with pytest.raises(ValueError, match="^count must be positive$"):
        Cart().add(1, 0)


def test_discount():
    assert discount(200, 25) == 150
""",
    "tests/test_weak.py": """from shop.cart import Cart


def test_runs():
    Cart().add(1)
""",
    "tests/test_failing.py": """import pytest

from shop.cart import Cart


class TestCart:
    @pytest.mark.parametrize("price", [1, 2])
    def test_right(self, price):
        assert Cart().add(price)

    def test_wrong(self):
        assert Cart().total() == 1


def test_thrown():
    Cart().add(1, -1)


@pytest.mark.skip
def test_later():
    pass
""",
    "tests/test_unreached.py": """import shop.cart


def test_nothing():
    assert shop
""",
    "tests/test_unknown.py": """from shop.cart import Trolley


def test_runs():
    Trolley().add(1)
""",
    "tests/test_broken.py": """from shop.cart import Cart


def test_runs():
    Cart().add(1
    assert True
""",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder
