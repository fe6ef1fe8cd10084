"""Payment methods as the screen shows them: enough to recognise one, and what is paid by it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from portal_app.domain.pay_methods import PayMethod, PayMethodKind
from portal_app.domain.services import Service
from portal_app.format import month
from portal_app.state.services import RUNNING, recurs

Standing = Literal["good", "expiring", "expired"]


@dataclass(frozen=True)
class MethodRow:
    """One card or bank account. `brand`, `last_four`, `until` and `services` are "" where there is nothing to say.

    `services` has a line for each. `idle`: surely none; what WHMCS keeps itself may serve any gateway.
    """

    key: str
    kind: PayMethodKind
    brand: str
    last_four: str
    until: str
    standing: Standing
    is_default: bool
    services: str
    idle: bool


@dataclass(frozen=True)
class GatewayRow:
    """A way to pay without anything stored, and what is paid that way."""

    key: str
    name: str
    services: str


Uses = Mapping[int, Sequence[Service]]


def method_rows(
    methods: Iterable[PayMethod], uses: Uses, today: date, locale: str, *, sure: bool = True
) -> list[MethodRow]:
    """All of them in a language, `uses` by their id; `sure` that there are no other uses."""
    return [
        MethodRow(
            key=str(one.whmcs_id),
            kind=one.kind,
            brand=one.brand,
            last_four=one.last_four,
            until=month(one.expires_on, locale) if one.expires_on else "",
            standing=standing_of(one, today),
            is_default=one.is_default,
            services=named(uses.get(one.whmcs_id, ())),
            idle=sure and bool(one.gateway) and one.whmcs_id not in uses,
        )
        for one in methods
    ]


def gateway_rows(rest: Mapping[str, Sequence[Service]], names: Mapping[str, str]) -> list[GatewayRow]:
    """What is paid without a stored method, by the name of the way."""
    rows = [GatewayRow(module, names.get(module, module), named(some)) for module, some in rest.items()]
    return sorted(rows, key=lambda row: row.name)


def standing_of(method: PayMethod, today: date) -> Standing:
    """Whether it can be used, and for how long."""
    if not method.usable(today):
        return "expired"
    return "expiring" if method.expiring(today) else "good"


def used_by(
    methods: Sequence[PayMethod], services: Iterable[Service], names: Mapping[str, str], today: date
) -> tuple[dict[int, list[Service]], dict[str, list[Service]]]:
    """Which running services each method pays for, and those paid through a gateway where nothing is stored.

    WHMCS keeps a gateway with a service and no card: of several cards at one gateway the first that can be used is
    charged, the default before the others.
    """
    ready = sorted(methods, key=lambda one: (not one.usable(today), not one.is_default))
    uses: dict[int, list[Service]] = {}
    rest: dict[str, list[Service]] = {}
    for service in services:
        module = service.gateway.casefold()
        if service.status not in RUNNING or not recurs(service) or not module:
            continue
        spellings = {module, names.get(module, module).casefold()}
        method = next((one for one in ready if one.gateway.casefold() in spellings), None)
        if method is None:
            rest.setdefault(module, []).append(service)
        else:
            uses.setdefault(method.whmcs_id, []).append(service)
    return uses, rest


def named(services: Iterable[Service]) -> str:
    """Their names, each on a line and once."""
    return "\n".join(dict.fromkeys(" · ".join(filter(None, (one.name, one.label))) for one in services))
