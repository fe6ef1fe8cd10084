"""A wiring in which everything is down, and notes for whom it was asked."""

from dataclasses import dataclass, field
from typing import Any

from portal_app.errors import UpstreamUnavailable


@dataclass
class Asked(dict[str, Any]):
    """The wiring. What is not given is down, and has noted who asked. `users`: the ids that are looked for."""

    users: frozenset[str] = frozenset()
    calls: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    def __missing__(self, name: str) -> "Down":
        return Down(name, self.calls)

    def about(self) -> set[str]:
        """Whose user ids were named."""
        return {user_of(value) for _, values in self.calls for value in values} & self.users

    def parts(self) -> list[str]:
        """What was asked about a customer, each once, in order of the alphabet."""
        return sorted({name for name, values in self.calls if self.users & {user_of(value) for value in values}})


class Down:
    """One part of the wiring."""

    def __init__(self, name: str, calls: list[tuple[str, tuple[Any, ...]]]) -> None:
        self._name, self._calls = name, calls

    def __getattr__(self, method: str) -> Any:
        async def ask(*args: Any, **named: Any) -> None:
            self._calls.append((self._name, (*args, *named.values())))
            raise UpstreamUnavailable("any", method)

        return ask


def user_of(value: Any) -> str:
    """Of a customer, a session, or the bare id; "" for anything else."""
    return value if isinstance(value, str) else str(getattr(value, "user_id", ""))
