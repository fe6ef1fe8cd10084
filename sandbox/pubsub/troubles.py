"""What goes wrong with events on demand. A restart heals everything."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sandbox.faults import BadRequest

# What happens to the next events, and to the next calls.
EVENT_KINDS = ("undecodable", "duplicate", "delay", "out_of_order", "lost")
CALL_KINDS = ("refuse",)
METHODS = ("Subscribe", "GetTopic", "GetSchema", "Publish")


@dataclass(slots=True)
class Trouble:
    """`entity` "*" strikes every event; `code` is the error-code suffix a call is refused with."""

    kind: str
    times: int
    entity: str = "*"
    method: str = "Subscribe"
    code: str = "service.unavailable"
    delay_ms: int = 1000


class Troubles:
    def __init__(self) -> None:
        self._waiting: list[Trouble] = []
        self.silent = False

    def add(self, **wanted: Any) -> Trouble:
        """Raises: BadRequest."""
        kinds = (*EVENT_KINDS, *CALL_KINDS)
        if wanted.get("kind") not in kinds:
            raise BadRequest(f"kind must be one of {', '.join(kinds)}")
        for name in ("times", "delay_ms"):
            number = wanted.get(name, 1)
            if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= 100_000:
                raise BadRequest(f"{name} must be a whole number")
        if wanted.get("method", "Subscribe") not in METHODS:
            raise BadRequest(f"method must be one of {', '.join(METHODS)}")
        unknown = sorted(set(wanted) - set(Trouble.__dataclass_fields__))
        if unknown:
            raise BadRequest(f"unknown: {', '.join(unknown)}")
        trouble = Trouble(**({"times": 1} | wanted))
        if trouble.times:
            self._waiting.append(trouble)
        return trouble

    def strike(self, entity: str) -> Trouble | None:
        """What happens to this event; counts it down."""
        return self._take(lambda one: one.kind in EVENT_KINDS and one.entity in ("*", entity))

    def refuse(self, method: str) -> Trouble | None:
        return self._take(lambda one: one.kind in CALL_KINDS and one.method == method)

    def _take(self, fits: Any) -> Trouble | None:
        found = next((one for one in self._waiting if fits(one)), None)
        if found is not None:
            found.times -= 1
            if not found.times:
                self._waiting.remove(found)
        return found

    def listed(self) -> list[dict[str, Any]]:
        return [asdict(one) for one in self._waiting]

    def heal(self) -> None:
        self._waiting, self.silent = [], False
