"""An answer was lost: what the customer is told, and how the worker finds out without a second order."""

from datetime import timedelta

import pytest

from portal_app.errors import Busy, Conflict, NotFound, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.workflows.checkout import Placement
from tests.fakes.catalog import SIM, VPN
from tests.fakes.checkout_world import OTHER_ACCOUNT

DOWN = UpstreamUnavailable("salesforce", "Query", "connect")
LOST = UpstreamOutcomeUnknown("salesforce", "PlaceOrder", "timeout")
UNSURE = Placement("unsure")
HOUR = timedelta(hours=1)


async def lost(shop, how: str = "lost_after") -> str:
    """A submit whose answer was lost; the key of its order."""
    await shop.fill(SIM)
    offer = await shop.offer()
    shop.outside.will("create", how)
    assert await shop.submit(offer) == UNSURE
    return offer.order_key


async def test_f8_the_worker_finds_the_order_by_its_key_and_all_that_follows_follows_once(shop):
    key = await lost(shop)
    shop.heard.clear()
    assert await shop.works_on(61) == "1 carts"
    assert shop.keys() == [key] and await shop.state() == "PLACED"
    assert shop.outside.asked.count("create") == 1
    [mail] = await shop.mails()
    assert (mail["template"], mail["values"]["number"]) == ("order_placed", "00000001")
    assert await shop.audited() == ["order.placed ok"]
    assert f"customer:{shop.mine.user_id}:cart" in shop.heard
    assert await shop.works_on(HOUR) == "0 carts" and await shop.mails() == []


async def test_f4_salesforce_may_still_be_at_it_so_nobody_looks_before_it_must_have_finished(shop):
    await lost(shop, "lost_before")
    shop.outside.asked.clear()
    assert await shop.works_on(59) == "0 carts"
    assert shop.outside.asked == []
    assert await shop.works_on(2) == "1 carts"
    assert len(shop.keys()) == 1


async def test_k4_a_repeat_of_an_unsure_submit_is_unsure_until_it_is_an_order(shop):
    await lost(shop)
    offer = await shop.offer()
    shop.outside.asked.clear()
    assert await shop.submit(offer) == UNSURE
    assert shop.outside.asked == []
    await shop.works_on(61)
    assert (await shop.submit(offer)).salesforce_order_id == shop.outside.orders[0].order_id


async def test_an_unsure_cart_can_be_neither_changed_nor_replaced(shop):
    await lost(shop)
    for change in (
        lambda: shop.fill(SIM, add_ons=("SIM-ADDON-VOICE-MAIL",)),
        lambda: shop.carts.drop(shop.mine, SIM),
        lambda: shop.checkout.accept_terms(shop.mine, SIM),
    ):
        with pytest.raises(Conflict) as why:
            await change()
        assert why.value.reason == "cart.placing"


async def test_f8a_what_never_arrived_is_sent_again_as_it_was_submitted(shop):
    key = await lost(shop, "lost_before")
    opportunity = shop.outside.opportunities[0][0]
    shop.outside.price("SIM-VOICE-5GB", 9999)
    shop.outside.catalog = shop.outside.catalog[:3]
    await shop.works_on(61)
    [made] = shop.outside.orders
    assert (made.key, made.draft.plan.unit_price) == (key, 1500)
    assert made.draft.salesforce_opportunity_id == opportunity and len(shop.outside.opportunities) == 1


async def test_f8_what_arrives_while_the_worker_sends_it_again_is_that_order(shop):
    key = await lost(shop, "late")

    async def arrives():
        shop.outside.arrive()

    shop.outside.will("create", arrives)
    await shop.works_on(61)
    assert shop.keys() == [key] and await shop.state() == "PLACED"


async def test_an_answer_lost_again_and_again_makes_one_order(shop):
    key = await lost(shop, "lost_before")
    shop.outside.will("create", "lost_before", "late", "lost_after")
    for _ in range(6):
        await shop.works_on(61)
        shop.outside.late.clear()
    assert shop.keys() == [key] and await shop.state() == "PLACED"


@pytest.mark.parametrize("failure", [DOWN, Busy("salesforce"), NotFound("account"), RuntimeError("a bug")])
async def test_f12_looking_is_tried_again_after_growing_pauses(shop, failure):
    await lost(shop)
    shop.outside.down["find"] = failure
    await shop.works_on(61)
    waits = []
    for _ in range(6):
        record = await shop.record()
        assert (record.state, record.attempts > 0) == ("UNSURE", True)
        waits.append((record.next_attempt_at - shop.clock.now()).total_seconds())
        assert await shop.works_on(record.next_attempt_at - shop.clock.now()) == "1 carts"
    assert waits == sorted(waits) and waits[0] <= 6 and waits[-1] >= 2800
    shop.outside.down.clear()
    await shop.works_on(2 * HOUR)
    assert await shop.state() == "PLACED"


