"""The WHMCS webhook: what is believed, in which order it is checked, and how it is answered (W1 to W8)."""

import hashlib
import hmac
import json

import httpx
import pytest
from sqlalchemy import func, select

from portal_app import routes, wiring
from portal_app.storage.tables.inbox import InboxRow
from portal_app.web import webhooks
from tests.fakes.settings import WEBHOOK_SECRET, a_settings

EVENT_ID = "01JTESTEVENT0000000000001"
SENDER = "198.51.100.80"
VECTOR = (
    b'{"event":"InvoicePaid","event_id":"01JTESTEVENT0000000000001",'
    b'"occurred_at":1760000000,"params":{"invoiceid":101}}'
)


def body_of(**changes: object) -> bytes:
    """A delivery as the hook file writes it; None takes a field away."""
    whole = {"event": "InvoicePaid", "event_id": EVENT_ID, "occurred_at": 1768446000, "params": {"invoiceid": 101}}
    return json.dumps({k: v for k, v in (whole | changes).items() if v is not None}).encode()


@pytest.fixture
async def whmcs(browser_at):
    client = browser_at(SENDER, accept="*/*")
    del client.headers["origin"]
    yield client
    await client.aclose()


@pytest.fixture
def deliver(whmcs, doors):
    """Send a body, signed unless the headers say otherwise."""

    async def send(body: bytes | None = None, secret: str = WEBHOOK_SECRET, late_s: int = 0, **headers: str | None):
        body = body_of() if body is None else body
        stamp = str(int(doors.clock.now().timestamp()) - late_s)
        given: dict[str, str | None] = {
            "content-type": "application/json; charset=utf-8",
            "x-whmcs-event": "InvoicePaid",
            "x-whmcs-event-id": EVENT_ID,
            "x-whmcs-timestamp": stamp,
            "x-whmcs-signature": f"v1={webhooks.sign(secret, stamp, body)}",
        }
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        present = {k: v for k, v in given.items() if v is not None}
        return await whmcs.post(routes.API_WHMCS_WEBHOOK, content=body, headers=present)

    return send


async def stored(doors) -> int:
    async with doors.db.read() as session:
        return await session.scalar(select(func.count()).select_from(InboxRow))


def test_w1_the_test_vector_of_the_contract():
    assert len(VECTOR) == 114
    assert webhooks.sign("portal-test-secret", "1760000000", VECTOR) == (
        "1b6ddd444526066db7163e73c18d9cf00829c82043c96da94af8a642d70ef26a"
    )


async def test_w1_the_test_vector_is_accepted_as_it_stands(app, doors):
    headers = {
        "content-type": "application/json; charset=utf-8",
        "x-whmcs-event": "InvoicePaid",
        "x-whmcs-event-id": EVENT_ID,
        "x-whmcs-timestamp": "1760000000",
        "x-whmcs-signature": "v1=1b6ddd444526066db7163e73c18d9cf00829c82043c96da94af8a642d70ef26a",
    }
    doors.clock.at = doors.clock.at.fromtimestamp(1760000000, doors.clock.at.tzinfo)
    settings = a_settings().model_copy(update={"WHMCS_WEBHOOK_SECRET": "portal-test-secret"})
    with wiring.use(settings=settings):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:3000") as client:
            answer = await client.post(routes.API_WHMCS_WEBHOOK, content=VECTOR, headers=headers)
    assert answer.status_code == 200


async def test_w6_a_good_delivery_is_stored_as_received_and_the_worker_is_woken(deliver, doors):
    body = body_of(source="main")
    answer = await deliver(body)
    assert (answer.status_code, answer.json()) == (200, {"accepted": True})
    (event,) = await doors.inbox.claim()
    assert (event.source, event.event_id, event.event_type, event.body) == ("whmcs", EVENT_ID, "InvoicePaid", body)
    assert ("work:inbox", "") in doors.heard


async def test_w4_row_117_a_repeat_is_answered_alike_and_does_nothing(deliver, doors):
    await deliver()
    doors.heard.clear()
    again = await deliver(late_s=-5)
    assert (again.status_code, again.json()) == (200, {"accepted": False})
    assert await stored(doors) == 1
    assert doors.heard == []


async def test_w4_row_118_the_same_id_with_another_body_changes_nothing_and_raises_an_alarm(deliver, doors):
    await deliver()
    answer = await deliver(body_of(params={"invoiceid": 999}))
    assert answer.status_code == 200
    (event,) = await doors.inbox.claim()
    assert event.body == body_of()
    assert [row.outcome for row in await doors.audited("webhook.id_reused")] == ["ignored"]


async def test_w5_row_119_an_unknown_event_is_stored_and_answered_202(deliver, doors):
    answer = await deliver(body_of(event="SomethingNew"), x_whmcs_event="SomethingNew")
    assert answer.status_code == 202
    assert await stored(doors) == 1


