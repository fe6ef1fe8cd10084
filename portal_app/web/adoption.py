"""What a visitor chose goes along into the account, at every door that opens one.

A session that must set a password first has its doors closed still: its cart waits for the password.
"""

import logging
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from portal_app import routes, wiring
from portal_app.security.sessions import Session
from portal_app.storage.carts import Guest
from portal_app.web import cookies

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Adopted:
    """`line`: of the plan chosen last, "" when nothing came along. `over`: the cookie is of no more use."""

    line: str = ""
    over: bool = False

    @property
    def onward(self) -> str:
        """Where somebody new goes first: on with what they chose, else to the dashboard."""
        return routes.order_wizard(self.line) if self.line else routes.DASHBOARD

    def settle(self, response: Response) -> None:
        """Take the cookie back."""
        if self.over:
            cookies.clear_cart(response.headers, wiring.settings())


async def adopt(request: Request, session: Session) -> Adopted:
    """The visitor's carts become the user's. It never keeps anybody from signing in: the cookie may try again."""
    guest_id = cookies.cart_of(request.headers, wiring.settings())
    if not guest_id or session.must_set_password:
        return Adopted()
    try:
        return await _adopt(Guest(guest_id), session.user_id)
    except Exception as failure:
        log.warning("cart_not_adopted", extra={"error": type(failure).__name__})
        return Adopted()


async def _adopt(guest: Guest, user_id: str) -> Adopted:
    carts = wiring.carts()
    chosen = max(await carts.list_open(guest), key=lambda record: record.updated_at, default=None)
    if chosen is None or not await carts.adopt(guest, user_id):
        return Adopted(over=True)
    await wiring.bus().publish(f"customer:{user_id}:cart")
    return Adopted(chosen.line.value, over=True)
