"""The call log: what was asked of each system, how it was answered, how long it took. Never a secret."""

from __future__ import annotations

from collections import deque
from typing import Any

KEPT = 1000
_WORDS = "secret password identifier accesskey cvv cardnum card_number username token assertion"
SECRET_NAMES = tuple(_WORDS.split())


class CallLog:
    """In memory, newest last; forgotten by a restart."""

    def __init__(self) -> None:
        self._calls: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def record(self, *, at: str, system: str, action: str, params: Any, status: int, outcome: str, ms: float) -> None:
        """`status` is 0 when the connection was cut instead of answered."""
        entry = {"at": at, "system": system, "action": action, "params": sanitised(params)}
        self._calls.append(entry | {"status": status, "outcome": outcome, "ms": round(ms, 1)})

    def last(self, limit: int) -> list[dict[str, Any]]:
        return list(self._calls)[-limit:] if limit > 0 else []

    def clear(self) -> None:
        self._calls.clear()


def sanitised(value: Any, name: str = "") -> Any:
    """A copy in which everything that looks like a credential is replaced."""
    if isinstance(value, dict):
        return {key: sanitised(item, str(key)) for key, item in value.items()}
    if any(secret in name.lower() for secret in SECRET_NAMES):
        return "***"
    return value if len(str(value)) <= 500 else f"{str(value)[:500]}..."
