"""Authenticators, recovery codes and waiting sign-ins as they are kept, on both databases."""

import asyncio
import re

import pytest
from sqlalchemy import text

from portal_app.storage.second_factors import RecoveryCodes, TotpSeeds
from portal_app.storage.sign_in_challenges import SignInChallenges

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
async def user(users):
    return await users.create("demo@example.com", "hash")


@pytest.fixture
def seeds(db, cipher, clock):
    return TotpSeeds(db, cipher, clock)


@pytest.fixture
def codes(db, index, clock):
    return RecoveryCodes(db, index, clock)


@pytest.fixture
def challenges(db, clock):
    return SignInChallenges(db, clock)


async def a_confirmed(db, seeds, user) -> None:
    await seeds.begin(user, SECRET)
    async with db.write() as tx:
        assert await seeds.confirm(tx, user, (await seeds.find(user, session=tx)).made, 100)


async def accepted(db, seeds, user, step: int) -> bool:
    made = (await seeds.find(user)).made
    async with db.write() as tx:
        return await seeds.accept(tx, user, made, step)


async def test_c1_the_secret_is_sealed_and_opens_only_in_its_own_row(db, seeds, user):
    await seeds.begin(user, SECRET)
    async with db.read() as session:
        kept = await session.scalar(text("SELECT secret_sealed FROM totp"))
    assert SECRET not in kept
    assert (await seeds.find(user)).secret == SECRET
    assert SECRET not in repr(await seeds.find(user))


async def test_p7_an_unconfirmed_one_accepts_no_step_and_gives_way_to_the_next(db, seeds, clock, user):
    assert await seeds.begin(user, SECRET)
    assert not await accepted(db, seeds, user, 100)
    before = (await seeds.find(user)).made
    clock.advance(1)
    assert await seeds.begin(user, SECRET[::-1])
    async with db.write() as tx:
        assert not await seeds.confirm(tx, user, before, 100), "that one is gone"
    assert (await seeds.find(user)).confirmed_at is None


async def test_a_confirmed_one_is_not_overwritten(db, seeds, user):
    await a_confirmed(db, seeds, user)
    assert not await seeds.begin(user, SECRET[::-1])
    assert (await seeds.find(user)).secret == SECRET


async def test_two_who_begin_at_one_instant_leave_one_secret(seeds, user):
    secrets = [SECRET, SECRET[::-1], SECRET.lower()]
    assert await asyncio.gather(*(seeds.begin(user, one) for one in secrets)) == [True] * 3
    assert (await seeds.find(user)).secret in secrets


async def test_p7_each_step_is_accepted_once_and_none_before_it(db, seeds, user):
    await a_confirmed(db, seeds, user)
    assert [await accepted(db, seeds, user, step) for step in (100, 101, 101, 99, 103, 102)] == [
        False,
        True,
        False,
        False,
        True,
        False,
    ]


async def test_p7_of_many_at_one_instant_one_is_accepted(db, seeds, user):
    await a_confirmed(db, seeds, user)
    assert sum(await asyncio.gather(*(accepted(db, seeds, user, 101) for _ in range(8)))) == 1


async def test_p9_ten_codes_of_120_bit_each_once_and_only_as_hashes(db, codes, user, users):
    async with db.write() as tx:
        made = await codes.renew(tx, user)
    assert len(set(made)) == 10
    assert all(re.fullmatch(r"([A-Z2-7]{4}-){5}[A-Z2-7]{4}", code) for code in made)
    async with db.read() as session:
        kept = str(list(await session.execute(text("SELECT * FROM recovery_codes"))))
    assert not any(code in kept or code.replace("-", "") in kept for code in made)
    other = await users.create("other@example.com", "hash")
    plain = made[0].replace("-", "")
    async with db.write() as tx:
        assert not await codes.use(tx, other, plain), "another user's is none"
        assert [await codes.use(tx, user, plain) for _ in range(2)] == [True, False]
    assert await codes.left(user) == 9


async def test_p9_new_codes_end_the_old_ones(db, codes, user):
    async with db.write() as tx:
        old = await codes.renew(tx, user)
        new = await codes.renew(tx, user)
        assert not await codes.use(tx, user, old[3].replace("-", ""))
        assert await codes.use(tx, user, new[3].replace("-", ""))


async def a_challenge(db, challenges, user):
    async with db.write() as tx:
        reference = await challenges.begin(tx, user, sign_in_version="v1", device_label="Firefox on Linux")
    return reference, await challenges.find(reference)


async def test_p8_a_sign_in_waits_five_minutes(db, challenges, clock, user):
    reference, found = await a_challenge(db, challenges, user)
    assert (found.user_id, found.sign_in_version, found.device_label) == (user, "v1", "Firefox on Linux")
    clock.advance(299)
    assert await challenges.find(reference)
    clock.advance(1)
    assert await challenges.find(reference) is None
    assert not await challenges.tried(found)
    async with db.write() as tx:
        assert not await challenges.use(tx, found)


async def test_p8_five_tries_also_at_one_instant(db, challenges, user):
    reference, found = await a_challenge(db, challenges, user)
    assert sum(await asyncio.gather(*(challenges.tried(found) for _ in range(9)))) == 5
    assert await challenges.find(reference) is None


async def test_p8_a_waiting_sign_in_is_used_once(db, challenges, user):
    reference, found = await a_challenge(db, challenges, user)

    async def use() -> bool:
        async with db.write() as tx:
            return await challenges.use(tx, found)

    assert sum(await asyncio.gather(*(use() for _ in range(5)))) == 1
    assert await challenges.find(reference) is None


async def test_only_the_hash_of_a_reference_is_kept_and_ended_ones_are_forgotten(db, challenges, clock, user):
    reference, _ = await a_challenge(db, challenges, user)
    async with db.read() as session:
        assert reference not in str(list(await session.execute(text("SELECT * FROM sign_in_challenges"))))
    assert await challenges.prune() == 0
    clock.advance(86_400 + 300)
    assert await challenges.prune() == 1
