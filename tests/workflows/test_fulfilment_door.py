"""What others say to fulfilment: events, hints of change, operators, and what they get back."""

from datetime import timedelta

import pytest

from portal_app.errors import UpstreamRejected, UpstreamUnavailable
from tests.fakes.fulfilment_world import CARD, INTERNET, SIM


async def test_e5_an_event_is_kept_and_asks_nobody(works):
    order_id = works.approve(INTERNET)
    await works.fulfilment.requested(order_id, correlation_id="AB12-CD34")
    assert works.outside.asked == [] and works.heard == ["work:fulfilments"]
    assert (await works.record(order_id)).correlation_id == "AB12-CD34" and await works.fulfilment.depth() == 1


async def test_i1_a_repeated_event_does_nothing_more(works):
    order_id = works.approve(INTERNET)
    for _ in range(3):
        await works.fulfilment.requested(order_id)
    await works.works()
    for _ in range(3):
        await works.fulfilment.requested(order_id)
        await works.works(600)
    assert works.effects() == (1, 0, 1) and len(await works.mails()) == 1
    assert len(await works.history(order_id)) == 7 and await works.fulfilment.depth() == 0


async def test_e8_a_change_that_asks_for_it_is_as_good_as_the_event(works):
    order_id = works.approve(INTERNET)
    await works.fulfilment.order_changed(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED"


@pytest.mark.parametrize(
    "changes",
    [{"status": "Pending Review"}, {"activation": "Not Started"}, {"activation": "Activated"}, {"status": "Cancelled"}],
)
async def test_e5_a_change_that_asks_for_nothing_begins_nothing(works, changes):
    order_id = works.approve(INTERNET, **changes)
    await works.fulfilment.order_changed(order_id)
    assert await works.fulfilments.get(order_id) is None


async def test_e5_a_change_of_what_is_not_there_begins_nothing(works):
    await works.fulfilment.order_changed("801000000000009AAA")
    await works.fulfilment.order_changed("nonsense")
    assert await works.rows("SELECT 1 FROM fulfilments") == []


async def test_e5_a_change_that_could_not_be_looked_at_is_said_so(works):
    works.outside.down["find"] = UpstreamUnavailable("salesforce", "FindOrders", "connect")
    with pytest.raises(UpstreamUnavailable):
        await works.fulfilment.order_changed("801000000000001AAA")


async def test_our_own_words_do_not_repeat_what_was_refused(works):
    works.outside.will("add_order", UpstreamRejected("whmcs", "AddOrder", "gateway"))
    order_id = await works.runs(INTERNET)
    for _ in range(3):
        await works.fulfilment.order_changed(order_id)
        await works.works(60)
    assert works.outside.asked.count("add_order") == 1
    works.outside.change(order_id, activation="Activating", error_code="")
    await works.fulfilment.order_changed(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED"


async def test_a_change_of_an_order_on_its_way_or_at_its_end_is_nothing_new(works):
    order_id = await works.runs(SIM)
    before = await works.record(order_id)
    await works.fulfilment.order_changed(order_id)
    assert (await works.record(order_id)).next_attempt_at == before.next_attempt_at
    works.network_activates()
    await works.works(5)
    works.heard.clear()
    await works.fulfilment.order_changed(order_id)
    assert works.heard == []


async def test_a_change_wakes_what_waits_for_its_approval_and_what_failed(works):
    order_id = await works.runs(INTERNET, status="Pending Review", activation="")
    works.outside.change(order_id, status="Approved", activation="Activating")
    works.outside.will("find_services", UpstreamUnavailable("whmcs", "GetClientsProducts", "connect"))
    await works.fulfilment.order_changed(order_id)
    await works.works()
    assert "RETRY_WAIT" in await works.state(order_id)
    await works.fulfilment.order_changed(order_id)
    await works.works()
    assert await works.state(order_id) == "COMPLETED"


async def test_an_operator_is_told_what_became_of_resume(works):
    order_id = works.approve(INTERNET)
    assert await works.fulfilment.resume("801000000000009AAA") == "unknown"
    assert await works.fulfilment.resume(order_id) == "new"
    assert await works.fulfilment.resume(order_id) == "known"
    works.outside.methods = ()
    await works.works()
    assert await works.fulfilment.resume(order_id) == "woken"
    works.outside.methods = (CARD,)
    await works.works()
    assert await works.fulfilment.resume(order_id) == "COMPLETED"


async def test_a_card_that_is_added_while_it_is_looked_for_resumes_the_order(works):
    works.outside.methods = ()

    async def added_behind_us() -> None:
        await works.fulfilment.payment_methods_changed(works.mine)

    works.outside.will("pay_methods", added_behind_us)
    order_id = works.approve(INTERNET)
    await works.fulfilment.requested(order_id)
    assert await works.fulfilment.once() == 1
    works.outside.methods = (CARD,)
    await works.works()
    assert await works.state(order_id) == "COMPLETED"


async def test_f13b_what_waits_is_told_apart_by_state_and_hold(works):
    works.outside.methods = ()
    await works.runs(INTERNET)
    assert await works.fulfilments.overview() == {("VALIDATED", "PAUSED"): 1}
    assert await works.fulfilment.depth() == 0
    works.clock.advance(timedelta(minutes=15))
    assert await works.fulfilment.depth() == 1


@pytest.mark.parametrize("first", ["requested", "order_changed", "resume"])
async def test_i1_an_order_named_by_its_short_id_is_the_same_order(works, first):
    order_id = works.approve(INTERNET)
    read = works.fulfilment._approved_orders.read
    works.fulfilment._approved_orders.read = lambda given: read(order_id)
    await getattr(works.fulfilment, first)(order_id[:15])
    await works.fulfilment.requested(order_id)
    await works.works()
    assert [row[0] for row in await works.rows("SELECT salesforce_order_id FROM fulfilments")] == [order_id]
    assert await works.state(order_id) == "COMPLETED" and works.effects() == (1, 0, 1)
