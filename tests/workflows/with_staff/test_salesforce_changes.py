"""What staff change in Salesforce reaches the customer: pages at the next look, mails once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal_app.domain.eligibility import EligibilityState
from portal_app.errors import NotFound, UpstreamUnavailable
from portal_app.integrations.salesforce.changes import ChangedAccount, ChangePage, Changes
from tests.integrations.salesforce.selling.staff import staff
from tests.integrations.salesforce.selling.test_orders import SIM_CART, VPN_CART, a_draft

DAY, START = timedelta(days=1), datetime(2026, 4, 15, 3, 0, tzinfo=UTC)


@pytest.fixture
async def placed(office, customer, book):
    """An order that is under review, with everything about it told."""
    await office.news.look()
    order = await office.orders.place(customer, await a_draft(book, SIM_CART), "key-1")
    await office.news.look()
    assert await office.mails() == []
    office.topics()
    return order.salesforce_order_id


def names(mails) -> list[str]:
    return [template for template, _, _ in mails]


async def test_what_was_there_before_the_first_look_is_no_news(office, customer, book):
    await office.orders.place(customer, await a_draft(book, VPN_CART), "key-1")
    (mine,) = (await office.orders.list_orders(customer)).items
    await office.client.update("Order", mine.salesforce_order_id, {"Status": "Cancelled"})
    await office.news.look()
    office.topics()
    await office.restart()
    assert await office.news.look() == "1 orders, 0 accounts"  # within the overlap, told once more
    assert await office.news.look() == "0 orders, 0 accounts"


async def test_an_approval_shows_on_the_page_and_is_mailed_with_the_order_it_is_about(office, customer, placed):
    assert (await office.orders.list_orders(customer)).items[0].status == "Pending Review"
    await office.move(placed, "approve")
    await office.news.look()
    shown = (await office.orders.list_orders(customer)).items[0]
    assert (shown.status, shown.activation) == ("Approved", "Activating")
    assert office.topics() == [f"customer:{customer.user_id}:{topic}" for topic in ("orders", "notifications")]
    values = {"number": shown.number, "line": "sim", "order_id": placed}
    assert await office.mails() == [("order_approved", customer.user_id, values)]


async def test_each_step_gets_the_time_when_it_was_first_seen(office, customer, placed):
    assert list(await office.order_times.of(customer, placed)) == ["placed"]
    await office.move(placed, "approve")
    await office.news.look()
    approved = await office.order_times.of(customer, placed)
    assert list(approved) == ["placed", "review", "approved"]
    await office.client.update("Order", placed, {"WHMCS_Order_ID__c": "77"})
    await office.news.look()
    assert list(await office.order_times.of(customer, placed)) == ["placed", "review", "approved", "billing"]
    await office.client.update("Order", placed, {"Activation_Status__c": "Activated"})
    await office.news.look()
    ended = await office.order_times.of(customer, placed)
    assert list(ended) == ["placed", "review", "approved", "billing", "set_up", "active"]
    assert approved.items() <= ended.items()


async def test_of_many_orders_those_of_customers_are_told_and_one_question_is_asked(office, customer, placed):
    await office.move(placed, "approve")
    nobodys = "801000000000009AAA"
    assert await office.news.orders_changed([placed, nobodys]) == {placed}
    assert office.topics() == [f"customer:{customer.user_id}:{topic}" for topic in ("orders", "notifications")]
    assert names(await office.mails()) == ["order_approved"]


STORY = [
    ({"Status": "Approved", "Activation_Status__c": "Activating"}, ["order_approved"]),
    ({"Activation_Status__c": "Scheduled"}, []),
    ({"Activation_Status__c": "Failed", "Activation_Error_Code__c": "WHMCS_ERROR"}, []),
    ({"Activation_Error_Code__c": "PAYMENT_METHOD_MISSING"}, ["order_needs_you"]),
    ({"Activation_Error_Code__c": "IDENTITY_NOT_VERIFIED"}, ["order_needs_you"]),
    ({"Activation_Error_Code__c": None, "Activation_Status__c": "Activating"}, []),
    ({"Activation_Status__c": "Activated"}, ["order_active"]),
    ({"Description": "a note"}, []),
    ({"Status": "Cancelled"}, ["order_cancelled"]),
]


async def test_every_turn_of_an_order_is_mailed_once_over_looks_restarts_and_events(office, customer, placed):
    for change, mailed in STORY:
        await office.client.update("Order", placed, change)
        await office.news.look()
        mails = await office.mails()
        assert names(mails) == mailed, change
        await office.news.order_changed(placed)
        await office.restart()
        await office.news.look()
        assert await office.mails() == []
    told = [(one.kind.value, one.values.get("need", "")) for one in await office.notices.list(customer, limit=20)]
    assert sorted(told) == [
        ("order_activated", ""),
        ("order_approved", ""),
        ("order_cancelled", ""),
        ("order_failed", "document"),
        ("order_failed", "payment"),
        ("order_failed", "staff"),
    ]


async def test_a_customer_who_wants_no_mail_of_it_sees_it_at_the_bell_alone(office, customer, placed):
    await office.notices.choose_mail(customer, "order_approved", False)
    await office.move(placed, "approve")
    await office.news.look()
    assert await office.mails() == []
    assert [one.subject for one in await office.notices.list(customer, limit=9)] == [f"order:{placed}"]


async def test_what_the_customer_must_do_is_said(office, customer, placed):
    needs = []
    for code in ("PAYMENT_METHOD_MISSING", "IDENTITY_NOT_VERIFIED"):
        await office.client.update("Order", placed, {"Activation_Error_Code__c": code})
        await office.news.look()
        needs += [values["need"] for _, _, values in await office.mails()]
    assert needs == ["payment", "document"]


@pytest.mark.parametrize(("document", "asked"), [("Submitted", []), ("Rejected", ["order_needs_you"])])
async def test_nobody_is_asked_for_a_document_that_staff_have_already(office, customer, placed, document, asked):
    submitted = {"Id_Verification_Status__c": document, "Id_Verification_Submitted_Date_Time__c": office.clock.now()}
    await office.client.update("Account", customer.salesforce_account_id, submitted)
    await office.client.update("Order", placed, {"Status": "Approved", "Activation_Status__c": "Activating"})
    await office.news.look()
    await office.news.look()
    await office.mails()
    await office.client.update("Order", placed, {"Activation_Error_Code__c": "IDENTITY_NOT_VERIFIED"})
    await office.news.look()
    assert names(await office.mails()) == asked


async def test_an_order_approved_before_anybody_looked_is_still_told(office, customer, book):
    await office.news.look()
    order = await office.orders.place(customer, await a_draft(book, SIM_CART), "key-1")
    await office.move(order.salesforce_order_id, "approve")
    await office.news.look()
    assert names(await office.mails()) == ["order_approved"]


@pytest.fixture
async def old(office, customer, book):
    """An approved order nobody has looked at, touched by staff a week after it was placed."""
    order = await office.orders.place(customer, await a_draft(book, SIM_CART), "key-1")
    await office.move(order.salesforce_order_id, "approve")

    async def touched():
        kept = await office.changes.find_order(order.salesforce_order_id)
        return replace(kept, modified_at=kept.order.placed_at + 8 * DAY)

    return touched


async def test_an_old_order_that_staff_touch_is_shown_anew_but_nobody_is_told_old_news(office, customer, old):
    change = await old()
    await office.news._order(change)
    assert await office.mails() == [] and office.topics() == [f"customer:{customer.user_id}:orders"]
    assert await office.order_times.of(customer, change.order.salesforce_order_id) == {}


async def test_of_an_old_order_only_what_happens_now_gets_a_time_and_a_mail(office, customer, old):
    change = await old()
    await office.news._order(change)
    order_id = change.order.salesforce_order_id
    await office.client.update("Order", order_id, {"WHMCS_Order_ID__c": "77"})
    await office.news._order(await old())
    assert list(await office.order_times.of(customer, order_id)) == ["billing"] and await office.mails() == []
    await office.client.update("Order", order_id, {"Activation_Status__c": "Activated"})
    await office.news._order(await old())
    assert list(await office.order_times.of(customer, order_id)) == ["billing", "set_up", "active"]
    assert names(await office.mails()) == ["order_active"]


async def test_what_was_mailed_long_ago_is_not_mailed_again(office, customer, placed):
    await office.move(placed, "approve")
    await office.news.look()
    assert names(await office.mails()) == ["order_approved"]
    office.clock.advance(31 * DAY)
    assert await office.outbox.prune() == 1
    await office.client.update("Order", placed, {"Activation_Status__c": "Scheduled"})
    await office.news.look()
    assert await office.mails() == []


async def test_an_order_that_staff_made_is_shown_and_not_mailed(office, customer, placed):
    await office.client.update("Order", placed, {"Idempotency_Key__c": None})
    await office.move(placed, "approve")
    await office.news.look()
    assert await office.mails() == [] and office.topics() == [f"customer:{customer.user_id}:orders"]


async def test_a_decision_about_the_address_is_shown_and_mailed_once(office, customer):
    await office.news.look()
    await office.availability.request(customer)
    await office.decide(customer, status="Eligible", offering="Home 1G")
    await office.mails()
    office.topics()
    for _ in range(2):
        await office.news.look()
        await office.news.account_changed(customer.salesforce_account_id)
        await office.restart()
    found = await office.availability.get(customer)
    assert (found.state, found.offering) == (EligibilityState.ELIGIBLE, "Home 1G")
    assert await office.mails() == [("availability_yes", customer.user_id, {})]
    assert set(office.topics()) == {f"customer:{customer.user_id}:{topic}" for topic in ("checks", "notifications")}
    told = await office.notices.list(customer, limit=9)
    assert [one.kind for one in told] == ["eligibility_eligible"]


async def test_that_staff_have_begun_is_shown_and_cases_are_asked_for_only_while_one_is_open(office, customer, sandbox):
    await office.news.look()
    asked = await office.availability.request(customer)
    await office.news.look()
    assert (await office.availability.get(customer)).state is EligibilityState.REQUESTED
    office.topics()
    await staff(sandbox, f"cases/{asked.salesforce_case_id}/start", {})
    await office.news.look()
    assert office.topics() == [f"customer:{customer.user_id}:checks"]
    assert (await office.availability.get(customer)).state is EligibilityState.PENDING_REVIEW
    await office.decide(customer, status="Ineligible")
    await office.news.look()
    sandbox.world.calls.clear()
    await office.news.look()
    assert len(sandbox.world.calls.last(10)) == 2  # orders and accounts


async def test_a_no_is_mailed_and_a_note_added_later_is_not(office, customer):
    await office.news.look()
    await office.availability.request(customer)
    await office.news.look()
    assert (await office.availability.get(customer)).state is EligibilityState.REQUESTED
    await office.decide(customer, status="Ineligible", notes="No fibre")
    await office.news.look()
    assert (await office.availability.get(customer)).state is EligibilityState.INELIGIBLE
    assert names(await office.mails()) == ["availability_asked", "availability_no"]
    account = customer.salesforce_account_id
    await office.client.update("Account", account, {"Internet_Eligibility_Notes__c": "No fibre until May"})
    await office.news.look()
    assert await office.mails() == []


async def test_every_document_gets_its_own_verdict_with_the_staffs_reason(office, customer):
    account, told = customer.salesforce_account_id, []
    await office.news.look()
    for verdict in ({"status": "Rejected", "reason": "Glare"}, {"status": "Rejected", "reason": "Cut off"}, {}):
        submitted = {"Id_Verification_Status__c": "Submitted"}
        office.clock.advance(60)
        stamp = {"Id_Verification_Submitted_Date_Time__c": office.clock.now()}
        await office.client.update("Account", account, submitted | stamp)
        await office.news.look()
        await office.review(customer, **({"status": "Verified"} | verdict))
        await office.news.look()
        told += [(name, values) for name, _, values in await office.mails()]
    assert told == [
        ("document_rejected", {"reason": "Glare"}),
        ("document_rejected", {"reason": "Cut off"}),
        ("document_verified", {}),
    ]


async def test_two_decisions_between_two_looks_are_two(office, customer, sandbox):
    told = []
    for _ in range(2):
        sandbox.world.clock.advance(60)
        await office.availability.request(customer)
        await office.decide(customer, status="Eligible", offering="Home 1G")
        await office.news.account_changed(customer.salesforce_account_id)
        await office.checks.reset_availability(customer)
        told += names(await office.mails())
    assert told == ["availability_asked", "availability_yes"] * 2


async def test_two_decisions_of_staff_who_note_no_time_are_two(office, customer):
    account, told = customer.salesforce_account_id, []
    await office.news.look()
    for _ in range(2):
        office.clock.advance(60)
        await office.availability.request(customer)
        await office.news.look()
        await office.client.update("Account", account, {"Internet_Eligibility_Status__c": "Ineligible"})
        await office.news.look()
        told += names(await office.mails())
    assert told == ["availability_asked", "availability_no"] * 2


async def test_two_verdicts_between_two_looks_are_two(office, customer):
    account, told = customer.salesforce_account_id, []
    for _ in range(2):
        office.clock.advance(60)
        stamp = {"Id_Verification_Submitted_Date_Time__c": office.clock.now()}
        await office.client.update("Account", account, {"Id_Verification_Status__c": "Submitted"} | stamp)
        await office.review(customer, status="Rejected", reason="Glare")
        await office.news.account_changed(account)
        told += names(await office.mails())
    assert told == ["document_rejected", "document_rejected"]


async def test_what_was_decided_long_ago_is_no_news_when_an_account_is_touched(office, customer):
    account = customer.salesforce_account_id
    await office.availability.request(customer)
    await office.decide(customer, status="Eligible", offering="Home 1G")
    await office.client.update("Account", account, {"Id_Verification_Status__c": "Submitted"})
    await office.review(customer, status="Verified")
    stamp = {"Id_Verification_Submitted_Date_Time__c": office.clock.now()}
    await office.client.update("Account", account, stamp)
    await office.mails()
    change = await office.changes.find_account(account)
    await office.news._account(replace(change, modified_at=change.modified_at + 8 * DAY))
    assert await office.mails() == [] and f"customer:{customer.user_id}:checks" in office.topics()


async def test_f10_with_salesforce_away_nothing_is_lost(office, customer, placed, sandbox):
    await office.move(placed, "approve")
    sandbox.world.faults.add("salesforce", "*", "down", None, None)
    with pytest.raises(UpstreamUnavailable):
        await office.news.look()
    sandbox.world.faults.heal()
    await office.news.look()
    assert names(await office.mails()) == ["order_approved"]


async def test_a_change_that_could_not_be_told_is_told_by_the_next_look(office, customer, placed, monkeypatch):
    await office.move(placed, "approve")

    async def broken(*_):
        raise RuntimeError("the database is away")

    with monkeypatch.context() as away:
        away.setattr(office.outbox, "add", broken)
        with pytest.raises(RuntimeError):
            await office.news.look()
    await office.news.look()
    assert names(await office.mails()) == ["order_approved"]
    assert list(await office.order_times.of(customer, placed)) == ["placed", "review", "approved"]


async def test_one_change_that_cannot_be_told_holds_up_no_other_and_is_not_forgotten(
    office, customer, placed, monkeypatch
):
    other = await office.link("C-100002")
    await office.move(placed, "approve")
    for one in (customer, other):
        await office.availability.request(one)
        await office.decide(one, status="Ineligible")
    await office.mails()
    of_order, of_availability = office.news._news.of_order, office.news._news.of_availability

    async def order(*_, **__):
        raise RuntimeError("nobody knows why")

    async def availability(tx, who, change):
        return await (order() if who == customer else of_availability(tx, who, change))

    monkeypatch.setattr(office.news._news, "of_order", order)
    monkeypatch.setattr(office.news._news, "of_availability", availability)
    for told in ([("availability_no", other.user_id, {})], []):
        with pytest.raises(RuntimeError):
            await office.news.look()
        assert await office.mails() == told
    monkeypatch.setattr(office.news._news, "of_order", of_order)
    monkeypatch.setattr(office.news._news, "of_availability", of_availability)
    await office.news.look()
    assert names(await office.mails()) == ["order_approved", "availability_no"]


class Pages(Changes):
    """Accounts with these stamps, told three at a time in the way Salesforce does."""

    def __init__(self, *seconds: int) -> None:
        self.stamps = [START + timedelta(seconds=one) for one in seconds]

    async def newest_order(self):
        return None

    async def changed_orders(self, since):
        return ChangePage((), more=False)

    async def newest_account(self):
        return START

    async def changed_accounts(self, since):
        behind = [number for number, at in enumerate(self.stamps) if at > since]
        some = tuple(
            ChangedAccount(f"account {number}", "", "", None, None, "", None, None, "", self.stamps[number])
            for number in behind[:3]
        )
        return ChangePage(some, more=len(some) == 3)


@pytest.mark.parametrize(
    "seconds",
    [(), (1,), (1, 2, 3, 4, 5, 6, 7), (1, 1, 2, 2, 3, 3, 90, 90, 91), (5, 5, 6, 6, 6), (-30, -30, -29, 400, 400, 401)],
)
async def test_more_changes_than_one_page_are_all_told_once(office, seconds):
    office.changes = Pages(*seconds)
    office.renew()
    assert await office.news.look() == f"0 orders, {len(seconds)} accounts"
    assert await office.news.look() == "0 orders, 0 accounts"


async def test_a_second_with_more_changes_than_a_page_does_not_stop_the_feed(office):
    office.changes = Pages(1, 1, 1, 1, 2)
    office.renew()
    assert await office.news.look() == "0 orders, 4 accounts"


async def test_o1_nobody_hears_of_an_account_that_is_not_theirs(office, customer, placed, client):
    stranger = await office.link("C-100002")
    await office.move(placed, "approve")
    await office.decide(customer, status="Eligible", offering="Home 1G")
    await office.news.look()
    assert not any(stranger.user_id in topic for topic in office.topics())
    assert {user for _, user, _ in await office.mails()} == {customer.user_id}


async def test_an_account_without_a_portal_user_is_left_alone(office, customer, book):
    order = await office.orders.place(customer, await a_draft(book, SIM_CART), "key-1")
    await office.users.link(customer.user_id, customer.whmcs_client_id, "")
    await office.move(order.salesforce_order_id, "approve")
    await office.news.order_changed(order.salesforce_order_id)
    await office.news.account_changed(customer.salesforce_account_id)
    assert await office.mails() == [] and office.topics() == []


async def test_what_is_gone_or_no_id_is_no_news(office):
    await office.news.order_changed("801000000000009AAA")
    await office.news.account_changed("001000000000009AAA")
    with pytest.raises(NotFound):
        await office.news.order_changed("../User/005000000000001")
    assert office.topics() == []
