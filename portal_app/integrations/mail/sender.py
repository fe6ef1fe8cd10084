"""Hands one mail to the SMTP server. Retrying is the outbox's business: a mail may arrive twice, never not at all."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from portal_app.errors import UpstreamError, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.mail.templates import Rendered, one_line
from portal_app.integrations.upstream import Upstream
from portal_app.storage.clock import Clock

SYSTEM: Final = "mail"
OPERATION: Final = "SendMail"
CONNECT_S: Final = 5.0
PORTS: Final = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one customer. `reference` is the same on every try, so that a repeat can be recognised."""

    to: str
    locale: str
    rendered: Rendered
    reference: str


class MailSender:
    """One SMTP server, from an address such as `smtp+starttls://user:password@host:port`."""

    def __init__(
        self, smtp_url: str, mail_from: str, upstream: Upstream, clock: Clock, tls: ssl.SSLContext | None = None
    ) -> None:
        parts = urlsplit(smtp_url)
        self._scheme, self._host = parts.scheme, parts.hostname or ""
        self._port = parts.port or PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        name, address = parseaddr(mail_from)
        self._from = Address(display_name=one_line(name), addr_spec=address)
        self._upstream, self._clock, self._tls = upstream, clock, tls

    async def send(self, mail: Mail) -> None:
        """Hand it over; done when the server has taken it.

        Raises: UpstreamUnavailable, UpstreamOutcomeUnknown (perhaps taken: send again), UpstreamRejected (never again).
        """
        message = self._message(mail)
        await self._upstream.call(OPERATION, lambda _: self._hand_over(message, mail.to), write=True, background=True)

    async def check(self) -> None:
        """Connect and sign in, send nothing. Raises: UpstreamUnavailable."""
        async with self._connected():
            return

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = self._from
        message["To"] = _recipient(mail.to)
        message["Subject"] = mail.rendered.subject
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{_token(mail.reference)}@{self._from.domain}>"
        message["Content-Language"] = "ja" if mail.locale == "ja" else "en"
        # Keeps out-of-office robots from answering.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.rendered.text)
        message.add_alternative(mail.rendered.html, subtype="html")
        return message

    async def _hand_over(self, message: EmailMessage, to: str) -> None:
        try:
            async with self._connected() as server:
                await server.send_message(message, sender=self._from.addr_spec, recipients=[to])
        except (aiosmtplib.SMTPException, OSError) as failure:
            raise _explained(failure) from None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        server = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._scheme == "smtps",
            start_tls=self._scheme == "smtp+starttls",
            tls_context=self._tls,
            timeout=self._upstream.policy.write_s,
        )
        try:
            await self._sign_in(server)
            yield server
            # Taken is taken: a server that drops us instead of saying goodbye must not make us send it twice.
            with suppress(aiosmtplib.SMTPException):
                await server.quit()
        finally:
            server.close()

    async def _sign_in(self, server: aiosmtplib.SMTP) -> None:
        """Whatever goes wrong here, no mail has left us."""
        try:
            async with asyncio.timeout(CONNECT_S):
                await server.connect()
            if self._user:
                await server.login(self._user, self._password)
        except aiosmtplib.SMTPAuthenticationError:
            raise UpstreamUnavailable(SYSTEM, OPERATION, "auth_refused") from None
        except (aiosmtplib.SMTPException, OSError):
            raise UpstreamUnavailable(SYSTEM, OPERATION, "unreachable") from None


def _explained(failure: Exception) -> UpstreamError:
    """Our error for theirs; the server's text is left out, since it repeats the address."""
    if isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
        return _refused(failure.recipients[0].code, "recipient_refused")
    if isinstance(failure, aiosmtplib.SMTPDataError):
        return _refused(failure.code, "content_refused")
    if isinstance(failure, aiosmtplib.SMTPResponseException):
        # About the server or our account, not about this mail: trying again later is right.
        return UpstreamUnavailable(SYSTEM, OPERATION, "refused")
    return UpstreamOutcomeUnknown(SYSTEM, OPERATION, "no_answer")


def _refused(reply: int, code: str) -> UpstreamError:
    """5xx is for good, 4xx is for now."""
    return (UpstreamRejected if reply >= 500 else UpstreamUnavailable)(SYSTEM, OPERATION, code)


def _recipient(address: str) -> Address:
    """Raises UpstreamRejected for what is no single plain address: nothing of it reaches a header."""
    try:
        parsed = Address(addr_spec=address)
    except (ValueError, IndexError, LookupError):
        parsed = None
    if parsed is None or parsed.addr_spec != address or not address.isascii() or not address.isprintable():
        raise UpstreamRejected(SYSTEM, OPERATION, "bad_address") from None
    return parsed


def _token(reference: str) -> str:
    return "".join(c for c in reference if c.isascii() and (c.isalnum() or c in "-.")) or "mail"
