"""Second factors where writers work side by side: two processes on one PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from portal_app.storage import migrate
from portal_app.workflows.signing_in import SignedIn
from tests.fakes.becoming_world import EMAIL, PASSWORD, BecomingWorld
from tests.fakes.factors import an_enrolled_user, code_at, code_of, confirm, password, signed_in

WITHOUT_FACTOR = "SELECT count(*) FROM sessions WHERE revoked_at IS NULL AND amr = 'pwd'"


@pytest.fixture
async def two(fresh_postgres: str) -> AsyncIterator[list[BecomingWorld]]:
    """Two processes of one portal."""
    migrate.upgrade(fresh_postgres)
    one = BecomingWorld(fresh_postgres)
    other = BecomingWorld(fresh_postgres, one)
    yield [one, other]
    await one.close()
    await other.close()


async def test_p7_p9_one_code_of_either_kind_at_two_processes_lets_one_in(two):
    owner = await an_enrolled_user(two[0])
    for code in (code_of(two[0], owner), owner.codes[0]):
        references = [(await password(world)).reference for world in two]
        tries = (confirm(world, one, code) for world, one in zip(two, references, strict=True))
        tried = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(one, SignedIn) for one in tried) == 1, tried


async def test_s6_who_signs_in_while_the_factor_is_switched_on_does_not_stay_in_without_it(two):
    await two[0].users.create(EMAIL, await two[0].passwords.hash(PASSWORD))
    session = (await signed_in(two[0])).tokens.session
    settings = two[0].factor_parts["factor_settings"]
    begun = await settings.begin(session)
    switching = settings.switch_on(session, code_at(two[0], begun.secret))
    await asyncio.gather(switching, *(password(two[1]) for _ in range(4)), return_exceptions=True)
    assert (await two[1].second_factors.standing(session.user_id)).enabled
    assert await two[0].scalar(WITHOUT_FACTOR) == 0
