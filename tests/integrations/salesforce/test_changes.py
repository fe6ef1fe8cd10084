"""A feed over a Salesforce that answers strangely."""

from datetime import UTC, datetime

import pytest

from portal_app.errors import UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.salesforce.changes import Changes
from portal_app.integrations.salesforce.fields import FieldMap
from tests.fakes.salesforce import ACCOUNT, OTHER_ACCOUNT
from tests.integrations.salesforce.test_orders import an_order, rows
from tests.integrations.virtual_time import in_virtual_time

NOW = datetime(2026, 4, 15, 3, 0, tzinfo=UTC)
STAMP = "2026-04-15T03:00:01.250+0000"


@pytest.fixture
def changes(connected):
    return Changes(connected.client, FieldMap())


def an_account(record_id=ACCOUNT, **changed) -> dict:
    row = {"Id": record_id, "Internet_Eligibility_Status__c": "Pending", "SystemModstamp": STAMP}
    return row | {"Id_Verification_Status__c": None, "Internet_Eligibility_Checked_Date_Time__c": None} | changed


@in_virtual_time
async def test_the_feed_is_asked_for_by_stamp_and_in_order(changes, salesforce):
    salesforce.will("Query", rows(), rows())
    await changes.changed_orders(NOW)
    await changes.changed_accounts(NOW)
    for query in salesforce.queries():
        assert "WHERE SystemModstamp > 2026-04-15T03:00:00+00:00" in query
        assert query.endswith("ORDER BY SystemModstamp, Id LIMIT 2000")


@pytest.mark.parametrize(
    "odd",
    [an_order(SystemModstamp=None), an_order(SystemModstamp=STAMP, AccountId=None), an_order(SystemModstamp="soon")],
)
def test_one_odd_order_does_not_hold_up_the_others(changes, salesforce, odd):
    @in_virtual_time
    async def run():
        salesforce.will("Query", rows(odd, an_order(SystemModstamp=STAMP)))
        (found,) = (await changes.changed_orders(NOW)).items
        assert (found.modified_at.microsecond, found.from_portal) == (250_000, False)

    run()


@pytest.mark.parametrize(
    "odd", [{"Id": "x"}, {"SystemModstamp": 5}, {"Internet_Eligibility_Checked_Date_Time__c": "x"}]
)
def test_one_odd_account_does_not_hold_up_the_others(changes, salesforce, odd):
    @in_virtual_time
    async def run():
        salesforce.will("Query", rows(an_account(OTHER_ACCOUNT) | odd, an_account()))
        assert [one.account_id for one in (await changes.changed_accounts(NOW)).items] == [ACCOUNT]

    run()


@in_virtual_time
async def test_a_full_page_says_that_more_may_follow_also_when_none_of_it_can_be_read(changes, salesforce, monkeypatch):
    monkeypatch.setattr("portal_app.integrations.salesforce.changes.AT_ONCE", 2)
    salesforce.will("Query", rows(an_account(), an_account(OTHER_ACCOUNT)), rows(an_order(), an_order()))
    full = await changes.changed_accounts(NOW)
    unread = await changes.changed_orders(NOW)
    assert (len(full.items), full.more, len(unread.items), unread.more) == (2, True, 0, True)


@in_virtual_time
async def test_where_the_feed_stands_is_an_error_when_it_cannot_be_read(changes, salesforce):
    salesforce.will("Query", rows(), rows({"SystemModstamp": "x"}))
    assert await changes.newest_order() is None
    with pytest.raises(UpstreamReplyChanged):
        await changes.newest_account()


@in_virtual_time
async def test_t5_the_feed_makes_room_when_the_day_s_calls_run_out(changes, salesforce, connected):
    connected.usage.note("api-usage=4300/5000")
    with pytest.raises(UpstreamUnavailable) as why:
        await changes.changed_orders(NOW)
    assert why.value.code == "daily_limit" and salesforce.count("Query") == 0
