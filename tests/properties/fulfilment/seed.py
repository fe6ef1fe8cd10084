"""What the outside is at first: the sandbox's price book and products, and customers who have nothing yet."""

import json
from functools import cache
from typing import Any, Final

from portal_app.domain.customer import Customer
from sandbox.app import make_world
from sandbox.clock import JAPAN
from sandbox.config import Config
from sandbox.salesforce import ids
from sandbox.world import World
from tests.properties.process import BEGINNING

PEOPLE: Final = 40
FIRST_CLIENT, FIRST_ACCOUNT = 3001, 7001
CUSTOMERS: Final = tuple(
    Customer(f"user-{who}", FIRST_CLIENT + who, ids.make("001", FIRST_ACCOUNT + who)) for who in range(PEOPLE)
)
SOLD: Final = (
    "INTERNET-GOLD-HOME-1G",
    "INTERNET-INSTALL-SINGLE",
    "INTERNET-ADDON-HOME-PHONE",
    "INTERNET-ADDON-HOME-PHONE-INSTALL",
    "SIM-DATA-VOICE-5GB",
    "SIM-DATA-ONLY-50GB",
    "SIM-ACTIVATION-FEE",
    "SIM-ADDON-INSURANCE",
    "VPN-USA-SF",
    "VPN-ACTIVATION-FEE",
)
_OF_OTHERS: Final = ("services", "orders", "invoices", "invoice_items", "transactions", "credits", "paymethods")
_MODEL_CLIENT, _MODEL_ACCOUNT = 1005, ids.make("001", 5)


@cache
def planted_bytes() -> bytes:
    """The database of the sandbox, as SQLite keeps it."""
    world = make_world(Config(data=None, seed_size=5, today=BEGINNING.astimezone(JAPAN).date()))
    only_what_is_sold(world)
    sold_before(world)
    populate(world)
    world.store.execute("CREATE INDEX order_items ON sf_records (object, json_extract(fields, '$.OrderId'))")
    world.store.execute("VACUUM")
    return bytes(world.store._db.serialize())


def populate(world: World) -> None:
    """Everybody in CUSTOMERS, with a card and a verified document, in WHMCS and in Salesforce."""
    store = world.store
    client = store.get("clients", _MODEL_CLIENT)
    text = store.value("SELECT fields FROM sf_records WHERE id = ?", _MODEL_ACCOUNT)
    assert client is not None and text is not None
    with store.transaction():
        for who, customer in enumerate(CUSTOMERS):
            person = client | {"id": customer.whmcs_client_id, "email": f"{customer.user_id}@example.com"}
            store.insert("clients", **person | {"uuid": f"client-{who}"})
            add_card(world, customer)
            account = json.loads(text) | {
                "Id": customer.salesforce_account_id,
                "SF_Account_No__c": f"C-{who:05d}",
                "WH_Account__c": f"#{customer.whmcs_client_id} - {customer.user_id}",
                "Id_Verification_Status__c": "Verified",
            }
            row = {"id": account["Id"], "object": "Account", "fields": json.dumps(account, ensure_ascii=False)}
            store.insert("sf_records", **row)


def sold_before(world: World) -> None:
    """Somebody else has one of each already, so that the custom fields of every product can be learned."""
    for row in world.store.rows("SELECT id FROM products"):
        world.store.insert(
            "services",
            client_id=_MODEL_CLIENT,
            order_id=0,
            product_id=row["id"],
            regdate="2025-01-01",
            firstpaymentamount=0,
            recurringamount=0,
            paymentmethod="stripe",
            billingcycle="Monthly",
            nextduedate="0000-00-00",
            status="Cancelled",
        )


def add_card(world: World, customer: Customer) -> None:
    """In WHMCS, without telling anybody."""
    world.store.insert(
        "paymethods",
        client_id=customer.whmcs_client_id,
        type="RemoteCreditCard",
        description="Visa 4242",
        gateway_name="stripe",
        card_type="Visa",
        card_last_four="4242",
        expiry_date="06/32",
        remote_token="{}",
        last_updated="01/01/2026 10:00",
    )


def only_what_is_sold(world: World) -> None:
    """Forget everybody else, and what no order here asks for."""
    store = world.store
    for table in (*_OF_OTHERS, "fb_lines"):
        store.execute(f"DELETE FROM {table}")
    for row in store.rows("SELECT id, object, fields FROM sf_records"):
        if not _kept(row["object"], json.loads(row["fields"])):
            store.execute("DELETE FROM sf_records WHERE id = ?", row["id"])
            store.execute("DELETE FROM sf_external WHERE id = ?", row["id"])


def _kept(kind: str, fields: dict[str, Any]) -> bool:
    if kind in ("Product2", "PricebookEntry"):
        return fields.get("ProductCode") in SOLD
    return kind not in ("Account", "Contact") or fields.get("Id") == _MODEL_ACCOUNT
