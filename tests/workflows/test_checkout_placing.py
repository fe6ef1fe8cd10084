"""Pressing the button: one order, as it was shown, or none."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import Eligibility
from portal_app.domain.orders import AddressSnapshot
from portal_app.errors import (
    Busy,
    Conflict,
    InvalidInput,
    NotFound,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.workflows.checkout import CheckoutRefused, Placement
from tests.fakes.catalog import INTERNET, SIM, VPN, a_catalog
from tests.fakes.checkout_world import ADDRESS, ELSEWHERE, OTHER_ACCOUNT, TERMS

DOWN = UpstreamUnavailable("salesforce", "Query", "connect")
LOST = UpstreamOutcomeUnknown("salesforce", "CreateOpportunity", "timeout")


async def refused(shop, offer, expected: type[Exception] = Conflict, **changed) -> Exception:
    """How the submit is refused; the cart is open again with its key, and there is no order."""
    with pytest.raises(expected) as why:
        await shop.submit(offer, **changed)
    record = await shop.record(offer.line)
    assert record is None or (record.state, record.draft_json) == ("OPEN", "")
    assert shop.keys() == []
    return why.value


@pytest.mark.parametrize("line", [INTERNET, SIM, VPN])
async def test_a_cart_becomes_an_order_with_its_lines_at_the_price_books_prices(shop, line):
    await shop.fill(line)
    offer = await shop.offer(line)
    placed = await shop.submit(offer)
    [made] = shop.outside.orders
    assert placed == Placement("placed", made.order_id, made.number)
    assert made.key == offer.order_key and made.account_id == shop.mine.salesforce_account_id
    assert made.draft.lines == offer.lines and made.draft.cart == offer.cart
    assert all(line.item == a_catalog().find(line.item.sku) for line in made.draft.lines)
    assert made.draft.address == AddressSnapshot("1-2-3 Jingumae", "Shibuya-ku", "Tokyo", "150-0001")
    assert made.draft.placed_on == shop.clock.today_in_japan()
    assert made.draft.cart.terms_version == TERMS and made.draft.cart.terms_at is not None


async def test_all_that_follows_from_an_order_follows_once(shop):
    await shop.fill(SIM)
    placed = await shop.order()
    assert await shop.state() == "PLACED" and await shop.record() is None
    [mail] = await shop.mails()
    values = {"number": placed.number, "line": "sim", "order_id": placed.salesforce_order_id}
    assert mail == {"template": "order_placed", "user_id": shop.mine.user_id, "values": values}
    assert await shop.audited() == ["order.placed ok"]
    assert await shop.order_times.of(shop.mine, placed.salesforce_order_id) == {"placed": shop.clock.now()}
    assert set(shop.heard) == {f"customer:{shop.mine.user_id}:orders", f"customer:{shop.mine.user_id}:cart"}
    assert shop.orders.cleared == 1


@pytest.mark.parametrize(
    ("line", "source"), [(SIM, "SIM Checkout"), (INTERNET, "Order Placement"), (VPN, "Order Placement")]
)
async def test_the_opportunity_says_where_it_comes_from_and_stands_in_the_order(shop, line, source):
    await shop.fill(line)
    await shop.order(line)
    [(opportunity_id, _, came_from)] = shop.outside.opportunities
    assert came_from == source and shop.outside.orders[0].draft.salesforce_opportunity_id == opportunity_id


async def test_an_internet_order_takes_the_opportunity_of_its_availability_check(shop):
    shop.outside.opportunities.append(("006000000000099AAA", INTERNET, "Internet Eligibility Request"))
    await shop.fill(INTERNET)
    await shop.order(INTERNET)
    assert shop.outside.orders[0].draft.salesforce_opportunity_id == "006000000000099AAA"


async def test_k4_the_same_key_again_gives_the_same_order_and_asks_nobody(shop):
    await shop.fill(SIM)
    offer = await shop.offer()
    placed = await shop.submit(offer)
    shop.outside.asked.clear()
    assert await shop.submit(offer) == placed == await shop.submit(offer, fingerprint="")
    assert shop.outside.asked == [] and len(shop.keys()) == 1


async def test_k12_two_tabs_at_once_make_one_order(shop):
    await shop.fill(SIM)
    offers = [await shop.offer(), await shop.offer()]
    answers = await asyncio.gather(*(shop.submit(one) for one in offers * 3), return_exceptions=True)
    assert len(shop.keys()) == 1
    assert sum(isinstance(one, Placement) for one in answers) >= 1
    assert {str(one) for one in answers if not isinstance(one, Placement)} <= {"checkout.in_progress"}
    assert await shop.audited() == ["order.placed ok"] and len(await shop.mails()) == 1


async def test_a_second_cart_of_the_same_line_is_another_order_only_once_the_first_has_ended(shop):
    await shop.fill(VPN)
    await shop.order(VPN)
    await shop.fill(VPN)
    with pytest.raises(CheckoutRefused) as why:
        await shop.order(VPN)
    assert [one.words for one in why.value.missing] == ["checkout.open_order"]
    shop.outside.orders[0].status = "Cancelled"
    await shop.order(VPN)
    assert len(set(shop.keys())) == 2


async def test_row_74_a_price_that_changed_since_it_was_shown_is_shown_first(shop):
    await shop.fill(SIM)
    offer = await shop.offer()
    shop.outside.price("SIM-VOICE-5GB", 1501)
    assert (await refused(shop, offer)).reason == "checkout.changed"
    again = await shop.offer()
    assert again.order_key == offer.order_key and again.fingerprint != offer.fingerprint
    await shop.submit(again)
    assert shop.outside.orders[0].draft.plan.unit_price == Decimal(1501)


async def test_an_item_that_became_another_at_the_same_price_is_shown_first(shop):
    await shop.fill(INTERNET)
    offer, installation = await shop.offer(INTERNET), "INTERNET-INSTALL"
    assert any(installation in line.item.sku for line in offer.lines)
    shop.outside.catalog = [
        replace(item, name="Installation, 24 months") if installation in item.sku else item
        for item in shop.outside.catalog
    ]
    assert (await refused(shop, offer)).reason == "checkout.changed"


async def test_the_price_of_a_copy_is_never_taken(shop):
    await shop.fill(SIM)
    shop.outside.copy = a_catalog()
    shop.outside.price("SIM-VOICE-5GB", 1600)
    await shop.order()
    assert shop.outside.orders[0].draft.plan.unit_price == Decimal(1600)


@pytest.mark.parametrize("fingerprint", ["", "0" * 64, "\ud800", "x" * 3000])
async def test_a_fingerprint_of_nothing_is_refused(shop, fingerprint):
    await shop.fill(SIM)
    assert (await refused(shop, await shop.offer(), fingerprint=fingerprint)).reason == "checkout.changed"


async def test_an_address_that_changed_since_it_was_shown_is_shown_first(shop):
    await shop.fill(SIM)
    offer = await shop.offer()
    shop.outside.address = ELSEWHERE
    assert (await refused(shop, offer)).reason == "checkout.changed"
    await shop.order()
    assert shop.outside.orders[0].draft.address.street == "9-9-9 Ebisu"


@pytest.mark.parametrize(("seconds", "told"), [(-1, False), (0, True), (60, True)])
async def test_staff_are_told_of_an_address_that_changed_since_the_cart_was_begun(shop, seconds, told):
    begun = (await shop.fill(SIM)).created_at
    shop.clock.advance(600)
    shop.outside.moved_at = begun + timedelta(seconds=seconds)
    await shop.checkout.accept_terms(shop.mine, SIM)
    await shop.order()
    assert shop.outside.orders[0].draft.address_changed is told


async def test_an_internet_order_is_for_the_confirmed_address_alone(shop):
    await shop.fill(INTERNET)
    offer = await shop.offer(INTERNET)
    shop.outside.address = ELSEWHERE
    why = await refused(shop, offer, CheckoutRefused)
    assert [one.words for one in why.missing] == ["checkout.address_confirm"]


async def test_row_80_the_key_of_a_cart_that_changed_since_is_refused(shop):
    await shop.fill(SIM)
    old = await shop.offer()
    await shop.fill(SIM, add_ons=("SIM-ADDON-VOICE-MAIL",))
    new = await shop.offer()
    assert (await refused(shop, old)).reason == "checkout.changed"
    assert (await refused(shop, old, order_key=new.order_key)).reason == "checkout.changed"
    await shop.submit(new)
    assert len(shop.outside.orders[0].draft.lines) == 3


GATES = [
    (SIM, {"methods": ()}, "checkout.payment_method"),
    (SIM, {"document": DocumentCheck("rejected")}, "checkout.document_rejected"),
    (SIM, {"document": None}, "checkout.document_unknown"),
    (SIM, {"address": None}, "checkout.address"),
    (INTERNET, {"eligibility": Eligibility()}, "checkout.availability_ask"),
    (INTERNET, {"eligibility": None}, "checkout.availability_unknown"),
    (INTERNET, {"settling": True}, "checkout.availability_ask"),
    (INTERNET, {"stale": {"orders"}}, "checkout.orders_unknown"),
    (VPN, {"catalog": [i for i in a_catalog().items if i.sku != "VPN-USA-SF"]}, "checkout.item_gone"),
    (VPN, {"catalog": [i for i in a_catalog().items if i.sku != "VPN-FEE"]}, "checkout.no_fee"),
]


@pytest.mark.parametrize(("line", "change", "gate"), GATES)
async def test_row_81_what_was_there_when_the_page_was_shown_is_asked_anew_for_the_submit(shop, line, change, gate):
    await shop.fill(line)
    offer = await shop.offer(line)
    assert offer.missing == ()
    for name, value in change.items():
        setattr(shop.outside, name, value)
    why = await refused(shop, offer, CheckoutRefused)
    assert gate in [one.words for one in why.missing]
    assert "opportunity" not in shop.outside.asked and await shop.audited() == []


@pytest.mark.parametrize("part", ["address", "pay_methods", "services", "checks", "settling", "orders"])
@pytest.mark.parametrize("failure", [DOWN, RuntimeError("a bug")], ids=["down", "bug"])
async def test_i4_what_cannot_be_asked_is_no_yes(shop, part, failure):
    await shop.fill(INTERNET)
    offer = await shop.offer(INTERNET)
    shop.outside.down[part] = failure
    why = await refused(shop, offer, CheckoutRefused)
    assert {one.fix for one in why.missing} == {"retry"}


async def test_without_the_price_book_nothing_is_ordered_and_the_same_cart_succeeds_later(shop):
    await shop.fill(SIM)
    offer = await shop.offer()
    shop.outside.down["catalog"] = DOWN
    assert await refused(shop, offer, UpstreamUnavailable) is DOWN
    shop.outside.down.clear()
    assert (await shop.submit(offer)).outcome == "placed"


async def test_row_64_nobody_orders_somebody_elses_cart(shop):
    await shop.fill(SIM)
    offer, hanako = await shop.offer(), shop.mine
    shop.mine = await shop.a_customer("mallory@example.com", OTHER_ACCOUNT, 102)
    await refused(shop, offer, NotFound)
    await shop.fill(SIM)
    assert (await refused(shop, offer)).reason == "checkout.changed"
    shop.mine = hanako
    await shop.submit(offer)
    shop.mine = replace(hanako, user_id="somebody")
    with pytest.raises(NotFound):
        await shop.submit(offer)


async def test_without_a_cart_there_is_nothing_to_order(shop):
    await shop.fill(SIM)
    offer = await shop.offer()
    await shop.carts.drop(shop.mine, SIM)
    await refused(shop, offer, NotFound)


BEFORE_THE_ORDER = [
    (DOWN, UpstreamUnavailable),
    (LOST, UpstreamUnavailable),
    ("lost_after", UpstreamUnavailable),
    (UpstreamRejected("salesforce", "CreateOpportunity", "validation"), UpstreamRejected),
    (UpstreamReplyChanged("salesforce", "FindOpportunity", "id"), UpstreamReplyChanged),
    (NotFound("account"), UpstreamRejected),
    (Busy("salesforce"), Busy),
    (RuntimeError("a bug"), RuntimeError),
]


@pytest.mark.parametrize(("trouble", "expected"), BEFORE_THE_ORDER, ids=lambda x: str(x)[:30])
async def test_a_lost_opportunity_is_no_lost_order(shop, trouble, expected):
    await shop.fill(SIM)
    offer = await shop.offer()
    shop.outside.will("opportunity", trouble)
    await refused(shop, offer, expected)
    assert "create" not in shop.outside.asked and await shop.works_on(3600) == "0 carts"
    assert (await shop.submit(offer)).outcome == "placed"
    assert len(shop.outside.opportunities) == 1


async def test_who_waits_for_the_accounts_lock_too_long_is_told_to_try_again(shop):
    await shop.fill(SIM)
    offer = await shop.offer()
    async with shop.locks.hold(f"availability:{shop.mine.salesforce_account_id}"):
        await refused(shop, offer, Busy)
    await shop.submit(offer)


@pytest.mark.parametrize("failure", [DOWN, Busy("salesforce")])
async def test_an_order_that_was_surely_not_sent_leaves_the_cart_as_it_was(shop, failure):
    await shop.fill(SIM)
    offer = await shop.offer()
    shop.outside.will("create", failure)
    assert await refused(shop, offer, type(failure)) is failure
    assert await shop.state() == "OPEN" and await shop.audited() == []
    assert (await shop.submit(offer)).outcome == "placed"


@pytest.mark.parametrize("code", ["validation", "trigger", "no_access", "other"])
async def test_a_definite_refusal_is_said_on_the_page_until_the_cart_changes(shop, code):
    await shop.fill(SIM)
    offer = await shop.offer()
    shop.outside.will("create", UpstreamRejected("salesforce", "PlaceOrder", code))
    await refused(shop, offer, UpstreamRejected)
    assert (await shop.offer()).notice == "checkout.not_placed"
    assert await shop.audited() == [f"order.not_placed {code}"] and await shop.mails() == []
    await shop.fill(SIM, add_ons=("SIM-ADDON-VOICE-MAIL",))
    assert (await shop.offer()).notice == ""


async def test_an_address_too_long_for_salesforce_is_said_with_where_to_mend_it(shop):
    await shop.fill(SIM)
    shop.outside.will("create", InvalidInput("street", "order.address_too_long"))
    why = await refused(shop, await shop.offer(), CheckoutRefused)
    assert [(one.words, one.fix, one.field) for one in why.missing] == [("order.address_too_long", "address", "street")]


async def test_the_number_is_read_once_more_when_it_was_not_in_the_answer(shop):
    await shop.fill(SIM)
    shop.outside.will("create", "no_number")
    assert (await shop.order()).number == "00000001"


async def test_an_order_whose_number_nobody_can_read_is_an_order(shop):
    await shop.fill(SIM)
    shop.outside.will("create", "no_number")
    shop.outside.will("find", "", DOWN)
    assert (await shop.order()).number == ""
    assert await shop.state() == "PLACED"


async def test_an_order_is_placed_though_nobody_waits_for_it_any_more(shop):
    await shop.fill(SIM)
    offer, under_way, go_on = await shop.offer(), asyncio.Event(), asyncio.Event()

    async def slow():
        under_way.set()
        await go_on.wait()

    shop.outside.will("create", slow)
    browser = asyncio.create_task(shop.submit(offer))
    await under_way.wait()
    browser.cancel()
    await asyncio.gather(browser, return_exceptions=True)
    go_on.set()
    while shop.checkout._running:
        await asyncio.sleep(0)
    assert await shop.state() == "PLACED" and len(shop.keys()) == 1


async def _noted(answers: list[object], heard: list[str]) -> None:
    answers.append(list(heard))


async def test_a_submit_while_another_is_under_way_says_so(shop):
    await shop.fill(SIM)
    offer = await shop.offer()
    answers: list[object] = []

    async def second():
        answers.append((await shop.offer()).state)
        with pytest.raises(Conflict) as why:
            await shop.submit(offer)
        answers.append(why.value.reason)

    shop.outside.will("create", second)
    shop.outside.will("opportunity", lambda: _noted(answers, shop.heard))
    await shop.submit(offer)
    told = [f"customer:{shop.mine.user_id}:cart"]
    assert answers == [told, "placing", "checkout.in_progress"] and len(shop.keys()) == 1


async def test_nothing_is_kept_of_what_was_typed_once_it_is_an_order(shop):
    await shop.fill(SIM)
    await shop.order()
    [row] = await shop.rows("SELECT payload_sealed, draft_sealed FROM carts")
    assert tuple(row) == ("", "")


async def test_c1_the_draft_is_sealed_while_it_waits(shop):
    await shop.fill(SIM)
    shop.outside.will("create", "late")
    await shop.order()
    [row] = await shop.rows("SELECT * FROM carts")
    assert ADDRESS.address1 not in str(row) and "8904903" not in str(row)


async def test_i5_neither_log_nor_audit_nor_mail_tells_what_is_personal(shop, caplog):
    await shop.fill(SIM)
    offer = await shop.offer()
    shop.outside.will("create", RuntimeError("a bug"), "late")
    await shop.submit(offer)
    said = caplog.text + str(await shop.rows("SELECT * FROM audit_log")) + str(await shop.mails())
    for canary in (ADDRESS.address1, "8904903", "hanako@example.com", "Jingumae"):
        assert canary not in said
