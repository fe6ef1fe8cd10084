"""Proves every mapping against both systems, every night: who is gone, who was renumbered, what was lost.

Only what the portal itself writes to Salesforce is repaired, and only where all else agrees; the rest is for a person.
"""

from datetime import timedelta
from typing import Final

from portal_app.domain.customer import Customer
from portal_app.integrations.salesforce.accounts import AccountCheck as Seen
from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.whmcs.logins import BillingAccount, Logins
from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.jobs import ReconcileReports
from portal_app.storage.mirrors import Drift
from portal_app.storage.outbox import Outbox
from portal_app.storage.signups import Signups
from portal_app.storage.users import Users
from portal_app.workflows.account_writeback import ACCOUNT_WRITEBACK, MIGRATED, NEW_SIGNUP, add_writeback
from portal_app.workflows.address import ADDRESS_WRITEBACK
from portal_app.workflows.findings import Findings, Stopping, go_on, reported
from portal_app.workflows.profile import PROFILE_WRITEBACK

KIND: Final = "accounts.nightly"
BATCH: Final = 200
CLOSED: Final = "closed"
LOOK_BACK: Final = timedelta(days=30)


class AccountCheck:
    """One question to WHMCS for each customer, one to Salesforce for each batch."""

    def __init__(
        self,
        users: Users,
        logins: Logins,
        accounts: Accounts,
        signups: Signups,
        outbox: Outbox,
        db: Database,
        reports: ReconcileReports,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._users, self._logins, self._accounts = users, logins, accounts
        self._signups, self._outbox, self._db = signups, outbox, db
        self._reports, self._bus, self._clock = reports, bus, clock

    async def nightly(self, stopping: Stopping = lambda: False) -> str:
        """Every mapped customer in order of user id; one line about it.

        Raises: Stopped, after the report was saved.
        """
        run = Findings(KIND, self._clock.now())
        return await reported(run, self._reports, self._all(run, stopping))

    async def _all(self, run: Findings, stopping: Stopping) -> None:
        await self._unfinished(run)
        after = ""
        while customers := await self._users.all_customers(after, BATCH):
            seen = await self._accounts.list_checks(
                c.salesforce_account_id for c in customers if c.salesforce_account_id
            )
            for customer in customers:
                go_on(stopping)
                await self._one(run, customer, seen.get(customer.salesforce_account_id))
            after = customers[-1].user_id

    async def _unfinished(self, run: Findings) -> None:
        """What the workflows themselves gave up."""
        for signup in await self._signups.needing_review():
            run.leave(f"signup_{signup.error_code or 'needs_review'}", signup_id=signup.signup_id)
        for effect in await self._outbox.given_up(ACCOUNT_WRITEBACK, run.started_at - LOOK_BACK):
            run.leave(f"writeback_{effect.error_code}", writeback=effect.dedupe_key.partition(":")[2])
        for effect in await self._outbox.given_up(ADDRESS_WRITEBACK, run.started_at - LOOK_BACK):
            run.leave(f"address_{effect.error_code}", user_id=effect.dedupe_key.split(":")[1])
        for effect in await self._outbox.given_up(PROFILE_WRITEBACK, run.started_at - LOOK_BACK):
            run.leave(f"profile_{effect.error_code}", user_id=effect.dedupe_key.split(":")[1])

    async def _one(self, run: Findings, customer: Customer, seen: Seen | None) -> None:
        run.compared += 1
        with run.one_client(customer.whmcs_client_id):
            billing = await self._logins.account(customer.whmcs_client_id, background=True)
            problems = [*_in_whmcs(customer, billing), *_in_salesforce(customer, billing, seen)]
            for why in problems:
                run.leave(why, whmcs_client_id=customer.whmcs_client_id)
            if seen and not problems and not (seen.written and seen.portal_active):
                await self._write_back(customer, billing)
                run.found(Drift(changed=1))

    async def _write_back(self, customer: Customer, billing: BillingAccount) -> None:
        """By the way every other write-back goes; once a day while it does not succeed."""
        async with self._db.write() as tx:
            await add_writeback(
                self._outbox,
                tx,
                reference=f"check:{customer.user_id}:{self._clock.today_in_japan()}",
                salesforce_account_id=customer.salesforce_account_id,
                whmcs_client_id=customer.whmcs_client_id,
                first_name=billing.first_name,
                last_name=billing.last_name,
                source=NEW_SIGNUP if billing.portal_user_id == customer.user_id else MIGRATED,
            )
        await self._bus.publish("work:outbox")


def _in_whmcs(customer: Customer, billing: BillingAccount) -> list[str]:
    found = ["client_closed"] if billing.status == CLOSED else []
    if billing.portal_user_id not in ("", customer.user_id):
        found.append("client_of_another_user")
    return found


def _in_salesforce(customer: Customer, billing: BillingAccount, seen: Seen | None) -> list[str]:
    if not customer.salesforce_account_id:
        return ["no_account_mapped"]
    if seen is None:
        return ["account_gone"]
    found = []
    if seen.customer_number != billing.customer_number.strip().upper():
        found.append("number_differs")
    if seen.written and seen.whmcs_client_id != customer.whmcs_client_id:
        found.append("account_of_another_client" if seen.whmcs_client_id else "reference_unreadable")
    return found
