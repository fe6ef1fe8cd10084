"""Orders from approval to a running service, as a browser sees them; planted where the way there is told elsewhere."""

import itertools
import secrets
from datetime import UTC, date, datetime
from typing import Any, Final

from playwright.async_api import Page, expect

from portal_app import routes, settings, wiring
from portal_app.domain.cart import Cart, InternetChoice, SimChoice, lines
from portal_app.domain.catalog import ProductLine
from portal_app.domain.orders import AddressSnapshot, OrderDraft
from tests.support.portal import RunningPortal

ADDRESS: Final = AddressSnapshot("1-2-3 Jingumae\nSun Heights 201", "Shibuya-ku", "Tokyo", "150-0001")
TERMS: Final[dict[str, Any]] = {"terms_version": "2026-04", "terms_at": datetime(2026, 4, 15, 3, 0, tzinfo=UTC)}
INTERNET: Final = Cart(
    ProductLine.INTERNET,
    "INTERNET-GOLD-HOME-1G",
    internet=InternetChoice("IPoE-BYOR", "INTERNET-INSTALL-SINGLE"),
    **TERMS,
)
PATIENCE_MS: Final = 30_000
# Everything the page ever showed, one entry for each change: what flickers for one frame is in it.
FOLLOW: Final = """() => {
  window.sameDocument = true;
  window.seen = [];
  const look = () => {
    const status = document.querySelector('#order')?.dataset.status || '';
    const steps = [...document.querySelectorAll('#timeline [data-step]')].map(step => step.dataset.state);
    const now = [status, ...steps].join(' ');
    if (now !== window.seen.at(-1)) window.seen.push(now);
  };
  look();
  new MutationObserver(look).observe(document.body, {
    subtree: true, childList: true, attributes: true, attributeFilter: ['data-status', 'data-state'],
  });
}"""
_keys = itertools.count()


def an_esim() -> Cart:
    """A plan with voice on an eSIM of its own: no phone is in two lines."""
    stem = 89049032 * 10**22 + secrets.randbelow(10**22)
    eid = f"{stem * 100 + (98 - stem * 100 % 97) % 97:032d}"
    return Cart(ProductLine.SIM, "SIM-DATA-VOICE-5GB", sim=SimChoice("esim", eid, True, "immediate"), **TERMS)


async def plant(portal: RunningPortal, email: str, cart: Cart) -> str:
    """An order as the checkout places it, without its pages; its Salesforce id."""
    async with wiring.opened(settings.load(portal.processes.demo.env)):
        user = await wiring.users().find_by_email(email)
        assert user is not None, email
        customer = await wiring.users().find_customer(user.user_id)
        assert customer is not None, email
        held = lines(cart, await wiring.catalog().read_now())
        draft = OrderDraft(cart, held, ADDRESS, date.today())
        placed = await wiring.orders().place(customer, draft, f"planted-{secrets.token_hex(6)}-{next(_keys)}")
    return placed.salesforce_order_id


async def follow(page: Page) -> None:
    """From now on the page remembers whatever it shows of its order."""
    await page.evaluate(FOLLOW)


async def reads(page: Page, status: str) -> None:
    """The order of this page comes to stand so, by itself."""
    await expect(page.locator("#order")).to_have_attribute("data-status", status, timeout=PATIENCE_MS)


async def never_went_back(page: Page) -> list[str]:
    """It is still the same document, and no step that was done was ever shown as not done. What it showed."""
    assert await page.evaluate("window.sameDocument === true"), "the page was loaded again"
    seen: list[str] = await page.evaluate("window.seen")
    done = [entry.split()[1:].count("done") for entry in seen]
    assert done == sorted(done), seen
    return [entry.split()[0] for entry in seen]


async def at_order(person: Any, order_id: str) -> Page:
    """The page of that order, followed from its first word on."""
    page: Page = await person.go(routes.order(order_id))
    await reads(page, "under_review")
    await follow(page)
    return page


def verify(portal: RunningPortal, customer_number: str) -> None:
    """Staff know this customer: no document is wanted."""
    (account,) = portal.console.accounts(customer_number)
    portal.console.change_record(account["id"], Id_Verification_Status__c="Verified")


def activation(portal: RunningPortal, order_id: str) -> tuple[str, str | None]:
    """What staff see of an order in Salesforce: how its activation stands, and the code."""
    record = portal.console.record(order_id)
    return record["Activation_Status__c"], record.get("Activation_Error_Code__c")


def code(portal: RunningPortal, order_id: str) -> str:
    """The code staff see, "" when there is none."""
    return activation(portal, order_id)[1] or ""


class Billing:
    """What the billing system has of one client, beside what it had before."""

    def __init__(self, portal: RunningPortal, whmcs_client_id: int) -> None:
        self._console, self._client = portal.console, whmcs_client_id
        self._before = self._ids()

    def new(self, what: str) -> list[int]:
        """Ids of the `services` or `invoices` that were not there before, oldest first."""
        return sorted(self._ids()[what] - self._before[what])

    def _ids(self) -> dict[str, set[int]]:
        client = self._console.client(self._client)
        return {what: {int(one["id"]) for one in client[what]} for what in ("services", "invoices")}
