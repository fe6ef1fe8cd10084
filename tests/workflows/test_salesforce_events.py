"""What each event leads to, once for several about one record: E5."""

import asyncio

import pytest

from portal_app.domain.customer import Customer
from portal_app.errors import UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.pubsub.events import (
    AccountChanged,
    CaseChanged,
    ChangeType,
    FulfilmentRequested,
)
from portal_app.storage.bus import MemoryBus
from portal_app.storage.inbox import Inbox, InboxEvent
from portal_app.storage.replay_cursors import ReplayCursors
from portal_app.worker.inbox import MOST_ATTEMPTS, InboxWorker
from portal_app.workflows.event_notes import SOURCE, arrival
from portal_app.workflows.salesforce_events import SalesforceEvents
from tests.fakes.events import (
    ACCOUNT_ID,
    CASE_ID,
    CHANGES,
    LINE_ID,
    ORDER_ID,
    OTHER_ORDER_ID,
    Cleared,
    changed,
    received,
)

MINE = Customer("user-1", 7, ACCOUNT_ID)
OF_NOBODY = "001Q800000D0009IAB"
ADDRESS_PART, ELIGIBILITY = "BillingAddress.City", "Internet_Eligibility__c"
OURS = {"from_portal": True}


class Told(Cleared):
    """News and fulfilment: what they were told. `failing`: the next call of that name raises this."""

    def __init__(self, log: list[str]) -> None:
        self.calls, self.failing = log, dict[str, Exception]()

    def __getattr__(self, name: str):
        noted = super().__getattr__(name)

        async def call(*about, correlation_id: str = "") -> None:
            if name in self.failing:
                raise self.failing[name]
            await noted(*about, *filter(None, [correlation_id]))

        return call


class Records:
    """Whose orders the lines are."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def orders_of(self, item_ids) -> frozenset[str]:
        self.asked.append(tuple(item_ids))
        return frozenset({ORDER_ID, OTHER_ORDER_ID})


class KnownUsers:
    async def find_customer_of_account(self, account_id: str) -> Customer | None:
        return MINE if account_id == ACCOUNT_ID else None


class Desk:
    """The events' workflow over things that only remember, and the worker that hands them to it."""

    def __init__(self, world) -> None:
        self.world, self.done = world, list[str]()
        self.news, self.fulfilment, self.caches = Told(self.done), Told(self.done), Cleared()
        self.caches.calls, self.records = self.done, Records()
        self.cursors: ReplayCursors = ReplayCursors(world.db, world.clock)
        self.bus: MemoryBus = world.bus
        self.events = SalesforceEvents(
            news=self.news,  # type: ignore[arg-type]
            records=self.records,  # type: ignore[arg-type]
            fulfilment=self.fulfilment,
            support=self.news,
            users=KnownUsers(),  # type: ignore[arg-type]
            caches=self.caches,  # type: ignore[arg-type]
            cursors=self.cursors,
            bus=self.bus,
            fields=FieldMap(),
        )
        self.inbox: Inbox = world.inbox
        self.worker = InboxWorker(world.inbox, world.sync, salesforce=self.events)
        self._count = 0

    async def arrive(self, *said, topic: str = CHANGES.name) -> None:
        arrivals = [arrival(received(self._next(), one, topic=topic)) for one in said]
        async with self.world.db.write() as tx:
            await self.inbox.accept_all_in(tx, SOURCE, arrivals)

    def _next(self) -> int:
        self._count += 1
        return self._count

    async def work(self, *said) -> list[str]:
        """What these events lead to, in no order."""
        await self.arrive(*said)
        assert await self.worker.once() == len(said)
        assert await self.inbox.depth() == 0
        return sorted(self.done)


@pytest.fixture
def desk(world) -> Desk:
    return Desk(world)


async def test_a_request_is_handed_to_fulfilment_with_its_reference(desk):
    assert await desk.work(FulfilmentRequested(ORDER_ID, correlation_id="abc-1")) == [f"requested:{ORDER_ID}:abc-1"]


@pytest.mark.parametrize("reference", ["", "Hanako Sato, 03-1234", "名", "x\x00", "-"])
async def test_i5_a_reference_of_odd_letters_goes_no_further(desk, reference):
    assert await desk.work(FulfilmentRequested(ORDER_ID, correlation_id=reference)) == [f"requested:{ORDER_ID}"]


async def test_a_decision_about_an_account_is_told_to_its_customer_and_to_waiting_orders(desk):
    assert await desk.work(AccountChanged(ACCOUNT_ID)) == [f"account_changed:{ACCOUNT_ID}", "checks_changed:user-1"]


@pytest.mark.parametrize(
    "said",
    [AccountChanged(OF_NOBODY), CaseChanged(CASE_ID, OF_NOBODY), CaseChanged(CASE_ID), changed("Account", OF_NOBODY)],
)
async def test_an_account_nobody_linked_costs_no_call(desk, said):
    assert await desk.work(said) == []


