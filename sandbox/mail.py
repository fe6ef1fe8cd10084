"""A mail server that delivers to nobody: everything it accepts is kept for reading."""

from __future__ import annotations

import asyncio
import email
import email.policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.store import Row, Store

KEPT = 5_000


class MailSink:
    """The SMTP half; the pages read the store."""

    def __init__(self, store: Store, clock: Clock, faults: Faults) -> None:
        self._store, self._clock, self._faults = store, clock, faults
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """The port it listens on."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, enable_SMTPUTF8=True, loop=loop), host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Faults of system "mail": down and effect_no_reply cut the connection, slow is late, all others are a 451."""
        fault = self._faults.take("mail", "DATA")
        await asyncio.sleep(self._faults.delay_ms("mail", fault) / 1000)
        kind = fault.kind if fault is not None else ""
        if kind not in ("", "slow", "down", "effect_no_reply"):
            return "451 Requested action aborted: local error in processing"
        if kind != "down":
            self._keep(envelope)
        if kind in ("down", "effect_no_reply") and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 Message accepted for reading"

    def _keep(self, envelope: Envelope) -> None:
        raw = envelope.original_content or b""
        message = parsed(raw)
        self._store.insert(
            "mail",
            at=self._clock.stamp(),
            sender=envelope.mail_from or "",
            recipients=", ".join(envelope.rcpt_tos),
            subject=str(message.get("Subject", "")),
            raw=raw,
        )
        self._store.execute("DELETE FROM mail WHERE id <= (SELECT MAX(id) FROM mail) - ?", KEPT)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage), "the default policy makes EmailMessage"
    return message


def as_dict(row: Row) -> dict[str, Any]:
    """One mail for the pages and the console API: headers, text and HTML."""
    message = parsed(bytes(row["raw"]))
    parts = {kind: message.get_body(preferencelist=(kind,)) for kind in ("plain", "html")}
    bodies = {kind: "" if part is None else part.get_content() for kind, part in parts.items()}
    plain = {name: row[name] for name in ("id", "at", "sender", "subject")}
    headers = [[name, str(value)] for name, value in message.items()]
    to = [address.strip() for address in row["recipients"].split(",")]
    return plain | {"to": to, "text": bodies["plain"], "html": bodies["html"], "headers": headers}


def newest(store: Store, limit: int = 100) -> list[dict[str, Any]]:
    """Newest first."""
    return [as_dict(row) for row in store.rows("SELECT * FROM mail ORDER BY id DESC LIMIT ?", limit)]
