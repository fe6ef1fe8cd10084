"""Rows of accounts and contacts as queries bring them, under our own keys; whose each is, is looked at again here."""

from typing import Final

from portal_app.errors import NotFound, UpstreamReplyChanged
from portal_app.integrations.salesforce.client import Caller, SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap, picked
from portal_app.integrations.salesforce.ids import as_18, checked_id
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row

MOST_CONTACTS: Final = 200
_STATE: Final = ("id", "customer_number", "whmcs_account", "portal_status")


class AccountRows:
    """What `Accounts` reads. Raises in all of it: UpstreamError, Busy."""

    def __init__(self, client: SalesforceClient, fields: FieldMap) -> None:
        self._client, self._fields = client, fields

    async def with_number(self, customer_number: str, operation: str, caller: Caller) -> list[Row]:
        """Accounts with exactly this number, in upper case: of more than one, at least two."""
        rows = await self._client.query(
            soql(
                "SELECT {a.id:literal}, {a.customer_number:literal}, {a.whmcs_account:literal}, "
                "{a.portal_status:literal} FROM {a.kind:literal} WHERE {a.customer_number:literal} = {} LIMIT 3",
                customer_number,
                a=self._fields.account,
            ),
            operation=operation,
            caller=caller,
        )
        found = [picked(row, self._fields.account, *_STATE) for row in rows]
        return [row for row in found if text_of(row, "customer_number").strip().upper() == customer_number]

    async def account(self, salesforce_account_id: str, caller: Caller) -> Row:
        """Under our own keys. Raises: NotFound, before anything is sent when the id is none of an account."""
        names = self._fields.account
        account_id = checked_id(names.kind, salesforce_account_id)
        rows = await self._client.query(
            soql(
                "SELECT {a.id:literal}, {a.whmcs_account:literal}, {a.portal_status:literal}, "
                "{a.registration_source:literal} "
                "FROM {a.kind:literal} WHERE {a.id:literal} = {} LIMIT 2",
                account_id,
                a=names,
            ),
            operation="GetAccount",
            caller=caller,
        )
        wanted = ("id", "whmcs_account", "portal_status", "registration_source")
        for row in rows:
            if as_18(row.get(names.id)) == account_id:
                return picked(row, names, *wanted)
        raise NotFound("account")

    async def contacts(self, account_id: str, caller: Caller) -> list[Row]:
        """Its people, in order of id."""
        names = self._fields.contact
        rows = await self._client.query(
            soql(
                "SELECT {c.id:literal}, {c.account_id:literal}, {c.email:literal}, {c.phone:literal}, "
                "{c.mobile_phone:literal}, {c.postal_code:literal}, {c.birth_date:literal} "
                "FROM {c.kind:literal} WHERE {c.account_id:literal} = {} ORDER BY {c.id:literal} LIMIT 200",
                account_id,
                c=names,
            ),
            operation="GetContacts",
            caller=caller,
        )
        wanted = ("id", "email", "phone", "mobile_phone", "postal_code", "birth_date")
        mine = [row for row in rows if as_18(row.get(names.account_id)) == account_id]
        return [picked(row, names, *wanted) for row in mine[:MOST_CONTACTS]]

    async def checked(self, account_ids: list[str], caller: Caller) -> dict[str, Row]:
        """Those of these accounts that are there, by id."""
        names = self._fields.account
        rows = await self._client.query(
            soql(
                "SELECT {a.id:literal}, {a.customer_number:literal}, {a.whmcs_account:literal}, "
                "{a.portal_status:literal} FROM {a.kind:literal} WHERE {a.id:literal} IN {}",
                account_ids,
                a=names,
            ),
            operation="CheckAccounts",
            caller=caller,
        )
        found = {as_18(row.get(names.id)): picked(row, names, *_STATE) for row in rows}
        return {account_id: found[account_id] for account_id in account_ids if account_id in found}


def text_of(row: Row, key: str) -> str:
    """Salesforce stores an empty text as null. Raises: UpstreamReplyChanged for a field that did not come."""
    if key not in row:
        raise UpstreamReplyChanged(SYSTEM, "ReadAccount", key)
    value = row[key]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UpstreamReplyChanged(SYSTEM, "ReadAccount", key)
    return value