async def test_a_case_is_told_to_support_by_its_id_and_may_be_about_a_check(desk):
    expected = [f"case_changed:user-1:{CASE_ID}", "checks_of:user-1"]
    assert await desk.work(CaseChanged(CASE_ID, ACCOUNT_ID)) == expected


async def test_an_order_is_told_to_its_customer_and_to_fulfilment(desk):
    expected = [f"order_changed:{one}" for one in (ORDER_ID, ORDER_ID, OTHER_ORDER_ID, OTHER_ORDER_ID)]
    assert await desk.work(changed("Order", ORDER_ID, OTHER_ORDER_ID)) == expected


MANY = tuple(f"801Q800000D000{number}IAB" for number in range(1, 8))


@pytest.mark.parametrize(("ours", "worked_on"), [({}, [f"order_changed:{ORDER_ID}"]), (OURS, [])])
async def test_t5_many_orders_changed_at_once_are_one_question_and_work_for_those_of_customers(desk, ours, worked_on):
    async def told(order_ids) -> frozenset[str]:
        desk.done.append(f"asked:{len(order_ids)}")
        return frozenset({ORDER_ID})

    desk.news.orders_changed = told
    assert await desk.work(changed("Order", *MANY, **ours)) == [f"asked:{len(MANY)}", *worked_on]


async def test_one_order_that_cannot_be_read_holds_up_no_other_of_the_same_lines(desk, monkeypatch):
    heard: list[str] = []

    async def order_changed(order_id: str) -> None:
        if order_id == ORDER_ID:
            raise UpstreamReplyChanged("salesforce", "ChangedOrders", "shape")
        heard.append(order_id)

    monkeypatch.setattr(desk.news, "order_changed", order_changed, raising=False)
    await desk.arrive(changed("OrderItem", LINE_ID))
    await desk.worker.once()
    assert heard == [OTHER_ORDER_ID] and await desk.inbox.depth() == 1


async def test_a_change_of_our_own_wakes_pages_and_starts_no_work(desk):
    said = (
        changed("Order", ORDER_ID, **OURS),
        changed("Account", ACCOUNT_ID, **OURS),
        changed("OrderItem", LINE_ID, **OURS),
    )
    assert await desk.work(*said) == ["checks_of:user-1", f"order_changed:{ORDER_ID}"]
    assert desk.records.asked == []


async def test_our_own_orders_are_not_told_to_fulfilment(desk):
    desk.fulfilment.failing["order_changed"] = ValueError()
    assert await desk.work(changed("Order", ORDER_ID, **OURS)) == [f"order_changed:{ORDER_ID}"]


async def test_a_line_leads_to_its_order(desk):
    assert len(await desk.work(changed("OrderItem", LINE_ID))) == 4
    assert desk.records.asked == [(LINE_ID,)]


@pytest.mark.parametrize("entity", ["Product2", "PricebookEntry"])
@pytest.mark.parametrize(
    "change", [{}, OURS, {"change_type": ChangeType.DELETE}, {"change_type": ChangeType.GAP_OVERFLOW}]
)
async def test_a_product_or_a_price_clears_the_catalogue(desk, entity, change):
    assert await desk.work(changed(entity, "01tQ800000D0001IAB", **change)) == ["catalog"]


async def test_an_account_is_told_like_the_event_about_it(desk):
    assert await desk.work(changed("Account", ACCOUNT_ID)) == [f"account_changed:{ACCOUNT_ID}", "checks_changed:user-1"]


@pytest.mark.parametrize(
    ("entity", "names", "matters"),
    [
        ("Account", {ELIGIBILITY, "LastModifiedDate"}, True),
        ("Account", {"Phone", "LastModifiedDate", "WH_Account__c"}, False),
        ("Order", {"Status"}, True),
        ("Order", {"SIM_Phone_Number__c"}, True),
        ("Order", {ADDRESS_PART}, True),
        ("Order", {"Description", "LastModifiedDate", "Our_Notes__c"}, False),
        ("Product2", {"Portal_Catalog__c"}, True),
        ("Product2", {"Warehouse_Shelf__c"}, False),
        ("Contact", {"Email"}, False),
    ],
)
async def test_only_what_is_shown_or_used_matters(desk, entity, names, matters):
    record_id = ACCOUNT_ID if entity == "Account" else ORDER_ID
    assert bool(await desk.work(changed(entity, record_id, changed=frozenset(names)))) is matters


@pytest.mark.parametrize("entity", ["Order", "OrderItem"])
@pytest.mark.parametrize("kind", [ChangeType.DELETE, ChangeType.GAP_DELETE])
async def test_whose_a_deleted_order_was_nobody_can_tell(desk, entity, kind):
    assert await desk.work(changed(entity, ORDER_ID, change_type=kind)) == ["all_orders"]


async def test_a_deleted_account_is_cleared_and_not_asked_for(desk):
    assert await desk.work(changed("Account", ACCOUNT_ID, change_type=ChangeType.DELETE)) == ["checks_of:user-1"]


