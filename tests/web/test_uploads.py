"""An identity document over HTTP: looked at while it arrives, handed over once (K1-K8, files of section 14)."""

import asyncio

import httpx
import pytest

from portal_app import routes, wiring
from portal_app.domain.documents import DocumentCheck
from portal_app.errors import UpstreamUnavailable
from portal_app.storage.account_locks import AccountLocks
from portal_app.web.multipart import MOST_BYTES
from portal_app.workflows.identity_documents import IdentityDocuments
from tests.fakes.desk import Desk
from tests.web.test_who_may import cookie_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
LARGEST = 5 * 1024 * 1024
EDGE = "----WebKitFormBoundaryx"
PAGE = routes.VERIFICATION


@pytest.fixture
def desk(world) -> Desk:
    return Desk(world.clock)


@pytest.fixture(autouse=True)
def wired(entrance, world, desk):
    documents = IdentityDocuments(
        desk, desk, world.bus, world.audit, world.limits, AccountLocks(world.db, world.clock, patience_s=0)
    )
    with wiring.use(identity_documents=documents):
        yield


async def signed_in(client: httpx.AsyncClient, world, email: str = "ada@example.com") -> str:
    user_id = await world.users.create(email, "hash")
    await world.users.link(user_id, 101 + await world.scalar("SELECT count(*) FROM users"))
    tokens = await world.sessions.start(user_id, device_label="x")
    client.cookies.set("portal_at", tokens.access, domain="localhost.local", path="/")
    return user_id


@pytest.fixture
async def browser(entrance, world):
    client = entrance.browser()
    client.user_id = await signed_in(client, world)
    return client


@pytest.fixture
async def program(entrance, world):
    client = entrance.program()
    client.user_id = await signed_in(client, world, "bob@example.com")
    return client


def part(name: str, value: bytes | str, filename: str | bytes | None = None, more: str = "") -> bytes:
    value = value.encode() if isinstance(value, str) else value
    filename = filename.encode() if isinstance(filename, str) else filename
    named = b"" if filename is None else b'; filename="' + filename + b'"\r\nContent-Type: image/png'
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"'.encode()
    return head + named + more.encode() + b"\r\n\r\n" + value + b"\r\n"


def form(content: bytes = PNG, filename: str | bytes = "card.png", *, key: str = "", back: str = "") -> bytes:
    """As the page sends it."""
    fields = part("idempotency_key", key or "key-of-the-page-0001") + part("returnTo", back)
    return fields + part("document", content, filename) + f"--{EDGE}--\r\n".encode()


async def send(client: httpx.AsyncClient, body=None, **headers: str) -> httpx.Response:
    headers = {"content-type": f"multipart/form-data; boundary={EDGE}"} | headers
    return await client.post(routes.API_VERIFICATION, content=form() if body is None else body, headers=headers)


