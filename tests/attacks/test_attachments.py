"""Files that would do harm, files of others, bodies that never end: at the doors, with Salesforce behind them."""

import asyncio
import uuid
from contextlib import asynccontextmanager
from urllib.parse import quote

import httpx
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server

from portal_app import routes, wiring
from portal_app.domain.attachments import LARGEST
from portal_app.text import SENTENCES
from portal_app.web.case_files import MOST_READ
from sandbox.app import running
from sandbox.config import Config
from tests.fakes.entrance import BASE
from tests.fakes.files_world import Bits, FilesWorld, a_jpg, a_pdf, a_png
from tests.web.test_who_may import cookie_of
from tools.ports import FreePorts, is_free

ZIP = b"PK\x05\x06" + b"\0" * 18
RAW = "application/octet-stream"


@pytest.fixture
async def files(entrance, world):
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=5)) as sandbox:
        made = FilesWorld(world, sandbox)
        made.seeded()
        with wiring.use(case_file_desk=made.desk):
            yield made
        await made.close()


async def signed_in(client, files, email: str, whmcs_client_id: int):
    client.customer = await files.a_customer(email, whmcs_client_id)
    tokens = await files.world.sessions.start(client.customer.user_id, device_label="x")
    client.token = tokens.access
    client.cookies.set("portal_at", tokens.access, domain="localhost.local", path="/")
    return client


@pytest.fixture
async def owner(entrance, files):
    return await signed_in(entrance.program(), files, "owner@example.com", 501)


@pytest.fixture
async def other(entrance, files):
    return await signed_in(entrance.program(), files, "other@example.com", 502)


async def send(client, content=None, name: str = "photo.png", **headers: str) -> httpx.Response:
    content = a_png() if content is None else content
    given = {"content-type": RAW, "x-file-name": quote(name), "idempotency-key": uuid.uuid4().hex} | headers
    return await client.post(routes.API_CASE_UPLOADS, content=content, headers=given)


async def attached(files, client, content: bytes = b"", name: str = "photo.png") -> tuple[str, str]:
    """A case of that customer with a file in it."""
    case = files.a_case(client.customer)
    answer = await send(client, content or a_png(), name)
    await files.desk.attach(client.customer, case, [answer.json()["file_id"]])
    [document] = await files.desk.list_of(client.customer, case)
    return case, document


def nothing(files) -> bool:
    return not files.live("ContentVersion") and not files.live("ContentDocument")


async def test_a_file_is_taken_and_answered_with_what_a_message_needs(owner, files):
    answer = await send(owner, a_png(70_000), "画面 (1).png")
    assert answer.status_code == 201
    assert {k: v for k, v in answer.json().items() if k != "file_id"} == {
        "name": "画面 (1).png",
        "size": 70_000,
        "kind": "png",
    }
    assert [one["ContentSize"] for one in files.live("ContentDocument")] == [70_000]


