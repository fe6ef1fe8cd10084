"""One process of support over the help desk: real stores, the real Salesforce client, real workflows."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.billing import Invoice, InvoicePage
from portal_app.domain.cases import NewCase
from portal_app.domain.customer import Customer
from portal_app.domain.services import ServiceList
from portal_app.errors import NotFound
from portal_app.integrations.salesforce.case_changes import CaseChanges
from portal_app.integrations.salesforce.client import SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.orders import OrdersCopy
from portal_app.integrations.salesforce.session import SfSession
from portal_app.integrations.salesforce.support_cases import SupportCases
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.salesforce.tokens import Tokens
from portal_app.integrations.salesforce.usage import ApiUsage
from portal_app.integrations.upstream import Upstream
from portal_app.security.audit import Audit
from portal_app.security.limits import Limits
from portal_app.storage.bus import MemoryBus
from portal_app.storage.cache import MemoryCache
from portal_app.storage.case_files import CaseFiles
from portal_app.storage.case_posts import CasePosts
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.last_seen import LastSeen
from portal_app.storage.notification_preferences import NotificationPreferences
from portal_app.storage.notifications import Notifications
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users
from portal_app.worker.outbox import OutboxSender
from portal_app.workflows.notices import Notices
from portal_app.workflows.support import Support
from portal_app.workflows.support_news import SupportNews
from portal_app.workflows.support_posts import CASE_POST, SupportPosts
from portal_app.workflows.support_related import Related
from portal_app.workflows.support_showing import SupportShowing
from tests.fakes.help_desk import CUSTOMERS, FakeFileDesk, HelpDesk
from tests.fakes.quick_sqlite import QuickSqlite
from tests.fakes.salesforce import QUICK, QUICK_LONG
from tests.properties.ordering.market import SITE
from tests.properties.ordering.seed import private_key
from tests.properties.ordering.wires import Corridor
from tests.properties.process import LoopClock

CIPHER: Final = FieldCipher({"k1": bytes(range(32))})
INDEX: Final = KeyedIndex("index key of the tests")
QUESTION: Final = NewCase("No line", "It is dead since noon.", "internet")


async def registered(file: Path) -> None:
    """Write the customers into a database."""
    db = Database(f"sqlite:///{file}")
    async with db.write() as session:
        for one in CUSTOMERS:
            await Users(db, CIPHER, INDEX, LoopClock()).create_linked(
                session,
                user_id=one.user_id,
                email=f"{one.user_id}@example.com",
                password_hash="",
                locale="en",
                whmcs_client_id=one.whmcs_client_id,
                sf_account_id=one.salesforce_account_id,
            )
    await db.dispose()


class Books:
    """What a question may be about, all of it the first customer's. `failure` is raised instead."""

    def __init__(self) -> None:
        self.services: list[Any] = []
        self.invoices: list[Invoice] = []
        self.orders: list[Any] = []
        self.failure: Exception | None = None

    async def list_services(self, customer: Customer) -> ServiceList:
        self._fail()
        return ServiceList(tuple(self.services if customer == CUSTOMERS[0] else ()), LoopClock().now())

    async def list_orders(self, customer: Customer) -> OrdersCopy:
        return OrdersCopy(tuple(self.orders if customer == CUSTOMERS[0] else ()), LoopClock().now())

    async def recent_invoices(self, customer: Customer, limit: int) -> Any:
        self._fail()
        items = tuple(self.invoices[:limit] if customer == CUSTOMERS[0] else ())
        totals: Any = None
        return InvoicePage(items, len(items), 1, 1, totals, LoopClock().now())

    async def get_invoice(self, customer: Customer, whmcs_invoice_id: int) -> Any:
        raise NotFound("invoice")

    def _fail(self) -> None:
        if self.failure:
            raise self.failure


