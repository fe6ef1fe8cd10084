"""Every quarter of an hour: what events lost is found, what was not written back is told again, the rest is named."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import Code, Hold, State, billed_lines
from portal_app.domain.services import ServiceStatus
from portal_app.domain.sims import Sim
from portal_app.errors import UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.salesforce.approved_orders import Report
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.whmcs.marked_services import MarkedServices
from portal_app.observability import metrics
from portal_app.storage.encryption import FieldCipher
from portal_app.storage.fulfilment_lists import FulfilmentLists
from portal_app.storage.fulfilment_records import to_columns
from portal_app.storage.fulfilments import Fulfilments
from portal_app.storage.replay_cursors import ReplayCursors
from portal_app.storage.tables.fulfilments import FulfilmentRow
from portal_app.workflows.findings import MOST_FAILURES, Stopped
from portal_app.workflows.order_reconcile import LOOK_BACK, NIGHTLY, OrderReconcile
from tests.fakes.approved_orders import FakeApprovedOrders, an_approved_order
from tests.fakes.portal_world import PortalWorld
from tests.fakes.whmcs import a_wire_service
from tests.storage.builders import a_service

ORDER, OTHER = (as_18(f"80100000000000{n}") or "" for n in (1, 2))
NUMBER = "+819012345678"
GONE = UpstreamUnavailable("salesforce", "GetApprovedOrder", "timeout")
SOON = timedelta(minutes=10)


@dataclass
class Network:
    """The mobile network, as it lists its lines."""

    lines: list[Sim] = field(default_factory=list)
    asked: int = 0
    fails: Exception | None = None

    async def list_sims(self) -> tuple[Sim, ...]:
        self.asked += 1
        if self.fails:
            raise self.fails
        return tuple(self.lines)


@dataclass
class Run:
    """A portal, the systems it compares, and the reconciler over them."""

    world: PortalWorld
    salesforce: FakeApprovedOrders
    network: Network
    fulfilments: Fulfilments
    cursors: ReplayCursors
    customer: Customer
    asked: list[str] = field(default_factory=list)

    async def requested(self, salesforce_order_id: str, *, correlation_id: str = "") -> None:
        self.asked.append(salesforce_order_id)
        await self.fulfilments.receive(salesforce_order_id, correlation_id=correlation_id)

    @property
    def reconcile(self) -> OrderReconcile:
        cipher = FieldCipher({"k1": bytes(range(32))})
        return OrderReconcile(
            approved_orders=self.salesforce,  # type: ignore[arg-type]
            fulfilments=self.fulfilments,
            lists=FulfilmentLists(self.world.db, cipher),
            fulfilment=self,
            marked_services=MarkedServices(self.world.whmcs_client),
            service_mirror=self.world.service_mirror,
            sims=self.network,  # type: ignore[arg-type]
            cursors=self.cursors,
            users=self.world.users,
            reports=self.world.reports,
            clock=self.world.clock,
        )

    async def report(self, kind: str = "orders"):
        return (await self.world.reports.latest(kind))[0]

    async def left(self, kind: str = "orders") -> list[str]:
        return [one["why"] for one in (await self.report(kind)).left]

    async def a_row(self, order_id: str = ORDER, state: State = State.COMPLETED, **changed: Any) -> None:
        """A row of the customer's VPN order, as fulfilment left it just now."""
        now, done = self.world.clock.now(), {"whmcs_order_id": 77, "whmcs_service_ids": {1: 501, 2: 502}}
        lines = billed_lines(an_approved_order(order_id))
        values = {"user_id": self.customer.user_id, "whmcs_client_id": 7, "line": "vpn", "lines": lines}
        values |= (done if state is State.COMPLETED else {"next_attempt_at": now + SOON}) | changed
        cipher = FieldCipher({"k1": bytes(range(32))})
        columns = {"created_at": now, "updated_at": now} | to_columns(cipher, order_id, values)
        async with self.world.db.write() as tx:
            tx.add(FulfilmentRow(salesforce_order_id=order_id, state=state, **columns))

    def in_whmcs(self, order_id: str = ORDER, *numbers: int, **changed: Any) -> None:
        """Services of these lines, made by that order."""
        for number in numbers or (1, 2):
            service_id = 501 + len(self.world.whmcs.services)
            fields = {"customfield": [{"id": 5, "name": "Ref", "value": f"portal:{order_id}:{number}"}]}
            row = {"orderid": 77, "customfields": fields} | changed
            self.world.whmcs.services.append(a_wire_service(service_id, 7, **row))

    def a_line(self, state: str, number: str = NUMBER) -> None:
        self.network.lines.append(Sim(number, state, "esim", "voice", "PASI_5G", "5G"))  # type: ignore[arg-type]