BAD = {
    "135 nothing in it": (b"", "a.png", "upload.empty"),
    "136 over the limit": (a_png(LARGEST + 1), "a.png", "upload.over_limit"),
    "137 a way out of the folder": (a_png(), "../../x.png", "upload.folder"),
    "137 a way out for Windows": (a_png(), "..\\..\\x.png", "upload.folder"),
    "138 a drawing with a script": (b"<svg onload=alert(1)>", "a.svg", "upload.type"),
    "138 a drawing by another name": (b"<svg onload=alert(1)></svg>", "a.png", "upload.content"),
    "139 a program by another name": (b"MZ\x90\0\x03" + b"\0" * 99, "a.png", "upload.content"),
    "140 a PDF that is also a page": (a_pdf(b"%<html><script>alert(1)</script>\n"), "a.pdf", "upload.mixed"),
    "140 a PDF with a tail": (a_pdf() + b"<p>more</p>", "a.pdf", "upload.mixed"),
    "140 a PDF that begins as a picture": (b"GIF89a" + a_pdf(), "a.pdf", "upload.content"),
    "141 an archive": (b"PK\x03\x04" + ZIP, "a.zip", "upload.archive"),
    "141 an archive by another name": (b"PK\x03\x04" + ZIP, "a.png", "upload.content"),
    "141 an archive behind a picture": (a_jpg() + b"PK\x03\x04" + ZIP, "a.jpg", "upload.mixed"),
    "142 a device": (a_png(), "CON.png", "upload.name"),
    "142 another device": (a_pdf(), "nul.pdf", "upload.name"),
    "142 300 characters": (a_png(), "x" * 300 + ".png", "upload.name"),
    "142 written from right to left": (a_png(), "photo\u202egnp.png", "upload.name"),
    "36 a header of its own": (a_png(), "a\r\nx-evil: 1.png", "upload.name"),
    "a document cut off": (a_pdf(end=b""), "a.pdf", "upload.cut_off"),
    "no name": (a_png(), "", "upload.missing"),
}


async def test_135_142_each_bad_file_is_refused_with_its_own_sentence_and_reaches_nobody(owner, files):
    for number, (what, (content, name, reason)) in enumerate(BAD.items()):
        owner.cookies.set("portal_locale", ("en", "ja")[number % 2], domain="localhost.local", path="/")
        body = Bits(content)
        answer = await send(owner, body, name, **{"content-length": str(len(content))})
        assert (answer.status_code, body.taken) == (422, len(content)), what
        assert answer.headers["content-type"] == "application/problem+json"
        [error] = answer.json()["errors"]
        assert (error["code"], error["detail"]) == (reason, SENTENCES[reason][number % 2]), what
        assert nothing(files), what
    assert await files.world.scalar("SELECT count(*) FROM case_files") == 0


def test_135_142_no_two_kinds_of_bad_files_share_a_sentence():
    reasons = {reason for _, _, reason in BAD.values()}
    for locale in (0, 1):
        assert len({SENTENCES[reason][locale] for reason in reasons}) == len(reasons) > 8


async def test_40_a_name_that_is_no_text_is_refused(owner, files):
    for name in ("%FF%FE.png", "%C0%AF.png", "%ED%A0%80.png"):
        answer = await send(owner, **{"x-file-name": name})
        assert (answer.status_code, answer.json()["errors"][0]["code"], nothing(files)) == (422, "upload.name", True)


async def test_136_a_declared_giant_is_refused_unread(owner, files):
    giant = Bits(a_png())
    answer = await send(owner, giant, **{"content-length": str(MOST_READ + 1)})
    assert (answer.json()["errors"][0]["code"], giant.taken, nothing(files)) == ("upload.over_limit", 0, True)


async def test_97_a_body_of_unknown_length_is_refused(owner, files):
    answer = await send(owner, Bits(a_png()))
    assert (answer.status_code, nothing(files)) == (411, True)


async def test_136_more_than_was_declared_is_never_handed_on(owner, files):
    endless = Bits(a_png(400_000))
    answer = await send(owner, endless, **{"content-length": "1000"})
    assert (answer.status_code, answer.json()["errors"][0]["code"], nothing(files)) == (422, "upload.cut_off", True)


UNUSUAL = [
    ({"content-type": "multipart/form-data; boundary=x"}, 415),
    ({"content-type": "image/png"}, 415),
    ({"content-encoding": "gzip"}, 415),
    ({"content-length": "1e3"}, 400),
    ({"content-length": "-1"}, 400),
    ({"origin": "https://evil.example"}, 403),
    ({"origin": "null"}, 403),
    ({"idempotency-key": "short"}, 400),
    ({"idempotency-key": ""}, 400),
]


async def test_98_103_what_no_page_of_ours_sends_is_refused(owner, files):
    assert [(await send(owner, **headers)).status_code for headers, _ in UNUSUAL] == [status for _, status in UNUSUAL]
    assert nothing(files)


