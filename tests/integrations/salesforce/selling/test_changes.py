"""What changed since some moment, as staff change it."""

from datetime import UTC, datetime, timedelta

import pytest

from portal_app.errors import NotFound
from portal_app.integrations.salesforce.changes import ChangePage, Changes
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.soql import soql
from tests.integrations.salesforce.selling.staff import customer_of, staff
from tests.integrations.salesforce.selling.test_orders import SIM_CART, VPN_CART, a_draft

SECOND, LONG_AGO = timedelta(seconds=1), datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def changes(client):
    return Changes(client, FieldMap())


async def test_an_order_is_news_when_it_is_placed_and_when_staff_move_it(changes, orders, book, customer, sandbox):
    before = await changes.newest_order() or LONG_AGO
    first = await orders.place(customer, await a_draft(book, SIM_CART), "key-1")
    second = await orders.place(customer, await a_draft(book, VPN_CART), "key-2")
    await staff(sandbox, f"orders/{first.salesforce_order_id}/approve", {})
    found = (await changes.changed_orders(before - SECOND)).items
    mine = {one.order.salesforce_order_id: one for one in found if one.account_id == customer.salesforce_account_id}
    assert set(mine) == {second.salesforce_order_id, first.salesforce_order_id}
    assert all(one.from_portal for one in mine.values())
    approved = mine[first.salesforce_order_id]
    assert (approved.order.status, approved.order.activation) == ("Approved", "Activating")
    assert approved.modified_at.tzinfo is UTC and approved.modified_at == await changes.newest_order()
    assert await changes.changed_orders(approved.modified_at + SECOND) == ChangePage((), more=False)
    assert await changes.find_order(first.salesforce_order_id) == approved


async def test_a_decision_about_an_account_is_news_and_an_account_nobody_asked_about_is_none(
    changes, customer, client, sandbox
):
    before = await changes.newest_account() or LONG_AGO
    stranger = await customer_of(client, "C-100002")
    await client.update("Account", stranger.salesforce_account_id, {"Phone": "03-1111-2222"})
    path = f"accounts/{customer.salesforce_account_id}"
    await staff(sandbox, f"{path}/availability", {"status": "Eligible", "offering": "Home 1G"})
    await client.update("Account", customer.salesforce_account_id, {"Id_Verification_Status__c": "Submitted"})
    await staff(sandbox, f"{path}/document", {"status": "Rejected", "reason": "Glare"})
    found = {one.account_id: one for one in (await changes.changed_accounts(before - SECOND)).items}
    assert stranger.salesforce_account_id not in found
    mine = found[customer.salesforce_account_id]
    assert (mine.eligibility_status, mine.offering, mine.requested_at) == ("Eligible", "Home 1G", None)
    assert (mine.verification_status, mine.reason, mine.verified_at) == ("Rejected", "Glare", None)
    assert mine.checked_at is not None and "Glare" not in repr(mine)
    assert await changes.find_account(customer.salesforce_account_id) == mine


async def test_what_is_gone_is_nothing_and_what_is_no_id_is_not_asked_for(changes):
    assert await changes.find_order("801000000000009AAA") is None
    assert await changes.find_account("001000000000009AAA") is None
    for ask in (changes.find_order, changes.find_account):
        with pytest.raises(NotFound):
            await ask("../User/005000000000001")


async def test_a_line_leads_to_its_order_and_one_that_is_gone_to_none(changes, orders, book, customer, client):
    first = await orders.place(customer, await a_draft(book, SIM_CART), "key-1")
    second = await orders.place(customer, await a_draft(book, VPN_CART), "key-2")
    rows = await client.query(
        soql("SELECT {n[id]:literal} FROM {n[kind]:literal}", n={"id": "Id", "kind": "OrderItem"})
    )
    lines = [row["Id"] for row in rows]
    assert await changes.orders_of(lines) >= {first.salesforce_order_id, second.salesforce_order_id}
    assert await changes.orders_of(["802000000000009AAA"]) == frozenset()
    with pytest.raises(NotFound):
        await changes.orders_of([first.salesforce_order_id])
