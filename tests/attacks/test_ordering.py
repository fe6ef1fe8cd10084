"""Somebody wants two orders for one, a price nobody offered, or a cart that is not theirs."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from portal_app import routes, wiring
from portal_app.domain.customer import Customer
from tests.fakes.becoming_world import PASSWORD
from tests.fakes.catalog import SIM, VPN
from tests.fakes.checkout_world import ACCOUNT, ELSEWHERE, OTHER_ACCOUNT, CheckoutWorld

MALLORY, VICTIM = "mallory@example.com", "hanako@example.com"


@pytest.fixture
async def shop(entrance, world, tmp_path: Path) -> AsyncIterator[CheckoutWorld]:
    """Mallory and his victim each have a complete cart for a SIM; `mine` is Mallory."""
    made = CheckoutWorld(tmp_path / "portal.db", clock=world.clock)
    for email, client, account in ((VICTIM, 102, OTHER_ACCOUNT), (MALLORY, 101, ACCOUNT)):
        user_id = await world.users.create(email, await world.passwords.hash(PASSWORD))
        await world.users.link(user_id, client, account)
        made.mine = Customer(user_id, client, account)
        await made.fill(SIM)
    with wiring.use(checkout=made.checkout, idempotency_keys=made.idempotency):
        yield made
    await made.close()


@pytest.fixture
async def mallory(entrance, shop) -> httpx.AsyncClient:
    client = entrance.browser()
    await client.post(routes.API_LOGIN, data={"email": MALLORY, "password": PASSWORD})
    return client


async def page(shop, line=SIM) -> dict[str, str]:
    offer = await shop.offer(line)
    return {"line": line.value, "fingerprint": offer.fingerprint, "idempotency_key": offer.order_key}


async def by_form(client, fields):
    return await client.post(routes.API_ORDERS, data=fields)


async def by_program(client, fields, key):
    return await client.post(routes.API_ORDERS, json=fields, headers={"idempotency-key": key, "accept": "*/*"})


async def test_thirty_submits_at_once_by_form_and_program_make_one_order_and_one_mail(mallory, shop):
    fields = await page(shop)
    forms = [by_form(mallory, fields) for _ in range(10)]
    programs = [by_program(mallory, fields, f"key-of-mallory-{n:04}") for n in range(10)]
    stolen = [by_program(mallory, fields, fields["idempotency_key"]) for _ in range(10)]
    answers = await asyncio.gather(*forms, *programs, *stolen)
    assert {answer.status_code for answer in answers} <= {201, 303, 404, 409, 422, 429}
    assert len(shop.keys()) == 1 and len(await shop.mails()) == 1


async def test_changing_the_cart_while_it_is_submitted_changes_nothing_of_the_order(mallory, shop):
    fields, shown, refused = await page(shop), (await shop.offer()).lines, []

    async def meanwhile():
        try:
            await shop.fill(SIM, plan="SIM-DATA-50GB")
        except Exception as why:
            refused.append(str(why))

    shop.outside.will("catalog", meanwhile)
    shop.outside.will("create", meanwhile)
    await by_form(mallory, fields)
    assert refused == ["cart.placing"] * 2
    assert shop.outside.orders[0].draft.lines == shown


async def test_a_cheaper_day_is_not_kept_for_later(mallory, shop):
    """Mallory keeps the page of a day with a wrong price."""
    shop.outside.price("SIM-VOICE-5GB", 1)
    cheap = await page(shop)
    shop.outside.price("SIM-VOICE-5GB", 1500)
    now = await page(shop)
    for sent in (cheap, now | {"fingerprint": cheap["fingerprint"]}):
        assert (await by_form(mallory, sent)).headers["location"] == routes.checkout("sim")
        await by_program(mallory, sent, f"key-of-mallory-{len(sent['fingerprint'])}-{sent['fingerprint'][:6]}")
    assert shop.keys() == []


async def test_the_key_of_one_line_orders_nothing_of_another(mallory, shop):
    await shop.fill(VPN)
    sim, vpn = await page(shop), await page(shop, VPN)
    for sent in (vpn | {"idempotency_key": sim["idempotency_key"]}, sim | {"line": "vpn"}, vpn | {"line": "sim"}):
        assert (await by_form(mallory, sent)).status_code == 303
    assert shop.keys() == []


async def test_the_victims_key_and_fingerprint_are_worth_nothing_before_and_after(mallory, shop):
    await shop.fill(SIM, add_ons=("SIM-ADDON-VOICE-MAIL",))  # a program may well order a cart of its own
    shop.mine = await shop.users.find_customer_of_account(OTHER_ACCOUNT)
    theirs = await page(shop)
    before = await by_form(mallory, theirs)
    await shop.order()
    after = await by_form(mallory, theirs)
    program = await by_program(mallory, theirs, theirs["idempotency_key"])
    assert [one.account_id for one in shop.outside.orders] == [OTHER_ACCOUNT]
    assert before.headers["location"] == after.headers["location"] == routes.checkout("sim")
    order = shop.outside.orders[0]
    assert program.status_code == 409 and order.order_id not in program.text + after.text + str(after.headers)


async def test_a_gate_that_closes_between_the_page_and_the_submit_is_closed(mallory, shop):
    fields = await page(shop)
    [card] = shop.outside.methods
    shop.outside.methods = (replace(card, expires_on=shop.clock.today_in_japan().replace(year=2020)),)
    assert (await by_form(mallory, fields)).headers["location"] == routes.checkout("sim")
    answer = await by_program(mallory, fields, "key-of-mallory-0001")
    assert [one["code"] for one in answer.json()["errors"]] == ["checkout.payment_method"]
    assert shop.keys() == []


async def test_a_parcel_does_not_go_where_the_page_did_not_say(mallory, shop):
    fields = await page(shop)
    shop.outside.address = ELSEWHERE
    await by_form(mallory, fields)
    assert shop.keys() == []
