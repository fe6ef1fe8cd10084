"""Links that sign a customer in to WHMCS's own pages. Made on a click, used at once, never logged, stored or shown."""

import logging
from urllib.parse import SplitResult, urlsplit

from portal_app.domain.customer import Customer
from portal_app.errors import UpstreamRejected, UpstreamReplyChanged
from portal_app.integrations.whmcs.client import Caller, WhmcsClient
from portal_app.integrations.whmcs.ownership import checked_id
from portal_app.integrations.whmcs.replies import SYSTEM

_PAYMENT_METHODS = "index.php?rp=/account/paymentmethods"  # works with friendly addresses and without
_PORTS = {"http": 80, "https": 443}
log = logging.getLogger(__name__)


class SignInLinks:
    """The destinations the portal sends customers to: a fixed set, none of it from the browser."""

    def __init__(self, client: WhmcsClient) -> None:
        self._client = client

    async def to_invoice(self, customer: Customer, whmcs_invoice_id: int) -> str:
        """The page of one invoice. Check who owns it first.

        Where the client has switched single sign-on off: the same page behind WHMCS's own sign-in.
        Raises: UpstreamReplyChanged when WHMCS answers an address that is not its own; UpstreamError, Busy.
        """
        path = f"viewinvoice.php?id={whmcs_invoice_id:d}"
        return await self._link(customer, destination="sso:custom_redirect", path=path, plain=path)

    async def to_payment_methods(self, customer: Customer) -> str:
        """The page where cards are added and removed; a card number goes to WHMCS and nowhere else.

        Where the client has switched single sign-on off: the same page behind WHMCS's own sign-in.
        Raises: as `to_invoice`.
        """
        return await self._link(customer, destination="clientarea:billing_info", plain=_PAYMENT_METHODS)

    async def _link(self, customer: Customer, *, destination: str, plain: str, path: str | None = None) -> str:
        caller = Caller(customer.user_id)
        client_id = checked_id("client", customer.whmcs_client_id)
        try:
            token = await self._client.create_sso_token(client_id, destination=destination, path=path, caller=caller)
        except UpstreamRejected as refused:
            if refused.code == "sso_blocked":
                return f"{self._client.root}/{plain}"
            raise
        if not _is_at(token.redirect_url, self._client.root):
            log.error("sign-in link leads elsewhere", extra={"system": SYSTEM})
            raise UpstreamReplyChanged(SYSTEM, "CreateSsoToken", "redirect_url")
        return token.redirect_url


def _is_at(url: str, root: str) -> bool:
    """Whether an address is of the configured WHMCS: same scheme, host and port, below its path, no tricks."""
    if not url.isascii() or not url.isprintable() or any(c in url for c in " \\@"):
        return False
    try:
        given, own = urlsplit(url), urlsplit(root)
        return _origin(given) == _origin(own) and given.path.startswith(own.path.rstrip("/") + "/")
    except ValueError:
        return False


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