@pytest.fixture
async def run(world) -> Run:
    cipher = FieldCipher({"k1": bytes(range(32))})
    customer = await world.a_customer(7)
    return Run(
        world,
        FakeApprovedOrders(world.clock),
        Network(),
        Fulfilments(world.db, cipher, world.clock),
        ReplayCursors(world.db, world.clock),
        customer,
    )


async def test_e8_where_all_agree_the_report_is_all_zeros(run):
    run.salesforce.put(an_approved_order(ORDER, activation="Activated", whmcs_order_id="77"))
    await run.a_row()
    run.in_whmcs()
    assert await run.reconcile.run() == "orders: 1 compared, 0 drift, 0 left"
    assert run.asked == [] and run.salesforce.told == []
    shown = metrics.render().decode()
    assert 'portal_mirror_drift{kind="orders"} 0.0' in shown and 'portal_reconcile_left{kind="orders"} 0.0' in shown


@pytest.mark.parametrize("activation", ["Activating", "Scheduled"])
async def test_e8_an_approved_order_whose_event_was_lost_is_begun(run, activation):
    run.salesforce.put(an_approved_order(ORDER, activation=activation))
    assert await run.reconcile.run() == "orders: 1 compared, 1 drift, 0 left"
    assert run.asked == [ORDER] and (await run.fulfilments.get(ORDER)).state is State.RECEIVED
    await run.reconcile.run()
    assert run.asked == [ORDER]


@pytest.mark.parametrize("status", ["Pending Review", "Cancelled", "Rejected"])
async def test_e8_what_staff_did_not_approve_is_not_begun(run, status):
    run.salesforce.put(an_approved_order(ORDER, status=status))
    assert await run.reconcile.run() == "orders: 0 compared, 0 drift, 0 left"


@pytest.mark.parametrize(
    ("activation", "why"),
    [
        ("", "approved_but_not_activating"),
        ("Not Started", "approved_but_not_activating"),
        ("Failed", "failed_without_row"),
    ],
)
async def test_e8_an_order_nobody_asked_to_activate_is_for_a_person(run, activation, why):
    run.salesforce.put(an_approved_order(ORDER, activation=activation))
    run.salesforce.put(an_approved_order(OTHER, activation=activation, from_portal=False))
    await run.reconcile.run()
    assert (await run.report()).left == [{"why": why, "salesforce_order_id": ORDER}] and run.asked == []


async def test_e8_what_is_done_and_was_not_written_back_is_told_again_and_then_no_more(run):
    run.salesforce.put(an_approved_order(ORDER))
    await run.a_row()
    run.in_whmcs()
    await run.reconcile.run()
    assert run.salesforce.told == [(ORDER, Report("Activated", whmcs_order_id="77"))]
    assert sorted(run.salesforce.services[ORDER].values()) == [501, 502]
    assert (await run.report()).drift == {"added": 0, "changed": 1, "removed": 0}
    await run.reconcile.run()
    assert len(run.salesforce.told) == 1 and (await run.report()).repaired == 0


@pytest.mark.parametrize(
    ("order", "row", "why"),
    [
        ({"whmcs_order_id": "78"}, {}, "another_whmcs_order"),
        ({}, {"whmcs_order_id": 0, "whmcs_service_ids": {}}, "done_without_services"),
    ],
)
async def test_e8_an_order_that_is_done_otherwise_than_salesforce_says_is_for_a_person(run, order, row, why):
    run.salesforce.put(an_approved_order(ORDER, **order))
    await run.a_row(**row)
    run.in_whmcs()
    await run.reconcile.run()
    assert await run.left() == [why] and run.salesforce.told == []


async def test_e8_an_order_taken_back_here_and_approved_there_is_for_a_person(run):
    run.salesforce.put(an_approved_order(ORDER))
    await run.a_row(state=State.CANCELLED)
    await run.reconcile.run()
    assert await run.left() == ["cancelled_here"] and run.asked == []
    assert [(said.activation, said.error_code) for _, said in run.salesforce.told] == [("Failed", "VALIDATION_ERROR")]
    await run.reconcile.run()
    assert await run.left() == ["cancelled_here"]


