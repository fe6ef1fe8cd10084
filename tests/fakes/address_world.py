"""Addresses in both systems on a real SQLite database, over a small WHMCS and a small Salesforce."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import requests

from portal_app.domain.address import AddressChange, parse_address
from portal_app.domain.customer import Customer
from portal_app.domain.postal import PostalArea
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.contacts import Contacts
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.upstream import WHMCS, Upstream
from portal_app.integrations.whmcs.addresses import Addresses
from portal_app.security.audit import Audit
from portal_app.storage.account_locks import AccountLocks
from portal_app.storage.bus import MemoryBus
from portal_app.storage.cache import MemoryCache
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users
from portal_app.worker.outbox import OutboxSender
from portal_app.workflows.address import ADDRESS_WRITEBACK, AddressBook
from tests.fakes.becoming_world import FragileDatabase
from tests.fakes.clock import FakeClock
from tests.fakes.salesforce import ACCOUNT, QUICK, Connected, FakeSalesforce, a_contact, an_account
from tests.fakes.whmcs import FakeWhmcs, a_wire_client

JINGUMAE = PostalArea("150-0001", "東京都", "渋谷区", "神宮前", "Tokyo", "Shibuya-ku", "Jingumae")
UMEDA = PostalArea("530-0001", "大阪府", "大阪市北区", "梅田", "Osaka", "Kita-ku, Osaka-shi", "Umeda")
AREAS = {area.postal_code: (area,) for area in (JINGUMAE, UMEDA)}
OLD = {"postal_code": "150-0001", "block": "1-2-3", "dwelling": "house"}  # as in a_wire_client
NEW = {"postal_code": "530-0001", "block": "4-5", "dwelling": "apartment", "building": "Heights", "room": "101"}


def a_change(form: dict[str, str] = NEW, **typed: str) -> AddressChange:
    """What the form comes to."""
    fields = form | typed
    return parse_address(fields, AREAS.get(fields["postal_code"], ()))


class AddressWorld:
    """One customer, client 7 of WHMCS, whose availability was found at the old address."""

    def __init__(self, database: Path) -> None:
        self.clock, self.whmcs, self.salesforce = FakeClock(), FakeWhmcs(), FakeSalesforce()
        self.db = FragileDatabase(f"sqlite:///{database}")
        cipher, index = FieldCipher({"k1": bytes(range(32))}), KeyedIndex("index key of the tests")
        self.bus, self.cache = MemoryBus(), MemoryCache("test", self.clock)
        self.users = Users(self.db, cipher, index, self.clock)
        self.outbox = Outbox(self.db, cipher, self.clock)
        self.audit = Audit(self.db, index, self.clock)
        # One try and no breaker: those are proved elsewhere, and would have the tests wait.
        patient = {"read_attempts": 1, "upsert_attempts": 1, "breaker_failures": 10**6, "breaker_calls": 10**6}
        quick = replace(WHMCS, per_second=100_000, per_minute=None, **patient)
        self.whmcs_addresses = Addresses(self.whmcs.client(Upstream(quick, self.clock)), self.cache)
        connected = Connected(self.salesforce, policy=replace(QUICK, **patient))
        self.checks = Checks(connected.client, FieldMap(), self.cache, self.clock, origin="Portal Website")
        self.contacts = Contacts(connected.client, FieldMap(), self.users)
        self.locks = AccountLocks(self.db, self.clock, patience_s=0)
        self.book = AddressBook(
            self.whmcs_addresses,
            self.contacts,
            self.checks,
            self.locks,
            self.outbox,
            self.db,
            self.bus,
            self.audit,
        )
        self.sender = OutboxSender(self.outbox, {ADDRESS_WRITEBACK: self.book.deliver})
        self.heard: list[str] = []
        self.bus.subscribe("", lambda topic, _: self.heard.append(topic))
        self._people()

    def _people(self) -> None:
        self.whmcs.clients = [a_wire_client(7)]
        found = {
            "Internet_Eligibility_Status__c": "Eligible",
            "Internet_Eligibility__c": "Home 1G",
            "Internet_Eligibility_Checked_Date_Time__c": self.clock.now().isoformat(),
        }
        self.salesforce.records["Account"].append(an_account(**found))
        self.salesforce.records["Contact"].append(a_contact())

    async def a_customer(self, *, account: str = ACCOUNT or "") -> Customer:
        """The owner of it all."""
        user_id = await self.users.create("hanako@example.com", "hash")
        await self.users.link(user_id, 7, account)
        return Customer(user_id, 7, account)

    def at_whmcs(self) -> str:
        """Where WHMCS says the customer lives."""
        row = self.whmcs.clients[0]
        return f"{row['postcode']} {row['address1']} {row['address2']}".strip()

    def contact(self) -> dict[str, Any]:
        """The customer's contact as it is now."""
        return self.salesforce.records["Contact"][0]

    def availability(self) -> str:
        """Status of the check as Salesforce has it."""
        return self.salesforce.records["Account"][0]["Internet_Eligibility_Status__c"]

    def salesforce_away(self, what: str = "Query") -> None:
        """Until it is back, that kind of request reaches nobody."""
        self.salesforce.keeps(what, requests.ConnectionError("refused"))

    def salesforce_back(self) -> None:
        self.salesforce.always.clear()

    def starts_again(self) -> None:
        """After a crash."""
        self.db._gone, self.db._last = False, 0

    async def worker_goes_on(self, by: float = 0) -> None:
        """Time passes, then everything that is due is tried."""
        self.clock.advance(by)
        while await self.sender.once():
            pass

    async def close(self) -> None:
        """Let go of everything."""
        await self.cache.stop()
        await self.bus.stop()
        await self.db.dispose()
