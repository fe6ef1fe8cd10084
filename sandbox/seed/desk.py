"""The support desk of the past: opens cases and answers them at moments long gone, under the rules of the API."""

from __future__ import annotations

import base64
import uuid
from datetime import datetime, time, timedelta
from typing import Any

from sandbox.clock import JAPAN, Clock
from sandbox.salesforce import dml
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.records import Record, Records
from sandbox.salesforce.values import spoken
from sandbox.store import Store

SUPPORT = "support@sandbox.example"


class PastClock(Clock):
    """Stands still at a moment of an earlier day in Japan."""

    def __init__(self, today: Clock) -> None:
        super().__init__()
        self._day = today.today()
        self._moment = datetime.combine(self._day, time())

    def stand(self, days_ago: int, at: time) -> None:
        self._moment = datetime.combine(self._day - timedelta(days=days_ago), at)

    def local(self) -> datetime:
        return self._moment


class Desk:
    """The cases of one customer. Nobody hears of any of it: no event is published."""

    def __init__(self, store: Store, clock: Clock, number: str, email: str) -> None:
        self._clock, self._email = PastClock(clock), email
        self._records = Records(store, self._clock)
        found = self._records.by_external(OBJECTS["Account"], "SF_Account_No__c", number)
        self._account_id = found[0]["Id"] if found else ""
        contacts = self._records.having(OBJECTS["Contact"], "AccountId", self._account_id)
        self._contact_id = contacts[0]["Id"] if contacts else None

    @property
    def known(self) -> bool:
        """Whether there is an account of that number: in data of an earlier version it may have moved."""
        return bool(self._account_id)

    def on(self, days_ago: int, hour: int, minute: int = 0) -> None:
        """When the next things happen."""
        self._clock.stand(days_ago, time(hour, minute))

    def open(self, subject: str, text: str, *, topic: str | None, origin: str = "Portal Website", **more: Any) -> str:
        """A new case; its id. From the portal unless told otherwise, with the portal's mark on it."""
        if origin == "Portal Website" and "Portal_Reference__c" not in more:
            more["Portal_Reference__c"] = f"support:{_hex(subject)}"
        who = {"AccountId": self._account_id, "ContactId": self._contact_id}
        words = {"Subject": subject, "Description": text, "Portal_Topic__c": topic, "Origin": origin}
        return self._create("Case", **who, **words, **more)

    def comment(self, case_id: str, text: str, *, published: bool = True) -> None:
        self._create("CaseComment", ParentId=case_id, CommentBody=text, IsPublished=published)

    def customer_says(self, case_id: str, text: str) -> None:
        """A comment by way of the portal, which writes its mark into the first line."""
        self.comment(case_id, f"[portal {_hex(case_id + text)}]\n{text}")

    def mail(self, case_id: str, subject: str, text: str, *, visible: bool = True, **more: Any) -> None:
        """An e-mail to the customer; `Incoming=True` from the customer, `Status="5"` never sent."""
        here, there = (self._email, SUPPORT) if more.get("Incoming") else (SUPPORT, self._email)
        values: Record = {
            "Subject": subject,
            "TextBody": text,
            "HtmlBody": f"<p>{text}</p>",
            "MessageDate": self._now(),
        }
        values |= {"FromAddress": here, "ToAddress": there, "Status": "3", "IsExternallyVisible": visible}
        self._create("EmailMessage", ParentId=case_id, **(values | more))

    def file(self, case_id: str, name: str, data: bytes, *, visibility: str = "AllUsers") -> None:
        text = base64.b64encode(data).decode()
        version_id = self._create("ContentVersion", PathOnClient=name, Title=name, VersionData=text)
        version = self._records.live(OBJECTS["ContentVersion"], version_id) or {}
        link = {"ContentDocumentId": version["ContentDocumentId"], "LinkedEntityId": case_id}
        self._create("ContentDocumentLink", **link, ShareType="V", Visibility=visibility)

    def set_status(self, case_id: str, status: str) -> None:
        dml.update(self._records, OBJECTS["Case"], case_id, {"Status": status})

    def _create(self, name: str, **values: Any) -> str:
        return dml.create(self._records, OBJECTS[name], values)

    def _now(self) -> str:
        return spoken(self._clock.local().replace(tzinfo=JAPAN))


def _hex(text: str) -> str:
    """The same 32 characters for the same text, on every machine."""
    return uuid.uuid5(uuid.NAMESPACE_URL, text).hex
