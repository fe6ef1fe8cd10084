"""I7: whichever statement a process dies before, what it was doing is done whole or not at all."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import event

from portal_app.storage.email_tokens import EmailTokens
from portal_app.storage.engine import Database
from portal_app.storage.idempotency import IdempotencyKeys, KeyRecord
from portal_app.storage.outbox import Outbox
from portal_app.storage.signups import ADD_INTENT, ADDED, COMPLETED, PROVEN, VERIFIED, SignupRecord, Signups
from portal_app.storage.users import Users
from tests.storage.becoming import held
from tests.storage.conftest import rows

TABLES = ("signups", "email_tokens", "idempotency_keys", "users", "id_mappings", "outbox")
KEY = "a-key-of-the-tests"
HOUR = timedelta(hours=1)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class World:
    """Everything the acts below need, prepared by `start`."""

    db: Database
    signups: Signups
    tokens: EmailTokens
    keys: IdempotencyKeys
    users: Users
    outbox: Outbox
    record: SignupRecord | None = None
    key: KeyRecord | None = None
    token: str = ""

    async def start(self, state: str) -> None:
        self.record = await held(self.db, self.signups, state)
        self.key = (await self.keys.begin("anon:1", "sign_up", KEY, "f")).record
        async with self.db.write() as session:
            self.token = await self.tokens.mint(session, "verify", self.record.signup_id, ttl=HOUR)

    async def everything(self) -> list[list[tuple[object, ...]]]:
        return [sorted(await rows(self.db, f"SELECT * FROM {table}"), key=str) for table in TABLES]


@pytest.fixture
def world(db, cipher, index, clock, users) -> World:
    kept = (db, cipher, index, clock)
    return World(db, Signups(*kept), EmailTokens(*kept), IdempotencyKeys(*kept), users, Outbox(db, cipher, clock))


@contextmanager
def killed_before(db: Database, statement: int) -> Iterator[None]:
    """The process dies before its n-th statement, counted from 0."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen > statement:
            raise Killed

    event.listen(db._engine.sync_engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(db._engine.sync_engine, "before_cursor_execute", count)


async def submit(world: World) -> None:
    async with world.db.write() as session:
        await world.signups.new_row(
            session,
            signup_id="new",
            user_id="new user",
            details_json="{}",
            password_hash="hash",
            locale="ja",
            email="eve@example.com",
            customer_number="C-2",
            sf_account_id="001B",
        )
        await world.outbox.add(session, "account_mail", "account_mail:signup:new", {"purpose": "signup"})
        await world.keys.succeeded(session, world.key, 202, {})


async def verify(world: World) -> None:
    found = await world.tokens.find("verify", world.token)
    async with world.db.write() as session:
        assert await world.tokens.use(session, found)
        await world.signups.step_in(session, world.record, VERIFIED)


async def claim(world: World) -> None:
    await world.signups.claim_account(world.record, ADD_INTENT)


async def complete(world: World) -> None:
    async with world.db.write() as session:
        await world.users.create_linked(
            session,
            user_id=world.record.user_id,
            email="ada@example.com",
            password_hash="hash",
            locale="ja",
            whmcs_client_id=7,
            sf_account_id=world.record.sf_account_id,
        )
        await world.outbox.add(session, "mail", "welcome", {"template": "welcome"})
        await world.signups.step_in(session, world.record, COMPLETED)


async def mint_again(world: World) -> None:
    async with world.db.write() as session:
        await world.tokens.mint(session, "verify", world.record.signup_id, ttl=HOUR)
        await world.outbox.add(session, "mail", "again", {"template": "verify_email"})


async def last_wrong_try(world: World) -> None:
    await world.tokens.failed(await world.tokens.find("verify", world.token))


async def begin(world: World) -> None:
    await world.keys.begin("anon:2", "sign_up", KEY, "f")


async def forget(world: World) -> None:
    await world.keys.forget(world.key)


async def take_due(world: World) -> None:
    await world.signups.claim_due(5)


@pytest.mark.parametrize(
    ("act", "state"),
    [
        (submit, VERIFIED),
        (verify, VERIFIED),
        (claim, PROVEN),
        (complete, ADDED),
        (mint_again, VERIFIED),
        (last_wrong_try, VERIFIED),
        (begin, VERIFIED),
        (forget, VERIFIED),
        (take_due, VERIFIED),
    ],
)
async def test_i7_a_process_may_die_before_any_statement(
    world: World, act: Callable[[World], Awaitable[None]], state: str
):
    await world.start(state)
    if act is last_wrong_try:
        for _ in range(4):
            await act(world)
    if act is take_due:
        await world.signups.release(world.record)
    before, statement = await world.everything(), 0
    while await dies(world, act, statement):
        assert await world.everything() == before
        statement += 1
    assert statement and await world.everything() != before


async def dies(world: World, act: Callable[[World], Awaitable[None]], statement: int) -> bool:
    """Whether there was such a statement to die before."""
    try:
        with killed_before(world.db, statement):
            await act(world)
    except Killed:
        return True
    return False


async def test_i7_a_sign_up_whose_worker_died_anywhere_is_completed_by_the_next(world, clock):
    await world.start(ADDED)
    statement = 0
    while await dies(world, complete, statement):
        clock.advance(91)
        (world.record,) = await world.signups.claim_due(5)
        statement += 1
    assert await world.signups.counts_by_state() == {COMPLETED: 1}
    assert (await world.users.find_customer(world.record.user_id)).whmcs_client_id == 7
    assert len(await world.outbox.claim(5)) == 1
