"""Files to and from Salesforce: what is sent, what is held, what silence means."""

import asyncio
import json
import tracemalloc
from dataclasses import replace
from email import message_from_bytes

import httpx
import pytest

from portal_app.domain.attachments import HELD, LARGEST, ArrivingFile
from portal_app.errors import (
    NotFound,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.salesforce.client import Caller
from portal_app.integrations.salesforce.transfer import FileTransfer
from portal_app.integrations.upstream import SALESFORCE_FILES, Upstream
from portal_app.workflows.case_files import checked
from tests.fakes.files_world import Bits, a_png
from tests.fakes.salesforce import INSTANCE, TOKEN_CANARY, FakeSalesforce

VERSION = "068000000000001AAA"
PIECE = 65_536
SAVED = {"id": VERSION, "success": True, "errors": []}
EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
VALUES = {"Title": "写真.png [0123456789ab]", "PathOnClient": "写真.png"}


class Line(httpx.AsyncBaseTransport):
    """Salesforce's end of the line. `plan`: statuses with bodies, or what breaks; `breaks_at`: after so many bytes."""

    def __init__(self) -> None:
        self.plan: list[tuple[int, object] | Exception] = []
        self.breaks_at, self.requests, self.bodies = 0, [], []
        self.taken, self.gate, self.file = 0, None, b""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        planned = self.plan.pop(0) if self.plan else (201, SAVED)
        if isinstance(planned, httpx.ConnectError):
            raise planned
        self.bodies.append(await self._body(request, planned))
        if isinstance(planned, Exception):
            raise planned
        status, body = planned
        if status == 200 and request.method == "GET":
            kind = {"Content-Type": "application/octetstream"}
            return httpx.Response(200, headers=kind, content=aiter(Bits(self.file, 1000)))
        return httpx.Response(status, content=aiter(Bits(json.dumps(body).encode())))

    async def _body(self, request, planned) -> bytes:
        kept = bytearray()
        async for piece in request.stream:
            self.taken += len(piece)
            if self.gate is not None:
                await self.gate()
                continue
            kept += piece
            if self.breaks_at and len(kept) > self.breaks_at:
                raise planned
        return bytes(kept)


class Office:
    """The transfer over that line, with real tokens."""

    def __init__(self, **policy: object) -> None:
        self.line, self.salesforce = Line(), FakeSalesforce()
        connected = self.salesforce.connect()
        self.upstream = Upstream(replace(SALESFORCE_FILES, per_second=100_000, **policy), connected.clock)
        self.http = httpx.AsyncClient(transport=self.line)
        self.transfer = FileTransfer(self.http, connected.tokens, self.upstream, connected.usage)

    async def up(self, content: bytes, size: int | None = None) -> str:
        pieces = Bits(content)
        return await self.transfer.upload(VALUES, size or len(content), aiter(pieces), caller=Caller("u1"))

    async def down(self, size: int | None = None) -> bytes:
        size = len(self.line.file) if size is None else size
        pieces = await self.transfer.download(VERSION, size=size, caller=Caller("u1"))
        try:
            return b"".join([piece async for piece in pieces])
        finally:
            await pieces.aclose()


@pytest.fixture
def office():
    return Office()


def parts(request: httpx.Request, body: bytes) -> list[tuple[str, str, bytes]]:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    return [
        (part.get_param("name", header="content-disposition"), part.get_content_type(), part.get_payload(decode=True))
        for part in message_from_bytes(head + body).get_payload()
    ]


async def test_a_file_goes_up_in_two_parts_whose_length_is_announced(office):
    content = a_png(200_001)
    assert await office.up(content) == VERSION
    [request], [body] = office.line.requests, office.line.bodies
    assert str(request.url) == f"{INSTANCE}/services/data/v59.0/sobjects/ContentVersion"
    assert request.headers["content-length"] == str(len(body))
    assert request.headers["authorization"].startswith("Bearer ")
    assert "transfer-encoding" not in request.headers
    (meta, kind, told), (data, raw, sent) = parts(request, body)
    assert (meta, kind, json.loads(told)) == ("entity_content", "application/json", VALUES)
    assert (data, raw, sent) == ("VersionData", "application/octet-stream", content)


async def test_of_20_largest_files_at_once_only_a_few_pieces_each_are_held():
    """Nobody finishes before all are in the middle; whatever browsers have given and Salesforce has not, we hold."""
    people, given, most = 20, 0, 0
    office = Office(per_user_inflight=people)
    under_way, middle = set(), asyncio.Event()

    async def gate() -> None:
        under_way.add(asyncio.current_task())
        if len(under_way) == people:
            middle.set()
        await middle.wait()

    async def browser():
        nonlocal given, most
        for at in range(0, LARGEST, PIECE):
            piece = (b"\x89PNG\r\n\x1a\n" if at == 0 else b"") + bytes(PIECE - (8 if at == 0 else 0))
            if at + PIECE == LARGEST:
                piece = piece[:-12] + a_png()[-12:]
            given += PIECE
            most = max(most, given - office.line.taken)
            yield piece

    async def one() -> None:
        pieces = checked(ArrivingFile("a.png", LARGEST), browser())
        await office.transfer.upload(VALUES, LARGEST, pieces, caller=Caller("u1"))

    office.line.gate = gate
    tracemalloc.start()
    await asyncio.gather(*(one() for _ in range(people)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(office.line.requests) == len(under_way) == people and given == people * LARGEST
    assert most <= people * (HELD + 2 * PIECE)
    assert peak < people * 12 * PIECE < people * LARGEST / 13


async def test_what_the_browser_does_is_no_failure_of_salesforce_and_leaves_no_file(office):
    async def gone():
        yield b"x" * 100
        raise ConnectionResetError

    for _ in range(10):
        with pytest.raises(ConnectionResetError):
            await office.transfer.upload(VALUES, 200, gone(), caller=Caller("u1"))
    assert office.upstream.state()["breaker"] == "closed"
    assert office.line.bodies == []


@pytest.mark.parametrize(("size", "content"), [(100, b"x" * 99), (100, b"x" * 101), (70_000, b"x" * 140_000)])
async def test_pieces_that_do_not_come_to_the_announced_size_make_no_file(office, size, content):
    with pytest.raises(ValueError, match="announced"):
        await office.up(content, size)
    assert office.line.bodies == []


async def test_f4_a_line_cut_before_the_end_of_a_file_means_that_there_is_none(office):
    office.line.plan, office.line.breaks_at = [httpx.ReadError("cut")], 100_000
    with pytest.raises(UpstreamUnavailable):
        await office.up(a_png(300_000))


@pytest.mark.parametrize(
    "answer",
    [httpx.ReadError("cut"), httpx.ReadTimeout("late"), (500, None), (201, {"id": "x"}), (201, [1]), (302, None)],
)
async def test_f4_a_lost_answer_after_the_end_of_a_file_is_not_known_and_not_sent_again(office, answer):
    office.line.plan = [answer]
    with pytest.raises(UpstreamOutcomeUnknown) as lost:
        await office.up(a_png())
    assert len(office.line.requests) == 1
    assert TOKEN_CANARY not in repr(lost.value) and lost.value.__cause__ is None


async def test_t2_nobody_at_the_other_end_takes_no_piece_of_the_file(office):
    office.line.plan = [httpx.ConnectError("refused")]
    with pytest.raises(UpstreamUnavailable):
        await office.up(a_png())
    assert office.line.taken == 0


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "STORAGE_LIMIT_EXCEEDED", UpstreamRejected),
        (400, "UNABLE_TO_LOCK_ROW", UpstreamUnavailable),
        (403, "REQUEST_LIMIT_EXCEEDED", UpstreamUnavailable),
        (413, "", UpstreamUnavailable),
        (429, "", UpstreamUnavailable),
    ],
)
async def test_t2_a_refused_file_is_refused_once(office, status, code, kind):
    office.line.plan = [(status, [{"errorCode": code, "message": "TextCanary"}])]
    with pytest.raises(kind):
        await office.up(a_png())
    assert len(office.line.requests) == 1


