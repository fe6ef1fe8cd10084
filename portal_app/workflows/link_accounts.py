"""Which account somebody with a right WHMCS password may be linked to, and why not."""

from portal_app.errors import Conflict, NotFound, UpstreamRejected
from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.whmcs.logins import BillingAccount, Logins
from portal_app.storage.users import Users

CLOSED = "closed"


class LinkAccounts:
    """Every refusal is a Conflict whose reason is a key into `text`."""

    def __init__(self, logins: Logins, accounts: Accounts, users: Users) -> None:
        self._logins, self._accounts, self._users = logins, accounts, users

    async def billing_account(self, email: str, whmcs_user_id: int) -> BillingAccount:
        """The one client this WHMCS user owns. Raises: Conflict, UpstreamError, Busy."""
        owned = await self._logins.owned_clients(email, whmcs_user_id)
        if not owned:
            raise Conflict("link.no_client")
        if len(owned) > 1:
            raise Conflict("link.several_clients")
        account = await self.open_account(owned[0])
        if await self._users.find_by_email(email) is not None:
            raise Conflict("link.already_linked")
        return account

    async def open_account(self, whmcs_client_id: int) -> BillingAccount:
        """That client, unless it is closed or linked. Raises: Conflict, UpstreamError, Busy."""
        try:
            account = await self._logins.account(whmcs_client_id)
        except NotFound:
            raise Conflict("link.no_client") from None
        if account.status == CLOSED:
            raise Conflict("link.closed")
        if await self._users.find_customer_of_client(whmcs_client_id) is not None:
            raise Conflict("link.already_linked")
        return account

    async def salesforce_account(self, account: BillingAccount) -> str:
        """The id of the account with this client's customer number. Raises: Conflict, UpstreamError, Busy."""
        if not account.customer_number:
            raise Conflict("link.no_number")
        try:
            state = await self._accounts.find_by_customer_number(account.customer_number, fresh=True)
        except UpstreamRejected as refused:
            if refused.code != "more_than_one":
                raise
            raise Conflict("link.no_account") from None
        if state is None:
            raise Conflict("link.no_account")
        ours = state.whmcs_client_id in (None, account.whmcs_client_id)
        mapped = await self._users.find_customer_of_account(state.salesforce_account_id)
        # What is written there and cannot be read is somebody else's matter.
        if not ours or state.unreadable or mapped is not None:
            raise Conflict("link.account_taken")
        return state.salesforce_account_id
