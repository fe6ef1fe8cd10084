"""The schedule: every job of this portal, when it runs, and what it calls. Times are Japan's where a day is meant."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from portal_app import wiring
from portal_app.storage.clock import JAPAN
from portal_app.worker.payments import PaymentsWatch
from portal_app.worker.rollover import Rollover
from portal_app.worker.scheduler import Job
from portal_app.worker.sync import Sync
from portal_app.workflows.reconcile import Reconcile

HOURLY: Final = "reconcile_hourly"
NIGHTLY: Final = "reconcile_nightly"
ACCOUNTS: Final = "account_check"
CATALOG: Final = "catalog_check"
ORDERS: Final = "order_reconcile"
ORDERS_NIGHTLY: Final = "order_reconcile_nightly"
REMINDERS: Final = "billing_reminders"
OLD_RUNS: Final = timedelta(days=14)


def jobs(sync: Sync, stopping: Callable[[], bool]) -> list[Job]:
    """All of them, over the wired parts. Long ones look at `stopping` between two pages of WHMCS."""
    reconciling, checking, ordering = reconcile(), wiring.account_check(), wiring.order_reconcile()
    reminding = wiring.billing_reminders()
    watch = PaymentsWatch(wiring.payment_links(), sync, wiring.bus())
    asking = IntervalTrigger(seconds=wiring.settings().SF_POLL_SECONDS)
    rollover = Rollover(wiring.users(), wiring.bus(), wiring.clock())
    return [
        Job("payments_watch", IntervalTrigger(seconds=10), watch.look, recorded=False),
        Job("due_date_rollover", CronTrigger(hour=0, minute=0, second=1, timezone=JAPAN), rollover.announce),
        Job(HOURLY, CronTrigger(minute=7), _stoppable(reconciling.hourly, stopping)),
        Job(NIGHTLY, CronTrigger(hour=3, minute=20, timezone=JAPAN), _stoppable(reconciling.nightly, stopping)),
        Job("signups", IntervalTrigger(seconds=15), wiring.signing_up().advance_due, recorded=False),
        Job("checkouts", IntervalTrigger(seconds=15), wiring.checkout().resume_due, recorded=False),
        Job("salesforce_changes", asking, wiring.salesforce_changes().look, recorded=False),
        Job(ACCOUNTS, CronTrigger(hour=3, minute=50, timezone=JAPAN), _stoppable(checking.nightly, stopping)),
        Job(
            CATALOG, CronTrigger(hour=4, minute=20, timezone=JAPAN), _stoppable(wiring.catalog_check().daily, stopping)
        ),
        Job(ORDERS, CronTrigger(minute="3-59/15"), _stoppable(ordering.run, stopping)),
        Job(ORDERS_NIGHTLY, CronTrigger(hour=4, minute=5, timezone=JAPAN), _stoppable(ordering.nightly, stopping)),
        Job(REMINDERS, CronTrigger(hour=9, minute=5, timezone=JAPAN), _stoppable(reminding.daily, stopping)),
        Job("support_news", asking, wiring.support_news().look, recorded=False),
        Job("case_files", CronTrigger(minute=37), wiring.case_file_desk().sweep),
        Job("housekeeping", CronTrigger(hour=4, minute=40, timezone=JAPAN), housekeeping),
    ]


def reconcile() -> Reconcile:
    """The reconciliation over the wired parts."""
    return Reconcile(
        billing=wiring.billing(),
        services=wiring.services(),
        users=wiring.users(),
        invoices=wiring.invoice_mirror(),
        service_mirror=wiring.service_mirror(),
        cache=wiring.cache(),
        reports=wiring.reconcile_reports(),
        bus=wiring.bus(),
        clock=wiring.clock(),
        told=wiring.billing_notices(),
    )


async def housekeeping() -> str:
    """Forget what is long done: events, mails, sign-ups, links, keys, carts, notifications, runs."""
    events, mails = await wiring.inbox().prune(), await wiring.outbox().prune()
    await wiring.signups().prune()
    await wiring.email_tokens().prune()
    await wiring.idempotency_keys().prune()
    await wiring.carts().prune()
    await wiring.last_seen().prune()
    await wiring.notifications().prune()
    await wiring.fulfilments().prune()
    await wiring.case_posts().prune()
    await wiring.quarantine().prune()
    await wiring.sessions().prune()
    await wiring.lockout().prune()
    await wiring.sign_in_challenges().prune()
    await wiring.reconcile_reports().prune()
    await wiring.invoice_services().prune()
    runs = await wiring.job_runs().prune(OLD_RUNS)
    return f"{events} events, {mails} mails, {runs} runs"


def _stoppable(
    run: Callable[[Callable[[], bool]], Awaitable[str]], stopping: Callable[[], bool]
) -> Callable[[], Awaitable[str]]:
    async def job() -> str:
        return await run(stopping)

    return job
