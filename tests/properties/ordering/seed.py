"""What the market is at first: the sandbox's seed, less what no story asks for. Made once, then copied."""

import json
from datetime import date
from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from portal_app.domain.customer import Customer
from sandbox.app import make_world
from sandbox.clock import JAPAN
from sandbox.config import Config
from sandbox.salesforce import ids
from sandbox.salesforce.keys import Keys
from tests.properties.process import BEGINNING

CUSTOMERS: Final = (
    Customer("user-0", 1004, ids.make("001", 4)),
    Customer("user-1", 1005, ids.make("001", 5)),
)
SOLD: Final = (
    "INTERNET-GOLD-HOME-1G",
    "INTERNET-GOLD-APARTMENT-1G",
    "INTERNET-INSTALL-SINGLE",
    "INTERNET-INSTALL-24M",
    "INTERNET-INSTALL-WEEKEND",
    "INTERNET-ADDON-HOME-PHONE",
    "INTERNET-ADDON-HOME-PHONE-INSTALL",
    "SIM-DATA-VOICE-5GB",
    "SIM-DATA-ONLY-50GB",
    "SIM-ACTIVATION-FEE",
    "SIM-ADDON-INSURANCE",
    "SIM-ADDON-INSURANCE-INSTALL",
    "VPN-USA-SF",
    "VPN-UK-LONDON",
    "VPN-ACTIVATION-FEE",
    "VPN-ADDON-PROTECTION",
    "VPN-ADDON-PROTECTION-INSTALL",
)
_OF_OTHERS: Final = ("services", "orders", "invoices", "invoice_items", "transactions", "credits", "paymethods")


@cache
def planted_bytes() -> bytes:
    """The database of the sandbox, as SQLite keeps it."""
    today: date = BEGINNING.astimezone(JAPAN).date()
    store = make_world(Config(data=None, seed_size=5, today=today)).store
    for table in _OF_OTHERS:
        store.execute(f"DELETE FROM {table}")
    store.execute("DELETE FROM products")
    for row in store.rows("SELECT id, object, fields FROM sf_records"):
        fields = json.loads(row["fields"])
        if not _kept(row["object"], fields):
            store.execute("DELETE FROM sf_records WHERE id = ?", row["id"])
            store.execute("DELETE FROM sf_external WHERE id = ?", row["id"])
    store.execute("VACUUM")
    return bytes(store._db.serialize())


@cache
def private_key() -> RSAPrivateKey:
    """Of the connected app; the sandbox has one for the process."""
    key = load_pem_private_key(Keys(None, None).private_pem().encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def _kept(kind: str, fields: dict[str, object]) -> bool:
    if kind in ("Product2", "PricebookEntry"):
        return fields.get("ProductCode") in SOLD
    if kind == "Account":
        return fields["Id"] in [one.salesforce_account_id for one in CUSTOMERS]
    if kind == "Contact":
        return fields["AccountId"] in [one.salesforce_account_id for one in CUSTOMERS]
    return True
