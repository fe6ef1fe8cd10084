"""Whose a session is, looked up anew each time: a disabled user is out, a user without a password may set one."""

from datetime import datetime

from portal_app.errors import NotFound
from portal_app.security.session import Session
from portal_app.security.session_rows import row_alive
from portal_app.storage.tables.sessions import SessionRow
from portal_app.storage.users import Users


class SessionOwners:
    """Makes sessions of their rows."""

    def __init__(self, users: Users) -> None:
        self._users = users

    async def session_of(self, row: SessionRow, now: datetime) -> Session | None:
        """The row with its user and customer; None when it is over or its user may not come in."""
        if not row_alive(row, now):
            return None
        try:
            user = await self._users.get(row.user_id)
        except NotFound:
            return None
        if user.disabled:
            return None
        must_set_password = user.password_hash == ""
        return Session(
            session_id=row.session_id,
            user_id=row.user_id,
            customer=None if must_set_password else await self._users.find_customer(row.user_id),
            locale=user.locale,
            auth_time=row.auth_time,
            amr=tuple(row.amr.split()),
            idle_until=row.idle_until,
            absolute_until=row.absolute_until,
            created_at=row.created_at,
            must_set_password=must_set_password,
        )
