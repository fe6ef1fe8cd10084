"""What the owner of an account is told by mail about its second factor; always sent, nobody can switch it off."""

import uuid
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.storage.outbox import Outbox

Change = Literal["mfa_on", "mfa_off", "mfa_codes_renewed", "mfa_reset"]


async def tell_of_change(outbox: Outbox, tx: AsyncSession, user_id: str, change: Change) -> None:
    """In the transaction of the act."""
    await _add(outbox, tx, user_id, change, {})


async def warn_of_recovery_code(outbox: Outbox, tx: AsyncSession, user_id: str, device: str) -> None:
    """A code for the day the authenticator is lost was used, on that device (P9)."""
    await _add(outbox, tx, user_id, "recovery_code_used", {"device": device})


async def _add(outbox: Outbox, tx: AsyncSession, user_id: str, template: str, values: dict[str, str]) -> None:
    mail = {"template": template, "user_id": user_id, "locale": "", "values": values}
    await outbox.add(tx, "mail", f"{template}:{uuid.uuid4()}", mail)
