"""The people of a scene in Salesforce and WHMCS, and what staff and they themselves change there."""

from decimal import Decimal
from typing import Any, Final

from portal_app.domain.customer import Customer
from sandbox.whmcs.paymethods import add_card
from tests.properties.ordering.market import Market
from tests.properties.ordering.moments import Moment, Moments, Standing
from tests.properties.ordering.scenes import Person
from tests.properties.ordering.seed import CUSTOMERS

STREETS: Final = ("Shibuya 2-21-1", "Jingumae 1-2-3", "Ebisu 4-5-6")
CARD: Final = ("Visa", "4242", "0629")
OFFERINGS: Final = ("Home 1G", "Apartment 1G", "", "no")
DOCUMENTS: Final = ("Submitted", "Verified", "Rejected", "")
STATUS: Final = "Internet_Eligibility_Status__c"
ENDED: Final = ("Cancelled", "Rejected")


class Town:
    """`customers` in the order of the scene's people. Every change is noted in `moments`."""

    def __init__(self, people: tuple[Person, ...], market: Market) -> None:
        self._market, self._store, self.moments = market, market.world.store, Moments()
        self.customers = CUSTOMERS
        self._prices = self._read_prices()
        self._settled = False
        self._checked: dict[int, str] = {}
        for who, person in enumerate(people):
            self.availability(who, person.offering)
            self.document(who, person.document)
            self.card(who, there=person.card)
        self._settled, market.on_write = True, self.note
        self.note()

    def note(self) -> None:
        """What holds now."""
        if self._settled:
            people = {customer.salesforce_account_id: self._standing(customer) for customer in self.customers}
            self.moments.seen.append(Moment(self._prices, people))

    def set_price(self, sku: str, yen: int, *, sold: bool) -> None:
        """In the portal's book and in the other one."""
        for row in self._market.records("PricebookEntry"):
            if row["ProductCode"] == sku:
                self._market.change("PricebookEntry", row["Id"], UnitPrice=yen, IsActive=sold)
        self._prices = self._read_prices()
        self.note()

    def availability(self, who: int, offering: str) -> None:
        """What staff found at the address: an offering, "no", or "" for nobody ever asked."""
        status = {"": "Not Requested", "no": "Ineligible"}.get(offering, "Eligible")
        values = {
            STATUS: status,
            "Internet_Eligibility__c": offering if status == "Eligible" else None,
            "Internet_Eligibility_Checked_Date_Time__c": None if status == "Not Requested" else self._now(),
        }
        self._checked[self.customers[who].whmcs_client_id] = self.street(who)
        self._change(who, **values)

    def document(self, who: int, status: str) -> None:
        """Where the identity document stands."""
        self._change(
            who,
            Id_Verification_Status__c=status or "Not Submitted",
            Id_Verification_Submitted_Date_Time__c=self._now() if status else None,
            Id_Verification_Verified_Date_Time__c=self._now() if status == "Verified" else None,
            Id_Verification_Rejection_Message__c="blurred" if status == "Rejected" else None,
        )

    def card(self, who: int, *, there: bool) -> None:
        """In WHMCS."""
        client = self.customers[who].whmcs_client_id
        self._store.execute("DELETE FROM paymethods WHERE client_id = ?", client)
        if there:
            add_card(self._market.world, client, *CARD)
        self.note()

    def move(self, who: int, street: str) -> None:
        """Staff change the address in WHMCS, and look at it there."""
        client = self.customers[who].whmcs_client_id
        self._checked[client] = street
        self._store.execute("UPDATE clients SET address1 = ? WHERE id = ?", street, client)
        self.note()

    def decide(self, which: int, *, approve: bool) -> None:
        """Staff look at one of the orders that wait."""
        waiting = [row for row in self._market.records("Order") if row["Status"] == "Pending Review"]
        if waiting:
            status = "Approved" if approve else ENDED[which % 2]
            activation = "Activating" if approve else None
            more = {"Activation_Status__c": activation} if activation else {}
            self._market.change("Order", waiting[which % len(waiting)]["Id"], Status=status, **more)

    def street(self, who: int) -> str:
        """As WHMCS has it."""
        client = self.customers[who].whmcs_client_id
        return str(self._store.value("SELECT address1 FROM clients WHERE id = ?", client))

    def put_right(self, who: int) -> None:
        """Everything is for sale, no other order is open, and nothing is missing."""
        for row in self._market.records("PricebookEntry"):
            if not row["IsActive"]:
                self._market.change("PricebookEntry", row["Id"], IsActive=True)
        self._prices = self._read_prices()
        for row in self._market.records("Order"):
            if row["AccountId"] == self.customers[who].salesforce_account_id and row["Status"] not in ENDED:
                self._market.change("Order", row["Id"], Status="Cancelled")
        self.document(who, "Submitted")
        self.card(who, there=True)

    def orders(self) -> list[dict[str, Any]]:
        """Every order with its lines: `lines` holds (SKU, net yen, quantity)."""
        skus = {row["Id"]: row["ProductCode"] for row in self._market.records("PricebookEntry")}
        lines = self._market.records("OrderItem")
        return [
            order
            | {
                "lines": [
                    (skus[one["PricebookEntryId"]], Decimal(str(one["UnitPrice"])), one["Quantity"])
                    for one in lines
                    if one["OrderId"] == order["Id"]
                ]
            }
            for order in self._market.records("Order")
        ]

    def _read_prices(self) -> dict[str, Decimal]:
        """Net yen of what is for sale, by SKU."""
        active = [row for row in self._market.records("PricebookEntry") if row.get("IsActive")]
        return {row["ProductCode"]: Decimal(str(row["UnitPrice"])) for row in active}

    def _standing(self, customer: Customer) -> Standing:
        account = next(row for row in self._market.records("Account") if row["Id"] == customer.salesforce_account_id)
        cards = self._store.value("SELECT COUNT(*) FROM paymethods WHERE client_id = ?", customer.whmcs_client_id)
        return Standing(
            bool(cards),
            account.get("Internet_Eligibility__c", "") if account.get(STATUS) == "Eligible" else "",
            account.get("Id_Verification_Status__c", ""),
            self.street(self.customers.index(customer)),
            self._checked[customer.whmcs_client_id],
        )

    def _change(self, who: int, **values: Any) -> None:
        self._market.change("Account", self.customers[who].salesforce_account_id, **values)
        self.note()

    def _now(self) -> str:
        return self._market.org.records.now()
