"""What Salesforce is told on the way, and what happens when it cannot be told (F11)."""

from datetime import timedelta

import pytest

from portal_app.domain.documents import DocumentCheck
from portal_app.errors import UpstreamRejected, UpstreamUnavailable
from tests.fakes.fulfilment_world import CARD, INTERNET, SIM

AWAY = UpstreamUnavailable("salesforce", "UpdateOrder", "connect")


async def test_f11_a_pause_that_could_not_be_told_is_told_later_and_nothing_else_is_done(works):
    works.outside.will("add_order", UpstreamRejected("whmcs", "AddOrder", "gateway"))
    works.outside.down["report"] = AWAY
    order_id = await works.runs(INTERNET)
    assert await works.state(order_id) == "ADD_INTENT PAUSED WHMCS_ERROR"
    assert works.salesforce(order_id) == ("Activating", "") and (await works.record(order_id)).report == "failed"
    for _ in range(3):
        await works.works(80)
    works.outside.down.clear()
    await works.works(timedelta(minutes=20))
    assert works.salesforce(order_id) == ("Failed", "WHMCS_ERROR")
    assert await works.works(timedelta(days=2)) == 0
    assert works.outside.asked.count("add_order") == 1
    assert await works.history(order_id) == ["VALIDATED", "ADD_INTENT", "ADD_INTENT(PAUSED)"]


async def test_f11_an_order_goes_on_though_salesforce_could_not_be_told(works):
    works.outside.methods = ()
    order_id = await works.runs(INTERNET)
    works.outside.methods, works.outside.down["report"] = (CARD,), AWAY
    await works.works(timedelta(minutes=15))
    assert await works.state(order_id) == "COMPLETED" and works.salesforce(order_id) == ("Activated", "")


async def test_f11_a_failure_that_is_no_news_any_more_is_not_told(works):
    works.outside.methods, works.outside.down["report"] = (), AWAY
    order_id = await works.runs(INTERNET)
    works.outside.methods = (CARD,)
    works.outside.down.clear()
    await works.fulfilment.payment_methods_changed(works.mine)
    await works.works()
    assert await works.state(order_id) == "COMPLETED"
    assert [one[0] for one in works.outside.told] == ["Activated"]


async def test_f11_a_crash_before_the_report_leaves_it_to_be_told(works):
    works.outside.methods = ()
    works.hooks.die_at("call:report:before")
    order_id = works.approve(INTERNET)
    await works.fulfilment.requested(order_id)
    with pytest.raises(BaseException):  # noqa: B017
        await works.works()
    again = await works.again()
    assert again.salesforce(order_id) == ("Activating", "")
    await again.works(91)
    assert again.salesforce(order_id) == ("Failed", "PAYMENT_METHOD_MISSING")
    await again.close()


async def test_f11_salesforce_never_goes_back_from_activated(works):
    works.outside.down["write_opportunity"] = AWAY
    order_id = await works.runs(INTERNET)
    await works.ends(order_id, timedelta(hours=30))
    assert await works.state(order_id) == "WRITEBACK NEEDS_REVIEW PROVISIONING_ERROR"
    assert works.salesforce(order_id) == ("Activated", "")


async def test_f11_what_is_called_off_is_told_nothing(works):
    order_id = await works.runs(SIM)
    works.outside.change(order_id, status="Cancelled")
    await works.works(10)
    assert works.outside.told == [] and (await works.record(order_id)).report == ""


async def test_f11_the_order_of_whmcs_is_named_as_soon_as_anything_is_told_of_it(works):
    async def withdrawn() -> None:
        works.outside.document = DocumentCheck("rejected")

    works.outside.will("add_order", withdrawn)
    order_id = await works.runs(SIM)
    assert works.outside.orders[order_id].whmcs_order_id == "9001"


async def test_f11_an_order_that_was_set_to_failed_says_activating_while_it_is_set_up(works):
    order_id = await works.runs(SIM, activation="Failed", error_code="WHMCS_ERROR")
    assert await works.state(order_id) == "SIM_WAIT" and works.salesforce(order_id) == ("Activating", "")


async def test_f11_a_day_that_could_not_be_told_is_told_before_it_comes(works):
    works.outside.down["report"] = AWAY
    day = works.clock.today_in_japan() + timedelta(days=3)
    order_id = await works.runs(INTERNET, starts_on=day, is_scheduled=True)
    assert await works.state(order_id) == "SCHEDULED"
    works.outside.down.clear()
    await works.works(10)
    assert works.salesforce(order_id) == ("Scheduled", "")
    assert (await works.record(order_id)).next_attempt_at > works.clock.now() + timedelta(days=2)


async def test_the_orders_copy_is_forgotten_when_salesforce_was_told(works):
    works.outside.methods = ()
    await works.runs(INTERNET)
    works.forgotten.clear()
    works.outside.methods = (CARD,)
    await works.works(timedelta(minutes=15))
    assert works.forgotten.count("orders") >= 2
