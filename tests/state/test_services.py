"""The services page."""

from portal_app.errors import UpstreamUnavailable
from portal_app.state.services import ServicesState
from tests.fakes.screens import CUSTOMER, a_service
from tests.state.conftest import settled

DOWN = UpstreamUnavailable("whmcs", "GetClientsProducts")


async def test_running_services_come_first_those_needing_attention_on_top(outside, tab):
    outside.services.services = [a_service(1), a_service(2, "terminated"), a_service(3, "suspended")]
    state = tab(ServicesState)
    await state.load()
    assert [row.anchor for row in state.rows] == ["service-3", "service-1"]
    assert [row.anchor for row in state.past] == ["service-2"]


async def test_price_and_days_are_written_in_the_customers_language(outside, tab):
    outside.services.services = [a_service(1)]
    state = tab(ServicesState, locale="ja")
    await state.load()
    assert (state.rows[0].price, state.rows[0].next_due) == ("￥5,980", "2026年2月1日")


async def test_services_stay_when_whmcs_is_down(outside, tab):
    outside.services.services = [a_service(1)]
    state = tab(ServicesState)
    await state.load()
    outside.services.failure = DOWN
    await state.load()
    assert (len(state.rows), state.notice, state.loaded) == (1, "services.unavailable", True)


async def test_a_stale_copy_says_so(outside, tab):
    outside.services.services, outside.services.stale = [a_service(1)], True
    state = tab(ServicesState)
    await state.load()
    assert (state.notice, state.as_of) == ("services.stale", "11:55")


async def test_refresh_asks_whmcs_for_this_customer(outside, tab):
    state = tab(ServicesState)
    await settled(state.refresh())
    assert (outside.services.refreshed, state.refreshing) == ([CUSTOMER], False)
