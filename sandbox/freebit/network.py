"""The operator as a whole: how it behaves today, its keys, its lines, and what was asked of it."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.faults import BadRequest, Faults
from sandbox.freebit.lines import Lines
from sandbox.freebit.work import Work
from sandbox.store import Store


@dataclass(slots=True)
class Behaviour:
    """Seconds until a request is done; None: only when the operator of this sandbox says so.

    `shows_pending` False hides a line until its activation is done. `plans` lists the plan codes there are; empty: any.
    `next_codes` are the results of the next activations, in their order, told when they are done.
    """

    activation_s: float | None = 30
    account_s: float | None = 600
    reissue_s: float | None = 30
    cancel_s: float | None = 600
    voice_s: float | None = 600
    network_s: float | None = 1800
    topup_s: float | None = 10
    spacing_s: float = 1800
    key_s: float = 1800
    numeric_codes: bool = False
    shows_pending: bool = True
    issues_lpa: bool = False
    plans: list[str] = field(default_factory=list)
    next_codes: list[str] = field(default_factory=list)


class Keys:
    """authKeys. They end by age, or when staff revoke them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def make(self) -> str:
        key = secrets.token_hex(24)
        self._store.insert("fb_keys", auth_key=key, made_at=self._clock.unix())
        return key

    def good(self, key: object, life_s: float) -> bool:
        made_at = self._store.value("SELECT made_at FROM fb_keys WHERE auth_key = ?", str(key))
        return made_at is not None and self._clock.unix() - made_at < life_s

    def revoke(self) -> int:
        return self._store.execute("DELETE FROM fb_keys")


class Freebit:
    def __init__(self, config: Config, clock: Clock, store: Store, faults: Faults) -> None:
        self.config, self.clock, self.store, self.faults = config, clock, store, faults
        self.behaviour = Behaviour(activation_s=config.freebit_activation_s)
        self.lines, self.keys = Lines(store), Keys(store, clock)
        self.work = Work(store, clock, self.lines)
        self.calls: Counter[str] = Counter()
        """How often each operation was asked for, refused ones too: shows who polls in bulk."""

    def set_behaviour(self, wanted: dict[str, Any]) -> None:
        """Only the named keys change. Raises: BadRequest."""
        for name, value in wanted.items():
            default = getattr(Behaviour(), name, ...)
            if default is ... or not _fits(name, default, value):
                raise BadRequest(f"{name}: no such key, or no value for it")
        for name, value in wanted.items():
            setattr(self.behaviour, name, list(value) if isinstance(value, list) else value)

    def forget(self) -> None:
        """What a reset of the data takes with it."""
        self.behaviour = Behaviour(activation_s=self.config.freebit_activation_s)
        self.calls.clear()


def _fits(name: str, default: object, value: object) -> bool:
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, list):
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if value is None:
        return name not in ("spacing_s", "key_s")
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
