"""A retired refresh token came back: one of the two holders is a thief, so both lose the session (S4)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.security.audit import Audit
from portal_app.security.session_rows import family_ids, revoke
from portal_app.storage.outbox import Outbox
from portal_app.storage.tables.sessions import SessionRow


async def end_family(tx: AsyncSession, row: SessionRow, audit: Audit, outbox: Outbox, now: datetime) -> list[str]:
    """End all of that family, write it down and have the owner told; their ids, for `announce` after the commit."""
    family = await family_ids(tx, row.family)
    await revoke(tx, family, "token_reuse", now)
    await audit.record(
        "session.token_reuse", user_id=row.user_id, session_id=row.session_id, outcome="revoked", session=tx
    )
    values = {"device": row.device_label}
    mail = {"template": "token_reuse", "user_id": row.user_id, "locale": "", "values": values}
    await outbox.add(tx, "mail", f"token-reuse:{row.family}", mail)
    return family
