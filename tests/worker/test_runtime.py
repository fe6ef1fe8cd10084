"""The worker as a whole, over wired parts; and its own process."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from portal_app import wiring
from portal_app.domain.billing import InvoiceQuery, InvoiceStatus
from portal_app.domain.customer import Customer
from portal_app.integrations.mail.sender import MailSender
from portal_app.integrations.upstream import MAIL, Upstream
from portal_app.worker.jobs import jobs
from portal_app.worker.listening import EventListening
from portal_app.worker.runtime import Worker
from portal_app.workflows.security_notices import SecurityNotices
from tests.fakes.settings import a_settings
from tests.fakes.smtp import smtp_server
from tests.fakes.whmcs import a_wire_invoice


class Prunable:
    """A store of the sign-in or the sign-up, as far as housekeeping knows it."""

    async def prune(self) -> int:
        return 0


class Workflow:
    """A workflow, as far as the schedule and the outbox know it; remembers what it was given."""

    def __init__(self) -> None:
        self.delivered: list[Mapping[str, Any]] = []

    async def nightly(self, stopping: Callable[[], bool]) -> str:
        return "all compared"

    async def daily(self, stopping: Callable[[], bool]) -> str:
        return "all proven"

    async def advance_due(self) -> str:
        return "nothing due"

    async def resume_due(self) -> str:
        return "nothing due"

    async def sweep(self) -> str:
        return "nothing abandoned"

    async def look(self) -> str:
        return "nothing changed"

    async def run(self, stopping: Callable[[], bool]) -> str:
        return "nothing lost"

    async def once(self, *, most: int = 4, stopping: Callable[[], bool] = lambda: False) -> int:
        return 0

    async def depth(self) -> int:
        return 0

    async def payment_methods_changed(self, customer: Customer) -> None:
        return None

    async def deliver(self, payload: Mapping[str, Any], reference: str) -> None:
        self.delivered.append(payload)

    to_whmcs = to_salesforce = deliver


@pytest.fixture
async def wired(world):
    """Everything the worker takes from the wiring; the mailbox is handed out."""
    async with smtp_server() as box:
        mail = MailSender(
            f"smtp://127.0.0.1:{box.port}", "Portal <p@example.com>", Upstream(MAIL, world.clock), world.clock
        )
        with wiring.use(
            settings=a_settings(),
            clock=world.clock,
            bus=world.bus,
            cache=world.cache,
            users=world.users,
            inbox=world.inbox,
            outbox=world.outbox,
            marks=world.marks,
            invoice_mirror=world.invoices,
            service_mirror=world.service_mirror,
            payment_links=world.links,
            leader=world.leader,
            job_runs=world.runs,
            reconcile_reports=world.reports,
            billing=world.billing,
            services=world.services,
            mail_sender=mail,
            sessions=Prunable(),
            lockout=Prunable(),
            signups=Prunable(),
            email_tokens=Prunable(),
            idempotency_keys=Prunable(),
            carts=Prunable(),
            last_seen=Prunable(),
            notifications=Prunable(),
            billing_notices=world.billing_notices,
            billing_reminders=Workflow(),
            security_notices=SecurityNotices(world.notices),
            signing_up=Workflow(),
            checkout=Workflow(),
            salesforce_changes=Workflow(),
            addresses=Workflow(),
            account_mails=Workflow(),
            account_writeback=Workflow(),
            email_change_mails=Workflow(),
            profiles=Workflow(),
            email_writeback=Workflow(),
            sign_in_challenges=Prunable(),
            account_check=Workflow(),
            catalog_check=Workflow(),
            case_file_desk=Workflow(),
            case_posts=Prunable(),
            support_posts=Workflow(),
            support_news=Workflow(),
            fulfilments=Prunable(),
            invoice_services=Prunable(),
            quarantine=Prunable(),
            fulfilment=Workflow(),
            order_reconcile=Workflow(),
            salesforce_events=Workflow(),
            event_listening=EventListening(None),
        ):
            yield box


async def until(condition, limit_s: float = 5) -> None:
    async with asyncio.timeout(limit_s):
        while not await condition():
            await asyncio.sleep(0.01)


async def test_a_hook_reaches_the_page_within_two_seconds_of_its_arrival(world, wired):
    customer = await world.a_customer()
    world.whmcs.invoices = [a_wire_invoice(101)]
    await world.billing.list_invoices(customer, InvoiceQuery())
    worker = Worker()
    await worker.start()

    async def drained() -> bool:
        return not await world.inbox.depth()

    await until(drained)
    world.whmcs.invoices = [a_wire_invoice(101, status="Paid")]
    world.heard.clear()
    body = {"event": "InvoicePaid", "event_id": "e1", "occurred_at": 1, "params": {"invoiceid": 101}}
    await world.inbox.accept("whmcs", "e1", "InvoicePaid", json.dumps(body).encode())
    await world.bus.publish("work:inbox")

    async def told() -> bool:
        return world.heard_of(customer, "invoices") > 0

    await until(told, limit_s=2)
    invoice = await world.invoices.get(customer, 101)
    assert invoice is not None and invoice.status is InvoiceStatus.PAID
    await worker.stop()


async def test_mail_leaves_when_the_outbox_is_announced_and_at_the_start(world, wired):
    async def add(key: str) -> None:
        async with world.db.write() as session:
            payload = {"template": "signed_out_everywhere", "to": "new@example.com"}
            await world.outbox.add(session, "mail", key, payload)

    async def sent(count: int) -> bool:
        return len(wired.messages) == count

    await add("before")
    worker = Worker()
    await worker.start()
    await until(lambda: sent(1))
    await add("after")
    await world.bus.publish("work:outbox")
    await until(lambda: sent(2))
    await worker.stop()


async def test_what_the_outbox_holds_reaches_the_workflow_of_its_kind(world, wired):
    async with world.db.write() as session:
        for kind in ("account_mail", "account_writeback", "address_writeback"):
            await world.outbox.add(session, kind, kind, {"kind": kind})
    worker = Worker()
    await worker.start()

    async def delivered() -> bool:
        return not await world.outbox.depth()

    await until(delivered)
    assert wiring.account_mails().delivered == [{"kind": "account_mail"}]
    assert wiring.account_writeback().delivered == [{"kind": "account_writeback"}]
    assert wiring.part("addresses").delivered == [{"kind": "address_writeback"}]
    await worker.stop()


async def test_g1_a_stopped_worker_hears_nothing_more_and_has_given_up_the_lead(world, wired):
    worker = Worker()
    await worker.start()
    await until(world.leader.still_leader)
    await worker.stop()
    assert not await world.leader.still_leader()
    await world.inbox.accept("whmcs", "e1", "DailyCronJob", b'{"params": {}}')
    await world.bus.publish("work:inbox")
    await asyncio.sleep(0)
    assert await world.inbox.depth() == 1


class SlowOrders(Workflow):
    """Orders that are due, the first of which waits for an answer for as long as the test takes."""

    def __init__(self, *orders: str) -> None:
        super().__init__()
        self.due, self.done, self.answer = list(orders), list[str](), asyncio.Event()

    async def once(self, *, most: int = 4, stopping: Callable[[], bool] = lambda: False) -> int:
        taken, self.due[:] = self.due[:most], self.due[most:]
        for order in taken:
            if order == "slow":
                await self.answer.wait()
            self.done.append(order)
        return len(taken)


async def test_i8_an_order_that_waits_long_for_an_answer_holds_up_no_others(world, wired):
    orders = SlowOrders("slow", "second", "third", "fourth", "fifth", "sixth")
    with wiring.use(fulfilment=orders):
        worker = Worker()
        await worker.start()

        async def others_are_done() -> bool:
            return len(orders.done) == 5

        await until(others_are_done)
        orders.due.append("came later")
        await world.bus.publish("work:fulfilments")
        await until(lambda: has(orders.done, "came later"))
        assert "slow" not in orders.done
        orders.answer.set()
        await until(lambda: has(orders.done, "slow"))
        await worker.stop()


async def has(done: list[str], order: str) -> bool:
    return order in done


async def test_the_schedule_is_what_the_design_says(world, wired):
    schedule = {job.name: (str(job.trigger), job.recorded) for job in jobs(world.sync, lambda: False)}
    assert schedule == {
        "payments_watch": ("interval[0:00:10]", False),
        "due_date_rollover": ("cron[hour='0', minute='0', second='1']", True),
        "reconcile_hourly": ("cron[minute='7']", True),
        "reconcile_nightly": ("cron[hour='3', minute='20']", True),
        "signups": ("interval[0:00:15]", False),
        "checkouts": ("interval[0:00:15]", False),
        "salesforce_changes": ("interval[0:00:30]", False),
        "account_check": ("cron[hour='3', minute='50']", True),
        "catalog_check": ("cron[hour='4', minute='20']", True),
        "order_reconcile": ("cron[minute='3-59/15']", True),
        "order_reconcile_nightly": ("cron[hour='4', minute='5']", True),
        "support_news": ("interval[0:00:30]", False),
        "case_files": ("cron[minute='37']", True),
        "billing_reminders": ("cron[hour='9', minute='5']", True),
        "housekeeping": ("cron[hour='4', minute='40']", True),
    }


async def test_every_job_of_the_schedule_runs(world, wired):
    for job in jobs(world.sync, lambda: False):
        assert await job.run()


def test_the_workers_process_never_loads_the_page_framework():
    code = (
        "import sys; import portal_app.worker.__main__; "
        "sys.exit(any(m.split('.')[0] in ('reflex', 'reflex_base') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
