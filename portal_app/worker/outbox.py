"""Delivers what the outbox holds, each row by the handler of its kind, at least once (E7)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from portal_app.errors import Busy, Conflict, NotFound, UpstreamError, UpstreamRejected
from portal_app.integrations.mail.sender import Mail, MailSender
from portal_app.integrations.mail.templates import MailTemplates
from portal_app.observability import metrics
from portal_app.storage.outbox import Outbox, OutboxItem
from portal_app.storage.users import Users

log = logging.getLogger(__name__)

BATCH: Final = 20
MAIL: Final = "mail"

Handler = Callable[[Mapping[str, Any], str], Awaitable[None]]
"""Does what a payload asks for. The second argument is the same on every try of one row."""


Leaving = Callable[[str, str, str], Awaitable[None]]


async def _unheard(template: str, user_id: str, reference: str) -> None:
    """Nobody wants to know."""


class OutboxSender:
    """A handler says by what it raises whether a row is tried again, or left for a person."""

    def __init__(self, outbox: Outbox, handlers: Mapping[str, Handler]) -> None:
        self._outbox, self._handlers = outbox, handlers

    async def once(self) -> int:
        """Deliver one batch; how many rows were taken."""
        items = await self._outbox.claim(BATCH)
        await asyncio.gather(*(self._deliver(item) for item in items))
        return len(items)

    async def _deliver(self, item: OutboxItem) -> None:
        try:
            await self._handlers[item.kind](item.payload, item.outbox_id)
        except (KeyError, TypeError, ValueError, NotFound) as broken:
            # Not to be read by this program, now or later: a person must look.
            await self._failed(item, "unusable", broken, final=True)
        except Conflict as conflict:
            await self._failed(item, conflict.reason, conflict, final=True)
        except UpstreamRejected as refused:
            await self._failed(item, refused.code or "refused", refused, final=True)
        except UpstreamError as failure:
            await self._failed(item, failure.code or "unavailable", failure)
        except Busy as busy:
            await self._failed(item, "busy", busy)
        except Exception as surprise:
            await self._failed(item, "unexpected", surprise)
        else:
            await self._outbox.sent(item)
            metrics.work_done("outbox", "sent")

    async def _failed(self, item: OutboxItem, code: str, why: Exception, *, final: bool = False) -> None:
        metrics.work_done("outbox", "given_up" if final else "later")
        facts = {"kind": item.kind, "reason": code, "attempts": item.attempts + 1}
        log.log(logging.ERROR if final else logging.WARNING, "effect_not_delivered", exc_info=why, extra=facts)
        await self._outbox.failed(item, code, final=final)


class Mails:
    """Payload of a mail row: `template`, `values`, `user_id`, or `to` and `locale` for who has none.

    The address of a user is looked up when the mail leaves, not before; `to` beside `user_id` is the one they had.
    `leaving` hears of every mail to a user first: its template, the user, and what is the same on every try.
    """

    def __init__(self, users: Users, sender: MailSender, templates: MailTemplates, leaving: Leaving = _unheard) -> None:
        self._users, self._sender, self._templates, self._leaving = users, sender, templates, leaving

    async def deliver(self, payload: Mapping[str, Any], reference: str) -> None:
        """Raises: KeyError, TypeError, ValueError, NotFound for what is no mail; UpstreamError, Busy."""
        to, locale = payload.get("to", ""), payload.get("locale", "en")
        if user_id := payload.get("user_id"):
            user = await self._users.get(user_id)
            to, locale = to or user.email, payload.get("locale") or user.locale
            await self._leaving(payload["template"], user_id, reference)
        rendered = self._templates.render(payload["template"], locale, payload.get("values", {}))
        await self._sender.send(Mail(to=to, locale=locale, rendered=rendered, reference=reference))
