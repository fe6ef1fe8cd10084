"""What is handed out at this moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Parts = dict[str, Any]
_parts: Parts = {}


def part(name: str) -> Any:
    """Raises: RuntimeError while nothing is opened."""
    try:
        return _parts[name]
    except KeyError:
        raise RuntimeError(f"{name} is not wired: no `wiring.opened(...)` is active") from None


@contextmanager
def use(**parts: Any) -> Iterator[None]:
    """Swap parts by their function's name for the length of the block. For tests."""
    before = dict(_parts)
    _parts.update(parts)
    try:
        yield
    finally:
        _parts.clear()
        _parts.update(before)
