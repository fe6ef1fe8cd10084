"""Handing over an identity document: to the staff's own files, once, only while one is wanted. Nothing is kept here."""

from typing import Final

from portal_app.domain.customer import Customer
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.uploads import FileKind, Upload
from portal_app.errors import Busy, Conflict, UpstreamOutcomeUnknown, UpstreamReplyChanged
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.documents import Documents
from portal_app.integrations.upstream import deadline
from portal_app.security.audit import Audit
from portal_app.security.limits import Limits
from portal_app.storage.account_locks import AccountLocks
from portal_app.storage.bus import Bus

RULE: Final = "upload"
EVENT: Final = "document.submit"
SUBMIT_S: Final = 35.0
"""A large file takes its time, and whoever sends it again must not begin while the first is at it (K6)."""


class IdentityDocuments:
    """What pages and the upload's door ask for."""

    def __init__(
        self, checks: Checks, documents: Documents, bus: Bus, audit: Audit, limits: Limits, locks: AccountLocks
    ) -> None:
        self._checks, self._documents, self._bus = checks, documents, bus
        self._audit, self._limits, self._locks = audit, limits, locks

    async def get(self, customer: Customer) -> DocumentCheck | None:
        """How it stands, from the copy; None while a status stands there that nobody knows.

        Raises: NotFound without an account, UpstreamError, Busy.
        """
        return (await self._checks.get(customer)).document

    async def count(self, customer: Customer) -> None:
        """One try more. Raises: TooManyTries."""
        await self._limits.hit(RULE, customer.user_id)

    async def expect(self, customer: Customer) -> None:
        """Whether a file would be taken now, asked of Salesforce.

        Raises: Conflict("document.not_wanted") while one is looked at or was accepted; NotFound, UpstreamError, Busy.
        """
        document = (await self._checks.get(customer, anew=True)).document
        if document is None:
            # A word of the staff's that we do not know must not be written over.
            raise UpstreamReplyChanged("salesforce", "GetChecks", "document")
        if not document.may_upload:
            raise Conflict("document.not_wanted")

    async def submit(self, customer: Customer, name: str, content: bytes, *, reference: str) -> None:
        """Hand the file to the staff; the same reference gives one file, whatever answer was lost.

        Raises: UploadRefused, Conflict("document.not_wanted", "account.busy" while another tab is at it),
        UpstreamOutcomeUnknown (again with the same reference), NotFound, UpstreamError, Busy.
        """
        kind, name = _checked(name, content)
        try:
            async with self._locks.hold(f"document:{customer.user_id}"):
                await self._submit(customer, name, content, kind, reference)
        except TimeoutError:
            raise Busy("document") from None

    async def _submit(self, customer: Customer, name: str, content: bytes, kind: FileKind, reference: str) -> None:
        await self.expect(customer)
        outcome = "failed"
        try:
            with deadline(SUBMIT_S):
                await self._documents.submit(customer, reference, name, content)
            outcome = "ok"
        except UpstreamOutcomeUnknown:
            outcome = "unknown"
            raise
        finally:
            detail = {"kind": kind, "bytes": len(content)}
            await self._audit.record(EVENT, outcome=outcome, user_id=customer.user_id, detail=detail)
            await self._bus.publish(f"customer:{customer.user_id}:checks")


def _checked(name: str, content: bytes) -> tuple[FileKind, str]:
    upload = Upload(name)
    upload.feed(content)
    return upload.finish(), upload.name
