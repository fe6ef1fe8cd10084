"""Addresses and payment methods of customers, as the doors and the pages need them."""

from portal_app.domain.address import Address, AddressChange
from portal_app.domain.customer import Customer


class FakeAddressBook:
    """`failure` is raised instead of saving."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.held: dict[str, Address] = {}
        self.saved: list[AddressChange] = []

    async def get(self, customer: Customer, *, anew: bool = False) -> Address | None:
        return self.held.get(customer.user_id)

    async def change(self, customer: Customer, change: AddressChange) -> None:
        if self.failure:
            raise self.failure
        self.saved.append(change)
        self.held[customer.user_id] = change.roman


class FakePayMethods:
    """`failure` is raised instead of minting."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.minted: list[int] = []

    async def request_link(self, customer: Customer) -> str:
        if self.failure:
            raise self.failure
        self.minted.append(customer.whmcs_client_id)
        return f"http://127.0.0.1:3900/whmcs/oauth/singlesignon.php?access_token={len(self.minted)}"
