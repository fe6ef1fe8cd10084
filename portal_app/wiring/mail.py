"""Outgoing mail."""

from contextlib import AsyncExitStack

from portal_app.integrations.mail.sender import MailSender
from portal_app.integrations.upstream import MAIL, Upstream
from portal_app.observability import metrics
from portal_app.settings import Settings
from portal_app.wiring.parts import Parts


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """The sender over its throttle."""
    upstream = Upstream(MAIL, parts["clock"], on_event=metrics.upstream_called)
    sender = MailSender(chosen.SMTP_URL, chosen.MAIL_FROM, upstream, parts["clock"])
    return {"upstreams": (*parts["upstreams"], upstream), "mail_sender": sender}