@pytest.mark.parametrize(
    ("entity", "cleared"), [("Order", "all_orders"), ("OrderItem", "all_orders"), ("Account", "all_checks")]
)
async def test_e3_changes_without_details_clear_all_of_that_kind_and_want_the_reconciler(desk, entity, cleared):
    fence = (await desk.cursors.take(CHANGES.name, everything=True)).fence
    async with desk.world.db.write() as tx:
        await desk.cursors.move_in(tx, CHANGES.name, fence, b"c")
    said = changed(entity, change_type=ChangeType.GAP_OVERFLOW)
    assert await desk.work(said) == [cleared]
    assert await desk.cursors.gap() == said.committed_at
    assert "work:reconcile" in desk.world.heard


async def test_a_gap_that_names_its_records_is_about_these(desk):
    said = changed("Order", ORDER_ID, change_type=ChangeType.GAP_UPDATE)
    assert await desk.work(said) == [f"order_changed:{ORDER_ID}"] * 2
    assert await desk.cursors.gap() is None


async def test_many_events_about_one_record_are_one_work(desk):
    said = [FulfilmentRequested(ORDER_ID)] * 4 + [changed("Order", ORDER_ID)] * 5 + [changed("Product2", ORDER_ID)] * 6
    assert await desk.work(*said) == ["catalog", *[f"order_changed:{ORDER_ID}"] * 2, f"requested:{ORDER_ID}"]


async def test_news_that_cannot_be_told_hold_up_no_order_and_come_again(desk, world):
    desk.news.failing["order_changed"] = UpstreamUnavailable("salesforce", "ChangedOrders", "timeout")
    await desk.arrive(changed("Order", ORDER_ID))
    for _ in range(MOST_ATTEMPTS + 2):
        assert await desk.worker.once() == 1
        world.clock.advance(7200)
    assert desk.done == [f"order_changed:{ORDER_ID}"] * (MOST_ATTEMPTS + 2), "fulfilment heard it each time"
    desk.news.failing.clear()
    await desk.worker.once()
    assert await desk.inbox.depth() == 0


async def test_while_salesforce_is_down_a_batch_is_one_line_in_the_log(desk, caplog):
    desk.news.failing["order_changed"] = UpstreamUnavailable("salesforce", "ChangedOrders", "timeout")
    await desk.arrive(*[changed("Order", ORDER_ID)] * 10, changed("Order", OTHER_ORDER_ID))
    await desk.worker.once()
    assert [(one.message, one.count) for one in caplog.records] == [("events_wait", 11)]


async def test_an_order_that_was_approved_does_not_wait_behind_a_storm_of_changes(desk):
    await desk.arrive(*[changed("Product2", ORDER_ID)] * 50)
    await desk.arrive(FulfilmentRequested(ORDER_ID))
    await desk.worker.once()
    assert desk.done[0] == f"requested:{ORDER_ID}"


async def test_k9_events_that_take_longer_than_a_lease_are_not_done_beside_it(desk, world, monkeypatch):
    may_end, renewed = asyncio.Event(), asyncio.Event()
    renew = desk.inbox.renew

    async def requested(*about, **more) -> None:
        await may_end.wait()

    async def noted(events) -> int:
        held = await renew(events)
        renewed.set()
        return held

    monkeypatch.setattr(desk.inbox, "renew", noted)
    monkeypatch.setattr(desk.fulfilment, "requested", requested, raising=False)
    await desk.arrive(FulfilmentRequested(ORDER_ID))
    working = asyncio.create_task(InboxWorker(desk.inbox, salesforce=desk.events, beat_s=0.01).once())
    for _ in range(3):
        renewed.clear()
        await renewed.wait()
        world.clock.advance(60)
        renewed.clear()
        await renewed.wait()
        assert await desk.worker.once() == 0
    may_end.set()
    assert await working == 1 and await desk.inbox.depth() == 0


async def test_an_event_that_cannot_be_worked_on_is_given_up_after_five_tries_and_holds_up_no_other(desk, world):
    desk.fulfilment.failing["requested"] = ValueError("text of somebody")
    await desk.arrive(FulfilmentRequested(ORDER_ID), AccountChanged(ACCOUNT_ID))
    for _ in range(MOST_ATTEMPTS):
        assert await desk.inbox.depth() >= 1
        await desk.worker.once()
        world.clock.advance(7200)
    assert (await desk.inbox.depth(), len(desk.done)) == (0, 2)


async def test_a_note_nobody_can_read_is_given_up_too(desk, world):
    await desk.inbox.accept(SOURCE, "odd", "X", b"{}")
    for _ in range(MOST_ATTEMPTS):
        await desk.worker.once()
        world.clock.advance(7200)
    assert await desk.inbox.depth() == 0


async def test_a_batch_is_marked_done_in_few_transactions(desk, monkeypatch):
    together: list[int] = []
    all_done = desk.inbox.all_done

    async def counted(events: list[InboxEvent]) -> int:
        together.append(len(events))
        await asyncio.sleep(0)
        return await all_done(events)

    monkeypatch.setattr(desk.inbox, "all_done", counted)
    await desk.work(*[FulfilmentRequested(ORDER_ID)] * 20)
    assert sum(together) == 20
    assert len([one for one in together if one]) <= 3