async def test_t5_an_ended_session_is_forgotten_by_an_upload_and_made_good_by_a_download(office):
    office.line.plan, office.line.file = [(401, EXPIRED)], b"%PDF" * 1000
    with pytest.raises(UpstreamUnavailable):
        await office.up(a_png())
    office.line.plan = [(401, EXPIRED), (200, None)]
    assert await office.down() == office.line.file
    assert len({request.headers["authorization"] for request in office.line.requests}) == 3


@pytest.mark.parametrize("size", [0, 3999, 4001])
async def test_t4_a_file_of_another_size_than_it_should_have_is_not_given_as_whole(office, size):
    office.line.plan, office.line.file = [(200, None)], b"%PDF" * 1000
    with pytest.raises((UpstreamUnavailable, UpstreamReplyChanged), match="DownloadFile"):
        await office.down(size)


async def test_a_file_that_is_gone_is_not_found(office):
    office.line.plan = [(404, [{"errorCode": "NOT_FOUND", "message": "TextCanary"}])]
    with pytest.raises(NotFound):
        await office.down(4)
    with pytest.raises(NotFound):
        await office.transfer.download("../User/005000000000001", size=1, caller=Caller("u1"))


async def test_t6_a_customer_has_three_files_under_way_at_most(office):
    open_gate, waiting = asyncio.Event(), asyncio.Event()

    async def gate() -> None:
        if len(office.line.requests) >= 3:
            waiting.set()
        await open_gate.wait()

    office.line.gate = gate
    sending = [asyncio.create_task(office.up(a_png())) for _ in range(5)]
    await waiting.wait()
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(office.line.requests) == 3
    open_gate.set()
    await asyncio.gather(*sending)
    assert len(office.line.requests) == 5
