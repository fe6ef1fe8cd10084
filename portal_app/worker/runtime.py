"""All background work of one process, as one thing to start and stop."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Final

from portal_app import routes, wiring
from portal_app.integrations.mail.templates import MailTemplates
from portal_app.worker.drain import Drain
from portal_app.worker.inbox import EVENTS, InboxWorker
from portal_app.worker.jobs import ORDERS, jobs
from portal_app.worker.listening import REPLAY
from portal_app.worker.outbox import MAIL, Mails, OutboxSender
from portal_app.worker.scheduler import Scheduler
from portal_app.worker.sync import Sync
from portal_app.workflows.account_mails import ACCOUNT_MAIL
from portal_app.workflows.account_writeback import ACCOUNT_WRITEBACK
from portal_app.workflows.address import ADDRESS_WRITEBACK
from portal_app.workflows.email_change_mails import EMAIL_CHANGE_MAIL
from portal_app.workflows.email_writeback import TO_SALESFORCE, TO_WHMCS
from portal_app.workflows.event_intake import RECONCILE
from portal_app.workflows.fulfilment import AT_ONCE
from portal_app.workflows.fulfilment import TOPIC as FULFILMENTS
from portal_app.workflows.profile import PROFILE_WRITEBACK
from portal_app.workflows.support_posts import CASE_POST

GRACE_S: Final = 25.0
"""What is under way gets so long to end when the process is told to stop (G1)."""

MAILED_PAGES: Final = {
    "login": routes.LOGIN,
    "dashboard": routes.DASHBOARD,
    "sign_up": routes.SIGN_UP,
    "verify_email": routes.VERIFY_EMAIL,
    "link": routes.LINK,
    "link_code": routes.LINK_CODE,
    "forgot_password": routes.FORGOT_PASSWORD,
    "reset_password": routes.RESET_PASSWORD,
    "confirm_email": routes.CONFIRM_EMAIL,
    "orders": routes.ORDERS,
    "invoices": routes.INVOICES,
    "payments": routes.PAYMENT_METHODS,
    "cases": routes.CASES,
    "checkout": routes.checkout("").removesuffix("/"),
    "catalog_internet": routes.CATALOG_INTERNET,
    "availability": routes.AVAILABILITY,
    "verification": routes.VERIFICATION,
}
"""Where the button of a mail may lead, by the template's name for it."""


class Worker:
    """Built from the wired parts when it starts: inside the app, or alone. Several may run; one leads the schedule."""

    def __init__(self) -> None:
        self._stopping = False
        self._parts: list[Drain | Scheduler] = []
        self._unsubscribe: list = []

    async def start(self) -> None:
        """Begin to drain the queues and to ask for the lead."""
        sync, fulfilment, listening = _sync(), wiring.fulfilment(), wiring.event_listening()
        # Apart: orders are not to wait for a WHMCS that is slow to answer hooks.
        hooks = InboxWorker(wiring.inbox(), sync)
        events = InboxWorker(wiring.inbox(), salesforce=wiring.salesforce_events(), batch=EVENTS)
        inbox, changes = Drain("hooks", hooks.once, hooks.depth), Drain("events", events.once, events.depth)
        outbox = Drain("outbox", _outbox_sender().once, wiring.outbox().depth)
        # One order each: one that waits long for an answer holds up no others.
        one_order = functools.partial(fulfilment.once, most=1, stopping=lambda: self._stopping)
        orders = [Drain("fulfilments", one_order, fulfilment.depth) for _ in range(AT_ONCE)]
        schedule = jobs(sync, lambda: self._stopping)
        scheduler = Scheduler(schedule, wiring.leader(), wiring.job_runs(), wiring.clock(), duties=[listening])

        def arrived(topic: str, payload: str) -> None:
            inbox.wake()
            changes.wake()

        def approved(topic: str, payload: str) -> None:
            for one in orders:
                one.wake()

        async def reconcile_orders(topic: str, payload: str) -> None:
            await scheduler.soon(ORDERS)

        hears: dict[str, Callable[[str, str], Awaitable[None] | None]] = {
            "work:inbox": arrived,
            "work:outbox": outbox.wake,
            FULFILMENTS: approved,
            RECONCILE: reconcile_orders,
            REPLAY: listening.again,
        }
        self._unsubscribe = [wiring.bus().subscribe(topic, heard) for topic, heard in hears.items()]
        self._parts = [inbox, changes, outbox, *orders, scheduler]
        for part in self._parts:
            part.start()

    async def stop(self, grace_s: float = GRACE_S) -> None:
        """Take nothing new, let what is under way end, at most so long; what is cut off is found again by its lease."""
        self._stopping = True
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        await asyncio.gather(*(part.stop(grace_s) for part in self._parts))
        self._unsubscribe, self._parts = [], []


def _sync() -> Sync:
    return Sync(
        billing=wiring.billing(),
        services=wiring.services(),
        users=wiring.users(),
        mirror=wiring.invoice_mirror(),
        marks=wiring.marks(),
        cache=wiring.cache(),
        links=wiring.payment_links(),
        payments_changed=wiring.fulfilment().payment_methods_changed,
        bus=wiring.bus(),
        told=wiring.billing_notices(),
    )


def _outbox_sender() -> OutboxSender:
    settings = wiring.settings()
    links = {page: settings.PORTAL_BASE_URL + path for page, path in MAILED_PAGES.items()}
    templates = MailTemplates(settings.PORTAL_NAME, links)
    mails = Mails(wiring.users(), wiring.mail_sender(), templates, wiring.security_notices().of_mail)
    handlers = {
        MAIL: mails.deliver,
        ACCOUNT_MAIL: wiring.account_mails().deliver,
        ACCOUNT_WRITEBACK: wiring.account_writeback().deliver,
        ADDRESS_WRITEBACK: wiring.addresses().deliver,
        CASE_POST: wiring.support_posts().deliver,
        EMAIL_CHANGE_MAIL: wiring.email_change_mails().deliver,
        TO_WHMCS: wiring.email_writeback().to_whmcs,
        TO_SALESFORCE: wiring.email_writeback().to_salesforce,
        PROFILE_WRITEBACK: wiring.profiles().deliver,
    }
    return OutboxSender(wiring.outbox(), handlers)
