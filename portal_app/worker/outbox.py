"""Delivers what the outbox holds: mail. At least once; the address is looked up when it leaves, not before."""

import asyncio
import logging
from typing import Any, Final

from portal_app.errors import Busy, NotFound, UpstreamError, UpstreamRejected
from portal_app.integrations.mail.sender import Mail, MailSender
from portal_app.integrations.mail.templates import MailTemplates
from portal_app.observability import metrics
from portal_app.storage.outbox import Outbox, OutboxItem
from portal_app.storage.users import Users

log = logging.getLogger(__name__)

BATCH: Final = 20
MAIL: Final = "mail"


class OutboxSender:
    """Payload of a mail row: `template`, `user_id`, `locale`, `values`; `to` instead of `user_id` for who has none."""

    def __init__(self, outbox: Outbox, users: Users, sender: MailSender, templates: MailTemplates) -> None:
        self._outbox, self._users, self._sender, self._templates = outbox, users, sender, templates

    async def once(self) -> int:
        """Deliver one batch; how many rows were taken."""
        items = await self._outbox.claim(BATCH)
        await asyncio.gather(*(self._deliver(item) for item in items))
        return len(items)

    async def _deliver(self, item: OutboxItem) -> None:
        try:
            if item.kind != MAIL:
                raise KeyError(item.kind)
            await self._sender.send(await self._mail(item))
        except (KeyError, TypeError, ValueError, NotFound) as broken:
            # Not to be read by this program, now or later: a person must look.
            await self._failed(item, "unusable", broken, final=True)
        except UpstreamRejected as refused:
            await self._failed(item, refused.code or "refused", refused, final=True)
        except UpstreamError as failure:
            await self._failed(item, failure.code or "unavailable", failure)
        except Busy as busy:
            await self._failed(item, "busy", busy)
        else:
            await self._outbox.sent(item)
            metrics.work_done("outbox", "sent")

    async def _mail(self, item: OutboxItem) -> Mail:
        payload: dict[str, Any] = item.payload
        to, locale = payload.get("to", ""), payload.get("locale", "en")
        if user_id := payload.get("user_id"):
            user = await self._users.get(user_id)
            to, locale = user.email, payload.get("locale") or user.locale
        rendered = self._templates.render(payload["template"], locale, payload.get("values", {}))
        return Mail(to=to, locale=locale, rendered=rendered, reference=item.outbox_id)

    async def _failed(self, item: OutboxItem, code: str, why: Exception, *, final: bool = False) -> None:
        metrics.work_done("outbox", "given_up" if final else "later")
        log.warning("mail_not_sent", exc_info=why, extra={"reason": code, "attempts": item.attempts + 1})
        await self._outbox.failed(item, code, final=final)
