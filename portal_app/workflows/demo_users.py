"""Portal users for the sandbox's customers, so that somebody can sign in to the demo."""

from typing import Final
from urllib.parse import urlsplit

from portal_app.errors import Busy, ConfigError, NotFound, UpstreamError
from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.whmcs.clients import Clients
from portal_app.integrations.whmcs.logins import Logins
from portal_app.security.passwords import Passwords
from portal_app.settings import LOOPBACK, Settings
from portal_app.storage.users import Users

EMAILS: Final = ("demo@example.com", "second@example.com")
PASSWORD: Final = "demo-portal-2026"  # noqa: S105  printed by `make run`, refused outside of the demo


class DemoUsers:
    """Refuses to exist anywhere but beside the sandbox: the password is known to everybody."""

    def __init__(
        self,
        settings: Settings,
        users: Users,
        clients: Clients,
        passwords: Passwords,
        logins: Logins,
        accounts: Accounts,
    ) -> None:
        if settings.PORTAL_ENV != "demo" or urlsplit(settings.WHMCS_BASE_URL).hostname not in LOOPBACK:
            raise ConfigError(["demo users are made only with PORTAL_ENV=demo and a WHMCS on this machine"])
        self._users, self._clients, self._passwords = users, clients, passwords
        self._logins, self._accounts = logins, accounts

    async def make(self, email: str, password: str, *, set_password: bool = False) -> bool:
        """Make the user and map it to the WHMCS client of that address and to its account; whether it was new.

        One that exists keeps its password unless `set_password`, and is mapped anew when something else is theirs.
        Raises: NotFound when WHMCS has no such client; UpstreamError, Busy; Conflict.
        """
        whmcs_client_id = await self._clients.find_client_id_by_email(email)
        if whmcs_client_id is None:
            raise NotFound("WHMCS client of a demo user")
        user = await self._users.find_by_email(email)
        user_id = user.user_id if user else await self._users.create(email, await self._passwords.hash(password))
        if user and set_password and not (await self._passwords.verify(password, user.password_hash)).ok:
            await self._users.set_password_hash(user_id, await self._passwords.hash(password))
        await self._map(user_id, whmcs_client_id)
        return user is None

    async def _map(self, user_id: str, whmcs_client_id: int) -> None:
        customer = await self._users.find_customer(user_id)
        same_client = customer is not None and customer.whmcs_client_id == whmcs_client_id
        held = customer.salesforce_account_id if customer is not None and same_client else ""
        account_id = await self._account_of(whmcs_client_id) or held
        if not same_client or account_id != held:
            await self._users.link(user_id, whmcs_client_id, account_id)

    async def _account_of(self, whmcs_client_id: int) -> str:
        """The Salesforce account with the client's number, "" where there is none and while Salesforce is away."""
        number = (await self._logins.account(whmcs_client_id)).customer_number
        try:
            found = await self._accounts.find_by_customer_number(number, fresh=True)
        except (UpstreamError, Busy):
            return ""
        return found.salesforce_account_id if found and found.whmcs_client_id in (None, whmcs_client_id) else ""