async def a_paused_row(run: Run, hold: Hold = Hold.PAUSED, **changed: Any) -> None:
    values = {"hold": hold, "next_attempt_at": None, "error_code": Code.WHMCS_ERROR} | changed
    await run.a_row(state=State.ADD_INTENT, **values)


@pytest.mark.parametrize("hold", [Hold.PAUSED, Hold.REVIEW])
async def test_e8_a_row_staff_activated_again_is_woken_when_the_event_was_lost(run, hold):
    await a_paused_row(run, hold)
    run.world.clock.advance(60)
    run.salesforce.put(an_approved_order(ORDER))
    await run.reconcile.run()
    assert run.asked == [ORDER] and (await run.report()).drift["changed"] == 1
    await run.reconcile.run()
    assert run.asked == [ORDER]


async def test_e8_a_row_that_waits_for_staff_is_named_and_left_alone(run):
    run.salesforce.put(an_approved_order(ORDER, activation="Failed", error_code="WHMCS_ERROR"))
    run.salesforce.put(an_approved_order(OTHER))
    run.world.clock.advance(60)
    await a_paused_row(run)
    await a_paused_row(run, order_id=OTHER, error_code=Code.MAPPING_ERROR)
    await run.reconcile.run()
    assert Counter(await run.left()) == Counter(["paused_whmcs_error", "paused_mapping_error"]) and run.asked == []


async def test_e8_a_row_whose_failure_salesforce_was_not_told_yet_is_not_taken_for_activated_again(run):
    await a_paused_row(run, report="failed")
    run.world.clock.advance(60)
    run.salesforce.put(an_approved_order(ORDER))
    await run.reconcile.run()
    assert run.asked == []


async def test_e8_what_waits_for_the_customer_is_no_finding(run):
    run.salesforce.put(an_approved_order(ORDER, activation="Failed"))
    await a_paused_row(run, error_code=Code.PAYMENT_METHOD_MISSING, next_attempt_at=run.world.clock.now() + SOON)
    assert await run.reconcile.run() == "orders: 1 compared, 0 drift, 0 left"


async def test_e8_a_row_that_waited_for_a_yes_goes_on_once_it_was_said(run):
    await run.a_row(state=State.RECEIVED, next_attempt_at=None)
    run.salesforce.put(an_approved_order(ORDER, status="Pending Review"))
    await run.reconcile.run()
    assert run.asked == []
    run.salesforce.put(an_approved_order(ORDER))
    await run.reconcile.run()
    assert run.asked == [ORDER]


@pytest.mark.parametrize("changed", [{"status": "Cancelled"}, {"activation": "Activated"}])
async def test_f13_a_waiting_row_hears_of_its_orders_end_though_the_event_was_lost(run, changed):
    run.salesforce.put(an_approved_order(ORDER, **changed))
    await a_paused_row(run)
    await run.reconcile.run()
    assert run.asked == [ORDER]


async def test_e8_a_waiting_row_of_a_failed_order_of_long_ago_is_not_tried_each_time(run):
    run.salesforce.put(an_approved_order(ORDER, activation="Failed"))
    run.world.clock.advance(LOOK_BACK.total_seconds() + 60)
    await a_paused_row(run)
    await run.reconcile.run()
    assert run.asked == [] and await run.left() == ["paused_whmcs_error"]


async def test_e8_a_waiting_row_whose_order_is_gone_is_for_a_person(run):
    await a_paused_row(run)
    await run.reconcile.run()
    assert await run.left() == ["paused_whmcs_error", "order_gone"]


async def test_f14_a_stuck_row_is_counted_and_named_and_one_that_may_take_long_is_not(run, caplog):
    await run.a_row(ORDER, State.ADDED, next_attempt_at=run.world.clock.now())
    await run.a_row(OTHER, State.SIM_WAIT, line="sim", next_attempt_at=run.world.clock.now())
    for order_id in (ORDER, OTHER):
        run.salesforce.put(an_approved_order(order_id))
    run.world.clock.advance(31 * 60)
    await run.reconcile.run()
    found = [one for one in (await run.report()).left if one["why"].startswith("stuck")]
    assert found == [{"why": "stuck_added", "salesforce_order_id": ORDER}]
    assert "orders are stuck" in caplog.text