async def test_somebody_who_sends_too_slowly_is_told_and_leaves_nothing(owner, files, monkeypatch):
    monkeypatch.setattr("portal_app.web.case_files.SILENT_S", 0)

    async def stuck():
        yield a_png()[:100]
        await asyncio.Event().wait()

    answer = await send(owner, stuck(), **{"content-length": "600"})
    assert (answer.status_code, nothing(files)) == (503, True)
    assert files.files_upstream.state()["breaker"] == "closed"


async def test_i8_who_is_refused_is_not_listened_to_for_long(entrance, files, monkeypatch):
    monkeypatch.setattr("portal_app.web.case_files.REFUSED_S", 0)

    async def stuck():
        yield a_png()[:100]
        await asyncio.Event().wait()

    async with asyncio.timeout(10):
        answer = await send(entrance.program(), stuck(), **{"content-length": "600"})
    assert (answer.status_code, nothing(files)) == (401, True)


async def test_k4_the_same_key_gives_the_same_file(owner, files):
    key = {"idempotency-key": "key-of-the-page-0001"}
    first, second = [await send(owner, **key) for _ in range(2)]
    assert (first.json(), len(files.live("ContentVersion"))) == (second.json(), 1)
    assert (await send(owner, name="other.png", **key)).json()["file_id"] != first.json()["file_id"]


async def test_k10_a_key_of_somebody_else_gives_a_file_of_ones_own(owner, other, files):
    key = {"idempotency-key": "key-of-the-page-0001"}
    first, second = [(await send(one, **key)).json()["file_id"] for one in (owner, other)]
    assert first != second


async def test_l5_the_thirty_first_file_of_an_hour_is_refused_after_it_was_sent(owner, files, world):
    for _ in range(30):
        await world.limits.hit("attachment", owner.customer.user_id)
    body = Bits(a_png(200_000))
    answer = await send(owner, body, **{"content-length": "200000"})
    assert (answer.status_code, body.taken, nothing(files)) == (429, 200_000, True)


async def test_o6_each_door_answers_the_owner_and_reads_as_not_found_to_everybody_else(entrance, owner, other, files):
    case, document = await attached(files, owner)
    unsent = (await send(owner)).json()["file_id"]
    doors = (
        ("GET", routes.case_file(case, document), 200),
        ("HEAD", routes.case_file(case, document), 200),
        ("DELETE", f"{routes.API_CASE_UPLOADS}/{unsent}", 204),
    )
    for method, path, well in doors:
        foreign, unknown = [await other.request(method, p) for p in (path, path[:-4] + "zzzz")]
        assert (await entrance.program().request(method, path)).status_code == 401
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.content == unknown.content
        assert (await owner.request(method, path)).status_code == well
    assert (await send(entrance.program())).status_code == 401
    assert (await send(other)).status_code == 201


@pytest.mark.parametrize(
    ("who", "status"), [("visitor", 401), ("disabled", 401), ("signed out", 401), ("unlinked", 404), ("customer", 404)]
)
async def test_o6_who_has_no_account_in_salesforce_has_no_files(entrance, world, files, owner, who, status):
    case, document = await attached(files, owner)
    program = entrance.program()
    if token := await cookie_of(world, who):
        program.cookies.set("portal_at", token, domain="localhost.local", path="/")
    assert (await program.get(routes.case_file(case, document))).status_code == status
    assert (await program.delete(f"{routes.API_CASE_UPLOADS}/{'f' * 36}")).status_code == status


async def test_109_the_doors_know_one_method_each(owner, files):
    for method in ("GET", "PUT", "PATCH"):
        assert (await owner.request(method, routes.API_CASE_UPLOADS)).status_code == 405
        assert (await owner.request(method, f"{routes.API_CASE_UPLOADS}/x")).status_code == 405


