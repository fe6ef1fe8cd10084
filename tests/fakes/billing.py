"""Billing of one customer, as the payment door needs it."""

from portal_app.domain.customer import Customer
from portal_app.errors import NotFound


class FakeBilling:
    """Invoice 101 belongs to client 101, invoice 202 to client 102. `failure` is raised instead of minting."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.minted: list[tuple[str, int]] = []
        self._owners = {101: 101, 202: 102}

    async def request_payment(self, customer: Customer, whmcs_invoice_id: int) -> str:
        if self.failure:
            raise self.failure
        if self._owners.get(whmcs_invoice_id) != customer.whmcs_client_id:
            raise NotFound("invoice", whmcs_invoice_id)
        self.minted.append((customer.user_id, whmcs_invoice_id))
        return f"http://127.0.0.1:3900/whmcs/oauth/singlesignon.php?access_token={len(self.minted)}"