async def test_e8_services_with_our_marker_and_no_order_are_for_a_person(run):
    run.in_whmcs(OTHER)
    await run.reconcile.nightly()
    assert (await run.report(NIGHTLY)).left == [{"why": "service_without_order", "salesforce_order_id": OTHER}]


@pytest.mark.parametrize(
    ("changed", "why", "begun"),
    [
        ({"activation": "Activating"}, [], True),
        ({"activation": "Failed"}, ["service_without_row"], False),
        ({"activation": "Activated"}, [], False),
        ({"status": "Pending Review", "activation": "Not Started"}, ["service_without_row"], False),
        ({"status": "Cancelled"}, ["service_of_cancelled_order"] * 2, False),
    ],
)
async def test_e8_services_of_an_order_without_a_row_are_adopted_or_named(run, changed, why, begun):
    run.salesforce.put(an_approved_order(ORDER, **changed))
    run.in_whmcs()
    await run.reconcile.nightly()
    assert await run.left(NIGHTLY) == why and run.asked == [ORDER] * begun


async def test_f3_a_marker_in_a_domain_that_whmcs_put_into_lower_case_is_ours_too(run):
    run.salesforce.put(an_approved_order(ORDER, activation="Activated"))
    await run.a_row()
    for number in (1, 2):
        run.in_whmcs(ORDER, number, customfields={}, domain=f"portal:{ORDER.lower()}:{number}")
    assert await run.reconcile.nightly() == "orders.nightly: 1 compared, 0 drift, 0 left"


@pytest.mark.parametrize(
    ("numbers", "why"),
    [
        ((1,), [("service_without_marker", 502)]),
        ((1, 2, 2), [("service_twice", 503)]),
        ((2, 1), [("service_without_marker", 501), ("service_without_marker", 502)]),
    ],
)
async def test_i1_services_that_are_missing_or_there_twice_are_named_and_never_touched(run, numbers, why):
    run.salesforce.put(an_approved_order(ORDER, activation="Activated"))
    await run.a_row()
    run.in_whmcs(ORDER, *numbers)
    before = [dict(row) for row in run.world.whmcs.services]
    await run.reconcile.run()
    found = (await run.report()).left
    assert [(one["why"], one["whmcs_service_id"]) for one in found] == why
    assert run.world.whmcs.services == before


async def test_i1_a_second_service_of_a_line_that_was_cancelled_is_no_finding(run):
    run.salesforce.put(an_approved_order(ORDER, activation="Activated"))
    await run.a_row()
    run.in_whmcs()
    run.in_whmcs(ORDER, 2, status="Cancelled")
    assert await run.reconcile.run() == "orders: 1 compared, 0 drift, 0 left"


async def test_f13_a_running_service_of_a_cancelled_order_is_named_and_a_cancelled_one_is_not(run):
    await run.a_row(state=State.CANCELLED)
    run.in_whmcs(ORDER, 1, status="Cancelled")
    run.in_whmcs(ORDER, 2, status="Pending")
    await run.reconcile.run()
    found = (await run.report()).left
    assert [(one["why"], one["whmcs_service_id"]) for one in found] == [("service_of_cancelled_order", 502)]


async def test_e8_each_customer_is_read_once_after_an_order_ended_and_not_again_every_quarter_of_an_hour(run):
    for order_id in (ORDER, OTHER):
        run.salesforce.put(an_approved_order(order_id, activation="Activated"))
        await run.a_row(order_id)
    run.in_whmcs(ORDER)
    run.world.clock.advance(600)
    await run.reconcile.run()
    assert len(run.world.whmcs.asked("GetClientsProducts")) == 1
    for _ in range(2):
        run.world.clock.advance(900)
        await run.reconcile.run()
    assert len(run.world.whmcs.asked("GetClientsProducts")) == 1


async def test_e8_an_order_of_nobody_we_know_is_for_a_person(run):
    await run.a_row(user_id="00000000-0000-4000-8000-000000000000")
    await run.reconcile.run()
    assert await run.left() == ["customer_not_mapped"]


