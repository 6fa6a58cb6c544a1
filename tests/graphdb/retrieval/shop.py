"""A small shop in Python, written so that each kind of evidence leads somewhere of its own."""

from __future__ import annotations

FILES = {
    "shop/__init__.py": '"""A shop."""\n',
    "shop/money.py": '''"""Amounts of money."""


class Money:
    """An amount in a currency."""

    def __init__(self, amount, currency):
        self.amount = amount
        self.currency = currency

    def convert(self, rate):
        """The same value in another currency."""
        return Money(self.amount * rate, self.currency)


def parse_amount(text):
    """Read an amount such as 12.50 EUR."""
    amount, currency = text.split()
    return Money(float(amount), currency)
''',
    "shop/orders.py": '''"""Orders of customers."""

from shop.money import Money, parse_amount

MAX_LINES = 100


class Order:
    """An order with its lines."""

    def __init__(self, customer):
        self.customer = customer
        self.lines = []

    def add_line(self, text):
        """Add a line such as 12.50 EUR."""
        if len(self.lines) >= MAX_LINES:
            raise ValueError("too many lines")
        self.lines.append(parse_amount(text))

    def total(self) -> Money:
        """The sum of all lines."""
        ...


class GiftOrder(Order):
    """An order that is wrapped."""

    def total(self):
        return Money(sum(line.amount for line in self.lines), "EUR")


def retry_payment(order, attempts):
    """Try to pay an order again after a timeout, with a growing backoff."""
    return order.total()
''',
    "shop/weather.py": '''"""Has nothing to do with shops."""


def forecast(region):
    """Tomorrow's rain."""
    return region
''',
    "tests/test_orders.py": """from shop.orders import Order


def test_total_of_lines():
    order = Order("Ada")
    order.add_line("1.00 EUR")
    assert order.total()
""",
}
