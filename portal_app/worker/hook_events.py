"""What WHMCS's hooks are about, and how that is read again (W7)."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from portal_app.integrations.whmcs.hooks import Concern, concern_of
from portal_app.storage.inbox import InboxEvent
from portal_app.worker.sync import Sync

Target = tuple[str, ...]
SOURCE: Final = "whmcs"


class TooEarly(Exception):
    """The event was sent before the change was made: what WHMCS says now is the old state."""


class HookEvents:
    """`targets` says which records an event speaks of, `read` copies one of them anew."""

    def __init__(self, sync: Sync) -> None:
        self._how: dict[str, Callable[[int], Awaitable[None]]] = {
            "invoice": sync.invoice,
            "payment_failed": sync.payment_failed,
            "services": sync.services_of,
            "service": sync.service,
            "order": sync.order,
            "client": sync.client,
            "pay_methods": sync.pay_methods_of,
        }

    def targets(self, event: InboxEvent) -> list[Target]:
        """Raises: TooEarly; ValueError, KeyError, TypeError for a body of another shape."""
        concern = concern_of(event.event_type, _params(event.body))
        if concern.early and event.attempts == 0:
            raise TooEarly
        return [(kind, str(number)) for kind, number in _targets(concern)]

    async def read(self, target: Target) -> None:
        """Raises: UpstreamError, Busy."""
        kind, number = target
        await self._how[kind](int(number))


def _params(body: bytes) -> dict[str, Any]:
    params = json.loads(body)["params"]
    if not isinstance(params, dict):
        raise TypeError("params")
    return params


def _targets(concern: Concern) -> list[tuple[str, int]]:
    """What to read: the invoices it names; a client's services when it names a service or an order; else the client as
    a whole.

    How somebody pays is no part of that whole. A service just ordered is in no copy yet, but its order names a client.
    """
    if concern.payment_failed:
        return [("payment_failed", i) for i in concern.invoices]
    if concern.pay_methods:
        return [("pay_methods", c) for c in concern.clients]
    invoices = [("invoice", i) for i in concern.invoices]
    if concern.services:
        named = [("services", c) for c in concern.clients] or [("order", o) for o in concern.orders]
        return invoices + (named or [("service", s) for s in concern.services])
    clients = [("client", c) for c in concern.clients]
    return invoices or clients or [("order", o) for o in concern.orders]
