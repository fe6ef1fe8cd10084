"""A customer's services: what runs now, and what once did."""

from dataclasses import dataclass
from decimal import Decimal

import reflex as rx

from portal_app import routes, wiring
from portal_app.domain.services import BillingCycle, Service, ServiceKind, ServiceStatus
from portal_app.errors import Busy, UpstreamError
from portal_app.format import count, day, yen
from portal_app.security.policy import signed_in
from portal_app.state.asking import asking, notice_of
from portal_app.state.primed import primed

RUNNING = (ServiceStatus.SUSPENDED, ServiceStatus.ACTIVE, ServiceStatus.PENDING, ServiceStatus.FRAUD)
"""Statuses of the present, the ones that need attention first."""


@dataclass(frozen=True)
class Figures:
    """Over what runs now. "" where there is nothing to say."""

    active: str = ""
    monthly: str = ""
    next_due: str = ""


@dataclass(frozen=True)
class ServiceRow:
    """One service; `label` tells two alike apart and may be ""."""

    anchor: str
    href: str
    name: str
    label: str
    kind: ServiceKind
    status: str
    cycle: str
    price: str
    since: str
    next_due: str

    @classmethod
    def of(cls, service: Service, locale: str) -> "ServiceRow":
        """A row in a language. What is free or paid once has no next due day."""
        return cls(
            anchor=f"service-{service.whmcs_service_id}",
            href=routes.service(service.whmcs_service_id),
            name=service.name,
            label=service.label,
            kind=service.kind,
            status=service.status.value,
            cycle=service.cycle.value,
            price=yen(service.amount, locale),
            since=day(service.registered_on, locale),
            next_due=day(service.next_due_on if recurs(service) else None, locale),
        )


class ServicesState(rx.State):
    """What one tab shows of the services."""

    loaded: bool = False
    rows: list[ServiceRow] = []
    past: list[ServiceRow] = []
    figures: Figures = Figures()
    as_of: str = ""
    notice: str = ""
    refreshing: bool = False

    @rx.event
    @signed_in(live="services")
    @primed(apart=("refreshing",))
    async def load(self):
        """Show every service of the customer."""
        await self._show()

    @rx.event
    @signed_in
    async def refresh(self):
        """Ask WHMCS anew, then show."""
        self.refreshing = True
        yield
        try:
            await wiring.service_book().refresh((await asking(self)).customer)
            await self._show(wait=True)
        finally:
            self.refreshing = False

    async def _show(self, *, wait: bool = False) -> None:
        me = await asking(self)
        try:
            services = await wiring.service_book().list(me.customer, wait=wait)
        except (UpstreamError, Busy) as failure:
            self.notice, self.loaded = notice_of(failure, "services.unavailable"), True
            self.rows, self.past = list(self.rows), list(self.past)
            return
        self.rows = [ServiceRow.of(s, me.locale) for s in running(services.items)]
        self.past = [ServiceRow.of(s, me.locale) for s in services.items if s.status not in RUNNING]
        self.figures = figures_of(services.items, me.locale)
        self.as_of, self.notice = me.clock(services.as_of), "services.stale" if services.stale else ""
        self.loaded = True


def figures_of(services: tuple[Service, ...], locale: str) -> Figures:
    """How many run, what those billed by the month come to, and when the next of all is due."""
    active = [one for one in services if one.status is ServiceStatus.ACTIVE]
    monthly = [one.amount for one in active if one.cycle is BillingCycle.MONTHLY]
    due = [one.next_due_on for one in active if one.next_due_on and recurs(one)]
    return Figures(
        active=count(len(active), locale) if active else "",
        monthly=yen(sum(monthly, Decimal(0)), locale) if monthly else "",
        next_due=day(min(due), locale) if due else "",
    )


def recurs(service: Service) -> bool:
    """Whether it is billed again and again."""
    return service.cycle not in (BillingCycle.FREE, BillingCycle.ONETIME)


def running(services: tuple[Service, ...]) -> list[Service]:
    """The services of the present, suspended ones first."""
    return sorted((s for s in services if s.status in RUNNING), key=lambda s: (RUNNING.index(s.status), s.name))
