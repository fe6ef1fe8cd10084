"""A customer's cards and bank accounts: that they exist, and the link to where they are changed. Never a number."""

import calendar
import re
from datetime import date, timedelta

from portal_app.domain.customer import Customer
from portal_app.domain.pay_methods import PayMethod, PayMethodKind, PayMethodsCopy
from portal_app.errors import NotFound, UpstreamRejected
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.client import Caller, WhmcsClient
from portal_app.integrations.whmcs.ownership import OnForeign, Ownership, checked_id
from portal_app.integrations.whmcs.sign_in_links import SignInLinks
from portal_app.integrations.whmcs.wire import WirePayMethod
from portal_app.storage.cache import Cache

TTL = timedelta(minutes=15)
KEEP_FOR = timedelta(minutes=30)
"""Where one that is older may be shown while it is read anew, but never in place of an answer that failed (H4)."""
TAG = "payments"
PAGE_S = 14
LONGEST_NAME = 40
_KINDS: dict[str, PayMethodKind] = {
    "creditcard": "card",
    "remotecreditcard": "card",
    "bankaccount": "bank",
    "remotebankaccount": "bank",
}
_EXPIRY = re.compile(r"(0?[1-9]|1[0-2])\s*/?\s*((?:20)?[0-9]{2})")
_NUMBER = re.compile(r"[0-9][0-9 -]{3,}[0-9]")


class PayMethods:
    """What the portal asks about them. The first in WHMCS's order counts as the default: it says no other way."""

    def __init__(self, client: WhmcsClient, cache: Cache, *, on_foreign: OnForeign | None = None) -> None:
        self._client, self._cache, self._links = client, cache, SignInLinks(client)
        self._ownership = Ownership(on_foreign)

    async def list_methods(
        self, customer: Customer, *, anew: bool = False, background: bool = False
    ) -> tuple[PayMethod, ...]:
        """All of them, expired ones too, the default first; at most 15 minutes old, or `anew` from WHMCS.

        `background`: behind everybody who waits at a screen.
        Raises: NotFound, UpstreamError, Busy: there is no stale answer.
        """
        return (await self.get_copy(customer, anew=anew, background=background)).items

    async def get_copy(self, customer: Customer, *, anew: bool = False, background: bool = False) -> PayMethodsCopy:
        """The same with the time of the copy. Raises as that does."""
        cached = await self._cache.fetch(
            customer,
            "pay_methods",
            lambda: self._load(customer, Caller(customer.user_id, background)),
            model=tuple[PayMethod, ...],
            ttl=TTL,
            keep_for=KEEP_FOR,
            tags=(TAG,),
            anew=anew,
        )
        return PayMethodsCopy(cached.value, cached.as_of)

    async def request_link(self, customer: Customer) -> str:
        """WHMCS's own page for them, signed in for one visit: used at once, kept nowhere. The copy is forgotten.

        Raises: UpstreamError, Busy, NotFound.
        """
        with deadline(PAGE_S):
            url = await self._links.to_payment_methods(customer)
        await self.clear(customer)
        return url

    async def clear(self, customer: Customer) -> None:
        """Makes the next read ask WHMCS."""
        await self._cache.clear(customer, TAG)

    async def _load(self, customer: Customer, caller: Caller) -> tuple[PayMethod, ...]:
        wanted = checked_id("client", customer.whmcs_client_id)
        try:
            with deadline(PAGE_S, inherit=False):  # shared by all who ask: it must not end with the first of them
                reply = await self._client.get_pay_methods(wanted, caller=caller)
        except UpstreamRejected as refused:
            raise (NotFound("client", wanted) if refused.code == "not_found" else refused) from None
        self._ownership.check(customer, reply.clientid, "pay_methods", wanted)
        for row in reply.paymethods:
            if row.contact_type.lower() == "client" and row.contact_id is not None:
                self._ownership.check(customer, row.contact_id, "pay_method", row.id)
        return tuple(_method(row, is_default=not place) for place, row in enumerate(reply.paymethods))


def _method(row: WirePayMethod, *, is_default: bool) -> PayMethod:
    kind = _KINDS.get(row.type.strip().lower(), "other")
    brand, digits = _brand(row, kind), _last_four(row) if kind == "card" else ""
    return PayMethod(
        row.id,
        kind,
        " ".join(filter(None, (brand, digits))),
        last_day(row.expiry_date),
        is_default,
        brand,
        digits,
        row.gateway_name.strip(),
    )


def _brand(row: WirePayMethod, kind: PayMethodKind) -> str:
    """Names with anything that looks like a number taken out: staff type those in by hand."""
    name = row.bank_name if kind == "bank" else row.card_type
    return " ".join(_NUMBER.sub("", name)[:LONGEST_NAME].split())


def _last_four(row: WirePayMethod) -> str:
    return "".join(c for c in row.card_last_four if c.isascii() and c.isdigit())[-4:]


def last_day(text: str) -> date | None:
    """Of the month a card names, `MM/YY`. What reads otherwise is for WHMCS to judge when it charges."""
    found = _EXPIRY.fullmatch(text.strip())
    if found is None:
        return None
    month, year = int(found[1]), 2000 + int(found[2]) % 100
    return date(year, month, calendar.monthrange(year, month)[1])
