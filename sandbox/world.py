"""Everything the stand-ins share, made once per process and handed to every handler."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web

from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.faults import Faults
from sandbox.freebit.network import Freebit
from sandbox.salesforce.org import Org
from sandbox.store import Store
from sandbox.whmcs.hooks import HookSender


@dataclass(slots=True)
class World:
    config: Config
    clock: Clock
    store: Store
    faults: Faults
    calls: CallLog
    hooks: HookSender
    salesforce: Org
    freebit: Freebit = field(init=False)

    def __post_init__(self) -> None:
        self.freebit = Freebit(self.config, self.clock, self.store, self.faults)


WORLD: web.AppKey[World] = web.AppKey("world", World)
