"""The staff's desk: where identity documents arrive, and what is noted about them."""

from typing import Any

from portal_app.domain.customer import Customer
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import Eligibility
from portal_app.errors import UpstreamOutcomeUnknown
from portal_app.integrations.salesforce.checks import AccountChecks
from portal_app.storage.clock import Clock


class Desk:
    """`files`: reference -> (user id, name, content).

    `loses`: so many answers to come are lost; `before`: with what they would be about; `between`: of the file, so that
    nothing is noted about it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.documents: dict[str, DocumentCheck | None] = {}
        self.files: dict[str, tuple[str, str, bytes]] = {}
        self.loses, self.before, self.between, self.asked = 0, False, False, 0
        self.failure: Exception | None = None

    async def get(self, customer: Customer, **_: Any) -> AccountChecks:
        self.asked += 1
        if self.failure:
            raise self.failure
        return AccountChecks(Eligibility(), self.documents.get(customer.user_id, DocumentCheck()))

    async def submit(self, customer: Customer, reference: str, name: str, content: bytes) -> None:
        lost, self.loses = self.loses > 0, max(self.loses - 1, 0)
        if not (lost and self.before):
            self.files.setdefault(reference, (customer.user_id, name, content))
            if not (lost and self.between):
                self.documents[customer.user_id] = DocumentCheck("submitted", self._clock.now())
        if lost:
            raise UpstreamOutcomeUnknown("salesforce", "CreateContentVersion")
