"""Writing to support over HTTP: forms and programs, each once, over real sockets to the sandbox's Salesforce."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from portal_app import routes, wiring
from portal_app.errors import UpstreamUnavailable
from portal_app.storage.case_posts import CasePosts
from portal_app.storage.idempotency import IdempotencyKeys
from portal_app.workflows.support import Support
from portal_app.workflows.support_posts import SupportPosts
from portal_app.workflows.support_showing import SupportShowing
from sandbox.app import running
from sandbox.config import Config
from sandbox.salesforce.objects import OBJECTS
from tests.fakes.doors import OWNER, PASSWORD
from tests.fakes.files_world import Bits, FilesWorld, a_png

KEY, OTHER_KEY = "key-of-the-form-0001", "key-of-the-form-0002"
FILE = "3f2b8a52-5f0e-4c9e-9a39-6f3f5f1f0a01"
QUESTION = {"subject": "No line", "message": "It is dead.\r\nSince noon.", "topic": "internet", "related": ""}


class Desk:
    """Support over the sandbox, for the owner who signs in and for somebody else."""

    def __init__(self, doors: Any, world: FilesWorld) -> None:
        self.doors, self.world = doors, world
        common: dict[str, Any] = {
            "cases": world.cases,
            "posts": CasePosts(doors.db, doors.cipher, doors.index, doors.clock),
            "files": world.rows,
            "db": doors.db,
            "outbox": doors.outbox,
            "audit": doors.audit,
        }
        self.owner: Any = None
        self.other: Any = None
        desk: Any = world.desk
        sending = SupportPosts(desk=desk, users=doors.users, bus=doors.bus, clock=doors.clock, **common)
        shown = SupportShowing(cases=world.cases, posts=common["posts"], files=world.rows, desk=desk)
        related: Any = SimpleNamespace(resolve=self._resolve)
        self.sending = sending
        self.support = Support(sending=sending, shown=shown, related=related, limits=doors.limits, **common)

    async def _resolve(self, customer: Any, kind: str, related_id: str) -> None:
        return None

    def live(self, kind: str) -> list[dict[str, Any]]:
        records = self.world.sandbox.world.salesforce.records
        return [one for one in records.all(OBJECTS[kind]) if not one["IsDeleted"]]

    def cases(self) -> list[dict[str, Any]]:
        """Those of the owner."""
        return [one for one in self.live("Case") if one.get("AccountId") == self.owner.salesforce_account_id]

    def comments(self, case_id: str) -> list[str]:
        return [one["CommentBody"] for one in self.live("CaseComment") if one["ParentId"] == case_id]

    async def told(self, answer: Any) -> tuple[str, dict[str, str]]:
        """Where the browser is sent, and what that page says."""
        assert answer.status_code == 303, answer.text
        flash = answer.cookies.get("portal_flash")
        return answer.headers["location"], await self.doors.flash.take(flash) if flash else {}


@pytest.fixture
async def bare(doors, app):
    """Signed in, and nobody behind the door: what is refused before anybody is asked."""
    await doors.a_user()
    keys = IdempotencyKeys(doors.db, doors.cipher, doors.index, doors.clock)
    with wiring.use(support=None, idempotency_keys=keys):
        yield


@pytest.fixture
async def desk(doors, app):
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=1)) as sandbox:
        world = FilesWorld(doors, sandbox)
        account_id = world.made("Account", Name="Owner", SF_Account_No__c="W-1")
        user_id = await doors.a_user()
        await doors.users.link(user_id, 101, account_id)
        made = Desk(doors, world)
        made.owner = await doors.users.find_customer(user_id)
        made.other = await world.a_customer("other@example.com", 102)
        keys = IdempotencyKeys(doors.db, doors.cipher, doors.index, doors.clock)
        with wiring.use(support=made.support, idempotency_keys=keys):
            yield made
        await world.close()


@pytest.fixture
async def form(browser, desk):
    await browser.post(routes.API_LOGIN, data={"email": OWNER, "password": PASSWORD})
    return browser


@pytest.fixture
async def api(program, desk):
    await program.post(routes.API_LOGIN, json={"email": OWNER, "password": PASSWORD})
    program.headers["origin"] = "http://localhost:3000"
    return program


async def ask(form, key: str = KEY, **changed: Any):
    return await form.post(routes.API_CASES, data=QUESTION | {"idempotency_key": key} | changed)


async def test_a_form_opens_a_question_with_its_files_and_leads_to_it_and_is_answered_closed_and_opened_again(
    form, desk
):
    content = a_png()
    receipt = await desk.world.desk.receive(desk.owner, FILE, "photo.png", len(content), Bits(content))
    page, said = await desk.told(await ask(form, file_id=receipt.file_id))
    (case,) = desk.cases()
    assert (page, said) == (routes.case(case["Id"]), {"notice": "case.opened"})
    assert (case["Subject"], case["Description"]) == ("No line", "It is dead.\nSince noon.")
    thread = await desk.support.get_thread(desk.owner, case["Id"])
    assert [one.name for one in thread.messages[0].attachments] == ["photo.png"]

    fields = {"message": "Any news?", "idempotency_key": OTHER_KEY}
    answer = await form.post(routes.case_api(case["Id"], "comments"), data=fields)
    assert await desk.told(answer) == (page, {"notice": "case.replied"})
    assert [body.partition("\n")[2] for body in desk.comments(case["Id"])] == ["Any news?"]
    for what, status, notice in (("close", "Closed", "was_closed"), ("reopen", "In Progress", "was_reopened")):
        answer = await form.post(routes.case_api(case["Id"], what), data={"idempotency_key": f"{what}-{KEY}"})
        assert await desk.told(answer) == (page, {"notice": f"case.{notice}"})
        assert desk.cases()[0]["Status"] == status


async def test_k3_k4_a_double_click_and_a_repeat_open_one_question(form, desk):
    answers = await asyncio.gather(ask(form), ask(form))
    again = await ask(form)
    (case,) = desk.cases()
    assert {one.headers["location"] for one in (*answers, again)} == {routes.case(case["Id"])}
    assert again.headers["idempotency-replayed"] == "true"


async def test_k1_k5_a_key_is_needed_and_names_one_text(api, desk):
    body = QUESTION | {"file_ids": []}
    assert (await api.post(routes.API_CASES, json=body)).json()["code"] == "idempotency-key-missing"
    first = await api.post(routes.API_CASES, json=body, headers={"idempotency-key": KEY})
    assert (first.status_code, first.json()) == (201, {"case_id": desk.cases()[0]["Id"]})
    other = await api.post(routes.API_CASES, json=body | {"message": "Another"}, headers={"idempotency-key": KEY})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert len(desk.cases()) == 1


async def test_k7_a_refused_form_keeps_the_whole_text_and_its_key_may_be_used_again(form, desk):
    message = "あ" * 2_000
    page, said = await desk.told(await ask(form, subject="", message=message))
    assert page == routes.NEW_CASE and said["value.message"] == message
    assert (said["error"], said["field.subject"]) == ("problem.validation", "case.subject_missing")
    page, _ = await desk.told(await ask(form, message=message))
    assert page == routes.case(desk.cases()[0]["Id"])


async def test_k8_while_salesforce_is_away_a_question_is_taken_and_sent_later_once(form, desk, monkeypatch):
    async def away(work: Any) -> Any:
        raise UpstreamUnavailable("salesforce", "Upsert", "connect")

    with monkeypatch.context() as broken:
        broken.setattr(desk.world.client._threads, "run", away)
        for _ in range(2):
            assert await desk.told(await ask(form)) == (routes.CASES, {"notice": "case.being_sent"})
    assert desk.cases() == []
    (item,) = [one for one in await desk.doors.outbox.claim() if one.kind == "case_post"]
    await desk.sending.deliver(item.payload, "")
    page, _ = await desk.told(await ask(form))
    assert page == routes.case(desk.cases()[0]["Id"]) and len(desk.cases()) == 1


async def test_o1_another_customers_question_is_not_found_and_left_alone(form, api, desk):
    foreign = desk.world.a_case(desk.other)
    before = dict(next(one for one in desk.live("Case") if one["Id"] == foreign))
    for number, (what, message) in enumerate([("comments", "Hello"), ("close", ""), ("reopen", "")]):
        fields = {"message": message, "idempotency_key": f"{KEY}-{number}"}
        page, said = await desk.told(await form.post(routes.case_api(foreign, what), data=fields))
        assert (page, said) == (routes.case(foreign), {})
        headers = {"idempotency-key": f"{OTHER_KEY}-{number}"}
        answer = await api.post(routes.case_api(foreign, what), json={"message": message}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert desk.comments(foreign) == []
    assert next(one for one in desk.live("Case") if one["Id"] == foreign) == before
    assert len(await desk.doors.audited("case.not_found")) == 6


@pytest.mark.parametrize("path", [routes.API_CASES, routes.case_api("500000000000001AAA", "comments")])
async def test_a_visitor_is_led_to_the_sign_in_and_a_program_is_told(bare, browser, program, path):
    answer = await browser.post(path, data=QUESTION | {"idempotency_key": KEY})
    assert answer.status_code == 303 and answer.headers["location"].startswith(f"{routes.LOGIN}?next=")
    program.headers["origin"] = "http://localhost:3000"
    assert (await program.post(path, json=QUESTION, headers={"idempotency-key": KEY})).status_code == 401


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"subject=a&subject=b", "application/x-www-form-urlencoded", 400),
        (b"message=%FF", "application/x-www-form-urlencoded", 400),
        (b"x" * (257 * 1024), "application/x-www-form-urlencoded", 413),
        (b"hello", "text/plain", 415),
        (b'{"subject": ["a"]}', "application/json", 400),
        (b'{"file_ids": [1]}', "application/json", 400),
        (b"[]", "application/json", 400),
    ],
)
async def test_what_is_no_form_of_ours_is_refused(program, bare, content, kind, status):
    await program.post(routes.API_LOGIN, json={"email": OWNER, "password": PASSWORD})
    program.headers["origin"] = "http://localhost:3000"
    headers = {"content-type": kind, "idempotency-key": KEY, "accept": "application/json"}
    assert (await program.post(routes.API_CASES, content=content, headers=headers)).status_code == status


async def test_another_sites_form_is_refused(browser, bare):
    await browser.post(routes.API_LOGIN, data={"email": OWNER, "password": PASSWORD})
    answer = await browser.post(routes.API_CASES, data=QUESTION, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
