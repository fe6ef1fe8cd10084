"""A portal that is down, slow, broken or mistaken: WHMCS goes on, and nothing the portal could still take is lost."""

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from portal_app.web.webhooks import sign
from tests.hooks.stage import (
    CRON,
    NOON,
    SECRET,
    Install,
    Receiver,
    advance,
    fire,
    nobody_accepts,
    nobody_listens,
    receiving,
)

PAID = fire("InvoicePaid", invoiceid=101)
DAY = 86400
CURABLE = [500, 502, 503, 429, 401, 403, 404, 408, 301, "redirect", "hang up"]


@pytest.mark.parametrize("answer", CURABLE)
def test_what_may_still_be_taken_is_kept_and_sent_again_as_the_same_event(
    install: Install, receiver: Receiver, answer: int | str
) -> None:
    receiver.answers = [answer]
    ran = install.run(PAID, now=NOON)
    [row] = install.spool
    assert row["event_id"] == receiver.got[0].event_id and "it is kept" in ran.log[0]
    again = install.run(CRON, now=NOON + 300)
    first, second = receiver.got
    assert (second.event_id, second.body) == (first.event_id, first.body)
    assert (first.timestamp, second.timestamp) == (NOON, NOON + 300)
    assert second.signature == "v1=" + sign(SECRET, str(NOON + 300), second.body) != first.signature
    assert install.spool == [] and again.log == ["Portal hooks: everything that was kept has been sent"]


@pytest.mark.parametrize("answer", [400, 413, 415, 422])
def test_what_the_portal_will_never_take_is_logged_once_and_not_kept(
    install: Install, receiver: Receiver, answer: int
) -> None:
    receiver.always = answer
    ran = install.run(PAID, CRON)
    [delivery] = receiver.got
    assert ran.log == [f"Portal hooks: the portal refused InvoicePaid {delivery.event_id} for good (status {answer})"]
    assert install.spool == []


def test_a_kept_event_that_is_refused_for_good_leaves_the_spool(install: Install, receiver: Receiver) -> None:
    receiver.answers = [503, 400]
    ran = install.run(PAID, advance(300), CRON)
    assert install.spool == [] and "refused InvoicePaid" in ran.log[1]


def test_a_redirect_is_never_followed(install: Install, receiver: Receiver) -> None:
    receiver.always = "redirect"
    install.run(PAID)
    assert [delivery.path for delivery in receiver.got] == ["/hook"]


def test_a_portal_that_is_not_there_costs_nothing(whmcs: Install) -> None:
    with nobody_listens() as url:
        ran = whmcs.settings(url).run(PAID)
    assert len(whmcs.spool) == 1 and ran.seconds < 2.5 and "curl error 7" in ran.log[0]


def test_connecting_takes_a_second_at_most(whmcs: Install) -> None:
    with nobody_accepts() as url:
        ran = whmcs.settings(url).run(PAID)
    assert len(whmcs.spool) == 1 and 0.9 < ran.seconds < 2.9 and "curl error 28" in ran.log[0]


def test_a_slow_portal_costs_three_seconds_once_in_a_request_however_much_happens(
    install: Install, receiver: Receiver
) -> None:
    receiver.always = "slow"
    ran = install.run(*[PAID] * 20, now=NOON)
    assert len(receiver.got) == 1 and 2.9 < ran.seconds < 10
    assert [(row["attempts"], row["last_result"]) for row in install.spool][:2] == [
        (1, "no answer, curl error 28"),
        (0, "not tried"),
    ]
    assert len(install.spool) == 20 and len(ran.log) == 1


def test_a_long_request_tries_again_after_a_minute(install: Install, receiver: Receiver) -> None:
    receiver.answers = [503]
    install.run(PAID, PAID, advance(61), PAID, now=NOON)
    assert len(receiver.got) == 2 and len(install.spool) == 2


def test_a_certificate_nobody_vouches_for_is_not_believed(whmcs: Install, tmp_path: Path) -> None:
    with receiving(tls=_self_signed(tmp_path)) as receiver:
        ran = whmcs.settings(receiver.url).run(PAID)
    assert receiver.got == [] and len(whmcs.spool) == 1 and "curl error 60" in ran.log[0]