class Pieces:
    """A body that arrives bit by bit; how much of it was asked for."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces, self.taken = pieces, 0

    async def __aiter__(self):
        for piece in self._pieces:
            self.taken += len(piece)
            yield piece


async def test_a_file_is_handed_over_and_the_page_says_thank_you(entrance, browser, desk):
    answer = await send(browser, form(filename="在留カード.png", back="/checkout/sim"))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?returnTo=/checkout/sim")
    assert await entrance.kept(answer) == {"notice": "document.submitted"}
    assert list(desk.files.values()) == [(browser.user_id, "在留カード.png", PNG)]


async def test_a_program_is_answered_in_json(program, desk):
    answer = await send(
        program, part("document", PNG, "card.png") + f"--{EDGE}--".encode(), **{"idempotency-key": "k" * 16}
    )
    assert (answer.status_code, answer.json()) == (200, {"status": "submitted"})
    assert [content for _, _, content in desk.files.values()] == [PNG]


async def test_the_largest_file_arrives_whole_in_however_small_pieces(browser, desk):
    content = PNG + bytes(LARGEST - len(PNG))
    body = form(content)
    cut = [body[:1], *(body[at : at + 65_521] for at in range(1, len(body), 65_521))]
    assert (await send(browser, Pieces(*cut))).status_code == 303
    assert [kept for _, _, kept in desk.files.values()] == [content]


async def test_a_boundary_may_be_cut_anywhere(browser, desk):
    content = PNG[:20] + f"\r\n--{EDGE[:-1]}".encode() + b"\r\n--"
    body = form(content)
    assert (await send(browser, Pieces(*(body[at : at + 1] for at in range(len(body)))))).status_code == 303
    assert [kept for _, _, kept in desk.files.values()] == [content]


@pytest.mark.parametrize(
    ("content", "filename", "reason"),
    [
        (b"", "card.png", "upload.empty"),
        (b"", "", "upload.missing"),
        (PNG + bytes(LARGEST - len(PNG) + 1), "card.png", "upload.too_large"),
        (PNG, "../../card.png", "upload.name"),
        (PNG, "..\\card.png", "upload.name"),
        (PNG, "CON.png", "upload.name"),
        (PNG, "\u202ecard.png", "upload.name"),
        (PNG, "x" * 300 + ".png", "upload.name"),
        (PNG, b"\xff\xfe.png", "upload.name"),
        (b"<svg onload=alert(1)>", "card.svg", "upload.type"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "card.png", "upload.type"),
        (b"GIF89a%PDF-1.7", "card.pdf", "upload.type"),
        (PNG, "card.png.html", "upload.type"),
        (b"PK\x03\x04" + bytes(100), "card.zip", "upload.type"),
    ],
)
async def test_135_142_each_bad_file_has_its_own_sentence_and_reaches_nobody(
    entrance, browser, program, desk, content, filename, reason
):
    answer = await send(browser, form(content, filename, back="/checkout/sim"))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?returnTo=/checkout/sim")
    assert await entrance.kept(answer) == {"error": "problem.validation", "field.document": reason}
    document = await send(program, form(content, filename))
    assert (document.status_code, document.json()["code"]) == (422, "validation")
    assert [(e["field"], e["code"]) for e in document.json()["errors"]] == [("document", reason)]
    assert desk.files == {}


async def test_136_97_no_more_is_read_than_a_file_may_have(entrance, browser, program, desk):
    for client in (browser, program):
        endless = Pieces(form()[:-200], *[bytes(100_000)] * 1000)
        answer = await send(client, endless)
        assert endless.taken <= MOST_BYTES + 100_000
        assert answer.status_code == (303 if client is browser else 413)
    assert desk.files == {}


async def test_136_a_declared_giant_is_refused_unread(entrance, browser, desk):
    giant = Pieces(form())
    answer = await send(browser, giant, **{"content-length": str(10**9)})
    assert (await entrance.kept(answer))["field.document"] == "upload.too_large"
    assert (giant.taken, desk.files) == (0, {})


async def test_a_refusal_waits_until_the_browser_has_sent_everything(entrance, browser, desk):
    desk.failure = UpstreamUnavailable("salesforce", "GetChecks")
    for client, filename in ((browser, "card.png"), (entrance.browser(), "card.png"), (browser, "card.exe")):
        body = form(filename=filename)
        arriving = Pieces(*(body[at : at + 1000] for at in range(0, len(body), 1000)))
        assert (await send(client, arriving)).status_code == 303
        assert arriving.taken == len(body)
        desk.failure = None


HEAD = f"--{EDGE}\r\nContent-Disposition: form-data"
BAD = {
    "no end": form()[: -len(EDGE) - 6],
    "cut in the file": form()[:-500],
    "nothing": b"",
    "two files": part("document", PNG, "a.png") + form(),
    "a field twice": part("returnTo", "/a") + form(),
    "a file in another field": part("returnTo", PNG, "a.png") + form(),
    "the file as text": part("document", "just text") + f"--{EDGE}--".encode(),
    "no name": f"{HEAD}\r\n\r\nx\r\n".encode() + form(),
    "not form data": form().replace(b"form-data", b"attachment"),
    "a header twice": part("returnTo", "x", more="\r\nContent-Disposition: form-data; name=document") + form(),
    "a text without end": part("other", "x" * 5000) + form(),
    "too many parts": b"".join(part(f"f{n}", "") for n in range(20)) + form(),
    "a header without end": part("a", "", more="\r\nX: " + "y" * 20_000) + form(),
    "text that is no text": part("other", b"\xff\xfe") + form(),
    "another boundary": form().replace(EDGE.encode(), b"another"),
}


@pytest.mark.parametrize("what", BAD)
async def test_98_what_is_no_such_form_is_refused_and_reaches_nobody(program, desk, what):
    answer = await send(program, BAD[what])
    assert (answer.status_code, answer.json()["code"], desk.files) == (400, "malformed", {})


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=" + "x" * 300, 400),
        ("application/json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
    ],
)
async def test_98_another_type_of_body_is_refused(program, desk, kind, status):
    assert ((await send(program, form(), **{"content-type": kind})).status_code, desk.files) == (status, {})


async def test_103_a_compressed_body_is_not_unpacked(program, desk):
    assert (await send(program, form(), **{"content-encoding": "gzip"})).status_code == 415


async def test_somebody_who_sends_too_slowly_is_told_to_try_again(program, desk, monkeypatch):
    monkeypatch.setattr("portal_app.web.multipart.READING_S", 0)

    async def stuck():
        yield form()[:100]
        await asyncio.Event().wait()

    assert ((await send(program, stuck())).status_code, desk.files) == (503, {})


@pytest.mark.parametrize("state", ["submitted", "verified"])
async def test_whoever_needs_to_send_nothing_is_refused_before_the_file_is_looked_at(browser, program, desk, state):
    for client in (browser, program):
        desk.documents[client.user_id] = DocumentCheck(state)
    answer = await send(browser, b"not even a form", referer=f"http://localhost:3000{PAGE}?returnTo=/checkout/sim")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?returnTo=/checkout/sim")
    assert (await send(program, b"not even a form")).status_code == 409
    assert desk.files == {}


async def test_k1_without_a_key_nothing_is_handed_over(program, browser, entrance, desk):
    bare = part("document", PNG, "card.png") + f"--{EDGE}--".encode()
    answer = await send(program, bare)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")
    assert (await entrance.kept(await send(browser, bare)))["error"] == "problem.idempotency_key_missing"
    assert desk.files == {}


async def test_k4_the_same_request_again_is_answered_alike_and_hands_nothing_over(program, desk):
    first, second = [await send(program, form(), **{"idempotency-key": "key-of-the-page-0001"}) for _ in range(2)]
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second.headers["idempotency-replayed"] == "true"
    assert len(desk.files) == 1


async def test_k4_a_form_sent_again_lands_on_the_page_that_shows_the_document(browser, desk):
    answers = [await send(browser) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == [PAGE, PAGE]
    assert len(desk.files) == 1


async def test_k5_a_key_is_for_one_file_only(program, desk):
    first = {"idempotency-key": "key-of-the-page-0001"}
    await send(program, form(), **first)
    answer = await send(program, form(PNG + b"x"), **first)
    assert (answer.status_code, answer.json()["code"], len(desk.files)) == (422, "idempotency-key-reused", 1)


async def test_k7_a_refused_file_may_be_corrected_under_the_same_key(browser, desk):
    await send(browser, form(b"MZ"))
    assert (await send(browser, form())).headers["location"] == PAGE
    assert len(desk.files) == 1


async def test_k8_f8_after_a_lost_answer_the_same_form_hands_it_over_once(entrance, browser, desk):
    desk.loses, desk.before = 1, True
    answer = await send(browser)
    assert await entrance.kept(answer) == {"error": "problem.being_confirmed"}
    again = await send(browser)
    assert await entrance.kept(again) == {"notice": "document.submitted"}
    assert len(desk.files) == 1


async def test_f8_after_a_lost_answer_about_the_file_alone_it_is_not_handed_over_twice(entrance, browser, desk):
    desk.loses, desk.between = 1, True
    await send(browser)
    assert desk.documents == {}
    assert await entrance.kept(await send(browser)) == {"notice": "document.submitted"}
    assert (len(desk.files), desk.documents[browser.user_id].state) == (1, "submitted")


async def test_f8_a_file_that_arrived_and_was_not_noted_is_handed_over_once(entrance, browser, desk, monkeypatch):
    submit = desk.submit

    async def half(customer, reference, name, content) -> None:
        """The file is there; that it is there could not be noted, and surely was not."""
        await submit(customer, reference, name, content)
        del desk.documents[customer.user_id]
        raise UpstreamUnavailable("salesforce", "UpdateAccount")

    with monkeypatch.context() as away:
        away.setattr(desk, "submit", half)
        assert await entrance.kept(await send(browser)) == {"error": "problem.unavailable"}
    assert await entrance.kept(await send(browser)) == {"notice": "document.submitted"}
    assert len(desk.files) == 1


async def test_k7_another_file_under_a_key_that_was_forgotten_is_handed_over(browser, desk, monkeypatch):
    submit = desk.submit

    async def half(*what) -> None:
        await submit(*what)
        del desk.documents[browser.user_id]
        raise UpstreamUnavailable("salesforce", "UpdateAccount")

    with monkeypatch.context() as away:
        away.setattr(desk, "submit", half)
        await send(browser, form(PNG))
    await send(browser, form(PNG + b"x"))
    assert {content for _, _, content in desk.files.values()} == {PNG, PNG + b"x"}


async def test_k8_a_program_whose_answer_was_lost_hears_that_its_file_is_there(program, desk):
    desk.loses, key = 1, {"idempotency-key": "key-of-the-page-0001"}
    assert (await send(program, **key)).status_code == 202
    again = [await send(program, **key) for _ in range(2)]
    assert [(one.status_code, one.json()) for one in again] == [(200, {"status": "submitted"})] * 2
    assert len(desk.files) == 1


async def test_k10_two_customers_with_one_key_hand_over_a_file_each(browser, program, desk):
    for client in (browser, program):
        await send(client, form(key="key-of-everybody-1"))
    assert {user_id for user_id, _, _ in desk.files.values()} == {browser.user_id, program.user_id}


async def test_double_clicks_hand_over_one_file(browser, desk):
    answers = await asyncio.gather(*(send(browser) for _ in range(3)))
    assert {answer.headers["location"] for answer in answers} == {PAGE}
    assert len(desk.files) == 1


async def test_a_visitor_is_sent_to_sign_in_and_a_program_is_told(entrance, desk):
    answer = await send(entrance.browser())
    assert answer.headers["location"] == f"{routes.LOGIN}?next={PAGE}"
    assert (await send(entrance.program())).status_code == 401
    assert (desk.files, desk.asked) == ({}, 0)


async def test_s14_another_site_hands_nothing_over(browser, desk):
    assert ((await send(browser, origin="https://evil.example")).status_code, desk.files) == (403, {})


@pytest.mark.parametrize("content", [PNG, b"MZ"])
async def test_a_referer_that_is_no_address_breaks_nothing(browser, program, desk, content):
    for client, status in ((browser, 303), (program, 200 if content == PNG else 422)):
        assert (await send(client, form(content), referer="http://[")).status_code == status


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "javascript:alert(1)", "/api/auth/logout"])
async def test_107_the_way_back_is_a_page_of_ours(browser, back):
    assert (await send(browser, form(back=back))).headers["location"] == PAGE


async def test_without_salesforce_the_page_says_so_and_the_same_key_works_later(entrance, browser, desk):
    desk.failure = UpstreamUnavailable("salesforce", "GetChecks")
    assert await entrance.kept(await send(browser)) == {"error": "problem.unavailable"}
    desk.failure = None
    assert await entrance.kept(await send(browser)) == {"notice": "document.submitted"}


async def test_the_eleventh_try_in_an_hour_waits(entrance, browser, desk):
    for _ in range(10):
        await send(browser, form(b"MZ"))
    kept = await entrance.kept(await send(browser, form(b"MZ")))
    assert kept["error"] == "problem.too_many_tries"


async def test_109_only_a_post_hands_something_over(browser, desk):
    assert [(await browser.request(method, routes.API_VERIFICATION)).status_code for method in ("GET", "PUT")] == [
        405
    ] * 2


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("visitor", 401),
        ("customer", 200),
        ("unlinked", 404),
        ("disabled", 401),
        ("signed out", 401),
        ("without password", 403),
    ],
)
async def test_o6_the_door_answers_each_person_as_the_table_says(entrance, world, desk, who, status):
    program = entrance.program()
    if token := await cookie_of(world, who):
        program.cookies.set("portal_at", token, domain="localhost.local", path="/")
    answer = await send(program)
    assert (answer.status_code, len(desk.files)) == (status, int(status == 200)), answer.text
