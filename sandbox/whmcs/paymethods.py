"""Stored cards and bank accounts, with the remote token WHMCS really returns.

Source: WHMCS API reference, GetPayMethods.
"""

from __future__ import annotations

import secrets

from sandbox.store import Row
from sandbox.whmcs.encode import Reply, Rows
from sandbox.whmcs.registry import Call, Refusal, action
from sandbox.world import World

CARDS, BANKS = ("CreditCard", "RemoteCreditCard"), ("BankAccount", "RemoteBankAccount")


@action("GetPayMethods")
def get_pay_methods(call: Call) -> Reply:
    """A flat list, the default first [U]."""
    if not call.text("clientid"):
        raise Refusal("Client ID Is Required")
    kind = call.text("type")
    if kind and kind not in ("BankAccount", "CreditCard"):
        raise Refusal("Invalid Pay Method Type. Should be 'BankAccount' or 'CreditCard'")
    client = call.row_or_refuse("clients", "clientid", "Client Not Found")
    rows = [
        _pay_method(row)
        for row in stored(call.world, client["id"])
        if call.number("paymethodid", row["id"]) == row["id"] and (not kind or row["type"].endswith(kind))
    ]
    return {"clientid": call.text("clientid"), "paymethods": Rows(rows)}


def stored(world: World, client_id: int) -> list[Row]:
    return world.store.rows("SELECT * FROM paymethods WHERE client_id = ? ORDER BY id", client_id)


def _pay_method(row: Row) -> Reply:
    shared = {
        "id": row["id"],
        "type": row["type"],
        "description": row["description"],
        "gateway_name": row["gateway_name"],
        "contact_type": "Client",
        "contact_id": row["client_id"],
    }
    if row["type"] in BANKS:
        return shared | {"bank_name": row["bank_name"], "remote_token": "", "last_updated": row["last_updated"]}
    return shared | {
        "card_last_four": row["card_last_four"],
        "expiry_date": row["expiry_date"],
        "start_date": "",
        "issue_number": "",
        "card_type": row["card_type"],
        "remote_token": row["remote_token"],
        "last_updated": row["last_updated"],
        "unlisted_wallet": None,
    }


def add_card(world: World, client_id: int, brand: str, last_four: str, expiry: str) -> int:
    """What the pay method page does. Announces CCUpdate with the client id alone."""
    card_id = world.store.insert(
        "paymethods",
        client_id=client_id,
        type="RemoteCreditCard",
        description=f"{brand} {last_four}",
        gateway_name="stripe",
        card_type=brand,
        card_last_four=last_four,
        expiry_date=expiry,
        remote_token=f'{{"customer":"cus_{secrets.token_hex(7)}","method":"pm_{secrets.token_hex(12)}"}}',
        last_updated=world.clock.local().strftime("%d/%m/%Y %H:%M"),
    )
    world.hooks.fire("CCUpdate", userid=client_id)
    return card_id


def remove(world: World, client_id: int, paymethod_id: int) -> bool:
    """Announces CCUpdate, too [U]: WHMCS documents no hook for a removal."""
    gone = world.store.execute("DELETE FROM paymethods WHERE id = ? AND client_id = ?", paymethod_id, client_id)
    if gone:
        world.hooks.fire("CCUpdate", userid=client_id)
    return bool(gone)
