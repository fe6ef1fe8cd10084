"""What a sign-in is, and what goes into a browser's cookies for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal_app.domain.customer import Customer


@dataclass(frozen=True, slots=True)
class Session:
    """A live session and who it belongs to. `customer` is None for a user who is not linked to a billing account.

    `must_set_password`: the user came by linking and has none yet. Such a session may only set one or sign out (P11);
    it belongs to no customer until then, so whatever forgets to ask finds nobody.
    """

    session_id: str
    user_id: str
    customer: Customer | None
    locale: str
    auth_time: datetime
    amr: tuple[str, ...]
    idle_until: datetime
    absolute_until: datetime
    created_at: datetime
    must_set_password: bool = False


@dataclass(frozen=True, slots=True)
class Tokens:
    """What goes into the cookies, and the session they stand for."""

    access: str
    refresh: str
    session: Session


@dataclass(frozen=True, slots=True)
class Resolved:
    """Who a request is from. `tokens` are new cookies to set; `clear` says the ones presented are worthless."""

    session: Session | None
    tokens: Tokens | None = None
    clear: bool = False


NOBODY: Final = Resolved(None)
WORTHLESS: Final = Resolved(None, clear=True)
