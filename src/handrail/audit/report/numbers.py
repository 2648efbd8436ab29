"""Numbers as the report writes them."""

from __future__ import annotations


def count(number: float) -> str:
    """A whole number.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{round(number):,}".replace("-", "−")


def dollars(amount: float) -> str:
    """An amount: to the cent below $1,000, else to the dollar.

    >>> dollars(12.3), dollars(1234.56), dollars(-5)
    ('$12.30', '$1,235', '−$5.00')
    """
    sign, size = ("−" if amount < 0 else ""), abs(amount)
    return f"{sign}${size:,.2f}" if size < 1000 else f"{sign}${size:,.0f}"


def share(part: float, whole: float) -> str:
    """A part of a whole in percent. What is there is never 0 %, and what is not all is never 100 %.

    >>> share(1, 8), share(1, 300000), share(299999, 300000), share(0, 7), share(1, 0)
    ('12.5%', '<0.01%', '>99.9%', '0%', '–')
    """
    if whole <= 0 or part < 0:
        return "–"
    percent = 100 * part / whole
    if percent in (0, 100):
        return f"{percent:.0f}%"
    if percent < 0.01:
        return "<0.01%"
    if percent >= 99.95:
        return ">99.9%" if percent < 100 else "over 100%"
    return f"{percent:.2f}%" if percent < 1 else f"{percent:.1f}%"