REFUSED = {
    "row 111 no signature": {"x_whmcs_signature": None},
    "row 112 another secret": {"secret": "not the secret of this portal 0123456789"},
    "an empty signature": {"x_whmcs_signature": ""},
    "another scheme": {"x_whmcs_signature": "v0=" + "0" * 64},
    "a bare digest": {"x_whmcs_signature": "0" * 64},
    "no timestamp": {"x_whmcs_timestamp": None},
    "row 115 301 s old": {"late_s": 301},
    "row 116 301 s ahead": {"late_s": -301},
}


@pytest.mark.parametrize("case", REFUSED)
async def test_w5_what_cannot_be_believed_is_refused_with_one_and_the_same_answer(deliver, doors, case):
    answer = await deliver(**REFUSED[case])
    assert answer.status_code == 401
    assert answer.content == (await deliver(x_whmcs_signature="v1=" + "0" * 64)).content
    assert await stored(doors) == 0
    assert doors.heard == []


@pytest.mark.parametrize("late_s", [300, -300, 299, 0])
async def test_w2_exactly_300_seconds_either_way_pass(deliver, late_s):
    assert (await deliver(late_s=late_s)).status_code == 200


@pytest.mark.parametrize(
    "stamp", ["", "1e9", "+1768446000", "1768446000.0", " 1768446000 x", "９", "-1", "9" * 30, "0x10"]
)
async def test_w2_a_timestamp_is_a_plain_integer(deliver, stamp):
    good = webhooks.sign(WEBHOOK_SECRET, stamp, body_of())
    answer = await deliver(x_whmcs_timestamp=stamp.encode(), x_whmcs_signature=f"v1={good}")
    assert answer.status_code == 401


async def test_w3_row_113_one_changed_byte_breaks_the_signature(deliver, doors):
    stamp = str(int(doors.clock.now().timestamp()))
    good = webhooks.sign(WEBHOOK_SECRET, stamp, body_of())
    changed = body_of().replace(b"101", b"102")
    assert (await deliver(changed, x_whmcs_signature=f"v1={good}")).status_code == 401
    assert (await deliver(body_of(), x_whmcs_signature=f"v1={good}")).status_code == 200


async def test_w3_row_114_the_same_json_in_other_bytes_breaks_the_signature(deliver, doors):
    stamp = str(int(doors.clock.now().timestamp()))
    good = webhooks.sign(WEBHOOK_SECRET, stamp, body_of())
    rewritten = json.dumps(json.loads(body_of()), separators=(",", ":")).encode()
    assert (await deliver(rewritten, x_whmcs_signature=f"v1={good}")).status_code == 401


async def test_w1_the_signature_covers_the_timestamp(deliver, doors):
    stamp = str(int(doors.clock.now().timestamp()))
    later = str(int(stamp) + 60)
    good = webhooks.sign(WEBHOOK_SECRET, stamp, body_of())
    assert (await deliver(x_whmcs_timestamp=later, x_whmcs_signature=f"v1={good}")).status_code == 401


async def test_w1_a_plain_hmac_of_the_body_is_not_enough(deliver):
    plain = hmac.new(WEBHOOK_SECRET.encode(), body_of(), hashlib.sha256).hexdigest()
    assert (await deliver(x_whmcs_signature=f"v1={plain}")).status_code == 401


async def test_w1_while_secrets_rotate_both_and_several_signatures_are_accepted(deliver, doors):
    new = "the next webhook secret 0123456789 abcdefgh"
    stamp = str(int(doors.clock.now().timestamp()))
    with wiring.use(settings=a_settings(WHMCS_WEBHOOK_SECRET=f"{WEBHOOK_SECRET},{new}")):
        assert (await deliver(secret=WEBHOOK_SECRET)).status_code == 200
        assert (await deliver(secret=new)).status_code == 200
    wrong, right = webhooks.sign(new, stamp, body_of()), webhooks.sign(WEBHOOK_SECRET, stamp, body_of())
    assert (await deliver(x_whmcs_signature=f"v1={wrong}, v1={right}")).status_code == 200
    assert (await deliver(secret=new)).status_code == 401


async def test_w1_more_signatures_than_a_rotation_needs_are_not_tried(deliver, doors):
    stamp = str(int(doors.clock.now().timestamp()))
    right = webhooks.sign(WEBHOOK_SECRET, stamp, body_of())
    many = ",".join([f"v1={'0' * 64}"] * 5 + [f"v1={right}"])
    assert (await deliver(x_whmcs_signature=many)).status_code == 401


async def test_w2_every_secret_is_compared_in_constant_time_with_every_signature(deliver, monkeypatch):
    compared = []
    original = hmac.compare_digest

    def counted(a, b):
        compared.append((a, b))
        return original(a, b)

    monkeypatch.setattr(webhooks.hmac, "compare_digest", counted)
    two = f"{WEBHOOK_SECRET},the next webhook secret 0123456789 abcdefgh"
    with wiring.use(settings=a_settings(WHMCS_WEBHOOK_SECRET=two)):
        await deliver()
    assert len(compared) == 2


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None, "application/jsonp"])
async def test_w5_another_content_type_is_415_before_anything_else(deliver, kind):
    assert (await deliver(content_type=kind, x_whmcs_signature=None)).status_code == 415