@pytest.mark.parametrize("name", ["opportunity", "create"])
async def test_salesforce_may_be_away_for_hours(shop, name):
    await shop.fill(SIM)
    offer = await shop.offer()
    shop.outside.will("create", "lost_before")
    await shop.submit(offer)
    shop.outside.down[name] = DOWN
    for _ in range(8):
        await shop.works_on(HOUR)
    assert shop.keys() == ([] if name == "create" else [offer.order_key])  # its opportunity was there already
    shop.outside.down.clear()
    await shop.works_on(2 * HOUR)
    assert shop.keys() == [offer.order_key] and len(await shop.mails()) == 1


async def days_of_trouble(shop) -> None:
    for _ in range(40):
        await shop.works_on(timedelta(minutes=90))


async def test_f12_after_a_day_it_is_left_to_a_person_and_still_found_within_the_hour(shop, caplog):
    await lost(shop)
    shop.outside.down["find"] = DOWN
    await days_of_trouble(shop)
    assert await shop.state() == "UNSURE gave_up"
    assert await shop.audited() == ["order.needs_review gave_up"] and await shop.mails() == []
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == ["order needs review"]
    shop.outside.down.clear()
    await shop.works_on(2 * HOUR)
    assert await shop.state() == "PLACED"


async def test_what_was_given_up_is_never_sent_again_and_calls_the_customer_back(shop):
    await lost(shop, "lost_before")
    shop.outside.down["create"] = DOWN
    await days_of_trouble(shop)
    shop.outside.down.clear()
    await shop.works_on(2 * HOUR)
    assert shop.keys() == [] and await shop.state() == "OPEN checkout.not_placed"
    assert [mail["template"] for mail in await shop.mails()] == ["checkout_not_placed"]


async def test_a_definite_refusal_opens_the_cart_and_calls_the_customer_back(shop):
    key = await lost(shop, "lost_before")
    shop.outside.will("create", UpstreamRejected("salesforce", "PlaceOrder", "validation"))
    await shop.works_on(61)
    offer = await shop.offer()
    assert (offer.state, offer.notice, offer.order_key) == ("open", "checkout.not_placed", key)
    [mail] = await shop.mails()
    assert (mail["template"], mail["values"]) == ("checkout_not_placed", {"line": "sim"})
    assert await shop.audited() == ["order.not_placed validation"]
    assert (await shop.submit(offer)).outcome == "placed"
    assert shop.keys() == [key]


async def test_each_try_that_came_to_nothing_calls_back_once(shop):
    for _ in range(2):
        await lost(shop, "lost_before")
        shop.outside.will("create", UpstreamRejected("salesforce", "PlaceOrder", "validation"))
        await shop.works_on(61)
    assert [mail["template"] for mail in await shop.mails()] == ["checkout_not_placed"] * 2


async def test_a_refusal_that_is_our_own_fault_is_repeated_and_not_told(shop):
    await lost(shop, "lost_before")
    shop.outside.will("create", UpstreamRejected("salesforce", "PlaceOrder", "no_access"))
    await shop.works_on(61)
    assert await shop.state() == "UNSURE no_access" and await shop.mails() == []
    await shop.works_on(61)
    assert await shop.state() == "PLACED"


PERSON = ["lines_differ", "more_than_one"]


async def broken(shop, code: str) -> None:
    """An order under our key that is not the one that was submitted."""
    if code == "lines_differ":
        shop.outside.orders[0].lines = 1
    else:
        made = shop.outside.orders[0]
        shop.outside.orders.append(type(made)("801000000000009AAA", "9", made.key, made.account_id, made.draft, 2))


@pytest.mark.parametrize("code", PERSON)
async def test_f8_an_order_that_is_not_the_submitted_one_is_left_to_a_person(shop, code, caplog):
    await lost(shop)
    await broken(shop, code)
    await shop.works_on(61)
    assert await shop.state() == f"UNSURE {code}"
    for _ in range(5):
        await shop.works_on(HOUR)
    assert shop.outside.asked.count("create") == 1
    assert await shop.audited() == [f"order.needs_review {code}"] and await shop.mails() == []
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == ["order needs review"]


@pytest.mark.parametrize("code", PERSON)
async def test_what_staff_put_right_is_found_within_the_hour(shop, code):
    await lost(shop)
    await broken(shop, code)
    await shop.works_on(61)
    shop.outside.down["find"] = DOWN
    await shop.works_on(HOUR)
    assert await shop.state() == f"UNSURE {code}", "not being able to look is no news"
    shop.outside.down.clear()
    shop.outside.orders[0].lines = 2
    del shop.outside.orders[1:]
    await shop.works_on(HOUR)
    assert await shop.state() == "PLACED"


@pytest.mark.parametrize("code", PERSON)
async def test_what_staff_took_away_is_not_sent_again(shop, code):
    await lost(shop)
    await broken(shop, code)
    await shop.works_on(61)
    shop.outside.orders.clear()
    await shop.works_on(HOUR)
    assert shop.keys() == [] and await shop.state() == "OPEN checkout.not_placed"


