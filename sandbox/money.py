"""Money is kept in hundredths as an integer and spoken as a string with two places, also for yen."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation


def parse(text: str) -> int:
    """`"1500.00"` -> 150000. Raises ValueError for anything that is not a plain decimal number."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {text!r}") from error
    if not value.is_finite() or abs(value) > 10**12:
        raise ValueError(f"not an amount: {text!r}")
    return int((value * 100).quantize(Decimal(1), ROUND_HALF_UP))


def text(hundredths: int) -> str:
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"


def display(hundredths: int) -> str:
    """The preformatted form of GetClientsDetails stats: prefix, two places, suffix."""
    return f"¥{text(hundredths)} JPY"


def pretty(hundredths: int) -> str:
    """For people: thousands separators, hundredths only when there are any."""
    whole = f"{abs(hundredths) // 100:,}"
    rest = f".{abs(hundredths) % 100:02d}" if hundredths % 100 else ""
    return f"{'-' if hundredths < 0 else ''}¥{whole}{rest}"


def tax_on(hundredths: int, rate: str) -> int:
    """Tax of a net amount, cut to whole yen. `rate` is a percentage such as "10.000"."""
    return int(Decimal(hundredths) * Decimal(rate) / 10000) * 100
