"""Everything fulfilment is made of, over whatever wires there are: in virtual time, or on real sockets."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx

from portal_app.domain.catalog import ProductLine
from portal_app.integrations.freebit.client import FreebitClient
from portal_app.integrations.freebit.sims import Sims
from portal_app.integrations.salesforce.approved_orders import ApprovedOrders
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.client import SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.opportunities import Opportunities
from portal_app.integrations.salesforce.orders import Orders
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.salesforce.tokens import Tokens
from portal_app.integrations.salesforce.usage import ApiUsage
from portal_app.integrations.upstream import FREEBIT, SALESFORCE, SALESFORCE_LONG, WHMCS, Upstream, UpstreamPolicy
from portal_app.integrations.whmcs.billing import Billing
from portal_app.integrations.whmcs.client import WhmcsClient
from portal_app.integrations.whmcs.gateways import Gateways
from portal_app.integrations.whmcs.orders import BillingOrders
from portal_app.integrations.whmcs.pay_methods import PayMethods
from portal_app.integrations.whmcs.services import Services
from portal_app.security.audit import Audit
from portal_app.storage.bus import MemoryBus
from portal_app.storage.cache import MemoryCache
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.fulfilments import Fulfilments
from portal_app.storage.marks import FreshnessMarks
from portal_app.storage.mirrors import InvoiceMirrorStore, ServiceMirrorStore
from portal_app.storage.order_times import OrderTimes
from portal_app.storage.outbox import Outbox
from portal_app.storage.payments import PaymentLinks
from portal_app.storage.users import Users
from portal_app.workflows.fulfilment import Fulfilment
from portal_app.workflows.fulfilment_sims import SimSteps
from sandbox.config import (
    DEMO_FREEBIT_ID,
    DEMO_FREEBIT_KEY,
    DEMO_IDENTIFIER,
    DEMO_SECRET,
    DEMO_SF_CLIENT_ID,
    DEMO_SF_PRICEBOOK_ID,
    DEMO_SF_USERNAME,
)
from tests.fakes.notices import notices_over
from tests.properties.fulfilment.seed import CUSTOMERS

CIPHER: Final = FieldCipher({"k1": bytes(range(32))})
INDEX: Final = KeyedIndex("index key of the tests")


@dataclass(frozen=True)
class Patience:
    """F13b: `lease` of a holder, `settle` after a write without an answer, `sim_settle` after one to Freebit."""

    lease: timedelta = timedelta(seconds=90)
    settle: timedelta = timedelta(seconds=60)
    sim_settle: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class Way:
    """How the outside is reached. `threads`, given the watch over the usage, are those for Salesforce, where it is
    `now`.
    """

    salesforce: str
    whmcs: str
    freebit: str
    key: Any
    threads: Callable[[ApiUsage], Threads]
    whmcs_http: httpx.AsyncClient
    freebit_http: httpx.AsyncClient
    policy: Callable[[UpstreamPolicy], UpstreamPolicy]
    now: Clock


class Parts:
    """`checkpoint` is told every named point the work passes."""

    def __init__(
        self, db: Database, clock: Clock, way: Way, *, patience: Patience, checkpoint: Callable[[str], None]
    ) -> None:
        self.db, self.clock, self.patience = db, clock, patience
        self.bus, self.cache = MemoryBus(), MemoryCache("test", clock)
        self.users = Users(db, CIPHER, INDEX, clock)
        self.outbox, self.audit = Outbox(db, CIPHER, clock), Audit(db, INDEX, clock)
        self.order_times = OrderTimes(db, clock)
        self.fulfilments = Fulfilments(db, CIPHER, clock, lease=patience.lease)
        self._salesforce(way)
        self._whmcs(way)
        self._freebit(way)
        self.fulfilment = self._workflow(checkpoint)

    def _upstream(self, way: Way, policy: UpstreamPolicy) -> Upstream:
        return Upstream(way.policy(policy), self.clock)

    def _salesforce(self, way: Way) -> None:
        fields, usage = FieldMap(), ApiUsage()
        self.threads = way.threads(usage)
        tokens = Tokens(self.threads, way.salesforce, DEMO_SF_CLIENT_ID, DEMO_SF_USERNAME, way.key, way.now)
        upstreams = self._upstream(way, SALESFORCE), self._upstream(way, SALESFORCE_LONG)
        client = SalesforceClient(tokens, self.threads, *upstreams, usage)
        self.approved_orders = ApprovedOrders(client, fields, self.clock)
        self.checks = Checks(client, fields, self.cache, self.clock, origin="Portal")
        self.orders = Orders(client, fields, self.cache, pricebook_id=DEMO_SF_PRICEBOOK_ID)
        self.opportunities = Opportunities(client, fields, self.clock)

    def _whmcs(self, way: Way) -> None:
        upstream = self._upstream(way, WHMCS)
        client = WhmcsClient(way.whmcs_http, way.whmcs, DEMO_IDENTIFIER, DEMO_SECRET, upstream)
        marks = FreshnessMarks(self.db, self.bus, self.clock)
        self.services = Services(client, ServiceMirrorStore(self.db, self.clock), marks, self.cache, self.clock)
        links = PaymentLinks(self.db, self.clock)
        self.billing = Billing(client, InvoiceMirrorStore(self.db, self.clock), marks, self.cache, links, self.clock)
        self.pay_methods = PayMethods(client, self.cache)
        gateways = Gateways(client, self.clock)
        self.billing_orders = BillingOrders(client, gateways, self.clock, reference_field="Portal Reference")

    def _freebit(self, way: Way) -> None:
        upstream = self._upstream(way, FREEBIT)
        client = FreebitClient(way.freebit_http, way.freebit, DEMO_FREEBIT_ID, DEMO_FREEBIT_KEY, upstream)
        self.sim_steps = SimSteps(
            Sims(client, self.clock),
            self.checks,
            self.clock,
            plan_codes={},
            documents_for=frozenset({ProductLine.SIM}),
            settle=self.patience.sim_settle,
        )

    def _workflow(self, checkpoint: Callable[[str], None]) -> Fulfilment:
        return Fulfilment(
            fulfilments=self.fulfilments,
            approved_orders=self.approved_orders,
            billing_orders=self.billing_orders,
            sim_steps=self.sim_steps,
            opportunities=self.opportunities,
            users=self.users,
            pay_methods=self.pay_methods,
            services=self.services,
            billing=self.billing,
            orders=self.orders,
            order_times=self.order_times,
            notices=notices_over(self.db, CIPHER, self.clock, outbox=self.outbox, bus=self.bus),
            db=self.db,
            bus=self.bus,
            audit=self.audit,
            clock=self.clock,
            settle=self.patience.settle,
            checkpoint=checkpoint,
        )


async def register(db: Database, clock: Clock) -> None:
    """Write the customers into a database."""
    users = Users(db, CIPHER, INDEX, clock)
    async with db.write() as session:
        for one in CUSTOMERS:
            await users.create_linked(
                session,
                user_id=one.user_id,
                email=f"{one.user_id}@example.com",
                password_hash="",
                locale="en",
                whmcs_client_id=one.whmcs_client_id,
                sf_account_id=one.salesforce_account_id,
            )
