"""What is sold, for whoever looks; for a customer with what their address and their services allow."""

from datetime import datetime

import reflex as rx

from portal_app import wiring
from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from portal_app.errors import Busy, NotFound, NotSignedIn, UpstreamError
from portal_app.format import clock
from portal_app.integrations.salesforce.catalog import CatalogCopy
from portal_app.security.policy import public, signed_in
from portal_app.state.guard import cookie_items
from portal_app.state.plan_rows import PlanRow, Standing, cheapest, plan_rows
from portal_app.state.primed import primed
from portal_app.state.session import current_customer

VISITOR = Standing()
READING = Standing(reading=True)


class CatalogState(rx.State):
    """What one tab shows. The time is kept in both languages: a visitor who switches has nothing read anew."""

    loaded: bool = False
    internet: list[PlanRow] = []
    sim: list[PlanRow] = []
    vpn: list[PlanRow] = []
    internet_from: str = ""
    sim_from: str = ""
    vpn_from: str = ""
    as_of: str = ""
    as_of_ja: str = ""
    stale: bool = False
    to_be_checked: bool = False  # internet plans wait for somebody to have the address checked
    refused: str = ""  # key into `text`: why the plan chosen last is not in the cart

    _flash_key: str = ""

    @rx.event
    @public
    @primed
    async def load(self):
        """Show what everybody may see; a customer's tab goes on with what only they may."""
        await self._take_refusal()
        mine = await _is_a_customers(self)
        copy = await _copy()
        self.loaded = True
        if copy is None:
            self._show_none()
            return None
        self._show(copy, READING if mine else VISITOR)
        return CatalogState.load_mine if mine else None

    @rx.event
    @signed_in(live="services catalog")
    @primed
    async def load_mine(self):
        """The same with the answers for this customer's address, and plans for families where they have a SIM."""
        customer = await current_customer(self)
        copy = await _copy()
        self.loaded = True
        if copy is None:
            self._show_none()
            return
        self._show(copy, await _standing(customer))

    async def _take_refusal(self) -> None:
        """What the door of the cart had to say, once. A reconnect changes nothing."""
        key = cookie_items(self.router.headers.cookie).get("flash", "")
        if key != self._flash_key or not key:
            self.refused = (await wiring.flash().take(key)).get("error", "") if key else ""
        self._flash_key = key

    def _show(self, copy: CatalogCopy, standing: Standing) -> None:
        catalog = copy.catalog
        self.internet, self.sim, self.vpn = (plan_rows(catalog, line, standing) for line in _LINES)
        self.internet_from, self.sim_from, self.vpn_from = (cheapest(catalog, line) for line in _LINES)
        self.to_be_checked = any(row.availability == "check" for row in self.internet)
        self.as_of, self.as_of_ja = (_time(copy.as_of, locale) for locale in ("en", "ja"))
        self.stale = copy.stale

    def _show_none(self) -> None:
        """Rows of before stay, with their time."""
        self.stale = bool(self.as_of)


_LINES = (ProductLine.INTERNET, ProductLine.SIM, ProductLine.VPN)


def _time(at: datetime, locale: str) -> str:
    return clock(at, wiring.clock().now(), locale)


async def _copy() -> CatalogCopy | None:
    try:
        return await wiring.catalog().get_catalog()
    except (UpstreamError, Busy, TimeoutError):
        return None


async def _is_a_customers(state: rx.State) -> bool:
    try:
        await current_customer(state)
    except NotSignedIn:
        return False
    return True


async def _standing(customer: Customer) -> Standing:
    family = await _has_a_sim(customer)
    try:
        return Standing((await wiring.checks().get(customer)).eligibility, family=family)
    except (NotFound, UpstreamError, Busy, TimeoutError):
        return Standing(None, known=False, family=family)


async def _has_a_sim(customer: Customer) -> bool:
    """Not known is no: whoever has one sees the plans for families once WHMCS answers again."""
    try:
        services = await wiring.service_book().list(customer)
    except (UpstreamError, Busy, TimeoutError):
        return False
    return any(service.kind == "sim" and service.status == "active" for service in services.items)
