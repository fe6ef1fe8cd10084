"""What only shows where writers work side by side: several processes on one PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from portal_app.storage import migrate
from portal_app.workflows.linking import Linked
from tests.fakes.becoming_world import EMAIL, FIREFOX, IP, NUMBER, BecomingWorld
from tests.fakes.whmcs import a_wire_client, a_wire_user

LEGACY = "legacy@example.com"


@pytest.fixture
async def two(fresh_postgres: str) -> AsyncIterator[list[BecomingWorld]]:
    """Two processes of one portal."""
    migrate.upgrade(fresh_postgres)
    one = BecomingWorld(fresh_postgres)
    one.an_account()
    other = BecomingWorld(fresh_postgres, one)
    yield [one, other]
    await one.close()
    await other.close()


async def test_two_sign_ups_for_one_number_in_two_processes_make_one_client(two):
    tokens = [await two[0].sign_up(email=email) for email in (EMAIL, "sister@example.com")]
    outcomes = await asyncio.gather(*(world.confirm(token) for world, token in zip(two, tokens, strict=True)))
    assert sorted(confirmed.outcome for confirmed in outcomes) == ["done", "refused"]
    assert len(two[0].whmcs.clients) == 1
    assert await two[0].scalar("SELECT count(*) FROM id_mappings") == 1


async def test_one_link_opened_in_two_processes_makes_one_account(two):
    token = await two[0].sign_up()
    outcomes = await asyncio.gather(*(world.confirm(token) for world in two), return_exceptions=True)
    assert len([o for o in outcomes if not isinstance(o, Exception)]) == 1
    assert len(two[0].whmcs.clients) == 1


async def test_linking_in_two_processes_makes_one_user(two):
    two[0].whmcs.clients.append(a_wire_client(7, email=LEGACY, customfields=[{"id": NUMBER, "value": "C-1001"}]))
    two[0].whmcs.users.append(a_wire_user(900, LEGACY, (7, True)))
    both = (
        world.linking.link(LEGACY, "right-password", ip=IP, user_agent=FIREFOX, device=None, locale="en")
        for world in two
    )
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert [type(o).__name__ for o in outcomes if not isinstance(o, Linked)] == ["Conflict"]
    assert await two[0].scalar("SELECT count(*) FROM users") == 1


async def test_two_workers_take_each_due_sign_up_once(two):
    tokens = []
    for i in range(4):
        two[0].an_account(f"C-200{i}", contact={"Email": f"e{i}@example.com"})
        tokens.append(await two[0].sign_up(email=f"e{i}@example.com", customer_number=f"C-200{i}"))
    two[0].whmcs.down = True
    for token in tokens:
        await two[0].confirm(token)
    two[0].whmcs.down = False
    two[0].clock.advance(60)
    await asyncio.gather(*(world.signing_up.advance_due() for world in two))
    assert await two[0].states() == ["COMPLETED"] * 4
    assert len(two[0].whmcs.asked("AddClient")) == 4


async def test_p6_five_mails_a_day_hold_across_two_processes(two):
    await two[0].users.create(EMAIL, "hash")
    for world in two:
        for _ in range(4):
            await world.recovery.forgot(EMAIL, locale="en", ip=IP)
    await asyncio.gather(*(world.deliver() for world in two))
    assert two[0].sent() == ["reset_password"] * 5


async def test_one_reset_link_used_in_two_processes_sets_one_password(two):
    await two[0].users.create(EMAIL, "hash")
    await two[0].recovery.forgot(EMAIL, locale="en", ip=IP)
    await two[0].deliver()
    token = two[0].token("reset_password")
    both = (world.recovery.reset(token, f"another lantern {i}", ip=IP) for i, world in enumerate(two))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(o).__name__ for o in outcomes) == ["InvalidInput", "NoneType"]


async def test_s6_no_session_of_an_old_password_outlives_a_reset_in_another_process(two):
    user_id = await two[0].users.create(EMAIL, await two[0].passwords.hash("password number 0"))
    for i in range(8):
        await two[0].recovery.forgot(EMAIL, locale="en", ip=IP)
        await two[0].deliver()
        await asyncio.gather(
            two[0].signing_in.sign_in(EMAIL, f"password number {i}", device=None, ip=IP, user_agent=FIREFOX),
            two[1].recovery.reset(two[0].token("reset_password"), f"password number {i + 1}", ip=IP),
            return_exceptions=True,
        )
        assert (await two[0].users.get(user_id)).password_hash.startswith("p1$")
        assert await two[0].scalar("SELECT count(*) FROM sessions WHERE revoked_at IS NULL") == 0
        two[0].clock.advance(timedelta(days=1, seconds=1))
