"""What arrives over SMTP can be read, and its HTML can do nothing."""

from __future__ import annotations

import asyncio
import smtplib
from email.message import EmailMessage

import aiohttp
import pytest

from sandbox.app import Running
from tests.sandbox.visitors import Console


def send(port: int) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "portal@example.com", "demo@example.com", "確認 Confirm"
    message.set_content("Open http://127.0.0.1/verify?token=abc\n")
    message.add_alternative("<p>Open</p><script>alert(1)</script>", subtype="html")
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(message)


async def test_a_mail_is_kept_with_subject_text_and_html(sandbox: Running, console: Console) -> None:
    await asyncio.to_thread(send, sandbox.smtp_port)
    [mail] = await console("GET", "mail")
    assert (mail["subject"], mail["sender"], mail["to"]) == (
        "確認 Confirm",
        "portal@example.com",
        ["demo@example.com"],
    )
    assert "token=abc" in mail["text"] and "<p>Open</p>" in mail["html"]
    await console("DELETE", "mail")
    assert await console("GET", "mail") == []


async def test_mail_can_be_refused_or_cut_off_and_heals(sandbox: Running, console: Console) -> None:
    for kind, problem in (("http500", smtplib.SMTPDataError), ("down", smtplib.SMTPServerDisconnected)):
        await console("POST", "faults", {"system": "mail", "kind": kind, "times": 1})
        with pytest.raises(problem):
            await asyncio.to_thread(send, sandbox.smtp_port)
    assert await console("GET", "mail") == []
    await asyncio.to_thread(send, sandbox.smtp_port)
    assert len(await console("GET", "mail")) == 1


async def test_the_html_part_is_served_without_the_right_to_run_anything(
    sandbox: Running, session: aiohttp.ClientSession
) -> None:
    await asyncio.to_thread(send, sandbox.smtp_port)
    async with session.get(f"{sandbox.url}/mail/1/html") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy and "allow-scripts" not in policy
    async with session.get(f"{sandbox.url}/mail/1") as answer:
        text = await answer.text()
    assert "確認 Confirm" in text and "<script>alert" not in text
