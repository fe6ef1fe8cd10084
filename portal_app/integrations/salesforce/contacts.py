"""The person behind an account, as far as the portal writes to them: where they live, in Japanese, and how they are
reached.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, Final, Literal

from portal_app.domain.address import JapaneseAddress
from portal_app.domain.customer import Customer
from portal_app.domain.phones import clean_phone, is_mobile
from portal_app.errors import NotFound
from portal_app.integrations.salesforce.client import Caller, SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18, checked_id
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.wire import Row
from portal_app.storage.users import Users, normalised

COUNTRY: Final = "Japan"
MOST_CONTACTS: Final = 200


class _Unchanged(Enum):
    UNCHANGED = "unchanged"


UNCHANGED: Final = _Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetails:
    """What changes of a contact. Phones E.164; `phone` "" stays as it is. A `birth_date` of None is taken away."""

    phone: str = field(default="", repr=False)
    phone_before: str = field(default="", repr=False)
    birth_date: date | Literal[_Unchanged.UNCHANGED] | None = field(default=UNCHANGED, repr=False)


class Contacts:
    """What the portal asks of contacts. Which one a user is, the mapping knows, or their e-mail tells."""

    def __init__(self, client: SalesforceClient, fields: FieldMap, users: Users) -> None:
        self._client, self._names, self._users = client, fields.contact, users

    async def write_address(self, customer: Customer, address: JapaneseAddress) -> None:
        """Have the customer's contact live there; parts that are empty are emptied. Twice is the same as once.

        Raises: NotFound when no contact of the account is theirs for sure; UpstreamOutcomeUnknown (do it again);
        UpstreamError, Busy.
        """
        contact_id, names = await self._contact_of(customer), self._names
        values: dict[str, Any] = {
            names.postal_code: address.postal_code,
            names.state: address.prefecture,
            names.city: address.city,
            names.street: f"{address.town}{address.block}",
            names.building: address.building or None,
            names.room: address.room or None,
            names.country: COUNTRY,
        }
        await self._client.update(names.kind, contact_id, values, caller=_caller(customer))

    async def write_details(self, customer: Customer, details: ContactDetails) -> None:
        """Have the customer be reached so. Twice is the same as once. Raises: as write_address."""
        contact_id, names = await self._contact_of(customer), self._names
        values: dict[str, Any] = {}
        if details.phone:
            held = (await self._read(customer)).get(contact_id, {})
            values |= self._phones(details, held)
        if details.birth_date is not UNCHANGED:
            values[names.birth_date] = details.birth_date.isoformat() if details.birth_date else None
        if values:
            await self._client.update(names.kind, contact_id, values, caller=_caller(customer))

    async def write_email(self, customer: Customer, email: str, *, before: str) -> None:
        """Have the customer be mailed there; who had `before` is found by it. Raises: as write_address."""
        contact_id = await self._contact_of(customer, email, before)
        await self._client.update(self._names.kind, contact_id, {self._names.email: email}, caller=_caller(customer))

    def _phones(self, details: ContactDetails, held: Row) -> dict[str, Any]:
        """A mobile number and a fixed one have a field each. Staff shall not call the old one any more."""
        into, other = self._names.mobile_phone, self._names.phone
        if not is_mobile(details.phone):
            into, other = other, into
        old = clean_phone(str(held.get(other) or ""))
        return {into: details.phone} | ({other: None} if old and old == details.phone_before else {})

    async def _contact_of(self, customer: Customer, *emails: str) -> str:
        """The mapped one, if it is still the account's; else its only one, else the only one with one of these e-mails.

        Without any it is the user's that counts.
        """
        mapped = as_18(await self._users.find_contact(customer.user_id))
        there = await self._read(customer)
        if mapped in there:
            return str(mapped)
        if len(there) == 1:
            return next(iter(there))
        known = set(emails or ((await self._users.get(customer.user_id)).email,))
        mine = [one for one, row in there.items() if normalised(str(row.get(self._names.email) or "")) in known]
        if len(mine) != 1:
            raise NotFound("contact")
        return mine[0]

    async def _read(self, customer: Customer) -> dict[str, Row]:
        account_id, names = checked_id("Account", customer.salesforce_account_id), self._names
        rows = await self._client.query(
            soql(
                "SELECT {c.id:literal}, {c.account_id:literal}, {c.email:literal}, {c.phone:literal}, "
                "{c.mobile_phone:literal} FROM {c.kind:literal} "
                "WHERE {c.account_id:literal} = {} ORDER BY {c.id:literal} LIMIT 200",
                account_id,
                c=names,
            ),
            operation="GetContacts",
            caller=_caller(customer),
        )
        mine = [row for row in rows if as_18(row.get(names.account_id)) == account_id]
        return {found: row for row in mine[:MOST_CONTACTS] if (found := as_18(row.get(names.id)))}


def _caller(customer: Customer) -> Caller:
    return Caller(customer.user_id)
