"""Ordering over HTTP: by the form of the checkout page and by a program, once however often it is sent."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path

import pytest

from portal_app import routes, wiring
from portal_app.domain.customer import Customer
from portal_app.errors import Busy, UpstreamRejected, UpstreamUnavailable
from portal_app.web.orders import MOST_BYTES
from tests.fakes.catalog import SIM, VPN
from tests.fakes.checkout_world import ACCOUNT, CheckoutWorld, Crash
from tests.fakes.doors import OWNER, PASSWORD

PAGE = routes.checkout("sim")
KEY, OTHER_KEY = "key-of-a-program-0001", "key-of-a-program-0002"
DOWN = UpstreamUnavailable("salesforce", "Query", "connect")


@pytest.fixture
async def shop(doors, app, tmp_path):
    """The owner has a complete cart for a SIM."""
    made = CheckoutWorld(Path(tmp_path) / "portal.db", clock=doors.clock)
    user_id = await doors.a_user()
    await doors.users.link(user_id, 101, ACCOUNT)
    made.mine = Customer(user_id, 101, ACCOUNT)
    await made.fill(SIM)
    with wiring.use(checkout=made.checkout, idempotency_keys=made.idempotency):
        yield made
    await made.close()


@pytest.fixture
async def form(browser, shop):
    await browser.post(routes.API_LOGIN, data={"email": OWNER, "password": PASSWORD})
    return browser


@pytest.fixture
async def api(program, shop):
    await program.post(routes.API_LOGIN, json={"email": OWNER, "password": PASSWORD})
    program.headers["origin"] = "http://localhost:3000"
    return program


async def hidden(shop, line=SIM) -> dict[str, str]:
    """The hidden fields of the page as it is now."""
    offer = await shop.offer(line)
    return {"line": line.value, "fingerprint": offer.fingerprint, "idempotency_key": offer.order_key}


async def press(form, fields: dict[str, str], **changed: str):
    return await form.post(routes.API_ORDERS, data=fields | changed)


async def ask(api, shop, *, key: str = KEY, sent: dict | None = None, **changed):
    offer = await shop.checkout.offer(shop.mine, SIM)
    body = sent or {"line": "sim", "fingerprint": offer.fingerprint if offer else ""}
    return await api.post(routes.API_ORDERS, json=body | changed, headers={"idempotency-key": key})


async def told(doors, answer) -> dict[str, str]:
    """Where the browser is sent, and what that page says."""
    assert answer.status_code == 303
    return await doors.flash.take(answer.cookies["portal_flash"])


async def kept_keys(shop) -> list[str]:
    return [row[0] for row in await shop.rows("SELECT state FROM idempotency_keys")]


async def test_a_form_leads_to_the_page_of_its_order(form, shop):
    answer = await press(form, await hidden(shop))
    assert (answer.status_code, answer.headers["location"]) == (303, routes.order(shop.outside.orders[0].order_id))
    assert answer.headers["cache-control"] == "no-store"


async def test_k4_double_click_reload_and_an_older_tab_lead_to_the_same_order(form, shop):
    old = await hidden(shop)
    shop.outside.price("SIM-VOICE-5GB", 1600)
    fields = await hidden(shop)
    answers = await asyncio.gather(*(press(form, fields) for _ in range(3)))
    answers += [await press(form, fields), await press(form, old)]
    assert len(shop.keys()) == 1
    assert {answer.headers["location"] for answer in answers} == {routes.order(shop.outside.orders[0].order_id)}
    assert [answer.headers.get("idempotency-replayed") for answer in answers].count("true") == 4


async def test_k4_long_after_the_answer_was_forgotten_the_key_still_leads_to_its_order(form, shop):
    fields = await hidden(shop)
    await press(form, fields)
    async with shop.db.write() as session:
        from sqlalchemy import text

        await session.execute(text("DELETE FROM idempotency_keys"))
    shop.outside.asked.clear()
    assert (await press(form, fields)).headers["location"] == routes.order(shop.outside.orders[0].order_id)
    assert shop.outside.asked == []


async def test_k7_a_price_that_changed_is_shown_first_and_the_same_key_orders_it_then(form, shop, doors):
    fields = await hidden(shop)
    shop.outside.price("SIM-VOICE-5GB", 1600)
    answer = await press(form, fields)
    assert answer.headers["location"] == PAGE
    assert await told(doors, answer) == {"error": "checkout.changed"}
    assert await kept_keys(shop) == [] and shop.keys() == []
    again = await hidden(shop)
    assert again["idempotency_key"] == fields["idempotency_key"]
    await press(form, again)
    assert shop.outside.orders[0].draft.plan.unit_price == 1600


async def test_row_82_a_form_with_something_missing_goes_back_to_its_page_which_lists_it(form, shop, doors):
    fields = await hidden(shop)
    shop.outside.methods = ()
    answer = await press(form, fields)
    assert answer.headers["location"] == PAGE
    assert await told(doors, answer) == {"error": "checkout.incomplete"}
    assert shop.keys() == []


async def test_row_82_a_program_is_told_of_everything_that_is_missing_at_once(api, shop):
    sent = {"line": "sim", "fingerprint": (await shop.offer()).fingerprint}
    shop.outside.methods, shop.outside.address = (), None
    answer = await ask(api, shop, sent=sent)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [
        ("address", "checkout.address"),
        ("payment", "checkout.payment_method"),
    ]
    assert answer.json()["errors"][1]["detail"] == "Add a payment method."
    assert await kept_keys(shop) == []


@pytest.mark.parametrize(
    "extra",
    [
        {"unit_price": "1"},
        {"currency": "USD"},
        {"quantity": "-1"},
        {"sku": "VPN-USA-SF"},
        {"account_id": "001000000000002AAA"},
        {"status": "Activated"},
    ],
)
async def test_o5_rows_69_to_76_what_nobody_asked_for_is_not_looked_at(form, api, shop, extra):
    fields = await hidden(shop)
    expected = (await shop.offer()).lines
    await press(form, fields, **extra)
    [made] = shop.outside.orders
    assert made.draft.lines == expected and made.account_id == ACCOUNT and made.status == "Pending Review"


@pytest.mark.parametrize("value", [1, -1, 1.5, 10**12, None, True, ["1"], {"yen": 1}])
async def test_o5_a_programs_price_of_any_kind_is_not_looked_at(api, shop, value):
    answer = await ask(api, shop, unit_price=value, lines=value)
    assert answer.status_code == 201
    assert shop.outside.orders[0].draft.plan.unit_price == 1500


async def test_a_program_gets_id_and_number_and_the_same_again_for_its_key(api, shop):
    sent = {"line": "sim", "fingerprint": (await shop.offer()).fingerprint}
    first, again = await ask(api, shop, sent=sent), await ask(api, shop, sent=sent)
    assert (first.status_code, again.status_code) == (201, 201)
    made = shop.outside.orders[0]
    assert first.json() == again.json() == {"order_id": made.order_id, "number": made.number}
    assert "idempotency-replayed" not in first.headers and again.headers["idempotency-replayed"] == "true"


async def test_k5_a_programs_key_with_another_body_is_refused(api, shop):
    await ask(api, shop)
    answer = await ask(api, shop, sent={"line": "sim", "fingerprint": "0" * 64})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")


async def test_two_keys_of_a_program_for_one_cart_make_one_order(api, shop):
    answers = await asyncio.gather(ask(api, shop), ask(api, shop, key=OTHER_KEY))
    assert sorted(answer.status_code for answer in answers)[0] == 201
    assert {answer.status_code for answer in answers} <= {201, 409, 404}
    assert len(shop.keys()) == 1


@pytest.mark.parametrize("how", ["lost_before", "lost_after", "late"])
async def test_k8_a_form_whose_answer_was_lost_goes_back_to_its_page_and_never_orders_twice(form, shop, how):
    fields = await hidden(shop)
    shop.outside.will("create", how)
    for _ in range(3):
        assert (await press(form, fields)).headers["location"] == PAGE
    assert shop.outside.asked.count("create") == 1 and await kept_keys(shop) == []
    shop.outside.arrive()
    await shop.works_on(61)
    assert (await press(form, fields)).headers["location"] == routes.order(shop.outside.orders[0].order_id)
    assert len(shop.keys()) == 1


@pytest.mark.parametrize("how", ["lost_before", "lost_after", "late"])
async def test_k8_a_program_whose_answer_was_lost_is_told_to_wait_and_then_of_its_order(api, shop, how):
    sent = {"line": "sim", "fingerprint": (await shop.offer()).fingerprint}
    shop.outside.will("create", how)
    for _ in range(3):
        answer = await ask(api, shop, sent=sent)
        assert (answer.status_code, answer.json()) == (202, {"status": "being_confirmed"})
    assert shop.outside.asked.count("create") == 1 and await kept_keys(shop) == ["UNKNOWN"]
    shop.outside.arrive()
    await shop.works_on(61)
    await shop.fill(SIM)  # the next cart has nothing to do with that key
    answer = await ask(api, shop, sent=sent)
    assert (answer.status_code, answer.json()["order_id"]) == (201, shop.outside.orders[0].order_id)
    assert len(shop.keys()) == 1 and await kept_keys(shop) == ["SUCCEEDED"]


async def test_i7_a_program_whose_portal_died_is_given_its_order_for_the_same_key(api, shop):
    sent = {"line": "sim", "fingerprint": (await shop.offer()).fingerprint}
    shop.outside.will("create", "crash_after")
    with suppress(Crash):
        await ask(api, shop, sent=sent)
    after = await shop.again()
    with wiring.use(checkout=after.checkout, idempotency_keys=after.idempotency):
        assert (await ask(api, after, sent=sent)).status_code == 409, "its lease still runs"
        after.clock.advance(91)
        answer = await ask(api, after, sent=sent)
        assert (answer.status_code, answer.json()) == (202, {"status": "being_confirmed"})
        await after.works_on()
        await after.fill(SIM)
        answer = await ask(api, after, sent=sent)
    assert (answer.status_code, answer.json()["order_id"]) == (201, after.outside.orders[0].order_id)
    assert len(after.keys()) == 1
    await after.close()


async def test_k1_without_a_key_nothing_is_ordered(form, api, shop, doors):
    fields = await hidden(shop)
    del fields["idempotency_key"]
    assert await told(doors, await press(form, fields)) == {"error": "problem.idempotency_key_missing"}
    answer = await api.post(routes.API_ORDERS, json=fields)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")
    assert shop.keys() == []


@pytest.mark.parametrize("key", ["short", "x" * 256, "schlüssel-der-tests-1"])
async def test_row_96_a_malformed_key_orders_nothing(form, shop, doors, key):
    answer = await press(form, await hidden(shop), idempotency_key=key)
    assert await told(doors, answer) == {"error": "problem.idempotency_key_malformed"}
    assert shop.keys() == [] and await kept_keys(shop) == []


@pytest.mark.parametrize("key", ["a-key-somebody-made-up-1", "00000000-0000-4000-8000-000000000000"])
async def test_k12_a_form_cannot_choose_the_key_of_its_order(form, shop, doors, key):
    answer = await press(form, await hidden(shop), idempotency_key=key)
    assert await told(doors, answer) == {"error": "checkout.changed"}
    assert shop.keys() == [] and await kept_keys(shop) == []


@pytest.mark.parametrize("line", ["", "other", "SIM", "../orders", "sim ", "television"])
async def test_a_line_that_is_none_is_refused(form, api, shop, doors, line):
    answer = await press(form, await hidden(shop), line=line)
    assert answer.headers["location"] == routes.CATALOG
    assert await told(doors, answer) == {"error": "checkout.line"}
    answer = await ask(api, shop, line=line)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "line")
    assert shop.keys() == []


async def test_a_line_without_a_cart_is_its_page_which_says_so(form, api, shop):
    answer = await press(form, await hidden(shop), line="vpn")
    assert (answer.status_code, answer.headers["location"]) == (303, routes.checkout("vpn"))
    assert (await ask(api, shop, line="vpn")).status_code == 404


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b'{"line": 1}', b'{"line": ["sim"]}', b'{"line": "sim"', b"{}x"])
async def test_rows_59_and_102_json_of_another_shape_is_malformed(api, shop, body):
    headers = {"content-type": "application/json", "idempotency-key": KEY}
    assert (await api.post(routes.API_ORDERS, content=body, headers=headers)).status_code == 400


@pytest.mark.parametrize(
    ("kind", "size", "status"), [("text/plain", 9, 415), ("application/json", MOST_BYTES + 1, 413)]
)
async def test_rows_97_98_odd_bodies_are_refused(api, shop, kind, size, status):
    answer = await api.post(routes.API_ORDERS, content=b"x" * size, headers={"content-type": kind})
    assert answer.status_code == status


@pytest.mark.parametrize("fingerprint", ["", "\ud800", "x" * 3000, "0" * 64, "\u202e", "'; DROP TABLE carts --"])
async def test_rows_27_to_38_a_fingerprint_of_anything_else_is_that_of_another_page(api, shop, fingerprint):
    body = json.dumps({"line": "sim", "fingerprint": fingerprint})
    headers = {"content-type": "application/json", "idempotency-key": KEY}
    answer = await api.post(routes.API_ORDERS, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert shop.keys() == [] and await kept_keys(shop) == []


async def test_row_109_only_post_orders(form, shop):
    assert (await form.get(routes.API_ORDERS)).status_code == 405


async def test_without_a_session_nobody_orders(form, shop):
    fields = await hidden(shop)
    await form.post(routes.API_LOGOUT)
    answer = await press(form, fields)
    assert answer.headers["location"] == f"{routes.LOGIN}?next=/checkout/sim"
    answer = await form.post(routes.API_ORDERS, json=fields, headers={"idempotency-key": KEY})
    assert (answer.status_code, answer.json()["code"]) == (401, "session-over")
    assert shop.keys() == []


async def test_who_has_no_billing_account_is_told_to_link_one(browser, program, doors, shop):
    await doors.users.create("new@example.com", await doors.passwords.hash(PASSWORD))
    await browser.post(routes.API_LOGIN, data={"email": "new@example.com", "password": PASSWORD})
    fields = await hidden(shop)
    assert await told(doors, await press(browser, fields)) == {"error": "checkout.incomplete"}
    answer = await browser.post(routes.API_ORDERS, json=fields, headers={"idempotency-key": KEY})
    assert [one["code"] for one in answer.json()["errors"]] == ["checkout.link"]


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
async def test_s14_another_site_cannot_order(form, shop, headers):
    fields = await hidden(shop)
    del form.headers["origin"]
    assert (await form.post(routes.API_ORDERS, data=fields, headers=headers)).status_code == 403
    assert (await form.post(routes.API_ORDERS, data=fields)).status_code == 403, "a session cookie without Origin"
    assert shop.keys() == []


async def test_o1_k10_nobody_orders_or_learns_of_somebody_elses_cart(form, api, shop, doors):
    fields = await hidden(shop)
    await doors.a_user("second@example.com", whmcs_client_id=102)
    other = await doors.users.find_by_email("second@example.com")
    await doors.users.link(other.user_id, 102, "001000000000002AAA")
    await form.post(routes.API_LOGOUT)
    await form.post(routes.API_LOGIN, data={"email": "second@example.com", "password": PASSWORD})
    before = await press(form, fields)
    await ask(api, shop)
    after = await press(form, fields)
    assert [a.headers["location"] for a in (before, after)] == [PAGE, PAGE]
    assert len(shop.keys()) == 1 and shop.outside.orders[0].account_id == ACCOUNT


@pytest.mark.parametrize(
    ("name", "failure", "status", "error"),
    [
        ("catalog", DOWN, 503, "problem.unavailable"),
        ("catalog", Busy("salesforce"), 503, "problem.busy"),
        ("opportunity", DOWN, 503, "problem.unavailable"),
        ("create", DOWN, 503, "problem.unavailable"),
        ("create", UpstreamRejected("salesforce", "PlaceOrder", "validation"), 502, "problem.unavailable"),
    ],
)
async def test_k7_when_surely_nothing_was_ordered_the_same_key_orders_later(
    form, api, shop, doors, name, failure, status, error
):
    fields = await hidden(shop)
    shop.outside.will(name, failure, failure)
    assert (await told(doors, await press(form, fields)))["error"] == error
    answer = await api.post(routes.API_ORDERS, json=fields, headers={"idempotency-key": KEY})
    assert answer.status_code == status
    assert await kept_keys(shop) == [] and shop.keys() == []
    answer = await api.post(routes.API_ORDERS, json=fields, headers={"idempotency-key": KEY})
    assert answer.status_code == 201 and shop.keys() == [fields["idempotency_key"]]


async def test_l5_the_twentyfirst_submit_of_an_hour_is_refused_and_repeats_cost_nothing(form, api, shop, doors):
    fields = await hidden(shop)
    for _ in range(20):
        await press(form, fields, fingerprint="0" * 64)
    answer = await press(form, fields)
    assert (await told(doors, answer))["error"] == "problem.too_many_tries"
    answer = await ask(api, shop)
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 0
    doors.clock.advance(3600)
    await form.post(routes.API_LOGIN, data={"email": OWNER, "password": PASSWORD})
    for _ in range(25):
        answer = await press(form, fields)
    assert answer.headers["location"] == routes.order(shop.outside.orders[0].order_id)


async def test_one_order_of_each_line_has_a_key_of_its_own(form, shop):
    await shop.fill(VPN)
    for line in (SIM, VPN):
        await press(form, await hidden(shop, line))
    assert len(set(shop.keys())) == 2


async def test_i5_nothing_personal_is_in_log_address_or_answer(form, shop, caplog):
    answer = await press(form, await hidden(shop))
    said = caplog.text + str(answer.headers) + answer.text
    for canary in ("89049032", "Jingumae", OWNER):
        assert canary not in said