async def a_sim_row(run: Run, state: State = State.COMPLETED, **changed: Any) -> None:
    run.salesforce.put(an_approved_order(ORDER, activation="Activated" if state is State.COMPLETED else "Activating"))
    run.in_whmcs()
    await run.a_row(ORDER, state, line="sim", sim_number=NUMBER, **changed)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("active", []),
        ("suspended", []),
        ("cancelling", []),
        ("cancelled", []),
        (None, ["sim_gone"]),
        ("failed", ["sim_failed"]),
        ("prepared", ["sim_prepared"]),
        ("pending", ["sim_pending"]),
    ],
)
async def test_e8_a_line_that_should_run_and_does_not_is_for_a_person(run, line, why):
    await a_sim_row(run)
    if line:
        run.a_line(line)
    await run.reconcile.run()
    assert await run.left() == why and run.network.asked == 1 and NUMBER not in str(await run.report())


async def test_e8_a_cancelled_line_whose_service_is_still_billed_is_for_a_person(run):
    await a_sim_row(run)
    run.a_line("cancelled")
    await run.world.service_mirror.upsert(a_service(501, 7, status=ServiceStatus.ACTIVE))
    await run.reconcile.run()
    assert await run.left() == ["sim_cancelled_but_billed"]


@pytest.mark.parametrize("status", [ServiceStatus.CANCELLED, ServiceStatus.TERMINATED])
async def test_e8_a_line_that_is_gone_with_its_service_is_no_finding_for_ever(run, status):
    await a_sim_row(run)
    await run.world.service_mirror.upsert(a_service(501, 7, status=status))
    await run.reconcile.nightly()
    assert await run.left(NIGHTLY) == []


@pytest.mark.parametrize(("line", "woken"), [("active", True), ("failed", True), ("pending", False), (None, False)])
async def test_e8_a_row_that_slept_through_the_end_of_its_activation_is_woken(run, line, woken):
    next_day = run.world.clock.now() + timedelta(days=1)
    await a_sim_row(run, State.SIM_WAIT, next_attempt_at=next_day)
    if line:
        run.a_line(line)
    await run.reconcile.run()
    assert run.asked == []
    run.world.clock.advance(16 * 60)
    await run.reconcile.run()
    assert run.asked == [ORDER] * woken


async def test_e8_without_sim_orders_the_network_is_not_asked(run):
    await run.a_row()
    await run.reconcile.run()
    assert run.network.asked == 0


async def test_e8_a_dead_mobile_network_does_not_keep_the_rest_from_being_compared(run):
    await a_sim_row(run)
    run.network.fails = UpstreamUnavailable("freebit", "list_details", "timeout")
    run.salesforce.put(an_approved_order(OTHER))
    await run.reconcile.run()
    assert run.asked == [OTHER] and await run.left() == ["timeout"]


async def test_e8_one_order_that_cannot_be_compared_is_left_and_the_others_are_not(run):
    for order_id in (ORDER, OTHER):
        run.salesforce.put(an_approved_order(order_id))
        await run.a_row(order_id)
    run.in_whmcs()
    run.in_whmcs(OTHER)
    run.salesforce.fails[ORDER] = GONE
    await run.reconcile.run()
    assert [one for one, _ in run.salesforce.told] == [OTHER]
    assert {"why": "timeout", "salesforce_order_id": ORDER} in (await run.report()).left


async def test_e8_a_salesforce_that_is_gone_ends_the_run_and_the_report_says_so(run):
    run.salesforce.fails["list"] = GONE
    with pytest.raises(Stopped):
        await run.reconcile.run()
    assert (await run.report()).notes == "stopped early: timeout"
    del run.salesforce.fails["list"]
    for number in range(MOST_FAILURES + 1):
        order_id = as_18(f"80100000000001{number}") or ""
        run.salesforce.put(an_approved_order(order_id))
        run.salesforce.fails[order_id] = GONE
        await run.a_row(order_id)
    with pytest.raises(Stopped):
        await run.reconcile.run()
    assert (await run.report()).compared == MOST_FAILURES


async def test_e8_orders_whose_writeback_salesforce_refuses_keep_no_lost_order_waiting(run):
    await a_gap(run)
    for number in range(MOST_FAILURES + 1):
        order_id = as_18(f"80100000000001{number}") or ""
        run.salesforce.put(an_approved_order(order_id))
        run.salesforce.fails[order_id] = UpstreamRejected("salesforce", "UpdateOrder", "validation")
        await run.a_row(order_id)
    run.salesforce.put(an_approved_order(OTHER))
    await run.reconcile.run()
    assert run.asked == [OTHER] and (await run.left()).count("validation") == MOST_FAILURES + 1
    assert await run.cursors.gap() is None, "all of them were compared"


