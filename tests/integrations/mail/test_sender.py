"""Handing mail over, against a real SMTP server on this machine."""

import datetime as dt
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal_app.errors import UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.mail.sender import Mail, MailSender
from portal_app.integrations.mail.templates import Rendered
from portal_app.integrations.upstream import MAIL, Upstream
from tests.fakes.clock import FakeClock
from tests.fakes.smtp import smtp_server

FROM = "顧客ポータル <portal@example.com>"


def a_mail(to: str = "hanako@example.jp", subject: str = "【ポータル】お知らせ", reference: str = "row-1") -> Mail:
    return Mail(to, "ja", Rendered(subject, "本文です。\n", "<p>本文です。</p>"), reference)


def a_sender(port: int, scheme: str = "smtp", login: str = "", tls: ssl.SSLContext | None = None) -> MailSender:
    clock = FakeClock()
    return MailSender(f"{scheme}://{login}localhost:{port}", FROM, Upstream(MAIL, clock), clock, tls)


async def test_a_mail_arrives_with_both_bodies_and_its_headers():
    async with smtp_server() as box:
        await a_sender(box.port).send(a_mail())
    [message] = box.messages
    assert message["Subject"] == "【ポータル】お知らせ"
    assert message["From"] == FROM
    assert message["To"] == "hanako@example.jp"
    assert message["Message-ID"] == "<row-1@example.com>"
    assert message["Date"].datetime == FakeClock().now()
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message.get_body(("plain",)).get_content().strip() == "本文です。"
    assert box.envelopes == [("portal@example.com", ["hanako@example.jp"])]


async def test_a_repeat_carries_the_same_message_id():
    async with smtp_server() as box:
        sender = a_sender(box.port)
        await sender.send(a_mail())
        await sender.send(a_mail())
    assert len({message["Message-ID"] for message in box.messages}) == 1


@pytest.mark.parametrize(
    "address",
    [
        "hanako@example.jp\r\nBcc: thief@evil.example",
        "hanako@example.jp, thief@evil.example",
        "Hanako <hanako@example.jp>",
        "hanako@example.jp\x00",
        "はなこ@example.jp",
        "hanako",
        "",
    ],
)
async def test_an_address_that_is_more_than_one_plain_address_is_refused_before_any_connection(address):
    async with smtp_server() as box:
        with pytest.raises(UpstreamRejected):
            await a_sender(box.port).send(a_mail(to=address))
    assert box.envelopes == []


async def test_a_subject_with_a_line_break_never_becomes_a_header():
    async with smtp_server() as box:
        with pytest.raises(ValueError, match="linefeed"):
            await a_sender(box.port).send(a_mail(subject="hello\r\nBcc: thief@evil.example"))
    assert box.messages == []


async def test_a_recipient_refused_for_good_is_not_tried_again():
    async with smtp_server() as box:
        box.refuse_recipient = "550 no such user hanako@example.jp"
        with pytest.raises(UpstreamRejected) as refused:
            await a_sender(box.port).send(a_mail())
    assert refused.value.code == "recipient_refused"
    assert "hanako" not in str(refused.value)


@pytest.mark.parametrize(("refusal", "kind"), [("450 later", UpstreamUnavailable), ("554 spam", UpstreamRejected)])
async def test_a_refused_message_is_for_now_or_for_good_by_its_code(refusal, kind):
    async with smtp_server() as box:
        box.refuse_data = refusal
        with pytest.raises(kind):
            await a_sender(box.port).send(a_mail())


async def test_a_server_that_hangs_up_in_the_middle_leaves_the_outcome_unknown():
    async with smtp_server() as box:
        box.refuse_data = "hang up"
        with pytest.raises(UpstreamOutcomeUnknown):
            await a_sender(box.port).send(a_mail())


async def test_nobody_listening_is_unavailable(free_ports):
    with pytest.raises(UpstreamUnavailable) as failure:
        await a_sender(free_ports.take()).send(a_mail())
    assert failure.value.code == "unreachable"


async def test_it_signs_in_with_the_user_and_password_of_the_address():
    async with smtp_server({"portal": "p@ss/word"}) as box:
        await a_sender(box.port, login="portal:p%40ss%2Fword@").send(a_mail())
        with pytest.raises(UpstreamUnavailable) as refused:
            await a_sender(box.port, login="portal:wrong@").send(a_mail())
    assert len(box.messages) == 1
    assert refused.value.code == "auth_refused"


async def test_smtps_and_starttls_send_encrypted(tls):
    server, client = tls
    async with smtp_server(tls=server) as box:
        await a_sender(box.port, "smtps", tls=client).send(a_mail())
        assert len(box.messages) == 1
    async with smtp_server(starttls=server) as box:
        await a_sender(box.port, "smtp+starttls", tls=client).send(a_mail())
        assert len(box.messages) == 1


async def test_a_certificate_we_do_not_trust_gets_no_mail(tls):
    server, _ = tls
    async with smtp_server(starttls=server) as box:
        with pytest.raises(UpstreamUnavailable):
            await a_sender(box.port, "smtp+starttls").send(a_mail())
    assert box.messages == []


async def test_a_server_without_encryption_gets_no_mail_when_it_was_asked_for():
    async with smtp_server() as box:
        with pytest.raises(UpstreamUnavailable):
            await a_sender(box.port, "smtp+starttls").send(a_mail())
    assert box.messages == []


@pytest.fixture(scope="module")
def tls(tmp_path_factory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(server, client) contexts around a certificate for localhost that only this client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(private + pem)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cadata=pem.decode())
