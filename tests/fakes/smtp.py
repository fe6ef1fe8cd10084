"""A real SMTP server on a free port of this machine, with refusals on demand: it sits under the mail client."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword


class Mailbox:
    """What arrived, and what the server answers instead. `users` are its accounts, if it wants a sign-in."""

    def __init__(self, users: dict[str, str] | None = None) -> None:
        self.messages: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.refuse_recipient = ""
        self.refuse_data = ""
        self.users = users or {}
        self.port = 0

    async def handle_RCPT(self, server, session, envelope: Envelope, address: str, options: list[str]) -> str:
        """SMTP: RCPT TO."""
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope: Envelope) -> str:
        """SMTP: the message itself."""
        if self.refuse_data == "hang up":
            server.transport.abort()
            return "451 gone"
        if self.refuse_data:
            return self.refuse_data
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        return "250 OK"

    def check(self, server, session, envelope, mechanism, data: LoginPassword) -> AuthResult:
        """SMTP: AUTH."""
        good = self.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=good, handled=False)


@asynccontextmanager
async def smtp_server(
    users: dict[str, str] | None = None, *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None
) -> AsyncIterator[Mailbox]:
    """The server, up until the block is left; its port is `mailbox.port`."""
    box = Mailbox(users)

    def session() -> SMTP:
        return SMTP(
            box,
            hostname="mail.test",
            enable_SMTPUTF8=True,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=box.check if users else None,
            auth_required=bool(users),
            auth_require_tls=False,
        )

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0, ssl=tls)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()
