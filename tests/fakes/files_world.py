"""Attachments over the real workflow and the sandbox's Salesforce: the demo owner, somebody else, and their cases."""

import zlib
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import httpx

from portal_app.domain.customer import Customer
from portal_app.integrations.salesforce.case_files import CaseDocuments
from portal_app.integrations.salesforce.client import SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.session import SfSession
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.support_cases import SupportCases
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.salesforce.tokens import Tokens
from portal_app.integrations.salesforce.transfer import FileTransfer
from portal_app.integrations.salesforce.usage import ApiUsage
from portal_app.integrations.upstream import SALESFORCE, SALESFORCE_FILES, SALESFORCE_LONG, Upstream
from portal_app.integrations.upstream.http import open_http
from portal_app.storage.cache import MemoryCache
from portal_app.storage.case_files import CaseFiles
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import FieldCipher
from portal_app.workflows.case_files import CaseFileDesk
from sandbox.app import Running
from sandbox.salesforce import content, dml
from sandbox.salesforce.objects import OBJECTS

FAST: dict[str, Any] = {"per_second": 100_000, "backoff_base_s": 0, "backoff_cap_s": 0, "breaker_failures": 10**6}
NAMES = ("ContentVersion", "ContentDocument", "ContentDocumentLink")


def a_png(size: int = 600, *, filling: bytes = b"\x5a") -> bytes:
    """A PNG of that many bytes, as far as anybody looks."""
    head, end = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\0\0\0\0IEND" + zlib.crc32(b"IEND").to_bytes(4, "big")
    return head + filling * (size - len(head) - len(end)) + end


def a_pdf(inside: bytes = b"1 0 obj\n<< >>\nendobj\n", end: bytes = b"%%EOF\n") -> bytes:
    return b"%PDF-1.7\n" + inside + end


def a_jpg(inside: bytes = b"x" * 300) -> bytes:
    return b"\xff\xd8\xff\xe0" + inside + b"\xff\xd9"


class Bits:
    """A body that arrives bit by bit; how much of it was asked for."""

    def __init__(self, content: bytes, size: int = 65_536) -> None:
        self._content, self._size, self.taken = content, size, 0

    async def __aiter__(self):
        for at in range(0, len(self._content), self._size):
            piece = self._content[at : at + self._size]
            self.taken += len(piece)
            yield piece


class FilesWorld:
    """`world` has database, users, limits and audit; `sandbox` is Salesforce. `desk` is what is tested."""

    def __init__(self, world: Any, sandbox: Running) -> None:
        self.world, self.sandbox, self._stack = world, sandbox, AsyncExitStack()
        config, usage, clock = sandbox.world.config, ApiUsage(), Clock()
        threads = Threads(8, lambda: SfSession(usage.note))
        self._stack.push_async_callback(threads.close)
        key = sandbox.world.salesforce.keys.private_pem()
        tokens = Tokens(threads, sandbox.url, config.sf_client_id, config.sf_username, key, clock)
        self._stack.push_async_callback(tokens.stop)
        upstreams = [Upstream(replace(one, **FAST), clock) for one in (SALESFORCE, SALESFORCE_LONG, SALESFORCE_FILES)]
        self.files_upstream = upstreams[2]
        self.client = SalesforceClient(tokens, threads, upstreams[0], upstreams[1], usage)
        self.http: httpx.AsyncClient = open_http(20)
        self._stack.push_async_callback(self.http.aclose)
        transfer = FileTransfer(self.http, tokens, upstreams[2], usage)
        fields, cache = FieldMap(), MemoryCache("test", world.clock)
        kinds: dict[str, Any] = {"origin": "Portal Website", "hidden_origins": ("Portal Notification",)}
        kinds |= {"closed_status": "Closed", "reopened_status": "In Progress"}
        self.cases = SupportCases(self.client, fields, cache, world.clock, **kinds)
        self.rows = CaseFiles(world.db, FieldCipher({"k1": bytes(range(32))}), world.clock)
        self.documents = CaseDocuments(self.client, transfer, self.cases, fields, cache)
        self.desk = CaseFileDesk(case_files=self.rows, documents=self.documents, limits=world.limits, audit=world.audit)

    async def close(self) -> None:
        await self._stack.aclose()

    async def a_customer(self, email: str, whmcs_client_id: int) -> Customer:
        """A portal user with an account in Salesforce of their own."""
        account_id = self.made("Account", Name=email, SF_Account_No__c=f"F-{whmcs_client_id}")
        user_id = await self.world.users.create(email, "hash")
        await self.world.users.link(user_id, whmcs_client_id, account_id)
        return Customer(user_id, whmcs_client_id, account_id)

    def made(self, kind: str, **values: Any) -> str:
        """A record, made by the staff's side."""
        return dml.create(self.sandbox.world.salesforce.records, OBJECTS[kind], values)

    def a_case(self, customer: Customer, **more: Any) -> str:
        return self.made("Case", **{"AccountId": customer.salesforce_account_id, "Subject": "x"} | more)

    def a_staff_file(self, case_id: str, name: str = "letter.pdf", data: bytes = b"%PDF-1.4 x") -> str:
        """The document's id of a file the staff put with a case."""
        fields = {"PathOnClient": name, "VersionData": data, "FirstPublishLocationId": case_id}
        version = dml.create(self.sandbox.world.salesforce.records, OBJECTS["ContentVersion"], fields)
        return str(self.record("ContentVersion", version)["ContentDocumentId"])

    def hide(self, document_id: str) -> None:
        """Every link of that file is for staff only."""
        records = self.sandbox.world.salesforce.records
        for link in records.having(OBJECTS["ContentDocumentLink"], "ContentDocumentId", document_id):
            dml.update(records, OBJECTS["ContentDocumentLink"], link["Id"], {"Visibility": "InternalUsers"})

    def record(self, kind: str, record_id: str) -> dict[str, Any]:
        return self.sandbox.world.salesforce.records.get(OBJECTS[kind], record_id) or {}

    def live(self, kind: str) -> list[dict[str, Any]]:
        """Everything of that kind that is not deleted and was not seeded."""
        found = self.sandbox.world.salesforce.records.all(OBJECTS[kind])
        return [one for one in found if not one["IsDeleted"] and one["Id"] not in self._seeded]

    def seeded(self) -> None:
        """What is there now is not counted by `live`."""
        records = self.sandbox.world.salesforce.records
        self._seeded = {one["Id"] for name in NAMES for one in records.all(OBJECTS[name])}

    def bytes_of(self, document_id: str) -> bytes:
        version = self.record("ContentDocument", document_id)["LatestPublishedVersionId"]
        return content.data_of(self.sandbox.world.salesforce.records, version)

    def fault(self, kind: str, action: str = "*", times: int = 1) -> None:
        self.sandbox.world.faults.add("salesforce", action, kind, times, None)

    async def titles(self) -> list[str]:
        rows = await self.client.query(soql("SELECT {n:literal} FROM {k:literal}", n="Title", k="ContentVersion"))
        return [row["Title"] for row in rows]