def test_the_cron_sends_in_the_order_things_happened(install: Install, receiver: Receiver) -> None:
    receiver.always = 503
    install.run(*(fire("InvoicePaid", invoiceid=i) for i in range(5)))
    receiver.got.clear()
    receiver.always = 200
    install.run(advance(300), CRON)
    assert [delivery.params["invoiceid"] for delivery in receiver.got] == [0, 1, 2, 3, 4]


def test_attempts_come_at_growing_distance_and_not_at_every_cron(install: Install, receiver: Receiver) -> None:
    receiver.always = 503
    install.run(PAID, *[advance(60), CRON] * 60, now=NOON)
    minutes = [(delivery.timestamp - NOON) // 60 for delivery in receiver.got]
    assert minutes == [0, 1, 3, 7, 15, 30, 45, 60]
    assert len({delivery.event_id for delivery in receiver.got}) == 1


def test_a_portal_that_fails_does_not_hold_up_the_cron(install: Install, receiver: Receiver) -> None:
    receiver.always = 503
    install.run(*[PAID] * 10)
    receiver.got.clear()
    install.run(advance(300), CRON)
    assert len(receiver.got) == 3 and len(install.spool) == 10


def test_one_event_that_always_fails_lets_the_others_through(install: Install, receiver: Receiver) -> None:
    receiver.always = 503
    install.run(PAID, PAID, PAID, now=NOON)
    receiver.always, receiver.answers = 200, [500]
    install.run(CRON, now=NOON + 300)
    assert [row["id"] for row in install.spool] == [1]


def test_two_crons_at_once_do_not_send_one_event_twice(install: Install, receiver: Receiver) -> None:
    receiver.answers = [503]
    install.run(PAID, now=NOON)
    receiver.always = 503
    install.run(CRON, CRON, now=NOON + 300)
    assert len(receiver.got) == 2


def test_an_event_another_cron_has_taken_meanwhile_is_passed_over(install: Install, receiver: Receiver) -> None:
    receiver.answers = [503]
    install.run(PAID, now=NOON)
    install.run(CRON, now=NOON + 300, mood="overtaken")
    assert len(receiver.got) == 1 and len(install.spool) == 1


def test_w4_after_72_hours_an_event_is_dropped_with_a_line_in_the_activity_log(
    install: Install, receiver: Receiver
) -> None:
    receiver.always = 503
    install.run(PAID, now=NOON)
    event_id = receiver.got[0].event_id
    assert install.run(CRON, now=NOON + 3 * DAY).log == [] and len(install.spool) == 1
    ran = install.run(CRON, now=NOON + 3 * DAY + 1)
    assert ran.log == [f"Portal hooks: gave up on InvoicePaid {event_id} after 72 hours (status 503)"]
    assert install.spool == [] and len(receiver.got) == 2


def test_an_event_kept_under_an_old_secret_is_sent_under_the_new_one(install: Install, receiver: Receiver) -> None:
    new = "the-new-secret-of-more-than-thirty-two-characters"
    receiver.answers = [401]
    install.run(PAID, now=NOON)
    install.settings(receiver.url, new).run(CRON, now=NOON + 300)
    second = receiver.got[1]
    assert second.signature == "v1=" + sign(new, str(second.timestamp), second.body)


def test_only_the_first_of_many_failures_is_logged(install: Install, receiver: Receiver) -> None:
    receiver.always = 503
    assert len(install.run(PAID, advance(61), PAID, advance(61), PAID).log) == 1


@pytest.mark.parametrize("mood", ["down", "lost race", "no log"])
def test_trouble_with_the_database_or_the_log_never_reaches_whmcs(
    install: Install, receiver: Receiver, mood: str
) -> None:
    receiver.always = 503
    ran = install.run(PAID, CRON, mood=mood)
    assert len(install.spool) == (0 if mood == "down" else 1)
    if mood == "down":
        assert "could not be kept: PDOException" in ran.log[0] and "stopped by PDOException" in ran.log[1]


def test_while_the_portal_answers_the_database_is_not_touched(install: Install) -> None:
    assert install.run(PAID, PAID, mood="down").log == []


def test_no_secret_is_ever_logged_or_kept(install: Install, receiver: Receiver) -> None:
    receiver.answers = [401, 500]
    ran = install.run(PAID, advance(300), CRON, advance(4 * DAY), CRON)
    assert SECRET not in str(ran.log) and SECRET not in str(install.spool)


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    both = folder / "both.pem"
    both.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context
