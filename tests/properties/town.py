"""The people of a scene as WHMCS and Salesforce know them at first, and what staff do to them later."""

from collections import Counter
from typing import Any, Final

from tests.fakes.becoming_world import NUMBER
from tests.fakes.registry import marker_of
from tests.fakes.salesforce import a_contact, an_account, as_18
from tests.fakes.whmcs import a_wire_client, a_wire_user
from tests.properties.process import Outside
from tests.properties.scenes import Person

FOREIGN: Final = 9000
"""Client ids staff write into accounts by hand; no such client is ours."""


class Town:
    """`typed`: the password last chosen with an address. `foreign`: accounts that others than the portal wrote to."""

    new_password = "a quite different kite 7"

    def __init__(self, people: tuple[Person, ...], outside: Outside) -> None:
        self._outside = outside
        self.typed: dict[str, str] = {}
        self.resent: Counter[str] = Counter()
        self.foreign: set[str] = set()
        self.statuses: dict[int, str] = {}
        for who, person in enumerate(people):
            self._move_in(who, person)

    def mail(self, who: int) -> str:
        return f"person{who}@example.com"

    def second_mail(self, who: int) -> str:
        return f"home.of.person{who}@example.com"

    def number(self, who: int) -> str:
        return f"C-100{who}"

    def password(self, who: int) -> str:
        return f"harbour lantern {who}"

    def billing_password(self, who: int) -> str:
        return f"billing {who}"

    def account_id(self, who: int) -> str:
        return as_18(f"001{who + 1:012d}") or ""

    def decide_one(self, which: int, *, approve: bool) -> None:
        """Staff look at one of the cases; 3 deletes it."""
        cases = self._outside.salesforce.records["Case"]
        if not cases:
            return
        if which == 3:
            cases.pop()
        else:
            self.decide(cases[which % len(cases)], approve=approve)

    def decide_all(self, verdict: str) -> None:
        """`approve`, `reject`, or "" for nothing."""
        for case in self._outside.salesforce.records["Case"]:
            if verdict and case["Status"] == "New":
                self.decide(case, approve=verdict == "approve")

    def decide(self, case: dict[str, Any], *, approve: bool) -> None:
        case.update(Status="Approved" if approve else "Closed", IsClosed=not approve)

    def client_appears(self, who: int) -> None:
        """Somebody orders in WHMCS itself with that person's address."""
        if all(row["email"] != self.mail(who) for row in self._outside.whmcs.clients):
            self._add_client(who, Person(client="plain"))

    def billing_password_is_reset(self, who: int) -> None:
        """WHMCS mails whoever has the address of a login a new password for it."""
        for row in self._outside.whmcs.users:
            if row["email"] == self.mail(who):
                row["password"] = self.billing_password(who)

    def account_is_taken(self, who: int) -> None:
        """Staff write another client into the account, unless there is one."""
        for row in self._outside.salesforce.records["Account"]:
            if row["Id"] == self.account_id(who) and not row["WH_Account__c"]:
                row["WH_Account__c"] = f"#{FOREIGN + who} - Somebody Else"
                self.foreign.add(row["Id"])

    def _move_in(self, who: int, person: Person) -> None:
        client_id = self._add_client(who, person) if person.client != "none" else 0
        if person.account == "missing":
            return
        account_id = self.account_id(who)
        written = f"#{client_id} - Hanako Yamada" if person.written and client_id else None
        row = an_account(self.number(who), account_id, WH_Account__c=written)
        if person.account == "taken":
            row["WH_Account__c"] = f"#{FOREIGN + who} - Somebody Else"
        if person.account == "active":
            row["Portal_Status__c"] = "Active"
        if person.account in ("taken", "active") or written:
            self.foreign.add(account_id)
        records = self._outside.salesforce.records
        records["Account"].append(row)
        records["Contact"].append(a_contact(as_18(f"003{who + 1:012d}"), account_id, Email=self.mail(who)))

    def _add_client(self, who: int, person: Person) -> int:
        whmcs = self._outside.whmcs
        client_id = max((row["id"] for row in whmcs.clients), default=0) + 1
        user_id = max((row["id"] for row in whmcs.users), default=900) + 1
        number = [] if person.client == "numberless" else [{"id": NUMBER, "value": self.number(who)}]
        status = {"closed": "Closed", "inactive": "Inactive"}.get(person.client, "Active")
        whmcs.clients.append(a_wire_client(client_id, email=self.mail(who), status=status, customfields=number))
        whmcs.users.append(
            a_wire_user(
                user_id,
                self.mail(who),
                (client_id, True),
                password=self.billing_password(who),
                two_factor=person.two_factor,
            )
        )
        self.statuses[client_id] = status
        return client_id

    def untouched(self) -> list[str]:
        """Clients of others that the portal changed."""
        clients = self._outside.whmcs.clients
        return [
            f"client {row['id']} of somebody else became {row['status']}"
            for row in clients
            if not marker_of(row) and row["status"] != self.statuses[row["id"]]
        ]