async def test_t5_a_salesforce_that_refuses_every_writeback_is_not_told_of_thousands_each_time(run, monkeypatch):
    monkeypatch.setattr("portal_app.workflows.order_reconcile.MOST_REFUSALS", 2)
    orders = [as_18(f"80100000000001{number}") or "" for number in range(5)]
    tried: list[str] = []

    async def tell_services(order_id: str, ids) -> None:
        tried.append(order_id)
        if order_id != orders[-1]:
            raise UpstreamRejected("salesforce", "UpdateOrderItem", "validation")

    monkeypatch.setattr(run.salesforce, "tell_services", tell_services)
    for order_id in orders:
        run.salesforce.put(an_approved_order(order_id))
        await run.a_row(order_id)
        run.world.clock.advance(60)
    await run.reconcile.run()
    assert tried == [orders[4], orders[3], orders[2]], "what was never tried comes first"
    assert (await run.left()).count("validation") == 4
    assert [one for one, _ in run.salesforce.told] == [orders[4]]


async def test_e8_the_process_ends_between_two_orders_and_the_next_run_does_the_rest(run):
    for order_id in (ORDER, OTHER):
        run.salesforce.put(an_approved_order(order_id))
    with pytest.raises(Stopped):
        await run.reconcile.run(lambda: bool(run.asked))
    assert len(run.asked) == 1 and (await run.report()).notes == "stopped early: stopping"
    await run.reconcile.run()
    assert sorted(run.asked) == [ORDER, OTHER]


async def a_gap(run: Run) -> None:
    """Salesforce refused a cursor that was stored two months ago, and a new one is stored since."""
    taken = await run.cursors.take("/event/Order_Fulfilment_Requested__e", everything=False)
    async with run.world.db.write() as tx:
        await run.cursors.move_in(tx, taken.topic, taken.fence, b"1")
    await run.cursors.covered(run.world.clock.now())
    run.world.clock.advance(timedelta(days=60).total_seconds())
    await run.cursors.give_up(taken.topic, taken.fence)
    async with run.world.db.write() as tx:
        await run.cursors.move_in(tx, taken.topic, taken.fence, b"2")


async def test_e3_a_gap_in_the_events_is_looked_through_and_then_closed(run):
    await a_gap(run)
    since = await run.cursors.gap()
    run.world.clock.advance(60)
    await run.reconcile.run()
    assert run.salesforce.listed_since == [since] and since < run.world.clock.now() - LOOK_BACK
    assert await run.cursors.gap() is None


async def test_e3_a_gap_stays_open_when_a_run_could_not_compare_everything(run):
    await a_gap(run)
    run.salesforce.put(an_approved_order(ORDER))
    await run.a_row()
    run.in_whmcs()
    run.salesforce.fails[ORDER] = GONE
    await run.reconcile.run()
    assert await run.cursors.gap() is not None
    with pytest.raises(Stopped):
        await run.reconcile.run(lambda: True)
    assert await run.cursors.gap() is not None
    run.salesforce.fails.clear()
    await run.reconcile.run()
    assert await run.cursors.gap() is None


async def test_e3_a_dead_mobile_network_keeps_no_gap_in_salesforces_events_open(run):
    await a_gap(run)
    await a_sim_row(run)
    run.network.fails = UpstreamUnavailable("freebit", "list_details", "timeout")
    await run.reconcile.run()
    assert await run.left() == ["timeout"] and await run.cursors.gap() is None


async def test_e8_more_rows_than_a_page_are_all_looked_at(run, monkeypatch):
    monkeypatch.setattr("portal_app.storage.fulfilment_lists.MOST_ROWS", 2)
    for number in range(1, 6):
        await a_paused_row(run, order_id=as_18(f"80100000000000{number}"))
    await run.reconcile.run()
    assert Counter(await run.left()) == {"order_gone": 5, "paused_whmcs_error": 5}
    assert run.salesforce.found_together == [2, 2, 1], "a question for each of them, every quarter of an hour, is many"
