"""SIM lines: what the mobile network says of them, compared with the orders that asked for them (E8)."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import State
from portal_app.domain.services import ServiceStatus
from portal_app.domain.sims import Sim, read_line_number
from portal_app.integrations.freebit.sims import Sims
from portal_app.storage.clock import Clock
from portal_app.storage.fulfilment_lists import FulfilmentLists
from portal_app.storage.fulfilments import FulfilmentRecord
from portal_app.storage.mirrors import Drift, ServiceMirrorStore
from portal_app.storage.users import Users
from portal_app.workflows.findings import Findings, Stopping, go_on

QUIET: Final = timedelta(minutes=15)
"""A row in SIM_WAIT looks by itself; one that has not for so long is woken."""
SETTLED: Final = frozenset({"active", "suspended", "failed"})
NOT_RUNNING: Final = frozenset({"prepared", "pending", "failed"})
ENDED: Final = frozenset({ServiceStatus.CANCELLED, ServiceStatus.TERMINATED})
AFTER_THE_NETWORK: Final = frozenset({State.SIM_WAIT, State.COMPLETED})


class ReconcileSims:
    """One list of all lines, whoever owns them; `sims` None: there is no network here."""

    def __init__(
        self,
        lists: FulfilmentLists,
        requested: Callable[[str], Awaitable[None]],
        sims: Sims | None,
        service_mirror: ServiceMirrorStore,
        users: Users,
        clock: Clock,
    ) -> None:
        self._lists, self._requested, self._sims = lists, requested, sims
        self._mirror, self._users, self._clock = service_mirror, users, clock

    async def compare(self, run: Findings, stopping: Stopping, since: datetime | None = None) -> None:
        """Orders that wait for their line, and lines that should run; of orders that last moved since then."""
        lines: dict[str, Sim] | None = None
        async for page in self._lists.sims(AFTER_THE_NETWORK, since):
            if lines is None:
                go_on(stopping)
                lines = await self._all_lines(run)
            if lines is None:
                return
            for row in page:
                run.compared += 1
                await self._one(run, row, lines.get(read_line_number(row.sim_number)))

    async def _all_lines(self, run: Findings) -> dict[str, Sim] | None:
        """None when there is no network, or it does not answer: the other comparisons go on."""
        if self._sims is None:
            return None
        with run.one("no_lines", system="freebit"):
            return {read_line_number(sim.number): sim for sim in await self._sims.list_sims()}
        return None

    async def _one(self, run: Findings, row: FulfilmentRecord, sim: Sim | None) -> None:
        order_id = row.salesforce_order_id
        if not row.sim_number:
            run.leave("sim_number_unreadable", salesforce_order_id=order_id)
        elif row.state is State.SIM_WAIT:
            if sim is not None and sim.state in SETTLED and self._is_quiet(row):
                await self._requested(order_id)
                run.found(Drift(changed=1))
        elif sim is None or sim.state in NOT_RUNNING:
            # A line that was ended with its service is forgotten by the network one day.
            if await self._service(row) not in ENDED:
                run.leave("sim_gone" if sim is None else f"sim_{sim.state}", salesforce_order_id=order_id)
        elif sim.state == "cancelled" and await self._service(row) is ServiceStatus.ACTIVE:
            run.leave("sim_cancelled_but_billed", salesforce_order_id=order_id)

    def _is_quiet(self, row: FulfilmentRecord) -> bool:
        now = self._clock.now()
        return row.updated_at <= now - QUIET and (row.next_attempt_at is None or row.next_attempt_at > now)

    async def _service(self, row: FulfilmentRecord) -> ServiceStatus | None:
        """How the service stands in our copy of WHMCS; None where there is none."""
        number = next((line.number for line in row.lines if line.is_service), 0)
        customer: Customer | None = await self._users.find_customer(row.user_id)
        held = row.whmcs_service_ids.get(number)
        found = await self._mirror.get(customer, held) if customer and held else None
        return found.status if found is not None else None
