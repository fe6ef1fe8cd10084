"""Telling Salesforce which billing account is a customer's: repeated until it is done, compared before it writes."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.salesforce.client import Caller
from portal_app.storage.outbox import Outbox

ACCOUNT_WRITEBACK: Final = "account_writeback"
NEW_SIGNUP: Final = "New Signup"
MIGRATED: Final = "Migrated"
_CALLER: Final = Caller(background=True)


async def add_writeback(
    outbox: Outbox,
    tx: AsyncSession,
    *,
    reference: str,
    salesforce_account_id: str,
    whmcs_client_id: int,
    first_name: str,
    last_name: str,
    source: str,
) -> None:
    """Have it written after this transaction. `reference` names the act that caused it; once each."""
    payload = {
        "salesforce_account_id": salesforce_account_id,
        "whmcs_client_id": whmcs_client_id,
        "first_name": first_name,
        "last_name": last_name,
        "source": source,
    }
    await outbox.add(tx, ACCOUNT_WRITEBACK, f"{ACCOUNT_WRITEBACK}:{reference}", payload)


class AccountWriteback:
    """Delivers outbox rows of kind `account_writeback`."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def deliver(self, payload: Mapping[str, Any], reference: str) -> None:
        """The billing account's id first, then the portal status; doing it again changes nothing.

        Raises: Conflict when another client is written there: a person must look; NotFound; UpstreamError, Busy.
        """
        account_id, whmcs_client_id = str(payload["salesforce_account_id"]), int(payload["whmcs_client_id"])
        names = str(payload["first_name"]), str(payload["last_name"])
        await self._accounts.write_whmcs_client(account_id, whmcs_client_id, *names, caller=_CALLER)
        await self._accounts.mark_portal_active(account_id, source=str(payload["source"]), caller=_CALLER)
