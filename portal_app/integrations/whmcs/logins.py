"""The check of a WHMCS login, for linking an existing billing account: asked once, nothing of it is kept."""

from dataclasses import dataclass, field

from portal_app.errors import InvalidCredentials, UpstreamRejected
from portal_app.integrations.whmcs.client import BACKGROUND, NOBODY, WhmcsClient
from portal_app.integrations.whmcs.identities import get_client, users_with_email


@dataclass(frozen=True, slots=True)
class LoginCheck:
    """The password was right. `second_factor`: WHMCS wants one more proof, and its API cannot take it."""

    whmcs_user_id: int
    second_factor: bool


@dataclass(frozen=True, slots=True)
class BillingAccount:
    """A WHMCS client as linking needs it. `status` in lower case: active, inactive, closed."""

    whmcs_client_id: int
    email: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    customer_number: str = field(repr=False)
    status: str
    portal_user_id: str


class Logins:
    """What linking asks of WHMCS."""

    def __init__(self, client: WhmcsClient, *, customer_number_field_id: int, portal_user_field_id: int) -> None:
        self._client = client
        self._number_field, self._marker_field = customer_number_field_id, portal_user_field_id

    async def check(self, email: str, password: str) -> LoginCheck:
        """Raises: InvalidCredentials for a wrong pair and for an unknown e-mail alike; UpstreamError, Busy."""
        if not email.strip() or not password:
            raise InvalidCredentials
        try:
            login = await self._client.validate_login(email.strip(), password)
        except UpstreamRejected as refused:
            if refused.code == "login":
                raise InvalidCredentials from None
            raise
        return LoginCheck(login.userid, login.second_factor)

    async def owned_clients(self, email: str, whmcs_user_id: int) -> list[int]:
        """Ids of the clients this user owns, ascending; those it only helps are not among them.

        E-mail and user id must both fit: none do when WHMCS meant another kind of id. Raises: UpstreamError, Busy.
        """
        users = await users_with_email(self._client, email, NOBODY)
        return sorted({link.id for user in users if user.id == whmcs_user_id for link in user.clients if link.is_owner})

    async def account(self, whmcs_client_id: int, *, background: bool = False) -> BillingAccount:
        """One client. Raises: NotFound, UpstreamError, Busy."""
        client = await get_client(self._client, whmcs_client_id, BACKGROUND if background else NOBODY)
        return BillingAccount(
            whmcs_client_id=client.id,
            email=client.email.strip(),
            first_name=client.firstname.strip(),
            last_name=client.lastname.strip(),
            customer_number=client.field(self._number_field),
            status=client.status.strip().lower(),
            portal_user_id=client.field(self._marker_field),
        )
