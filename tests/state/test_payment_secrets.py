"""No secret of a payment method gets anywhere: neither into what a tab holds, nor a cache, nor a log."""

import logging
from datetime import timedelta

import pytest

from portal_app import wiring
from portal_app.integrations.whmcs.pay_methods import PayMethods
from portal_app.observability import logs
from portal_app.state.payments import PaymentsState
from portal_app.storage.cache import MemoryCache
from tests.fakes.clock import FakeClock
from tests.fakes.whmcs import FakeWhmcs, a_wire_client, a_wire_pay_method, success

NUMBER, TOKEN, ACCOUNT = "4111111111111111", "cus_TokenCanary", "1234567"


@pytest.fixture
def whmcs():
    bank = a_wire_pay_method(502, type="BankAccount", bank_name=f"みずほ {ACCOUNT}", remote_token=TOKEN)
    card = a_wire_pay_method(501, card_last_four=NUMBER, card_type=f"Visa {NUMBER}", cvv="Cvv737")
    return FakeWhmcs(clients=[a_wire_client(7)], pay_methods=[card, bank])


@pytest.fixture
def cache():
    return MemoryCache("test", FakeClock())


@pytest.fixture
def state(outside, tab, whmcs, cache):
    with wiring.use(pay_methods=PayMethods(whmcs.client(), cache)):
        yield tab(PaymentsState)


def said(state, caplog, cache):
    """Everything that leaves the process or is kept: the tab's vars, private ones too, each log line, the cache."""
    formatter = logs.JsonLines()
    lines = [formatter.format(record) for record in caplog.records]
    held = [*state.dict(initial=False).values(), vars(state)]
    return repr([lines, caplog.text, held, vars(cache._shelf)])


async def test_i5_r1_no_number_token_or_account_reaches_a_tab_a_cache_or_a_log(state, whmcs, cache, caplog):
    caplog.set_level(logging.DEBUG)
    await state.load()
    await state.look_again()
    whmcs.will("GetPayMethods", success(clientid=7, paymethods=[a_wire_pay_method(expiry_date={"no": TOKEN})]))
    await state.look_again()
    assert [(row.brand, row.last_four) for row in state.methods] == [("Visa", "1111"), ("みずほ", "")]
    everything = said(state, caplog, cache)
    assert "1111" in everything and "みずほ" in everything
    for canary in (NUMBER, TOKEN, ACCOUNT, "Canary", "Cvv737"):
        assert canary not in everything


async def test_a_quarter_of_an_hour_is_the_longest_a_copy_is_shown_without_asking(state, whmcs, cache):
    await state.load()
    await state.load()
    assert len(whmcs.asked("GetPayMethods")) == 1
    cache._clock.advance(timedelta(minutes=15))
    await state.load()
    assert len(whmcs.asked("GetPayMethods")) == 2
