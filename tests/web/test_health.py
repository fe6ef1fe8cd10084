"""Health, metrics and the operator's door: one word for strangers, details for those who watch (G1, G2)."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from portal_app import routes, wiring
from portal_app.domain.fulfilment import Code, Hold, State
from portal_app.security.operator import operator_token
from portal_app.storage.case_posts import CasePosts
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.fulfilment_counts import FulfilmentCounts
from portal_app.storage.fulfilments import Fulfilments
from portal_app.storage.jobs import ReconcileReports
from portal_app.storage.quarantine import Quarantine
from portal_app.storage.replay_cursors import ReplayCursors
from portal_app.web import health
from portal_app.workflows.event_standing import EventStanding
from portal_app.workflows.work_standing import Work
from tests.fakes.settings import a_settings

TOKEN = "monitoring-token-of-the-tests"
CHANNEL = "/event/Order_Fulfilment_Requested__e"
USER = "0e6f3d1a-9a50-4a2f-9c86-0f5f3f2b7a11"


class CountingCache:
    """Remembers what was cleared."""

    def __init__(self) -> None:
        self.cleared: list[tuple[str, ...]] = []

    async def clear(self, user_id: str, *tags: str) -> None:
        self.cleared.append((user_id, *tags))


@pytest.fixture
async def here(browser_at):
    async with browser_at("127.0.0.1") as client:
        del client.headers["origin"]
        yield client


@pytest.fixture
async def away(browser_at):
    async with browser_at("203.0.113.5") as client:
        del client.headers["origin"]
        yield client


@pytest.fixture(autouse=True)
def not_draining():
    yield
    health.drain(False)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_g2_a_stranger_reads_one_word(away):
    live, ready = await away.get(routes.API_LIVE), await away.get(routes.API_READY)
    assert (live.status_code, live.text) == (200, "live")
    assert (ready.status_code, ready.text) == (200, "ready")
    assert ready.headers["cache-control"] == "no-store"


async def test_g2_a_database_that_is_down_makes_it_unready_but_not_dead(away, doors, monkeypatch):
    async def down() -> None:
        raise ConnectionError("db.internal refused")

    monkeypatch.setattr(doors.db, "ping", down)
    ready = await away.get(routes.API_READY)
    assert (ready.status_code, ready.text) == (503, "unavailable")
    assert (await away.get(routes.API_LIVE)).status_code == 200


async def test_g2_an_old_schema_makes_it_unready(away, here, doors, monkeypatch):
    async def old() -> bool:
        return False

    monkeypatch.setattr(doors.db, "migrated", old)
    assert (await away.get(routes.API_READY)).status_code == 503
    checks = (await here.get(routes.API_READY)).json()["checks"]
    assert checks == {"accepting": True, "database": True, "migrations": False}


async def test_g2_an_upstream_that_is_down_does_not_make_it_unready(here):
    answer = await here.get(routes.API_READY)
    assert answer.status_code == 200
    details = answer.json()["details"]
    assert list(details) == ["whmcs", "salesforce", "salesforce_day", "inbox", "outbox"]
    assert details["salesforce"]["breaker"] == "closed"
    assert details["salesforce_day"]["share"] == 0.9


async def test_g2_details_survive_a_part_that_cannot_be_read(here, doors, monkeypatch):
    async def broken() -> int:
        raise ConnectionError

    monkeypatch.setattr(doors.inbox, "depth", broken)
    assert (await here.get(routes.API_READY)).json()["details"]["inbox"] is None


@pytest.fixture
async def events(doors):
    """Listening to Salesforce as the database knows it: one topic, heard once."""
    cursors = ReplayCursors(doors.db, doors.clock)
    stores = {"cursors": cursors, "quarantine": Quarantine(doors.db, doors.cipher, doors.clock), "inbox": doors.inbox}
    standing = EventStanding(**stores, clock=doors.clock, enabled=True, channel=CHANNEL, topics=[CHANNEL])
    fence = (await cursors.take(CHANNEL, everything=True)).fence
    async with doors.db.write() as tx:
        await cursors.move_in(tx, CHANNEL, fence, b"\x00c")
    with wiring.use(event_standing=standing):
        yield standing


async def test_g2_a_stranger_reads_one_word_about_events(away, events, doors):
    answer = await away.get(routes.API_SF_EVENTS)
    assert (answer.status_code, answer.text, answer.headers["cache-control"]) == (200, "connected", "no-store")
    doors.clock.advance(3600)
    assert (await away.get(routes.API_SF_EVENTS)).text == "disconnected"
    events._enabled = False
    doors.clock.advance(5)
    assert (await away.get(routes.API_SF_EVENTS)).text == "disabled"


async def test_g2_who_watches_sees_cursor_and_lag(away, events, doors):
    doors.clock.advance(60)
    with wiring.use(settings=a_settings(PORTAL_MONITORING_TOKEN=TOKEN)):
        told = (await away.get(routes.API_SF_EVENTS, headers=bearer(TOKEN))).json()
    assert (told["enabled"], told["channel"]) == (True, CHANNEL)
    assert told["replay"] == {"lastReplayId": "AGM=", "gapSince": None}
    assert told["subscriber"] == {"status": "connected", "here": False}
    assert (told["lag"], told["quarantined"]) == ({"heardSeconds": 60.0, "waitingSeconds": 0.0}, 0)
    assert [one["topic"] for one in told["topics"]] == [CHANNEL]


async def test_who_watches_can_be_called_when_events_stay_away(here, events, doors):
    doors.clock.advance(400)
    told = (await here.get(routes.METRICS)).text
    assert f'portal_salesforce_events_connected{{topic="{CHANNEL}"}} 0.0' in told
    assert f'portal_salesforce_events_heard_seconds{{topic="{CHANNEL}"}} 400.0' in told
    assert "portal_salesforce_events_quarantined 0.0" in told and "portal_salesforce_events_gap 0.0" in told


async def test_g2_events_of_a_database_that_is_down_are_unknown(away, events, monkeypatch):
    async def down() -> None:
        raise ConnectionError("db.internal refused")

    monkeypatch.setattr(events, "get", down)
    answer = await away.get(routes.API_SF_EVENTS)
    assert (answer.status_code, answer.text) == (503, "unavailable")


@pytest.fixture
async def work(doors):
    """One order that is held, one that was just received, one comparison an hour ago."""
    rows, reports = Fulfilments(doors.db, doors.cipher, doors.clock), ReconcileReports(doors.db, doors.clock)
    await reports.save("orders", doors.clock.now(), 7, {"added": 1, "changed": 0, "removed": 0}, 1, [{"why": "x"}])
    doors.clock.advance(3600)
    await rows.receive("801000000000001AAA")
    held = {"hold": Hold.PAUSED, "next_attempt_at": None, "error_code": Code.PAYMENT_METHOD_MISSING}
    await rows.release(await rows.step(await rows.claim("801000000000001AAA"), State.VALIDATED, **held))
    await rows.receive("801000000000002AAA")
    counts = FulfilmentCounts(doors.db, doors.clock, stuck_after=timedelta(minutes=30))
    stores = {"inbox": doors.inbox, "outbox": doors.outbox, "reports": reports, "clock": doors.clock}
    stores["case_posts"] = CasePosts(doors.db, doors.cipher, KeyedIndex("index key"), doors.clock)
    made = Work(counts=counts, **stores)
    with wiring.use(work=made):
        yield made


async def test_g2_a_stranger_reads_one_word_about_queues(away, work, doors):
    answer = await away.get(routes.API_QUEUES)
    assert (answer.status_code, answer.text, answer.headers["cache-control"]) == (200, "ok", "no-store")
    doors.clock.advance(1801)
    assert (await away.get(routes.API_QUEUES)).text == "behind"


async def test_g2_strangers_who_ask_all_the_time_cost_the_database_one_look(away, work, events, doors, monkeypatch):
    looks: list[str] = []
    for name, standing in (("work", work), ("events", events)):

        async def get(name=name, look=standing.get):
            looks.append(name)
            return await look()

        monkeypatch.setattr(standing, "get", get)
    for _ in range(3):
        answers = await asyncio.gather(*(away.get(path) for path in (routes.API_QUEUES, routes.API_SF_EVENTS) * 3))
        assert {answer.text for answer in answers} == {"ok", "connected"}
    assert sorted(looks) == ["events", "work"]
    doors.clock.advance(5)
    await away.get(routes.API_QUEUES)
    assert sorted(looks) == ["events", "work", "work"]


async def test_g2_who_watches_sees_what_waits_what_is_held_and_what_was_compared(away, work, doors):
    await doors.inbox.accept("whmcs", "e1", "InvoicePaid", b"{}")
    doors.clock.advance(60)
    with wiring.use(settings=a_settings(PORTAL_MONITORING_TOKEN=TOKEN)):
        told = (await away.get(routes.API_QUEUES, headers=bearer(TOKEN))).json()
    assert told["queues"] == {
        "inbox": {"depth": 1, "oldestSeconds": 60.0},
        "outbox": {"depth": 0, "oldestSeconds": 0.0},
        "fulfilments": {"depth": 1, "oldestSeconds": 60.0},
        "case_posts": {"depth": 0, "oldestSeconds": 0.0},
    }
    assert told["fulfilments"] == {
        "states": [
            {"state": "RECEIVED", "hold": "", "count": 1},
            {"state": "VALIDATED", "hold": "PAUSED", "count": 1},
        ],
        "held": {"PAYMENT_METHOD_MISSING": 1},
        "stuck": 0,
    }
    assert list(told["upstreams"]) == ["whmcs", "salesforce"]
    assert told["reconcile"]["orders"]["ageSeconds"] == 3660.0
    assert (told["reconcile"]["orders"]["left"], told["reconcile"]["orders"]["complete"]) == (1, True)


async def test_g2_queues_of_a_database_that_is_down_are_unknown(away, work, monkeypatch):
    async def down() -> None:
        raise ConnectionError("db.internal refused")

    monkeypatch.setattr(work, "get", down)
    answer = await away.get(routes.API_QUEUES)
    assert (answer.status_code, answer.text) == (503, "unavailable")


async def test_metrics_show_orders_queues_comparisons_and_events(here, work, events, doors):
    doors.clock.advance(60)
    seen = (await here.get(routes.METRICS)).text
    assert 'portal_fulfilments{hold="PAUSED",state="VALIDATED"} 1.0' in seen
    assert 'portal_fulfilments_held{code="PAYMENT_METHOD_MISSING"} 1.0' in seen
    assert "portal_fulfilments_stuck 0.0" in seen
    assert 'portal_queue_oldest_seconds{queue="fulfilments"} 60.0' in seen
    assert f'portal_salesforce_events_heard_seconds{{topic="{CHANNEL}"}} 60.0' in seen
    (finished,) = [line for line in seen.splitlines() if 'finished_seconds{kind="orders"}' in line]
    assert float(finished.rsplit(" ", 1)[1]) == doors.clock.now().timestamp() - 3660


async def test_metrics_of_this_process_are_shown_while_the_database_is_down(here, work, monkeypatch):
    async def down() -> None:
        raise ConnectionError

    monkeypatch.setattr(work, "get", down)
    answer = await here.get(routes.METRICS)
    assert (answer.status_code, "portal_http_requests_total" in answer.text) == (200, True)


async def test_g1_while_draining_it_is_not_ready(away):
    health.drain()
    assert (await away.get(routes.API_READY)).status_code == 503
    assert (await away.get(routes.API_LIVE)).status_code == 200


async def test_g2_details_need_the_token_from_anywhere(away):
    with wiring.use(settings=a_settings(PORTAL_MONITORING_TOKEN=TOKEN)):
        assert (await away.get(routes.API_READY, headers=bearer(TOKEN))).json()["status"] == "ready"
        for wrong in (TOKEN + "x", TOKEN[:-1], "", "\u00e9"):
            answer = await away.get(routes.API_READY, headers={"authorization": f"Bearer {wrong}".encode()})
            assert answer.text == "ready"


async def test_g2_loopback_sees_details_in_demo_only(here):
    assert (await here.get(routes.API_READY)).json()["status"] == "ready"
    with wiring.use(settings=a_settings(PORTAL_ENV="dev")):
        assert (await here.get(routes.API_READY)).text == "ready"
        assert (await here.get(routes.METRICS)).status_code == 401


async def test_g2_what_a_local_proxy_forwards_is_not_loopback(here):
    assert (await here.get(routes.API_READY, headers={"x-forwarded-for": "203.0.113.5"})).text == "ready"


async def test_a_wrong_token_is_not_excused_by_loopback(here):
    with wiring.use(settings=a_settings(PORTAL_MONITORING_TOKEN=TOKEN)):
        assert (await here.get(routes.METRICS, headers=bearer("wrong"))).status_code == 401


async def test_metrics_are_for_those_who_watch(away, here):
    refused = await away.get(routes.METRICS)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert "portal_http" not in refused.text
    seen = await here.get(routes.METRICS)
    assert seen.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "portal_http_requests_total" in seen.text
    assert 'portal_upstream_now{state="waiting",system="salesforce"} 0.0' in seen.text
    assert 'portal_upstream_open{system="whmcs"} 0.0' in seen.text
    assert "portal_salesforce_allowance_used 0.9" in seen.text


async def wake(client: httpx.AsyncClient, body: object, token: str | None = None) -> httpx.Response:
    headers = bearer(operator_token(a_settings()) if token is None else token)
    return await client.post(routes.OPERATOR_WAKE, json=body, headers=headers)


async def test_the_operator_clears_caches_and_wakes_pages(here, doors):
    cache = CountingCache()
    with wiring.use(cache=cache):
        topic = f"customer:{USER}:invoices"
        answer = await wake(here, {"publish": [{"topic": topic}], "clear": [{"user_id": USER, "tags": ["invoices"]}]})
    assert (answer.status_code, answer.json()) == (200, {"cleared": 1, "published": 1})
    assert cache.cleared == [(USER, "invoices")]
    assert (topic, "") in doors.heard


async def test_the_operators_door_is_not_there_for_anybody_else(here, away, doors):
    body = {"publish": [{"topic": "work:inbox"}]}
    assert (await wake(away, body)).status_code == 404
    assert (await wake(here, body, token="wrong")).status_code == 404
    assert (await wake(here, body, token="")).status_code == 404
    here.headers["x-forwarded-for"] = "203.0.113.5"
    assert (await wake(here, body)).status_code == 404
    assert doors.heard == []


@pytest.mark.parametrize(
    "body",
    [
        {"publish": [{"topic": "anything"}]},
        {"publish": [{"topic": f"customer:{USER}:invoices\nx"}]},
        {"publish": [{"topic": "work:inbox", "payload": "x" * 201}]},
        {"publish": [{"topic": "work:inbox"}] * 501},
        {"clear": [{"user_id": "*"}]},
        {"clear": [{"user_id": USER, "tags": ["*"]}]},
        {"execute": "rm"},
        [],
    ],
)
async def test_the_operator_can_ask_for_nothing_else(here, doors, body):
    assert (await wake(here, body)).status_code == 400
    assert doors.heard == []


async def test_the_operators_token_is_no_other_secret_of_the_portal():
    settings = a_settings()
    secrets = {v for v in settings.model_dump().values() if isinstance(v, str)}
    assert operator_token(settings) not in secrets
    assert operator_token(settings) != operator_token(a_settings(JWT_SECRET="another secret 0123456789 0123456789"))
