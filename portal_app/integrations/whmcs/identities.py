"""Who stands behind an e-mail in WHMCS. A user signs in, a client is billed; their ids are two sequences.

WHMCS searches by prefix and in any case, so what it finds is compared again here.
"""

from portal_app.errors import NotFound, UpstreamRejected, UpstreamReplyChanged
from portal_app.integrations.whmcs.client import Caller, WhmcsClient
from portal_app.integrations.whmcs.ownership import checked_id
from portal_app.integrations.whmcs.replies import SYSTEM
from portal_app.integrations.whmcs.wire import WireClient, WireUser

PAGE, MOST = 100, 2000


def same_email(one: str, other: str) -> bool:
    """As WHMCS compares logins: case does not matter."""
    return one.strip().casefold() == other.strip().casefold()


async def users_with_email(client: WhmcsClient, email: str, caller: Caller) -> list[WireUser]:
    """The users who sign in with exactly this e-mail: one at most in an honest WHMCS. Raises: UpstreamError, Busy."""
    wanted = email.strip().casefold()
    if not wanted:
        return []
    for start in range(0, MOST, PAGE):
        rows = (await client.get_users(wanted, start=start, limit=PAGE, caller=caller)).items
        found = [user for user in rows if same_email(user.email, wanted)]
        # Not its `totalresults`: nobody knows whether that counts the search or everybody.
        if found or len(rows) < PAGE:
            return found
    raise UpstreamReplyChanged(SYSTEM, "GetUsers", "endless list")


async def find_client_with_email(client: WhmcsClient, email: str, caller: Caller) -> WireClient | None:
    """The client billed at exactly this e-mail. Raises: UpstreamError, Busy."""
    try:
        found = (await client.get_clients_details(email=email.strip(), caller=caller)).client
    except UpstreamRejected as refused:
        if refused.code == "not_found":
            return None
        raise
    return found if same_email(found.email, email) else None


async def get_client(client: WhmcsClient, whmcs_client_id: int, caller: Caller) -> WireClient:
    """One client by id. Raises: NotFound, also when the answer is about another one; UpstreamError, Busy."""
    wanted = checked_id("client", whmcs_client_id)
    try:
        found = (await client.get_clients_details(wanted, caller=caller)).client
    except UpstreamRejected as refused:
        raise (NotFound("client", wanted) if refused.code == "not_found" else refused) from None
    if found.id != wanted:
        raise NotFound("client", wanted)
    return found
