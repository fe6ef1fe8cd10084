"""The same customers as Salesforce knows them: an account and a contact each. Derived from the WHMCS clients.

Also people who are customers of the provider but of no computer yet: their numbers are there for signing up.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.clock import Clock
from sandbox.days import months_back
from sandbox.salesforce import ids
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.records import ORG_ID, USER_ID, Record, external_key
from sandbox.seed.catalogue import catalogue
from sandbox.seed.linking import UNKNOWN_TO_SALESFORCE
from sandbox.seed.waiting import WAITING
from sandbox.store import Row, Store

BACK_REFERENCE_LOST = 29  # one client in so many, and 1012
PORTAL_CUSTOMERS = (1001, 1002)
PREFECTURES = {
    "Tokyo": "東京都",
    "Kanagawa": "神奈川県",
    "Saitama": "埼玉県",
    "Osaka": "大阪府",
    "Kyoto": "京都府",
    "Aichi": "愛知県",
    "Fukuoka": "福岡県",
    "Hokkaido": "北海道",
    "Miyagi": "宮城県",
    "Okinawa": "沖縄県",
}


class Ledger:
    """Collects records with ids in the order they are put, and the moment all of them were made."""

    def __init__(self, clock: Clock) -> None:
        self.made_at = f"{months_back(clock.today(), 6).isoformat()}T01:00:00.000+0000"
        self.records: list[tuple[str, Record]] = []
        self.counts: dict[str, int] = {}

    def put(self, object_name: str, **values: Any) -> str:
        """The new id. Empty values are left out, as Salesforce keeps them."""
        sobject = OBJECTS[object_name]
        unknown = values.keys() - sobject.fields.keys()
        if unknown:
            raise KeyError(f"{object_name} has no {', '.join(sorted(unknown))}")
        self.counts[object_name] = self.counts.get(object_name, 0) + 1
        record_id = values.setdefault("Id", ids.make(sobject.prefix, self.counts[object_name]))
        stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), self.made_at)
        users = {"CreatedById": USER_ID, "LastModifiedById": USER_ID}
        if "OwnerId" in sobject.fields:
            users["OwnerId"] = USER_ID
        kept = {name: value for name, value in values.items() if value not in (None, "")}
        self.records.append((object_name, {"IsDeleted": False, **users, **stamps, **kept}))
        return str(record_id)

    def write(self, store: Store) -> None:
        rows = [
            {"id": one["Id"], "object": name, "fields": json.dumps(one, ensure_ascii=False)}
            for name, one in self.records
        ]
        store.insert_many("sf_records", rows)
        for name, one in self.records:
            for field in OBJECTS[name].fields.values():
                if "external" in field.flags and field.name in one:
                    key = external_key(one[field.name])
                    store.insert("sf_external", object=name, field=field.name, value=key, id=one["Id"])
        store.insert_many("sf_counters", [{"name": name, "last": last} for name, last in self.counts.items()])


def plant_accounts(store: Store, clock: Clock) -> None:
    """Everything Salesforce knows. Needs the clients."""
    ledger = Ledger(clock)
    ledger.put("Organization", Name="Sandbox Telecom", IsSandbox=True, InstanceName="SBX1", Id=ORG_ID)
    username = "portal.integration@sandbox.example"
    names = {"FirstName": "Portal", "LastName": "Integration", "Name": "Portal Integration"}
    ledger.put("User", Username=username, Email=username, IsActive=True, Id=USER_ID, **names)
    for client in store.rows("SELECT * FROM clients ORDER BY id"):
        if client["id"] not in UNKNOWN_TO_SALESFORCE:
            _customer(ledger, client)
    for person in WAITING:
        account = {name: value for name, value in person.items() if name in OBJECTS["Account"].fields}
        contact = {name: value for name, value in person.items() if name not in account}
        name = f"{contact['LastName']} {contact['FirstName']}"
        account_id = ledger.put("Account", Name=name, Type="Customer", **account)
        ledger.put("Contact", AccountId=account_id, Name=f"{contact['FirstName']} {contact['LastName']}", **contact)
    catalogue(ledger)
    ledger.write(store)
    store.insert("meta", key="accounts_planted_on", value=clock.today().isoformat())


def _customer(ledger: Ledger, client: Row) -> None:
    client_id, fields = client["id"], json.loads(client["customfields"])
    name = f"{client['firstname']} {client['lastname']}"
    lost = client_id == 1012 or client_id % BACK_REFERENCE_LOST == 0
    portal = client_id in PORTAL_CUSTOMERS
    prefecture = PREFECTURES.get(client["state"], client["state"])
    places = {
        "Street": client["address1"],
        "City": client["city"],
        "State": prefecture,
        "PostalCode": client["postcode"],
        "Country": "Japan",
    }
    account_id = ledger.put(
        "Account",
        Name=(client["companyname"] or name)[:255],
        Type="Customer",
        Phone=client["phonenumber"],
        SF_Account_No__c=fields.get("198", ""),
        WH_Account__c="" if lost else f"#{client_id} - {name}",
        Portal_Status__c="Active" if portal else "",
        Portal_Registration_Source__c="Migrated" if portal else "",
        **{f"Billing{part}": value for part, value in places.items()},
    )
    building, _, room = client["address2"].rpartition(" ")
    ledger.put(
        "Contact",
        AccountId=account_id,
        FirstName=client["firstname"],
        LastName=client["lastname"],
        Name=name,
        Email=client["email"],
        MobilePhone=client["phonenumber"],
        Birthdate=fields.get("199", ""),
        BuildingName__c=building or client["address2"],
        RoomNumber__c=room if building else "",
        **{f"Mailing{part}": value for part, value in places.items()},
    )