class SupportProcess:
    """Everything support needs; every write passes by the troubles. `mails`: what left, over all processes."""

    def __init__(self, file: Path, desk: HelpDesk, mails: list[dict[str, Any]], books: Books | None = None) -> None:
        self.desk, self.mails, self.books = desk, mails, books or Books()
        self.clock = LoopClock()
        self._stores(file)
        client, fields = self._client(), FieldMap()
        self.cases = SupportCases(
            client,
            fields,
            self.cache,
            self.clock,
            origin="Portal Website",
            hidden_origins=("Portal Notification",),
            closed_status="Closed",
            reopened_status="In Progress",
        )
        self.changes = CaseChanges(client, fields)
        self._workflows()

    def _stores(self, file: Path) -> None:
        self.db = Database(f"sqlite:///{file}")
        self.bus, self.cache, self.heard = MemoryBus(), MemoryCache("test", self.clock), list[str]()
        self.bus.subscribe("", lambda topic, _: self.heard.append(topic))
        self.users = Users(self.db, CIPHER, INDEX, self.clock)
        self.outbox, self.audit = Outbox(self.db, CIPHER, self.clock), Audit(self.db, INDEX, self.clock)
        self.posts, self.files = (
            CasePosts(self.db, CIPHER, INDEX, self.clock),
            CaseFiles(self.db, CIPHER, self.clock),
        )
        self.seen, self.limits = LastSeen(self.db, self.clock), Limits(None, 1, self.clock)
        write, troubles = self.db.write, self.desk.troubles

        @asynccontextmanager
        async def passing() -> AsyncIterator[AsyncSession]:
            await troubles.before_write()
            async with write() as session:
                yield session

        self.db.write = passing  # type: ignore[method-assign]

    def _client(self) -> SalesforceClient:
        usage, config = ApiUsage(), self.desk.config
        threads = Threads(14, lambda: SfSession(usage.note, self.desk), Corridor(self.desk))
        tokens = Tokens(threads, SITE, config.sf_client_id, config.sf_username, private_key(), self.clock)
        return SalesforceClient(tokens, threads, Upstream(QUICK, self.clock), Upstream(QUICK_LONG, self.clock), usage)

    def _workflows(self) -> None:
        file_desk: Any = FakeFileDesk(self.desk)
        common: dict[str, Any] = {"cases": self.cases, "posts": self.posts, "files": self.files, "db": self.db}
        common |= {"outbox": self.outbox, "audit": self.audit}
        self.sending = SupportPosts(desk=file_desk, users=self.users, bus=self.bus, clock=self.clock, **common)
        shown = SupportShowing(cases=self.cases, posts=self.posts, files=self.files, desk=file_desk)
        books: Any = self.books
        related = Related(services=books, orders=books, billing=books)
        self.support = Support(sending=self.sending, shown=shown, related=related, limits=self.limits, **common)
        self.notifications = Notifications(self.db, CIPHER, self.clock)
        self.notices = Notices(
            notifications=self.notifications,
            preferences=NotificationPreferences(self.db, self.clock),
            users=self.users,
            outbox=self.outbox,
            db=self.db,
            bus=self.bus,
            audit=self.audit,
        )
        self.news = SupportNews(
            cases=self.cases,
            changes=self.changes,
            posts=self.posts,
            users=self.users,
            notices=self.notices,
            seen=self.seen,
            db=self.db,
            bus=self.bus,
            clock=self.clock,
        )
        self.sender = OutboxSender(self.outbox, {"mail": self._take, CASE_POST: self.sending.deliver})

    async def deliver(self) -> None:
        """Have the outbox emptied of what is due."""
        while await self.sender.once():
            pass

    async def a_file(self, customer: Customer, file_id: str) -> str:
        """One that Salesforce has and no message took yet; its document is called as the file."""
        await self.files.begin(customer, file_id, f"{file_id}.png", "png")
        await self.files.arrived(file_id, file_id[:18], 3)
        return file_id

    async def _take(self, payload: Mapping[str, Any], reference: str) -> None:
        self.mails.append({**payload, "reference": reference})


class Room:
    """A database, the help desk, and one process after another. `process` is the one that runs now."""

    def __init__(self, file: Path, database: QuickSqlite) -> None:
        self._file, self._database = file, database
        self.desk, self.books, self.mails = HelpDesk(), Books(), list[dict[str, Any]]()
        self.troubles = self.desk.troubles

    def begin(self) -> SupportProcess:
        """The first process, or the next after one that died."""
        self._database.point(self._file, self.troubles)
        self.troubles.born()
        self.process = SupportProcess(self._file, self.desk, self.mails, self.books)
        return self.process