async def test_w5_over_64_kib_is_413_signed_or_not(deliver):
    big = body_of(params={"note": "x" * 65_536})
    assert (await deliver(big)).status_code == 413
    assert (await deliver(big, x_whmcs_signature=None)).status_code == 413


async def test_w2_exactly_64_kib_are_accepted(deliver):
    filler = 65_536 - len(body_of(params={"note": ""}))
    assert (await deliver(body_of(params={"note": "x" * filler}))).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        body_of()[:-1] + b',"event":"InvoicePaid"}',
        body_of(params={"a": [1]}),
        body_of(params={"a": {"b": 1}}),
        body_of(params=None),
        body_of(params=[]),
        body_of(event=None),
        body_of(event_id=5),
        body_of(occurred_at="1768446000"),
        body_of(occurred_at=True),
        body_of(event="Invoice\nPaid"),
        body_of(event_id="x" * 101),
        body_of(event_id="a b"),
        body_of() + b" trailing",
        b'{"params":' + b"[" * 30 + b"]" * 30 + b"}",
        body_of().replace(b"101", b"NaN"),
    ],
)
async def test_w5_rows_99_to_102_bad_json_under_a_good_signature_is_400(deliver, doors, body):
    assert (await deliver(body)).status_code == 400
    assert await stored(doors) == 0


async def test_w3_bad_json_without_a_signature_is_never_parsed(deliver, monkeypatch):
    def parse(_: bytes) -> object:
        raise AssertionError("parsed before it was verified")

    monkeypatch.setattr(webhooks.bodies, "strict_json", parse)
    assert (await deliver(b"{", x_whmcs_signature=None)).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"x_whmcs_event": "InvoiceUnpaid"},
        {"x_whmcs_event_id": "other"},
        {"x_whmcs_event": None},
        {"x_whmcs_event_id": None},
    ],
)
async def test_w1_headers_that_disagree_with_the_signed_body_are_400(deliver, doors, headers):
    assert (await deliver(**headers)).status_code == 400
    assert await stored(doors) == 0


async def test_w5_a_database_that_is_down_asks_the_sender_to_come_back(deliver, doors, monkeypatch):
    async def down(*_: object) -> None:
        raise ConnectionError("db.internal refused")

    monkeypatch.setattr(doors.inbox, "accept", down)
    answer = await deliver()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "db.internal" not in answer.text


async def test_w6_a_worker_that_cannot_be_woken_changes_nothing_for_the_sender(deliver, doors, monkeypatch):
    async def lost(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(doors.bus, "publish", lost)
    assert (await deliver()).status_code == 200
    assert await stored(doors) == 1


async def test_w8_unsigned_traffic_is_limited_before_a_byte_is_hashed(deliver, monkeypatch):
    hashed = []
    monkeypatch.setattr(webhooks, "unverified", lambda *given: hashed.append(given) or "no_signature")
    statuses = [(await deliver(x_whmcs_signature="v1=" + "0" * 64)).status_code for _ in range(201)]
    assert statuses == [401] * 200 + [429]
    assert len(hashed) == 200


async def test_w8_a_flood_from_elsewhere_does_not_use_up_the_senders_share(deliver, browser_at):
    flood = browser_at("203.0.113.9")
    for _ in range(201):
        last = await flood.post(routes.API_WHMCS_WEBHOOK, content=b"x", headers={"content-type": "application/json"})
    assert last.status_code == 429
    assert (await deliver()).status_code == 200
    await flood.aclose()


async def test_w8_the_answer_to_too_many_says_when_to_come_back(deliver, doors):
    for _ in range(200):
        await doors.limits.hit("webhook", "whmcs")
    answer = await deliver()
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 4
    doors.clock.advance(4)
    assert (await deliver()).status_code == 200


async def test_a3_refusals_are_audited_but_a_flood_does_not_fill_the_trail(deliver, doors):
    for _ in range(15):
        await deliver(x_whmcs_signature=None)
    rows = await doors.audited("webhook.refused")
    assert [row.outcome for row in rows] == ["no_signature"] * 10


async def test_i5_neither_secret_nor_body_is_logged(deliver, caplog):
    await deliver(body_of(params={"note": "canary-4711"}), secret="wrong secret 0123456789 0123456789 abc")
    await deliver(body_of(params={"note": "canary-4711"}))
    assert "canary-4711" not in caplog.text
    assert WEBHOOK_SECRET not in caplog.text


async def test_a_signed_in_browser_gains_nothing_at_the_webhook(browser, doors):
    await doors.a_user()
    answer = await browser.post(routes.API_WHMCS_WEBHOOK, json=json.loads(body_of()))
    assert answer.status_code == 401
