"""What a customer may read and change of their own WHMCS client. WHMCS owns it; everything else holds copies."""

import logging
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from portal_app.domain.customer import Customer
from portal_app.domain.phones import clean_phone
from portal_app.domain.profile import AccountProfile, Language
from portal_app.domain.sign_up import GENDERS
from portal_app.errors import Busy, NotFound, UpstreamError, UpstreamRejected
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.client import Caller, WhmcsClient
from portal_app.integrations.whmcs.ownership import OnForeign, Ownership, checked_id
from portal_app.integrations.whmcs.replies import SYSTEM
from portal_app.integrations.whmcs.wire import WireClient
from portal_app.storage.cache import Cache

TTL: Final = timedelta(minutes=30)
TAG: Final = "profile"
PAGE_S, WRITE_S, READ_BACK_S = 14, 30, 8
LANGUAGES: Final[dict[Any, str]] = {"en": "english", "ja": "japanese"}
"""WHMCS names a language in full."""
PLAIN: Final = {"phone": "phonenumber", "company": "companyname", "language": "language", "marketing": "marketingoptin"}

log = logging.getLogger(__name__)


class ClientProfiles:
    """What the portal asks about the person behind a client. Without a field id that fact is not kept in WHMCS."""

    def __init__(
        self,
        client: WhmcsClient,
        cache: Cache,
        *,
        customer_number_field_id: int,
        birth_date_field_id: int | None = None,
        gender_field_id: int | None = None,
        on_foreign: OnForeign | None = None,
    ) -> None:
        self._client, self._cache = client, cache
        self._number_field = customer_number_field_id
        own = {"birth_date": birth_date_field_id, "gender": gender_field_id}
        self._fields = {name: field_id for name, field_id in own.items() if field_id is not None}
        self._ownership = Ownership(on_foreign)

    async def get(self, customer: Customer, *, anew: bool = False) -> AccountProfile:
        """The profile as WHMCS holds it, at most 30 minutes old, or `anew` from WHMCS; `email` is the client's own.

        Raises: NotFound, UpstreamError, Busy.
        """

        async def load() -> AccountProfile:
            with deadline(PAGE_S, inherit=False):  # shared by all who ask: it must not end with the first of them
                return self._profile(await self._read(customer))

        cached = await self._cache.fetch(
            customer, "account_profile", load, model=AccountProfile, ttl=TTL, tags=(TAG,), anew=anew
        )
        return cached.value

    async def update(self, customer: Customer, changes: Mapping[str, Any]) -> None:
        """Change the named fields of a profile and nothing else. May be repeated.

        Raises: NotFound, UpstreamOutcomeUnknown (read what is there), UpstreamRejected, UpstreamUnavailable, Busy.
        """
        sent = {name: _sent(name, value) for name, value in changes.items()}
        plain = {PLAIN[name]: text for name, text in sent.items() if name in PLAIN}
        own = {self._fields[name]: text for name, text in sent.items() if name in self._fields}
        await self._write(customer, plain, own)
        if own:
            await self._read_back(customer, own)

    async def update_email(self, customer: Customer, email: str) -> None:
        """Have WHMCS mail the client there; the login of WHMCS itself stays. Raises: as update, "email_taken" too."""
        await self._write(customer, {"email": email}, {})

    async def _write(self, customer: Customer, plain: Mapping[str, str], own: Mapping[int, str]) -> None:
        wanted = checked_id("client", customer.whmcs_client_id)
        try:
            with deadline(WRITE_S):
                await self._client.update_client(
                    wanted, plain, custom_fields=own or None, caller=Caller(customer.user_id)
                )
        except UpstreamRejected as refused:
            raise (NotFound("client", wanted) if refused.code == "not_found" else refused) from None
        finally:
            await self._cache.clear(customer, TAG)

    async def _read(self, customer: Customer) -> WireClient:
        wanted = checked_id("client", customer.whmcs_client_id)
        try:
            found = (await self._client.get_clients_details(wanted, caller=Caller(customer.user_id))).client
        except UpstreamRejected as refused:
            raise (NotFound("client", wanted) if refused.code == "not_found" else refused) from None
        self._ownership.check(customer, found.id, "client", found.id)
        return found

    async def _read_back(self, customer: Customer, sent: Mapping[int, str]) -> None:
        """WHMCS ignores a wrong field id or encoding without a word. The rest is written all the same: staff look."""
        try:
            with deadline(READ_BACK_S):
                kept = await self._read(customer)
        except (UpstreamError, Busy, NotFound):
            return
        for field_id, value in sent.items():
            if kept.field(field_id) != value:
                facts = {"system": SYSTEM, "operation": "UpdateClient", "code": f"field_{field_id}"}
                log.error("custom field not kept", extra=facts)

    def _profile(self, client: WireClient) -> AccountProfile:
        phone, gender = client.phonenumber.strip(), self._own(client, "gender")
        return AccountProfile(
            first_name=client.firstname.strip(),
            last_name=client.lastname.strip(),
            customer_number=client.field(self._number_field),
            email=client.email.strip(),
            phone=clean_phone(phone) or phone,
            birth_date=_day(self._own(client, "birth_date")),
            gender=gender if gender in GENDERS else "",
            company=client.companyname.strip(),
            language=_language(client.language),
            marketing=client.marketing,
            has_address=all(part.strip() for part in (client.postcode, client.state, client.city, client.address1)),
            keeps=frozenset(self._fields),
        )

    def _own(self, client: WireClient, name: str) -> str:
        return client.field(self._fields[name]) if name in self._fields else ""


def _sent(name: str, value: Any) -> str:
    """How WHMCS wants it; what is taken away becomes an empty text."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case date():
            return value.isoformat()
    return LANGUAGES[value] if name == "language" else str(value)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None


def _language(name: str) -> Language | None:
    return next((ours for ours, theirs in LANGUAGES.items() if name.strip().lower() == theirs), None)