async def test_a_download_is_saved_and_never_shown_as_a_page_of_ours(owner, files):
    case = files.a_case(owner.customer)
    name, page = 'o"p;.h\u202et\u30da.html', b"<html><script>alert(1)</script>"
    document = files.a_staff_file(case, name, page)
    answer = await owner.get(routes.case_file(case, document))
    assert answer.content == page
    assert answer.headers["content-type"] == RAW
    assert answer.headers["content-disposition"].startswith("attachment; filename=\"o_p_.ht_.html\"; filename*=UTF-8''")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_62_110_ids_that_lead_elsewhere_are_not_found(owner, files):
    used = files.sandbox.world.salesforce.allocation.used
    for case, document in (("..%2F..%2FUser", "005000000000001"), ("500x", "069?fields=Title"), ("%00", "%0d%0a")):
        assert (await owner.get(f"{routes.API_CASES}/{case}/files/{document}")).status_code == 404
    assert files.sandbox.world.salesforce.allocation.used == used


@asynccontextmanager
async def served(app):
    """The doors on a real socket, by the server customers meet; the address."""
    ports = FreePorts()
    port = ports.take()
    server = Server(app, port=port, interface=Interfaces.ASGINL, websockets=False, log_enabled=False)
    task = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(10):
            while is_free(port):
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
        await task
        ports.release()


@pytest.fixture
async def at_a_socket(entrance, owner):
    """The owner's program, over a real socket."""
    async with served(entrance.app) as url:
        manners = {"cookie": f"portal_at={owner.token}", "accept": "application/json", "origin": BASE}
        async with httpx.AsyncClient(base_url=url, headers=manners, timeout=30) as client:
            client.customer = owner.customer
            yield client


async def test_over_real_sockets_a_file_comes_back_byte_for_byte(at_a_socket, files):
    of_all_kinds = {"写真.png": a_png(LARGEST), "a.pdf": a_pdf(bytes(range(256)) * 900), "s.jpg": a_jpg()}
    for name, content in of_all_kinds.items():
        case, document = await attached(files, at_a_socket, content, name)
        assert files.bytes_of(document) == content
        answer = await at_a_socket.get(routes.case_file(case, document))
        assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(content)))
        assert answer.content == content
        assert quote(name) in answer.headers["content-disposition"]


async def test_135_142_over_real_sockets_the_sentence_arrives_and_the_line_goes_on(at_a_socket, files):
    for what in ("140 a PDF with a tail", "136 over the limit", "141 an archive behind a picture"):
        content, name, reason = BAD[what]
        answer = await send(at_a_socket, content, name)
        assert (answer.status_code, answer.json()["errors"][0]["code"], nothing(files)) == (422, reason, True)
    assert (await send(at_a_socket)).status_code == 201


async def test_a_browser_that_hangs_up_in_the_middle_leaves_no_file(at_a_socket, files):
    content = a_png(LARGEST)

    async def cut():
        yield content[: LARGEST // 2]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await send(at_a_socket, cut(), **{"content-length": str(LARGEST)})
    async with asyncio.timeout(10):
        while files.files_upstream.state()["running"]:
            await asyncio.sleep(0.01)
    assert nothing(files)


async def test_104_a_length_and_pieces_of_no_length_together_are_refused_or_harmless(at_a_socket, files):
    reader, writer = await asyncio.open_connection("127.0.0.1", at_a_socket.base_url.port)
    writer.write(
        f"POST {routes.API_CASE_UPLOADS} HTTP/1.1\r\nHost: localhost:3000\r\nOrigin: {BASE}\r\n"
        "Accept: application/json\r\n"
        f"Cookie: {at_a_socket.headers['cookie']}\r\nContent-Type: {RAW}\r\nX-File-Name: a.png\r\n"
        "Connection: close\r\nContent-Length: 600\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".encode()
    )
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    assert answer.split()[1][:1] == b"4" and nothing(files)
