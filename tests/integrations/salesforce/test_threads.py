"""In real threads and over real sockets: the event loop stays free, threads are few and end, addresses hold."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from portal_app.errors import UpstreamOutcomeUnknown, UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.salesforce.client import SalesforceClient
from portal_app.integrations.salesforce.session import LARGEST_REPLY, SfSession
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.salesforce.tokens import Tokens
from portal_app.integrations.salesforce.usage import ApiUsage
from portal_app.integrations.upstream import Upstream
from portal_app.observability import correlation
from tests.fakes.clock import FakeClock
from tests.fakes.salesforce import (
    ACCOUNT,
    CLIENT_ID,
    LOGIN,
    QUICK,
    QUICK_LONG,
    USERNAME,
    FakeSalesforce,
    Reply,
    an_account,
    pem,
)

ALL = soql("SELECT {n:literal} FROM Account WHERE SF_Account_No__c = {}", "C-1001", n="Id")


@pytest.fixture
def salesforce():
    return FakeSalesforce(records={"Account": [an_account()], "Case": []})


async def test_i8_slow_answers_never_block_the_event_loop_and_threads_are_few(salesforce):
    """Only the loop lets them go on: had one of them stood in its way, it would have waited for itself in vain."""
    go, running, let_go = threading.Event(), [], []

    def slow(request):
        running.append(threading.current_thread().name)
        let_go.append(go.wait(30))
        return Reply(200, {"records": [], "done": True})

    salesforce.keeps("Query", slow)
    connected = salesforce.connect(pool=ThreadPoolExecutor(3))
    asked = [asyncio.create_task(connected.client.query(ALL)) for _ in range(8)]
    while len(running) < 3:
        await asyncio.sleep(0.002)
    assert len(set(running)) == 3
    go.set()
    await asyncio.gather(*asked)
    assert let_go == [True] * 8 and len(running) == 8 and len(set(running)) == 3
    await connected.threads.close()


async def test_closing_waits_for_what_is_under_way_and_starts_nothing_more(salesforce):
    go, entered, ended = threading.Event(), threading.Event(), []

    def slow(request):
        entered.set()
        go.wait(5)
        ended.append(True)
        return Reply(200, {"records": [], "done": True})

    salesforce.keeps("Query", slow)
    connected = salesforce.connect(pool=ThreadPoolExecutor(1))
    await connected.tokens.get()
    asked, waiting = (asyncio.create_task(connected.client.query(ALL)) for _ in range(2))
    while not entered.is_set():
        await asyncio.sleep(0.002)
    closing = asyncio.create_task(connected.threads.close())
    await asyncio.sleep(0.01)
    assert not closing.done()
    go.set()
    await closing
    assert ended == [True] and await asked == ()
    for late in (waiting, connected.client.query(ALL)):
        with pytest.raises(UpstreamUnavailable):
            await late
    assert salesforce.count("Query") == 1


async def test_a_wait_that_is_cancelled_ends_at_once(salesforce):
    go, entered = threading.Event(), threading.Event()

    def slow(request):
        entered.set()
        go.wait(5)
        return Reply(200, {"records": [], "done": True})

    salesforce.will("Query", slow)
    connected = salesforce.connect(pool=ThreadPoolExecutor(2))
    await connected.tokens.get()
    asked = asyncio.create_task(connected.client.query(ALL))
    while not entered.is_set():
        await asyncio.sleep(0.002)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert len(await connected.client.query(ALL)) == 1
    go.set()
    await connected.threads.close()


async def test_r1_the_correlation_id_travels_into_the_thread_and_on(salesforce):
    connected = salesforce.connect(pool=ThreadPoolExecutor(1))
    correlation.bind("AB3D-7KQX")
    await connected.client.query(ALL)
    await connected.threads.close()
    assert salesforce.of("Query")[0].headers["X-Correlation-Id"] == "AB3D-7KQX"


class Server:
    """The fake organisation behind a real socket, with bodies that may be slow or endless."""

    def __init__(self, salesforce: FakeSalesforce) -> None:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked = requests.Request(self.command, server.url + self.path, dict(self.headers), data=body.decode())
                if server.play and "/query" in self.path:
                    server.play(self)
                    return
                answer = salesforce.send(asked.prepare())
                self.send_response(answer.status_code)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_GET = do_POST = do_PATCH = handle_any

            def log_message(self, *about: object) -> None:
                pass

        self.play = None
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        salesforce.instance_url = self.url
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server(salesforce) -> Iterator[Server]:
    found = Server(salesforce)
    yield found
    found.stop()


@pytest.fixture
async def client(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    usage, clock = ApiUsage(), FakeClock()
    threads = Threads(4, lambda: SfSession(usage.note))
    tokens = Tokens(threads, server.url, CLIENT_ID, USERNAME, pem(), clock, audience=LOGIN)
    yield SalesforceClient(tokens, threads, Upstream(QUICK, clock), Upstream(QUICK_LONG, clock), usage)
    await tokens.stop()
    await threads.close()


async def test_the_whole_way_over_a_socket(client, salesforce):
    assert [row["Id"] for row in await client.query(ALL)] == [ACCOUNT]
    case_id = await client.create("Case", {"Subject": "質問"})
    assert case_id.startswith("500") and salesforce.records["Case"][0]["Subject"] == "質問"
    await client.update("Account", ACCOUNT, {"Portal_Status__c": "Active"})
    assert salesforce.records["Account"][0]["Portal_Status__c"] == "Active"
    assert client.state()["used"] == 18


async def test_no_cookie_is_ever_sent_back(client, salesforce):
    salesforce.keeps("Query", Reply(200, {"records": [], "done": True}, {"Set-Cookie": "BrowserId=1; Path=/"}))
    for _ in range(8):
        await client.query(ALL)
    assert all("Cookie" not in request.headers for request in salesforce.of("Query"))


def start_json(handler, length):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(length))
    handler.end_headers()


async def test_t4_a_reply_without_end_is_cut_at_five_megabytes(client, server):
    sent = []

    def endless(handler):
        start_json(handler, 10**9)
        try:
            while True:
                sent.append(handler.wfile.write(b" " * 2**16))
        except OSError:
            pass

    server.play = endless
    with pytest.raises(UpstreamReplyChanged):
        await client.query(ALL)
    assert sum(sent) < 4 * LARGEST_REPLY


class Watch:
    """Each look at it takes a second."""

    def __init__(self) -> None:
        self.now = 0

    def monotonic(self) -> int:
        self.now += 1
        return self.now


def test_t5_a_reply_that_trickles_ends_with_the_time_of_the_call(server, monkeypatch):
    stop, watch = threading.Event(), Watch()
    monkeypatch.setattr("portal_app.integrations.salesforce.session.time", watch)

    def trickle(handler):
        start_json(handler, 10**9)
        try:
            while not stop.wait(0.01):
                handler.wfile.write(b" " * 2**16)
        except OSError:
            pass

    server.play = trickle
    session = SfSession(lambda header: None)
    session.aim(server.url, "/", 10, 10)
    with pytest.raises(requests.exceptions.ReadTimeout, match="took too long"):
        session.get(f"{server.url}/query")
    assert watch.now == 12, "the call began at 1 and had 10"
    stop.set()
    session.close()


async def test_f5_a_closed_port_leaves_no_doubt_about_a_write(client, server, salesforce):
    await client.query(ALL)
    salesforce.instance_url = "http://127.0.0.1:1"
    salesforce.expire()
    with pytest.raises(UpstreamUnavailable) as failed:
        await client.create("Case", {"Subject": "x"})
    assert failed.value.code == "connect"


async def test_a_connection_that_drops_leaves_a_write_in_doubt(client, server, salesforce):
    await client.query(ALL)
    salesforce.will("Create", lambda request: (_ for _ in ()).throw(ConnectionAbortedError()))
    with pytest.raises(UpstreamOutcomeUnknown):
        await client.create("Case", {"Subject": "x"})


class StoppedWatch:
    """Always the same moment."""

    def monotonic(self) -> int:
        return 1000


async def test_g1_what_is_begun_while_the_process_ends_is_over_in_time(monkeypatch):
    left: list[float] = []
    for module in ("session", "threads"):
        monkeypatch.setattr(f"portal_app.integrations.salesforce.{module}.time", StoppedWatch())

    def look(session: SfSession) -> None:
        session.aim("https://salesforce.example", "/", 60, 60)
        left.append(session._ends_at - 1000)

    threads = Threads(1, lambda: SfSession(lambda header: None))
    await threads.run(look)
    threads.end_within(5)
    threads.end_within(25)
    await threads.run(look)
    assert left == [60, 5]
    await threads.close()