async def test_an_order_that_was_moved_to_another_account_stays_a_question_for_staff(shop):
    await lost(shop)
    shop.outside.orders[0].account_id = OTHER_ACCOUNT
    await shop.works_on(61)
    for _ in range(3):
        await shop.works_on(HOUR)
    assert await shop.state() == "UNSURE duplicate_value" and len(shop.keys()) == 1
    assert (await shop.submit(await shop.offer())) == UNSURE


async def test_at_the_submit_itself_a_foreign_key_is_left_to_a_person_too(shop):
    await shop.fill(SIM)
    shop.outside.will("create", UpstreamRejected("salesforce", "PlaceOrder", "duplicate_value"))
    assert await shop.order() == UNSURE
    assert await shop.state() == "UNSURE duplicate_value"


@pytest.mark.parametrize("surprise", [RuntimeError("a bug"), LOST])
async def test_whatever_else_goes_wrong_while_sending_may_have_made_an_order(shop, surprise):
    await shop.fill(SIM)
    shop.outside.will("create", surprise)
    assert await shop.order() == UNSURE
    await shop.works_on(61)
    assert len(shop.keys()) == 1 and await shop.state() == "PLACED"


async def test_a_customer_who_is_no_longer_linked_does_not_keep_others_waiting(shop):
    await lost(shop)
    async with shop.db.write() as session:
        from sqlalchemy import text

        await session.execute(text("DELETE FROM id_mappings"))
    shop.mine = await shop.a_customer("second@example.com", OTHER_ACCOUNT, 102)
    await lost(shop)
    assert await shop.works_on(61) == "2 carts"
    rows = await shop.rows("SELECT state FROM carts ORDER BY created_at, user_id")
    assert sorted(row[0] for row in rows) == ["PLACED", "UNSURE"]


async def test_many_carts_are_gone_on_with_in_one_round(shop):
    for number in range(11):
        shop.mine = await shop.a_customer(f"c{number}@example.com", f"00100000001{number:04d}AAA", 200 + number)
        await lost(shop)
    assert await shop.works_on(61) == "11 carts"
    assert len(set(shop.keys())) == 11 and len(await shop.mails()) == 11


async def test_two_workers_at_once_make_one_order(shop, monkeypatch):
    await lost(shop, "lost_before")
    other = type(shop)(shop._database, shop)
    other.mine = shop.mine
    shop.clock.advance(61)

    async def the_other_one_looks_too():
        await other.checkout.resume_due()

    shop.outside.will("create", the_other_one_looks_too)
    await shop.checkout.resume_due()
    assert len(shop.keys()) == 1 and len(await shop.mails()) == 1
    await other.close()


async def test_k9_a_process_that_slept_over_its_lease_makes_no_second_order(shop):
    """It wakes while it sends; the worker has gone on meanwhile."""
    await shop.fill(VPN)
    offer = await shop.offer(VPN)
    other = type(shop)(shop._database, shop)

    async def sleeps():
        shop.clock.advance(100)
        assert await other.checkout.resume_due() == "1 carts"

    shop.outside.will("create", sleeps)
    placed = await shop.submit(offer)
    assert placed.salesforce_order_id == shop.outside.orders[0].order_id
    assert shop.keys() == [offer.order_key]
    assert await shop.audited() == ["order.placed ok"] and len(await shop.mails()) == 1
    await other.close()


async def test_k9_a_process_that_slept_before_it_sent_anything_sends_nothing(shop):
    """The worker has opened the cart, and the customer has changed and ordered it."""
    await shop.fill(VPN)
    offer = await shop.offer(VPN)
    other = type(shop)(shop._database, shop)
    other.mine = shop.mine

    async def sleeps():
        shop.clock.advance(100)
        await other.checkout.resume_due()
        await other.fill(VPN)
        await other.order(VPN)

    shop.outside.will("catalog", sleeps)
    with pytest.raises(Conflict) as why:
        await shop.submit(offer)
    assert why.value.reason == "checkout.in_progress"
    assert len(shop.keys()) == 1
    await other.close()


async def test_k9_a_process_that_slept_right_before_it_sends_sends_nothing(shop):
    """Its lease is written anew before the order goes; the worker has taken the cart by then."""
    await shop.fill(VPN)
    offer = await shop.offer(VPN)
    other = type(shop)(shop._database, shop)

    async def sleeps():
        shop.clock.advance(100)
        shop.outside.will("create", UpstreamRejected("salesforce", "PlaceOrder", "validation"))
        await other.checkout.resume_due()

    shop.outside.will("opportunity", sleeps)
    assert await shop.submit(offer) == UNSURE
    assert shop.keys() == [] and shop.outside.asked.count("create") == 1
    assert await shop.state(VPN) == "OPEN checkout.not_placed"
    await other.close()
