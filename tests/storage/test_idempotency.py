"""A request runs once, however often it is sent; its answer is given again."""

import asyncio
from datetime import date, timedelta

import pytest

from portal_app.errors import InvalidInput
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.idempotency import Begun, IdempotencyKeys
from portal_app.storage.leases import LeaseLost
from tests.storage.conftest import rows

KEY = "key-of-ada-0000001"
NO_KEYS = ["", "x" * 15, "x" * 256, "a space 1234567890", "日本語" * 10, "x" * 20 + "\n", "\x7f" * 20, "\ud800" * 20]
ADA = {
    "user_id": "ada",
    "email": "ada@example.com",
    "password_hash": "",
    "locale": "ja",
    "whmcs_client_id": 7,
    "sf_account_id": "",
}
ANSWER = {"status": "check_your_mail", "名": "ada@example.com"}


@pytest.fixture
def keys(db, cipher, index, clock) -> IdempotencyKeys:
    return IdempotencyKeys(db, cipher, index, clock)


@pytest.fixture
def elsewhere(other_db, cipher, index, clock) -> IdempotencyKeys:
    """The same keys as another process sees them."""
    return IdempotencyKeys(other_db, cipher, index, clock)


@pytest.fixture
def begin(keys):
    async def call(key: str = KEY, fingerprint: str = "f" * 64, scope: str = "u:ada", operation="sign_up") -> Begun:
        return await keys.begin(scope, operation, key, fingerprint)

    return call


@pytest.fixture
def succeed(db, keys):
    async def call(begun: Begun) -> None:
        async with db.write() as session:
            await keys.succeeded(session, begun.record, 202, ANSWER)

    return call


async def states(db) -> list[object]:
    return [row[0] for row in await rows(db, "SELECT state FROM idempotency_keys")]


async def test_k3_the_first_request_of_a_key_runs(begin):
    begun = await begin()
    assert (begun.kind, begun.record.recovery_point, begun.record.fence) == ("new", "", 0)


@pytest.mark.parametrize("key", NO_KEYS)
async def test_k1_a_key_that_is_no_key_is_refused_and_nothing_is_stored(db, begin, key):
    with pytest.raises(InvalidInput) as refused:
        await begin(key)
    assert (refused.value.field, refused.value.reason) == ("idempotency_key", "idempotency.key_malformed")
    assert await states(db) == []


@pytest.mark.parametrize("key", ["!" * 16, "~" * 255])
async def test_k1_sixteen_to_255_visible_characters_are_a_key(begin, key):
    assert (await begin(key)).kind == "new"


async def test_k3_of_many_requests_at_once_one_runs(keys, elsewhere):
    begun = await asyncio.gather(*(who.begin("u:ada", "sign_up", KEY, "f") for who in [keys, elsewhere] * 5))
    assert sorted(one.kind for one in begun) == ["new"] + ["running"] * 9


@pytest.mark.parametrize("seconds", [0, 91])
async def test_k3_a_loser_that_waited_for_the_winner_reads_its_answer(db, keys, elsewhere, begin, clock, seconds):
    begun = await begin()
    clock.advance(seconds)
    async with db.write() as session:
        await keys.succeeded(session, begun.record, 202, ANSWER)
        loser = asyncio.create_task(elsewhere.begin("u:ada", "sign_up", KEY, "f" * 64))
        await asyncio.wait({loser}, timeout=0.2)
    assert (await loser).kind == "replay"


async def test_k4_an_answered_request_is_answered_again_the_same(begin, succeed):
    await succeed(await begin())
    assert await begin() == await begin() == Begun("replay", None, 202, ANSWER)


async def test_k4_a_final_failure_is_answered_again_the_same(db, keys, begin):
    begun = await begin()
    async with db.write() as session:
        await keys.failed_final(session, begun.record, 409, {"code": "taken"})
    assert await begin() == Begun("replay", None, 409, {"code": "taken"})


async def test_k3_the_answer_is_kept_exactly_when_the_act_is(db, keys, begin, clock):
    begun = await begin()
    with pytest.raises(ZeroDivisionError):
        async with db.write() as session:
            await keys.succeeded(session, begun.record, 202, ANSWER)
            raise ZeroDivisionError
    clock.advance(90)
    assert (await begin()).kind == "new"


@pytest.mark.parametrize("when", ["running", "answered", "abandoned"])
async def test_k5_another_request_under_the_same_key_neither_runs_nor_learns(begin, succeed, clock, when):
    begun = await begin()
    if when == "answered":
        await succeed(begun)
    if when == "abandoned":
        clock.advance(91)
    assert await begin(fingerprint="another") == Begun("mismatch")


async def test_k6_a_key_in_use_is_running_for_ninety_seconds(begin, clock):
    await begin()
    clock.advance(89)
    assert await begin() == Begun("running")
    clock.advance(1)
    taken = await begin()
    assert (taken.kind, taken.record.fence) == ("new", 1)


async def test_k6_an_abandoned_key_goes_to_one_of_many(keys, elsewhere, begin, clock):
    await begin()
    clock.advance(91)
    begun = await asyncio.gather(*(who.begin("u:ada", "sign_up", KEY, "f" * 64) for who in [keys, elsewhere] * 4))
    assert sorted(one.kind for one in begun) == ["new"] + ["running"] * 7


async def test_k7_a_request_refused_before_its_first_step_may_be_corrected(db, keys, begin):
    await keys.forget((await begin()).record)
    assert await states(db) == []
    assert (await begin(fingerprint="corrected")).kind == "new"


async def test_k7_forgetting_at_the_moment_of_a_second_request_lets_it_run(keys, elsewhere, begin):
    for n in range(5):
        key = f"{KEY}-{n}"
        begun = await begin(key)
        _, second = await asyncio.gather(keys.forget(begun.record), elsewhere.begin("u:ada", "sign_up", key, "f" * 64))
        assert second.kind in ("new", "running")
        if second.kind == "running":
            assert (await begin(key)).kind == "new"


async def test_k7_an_answer_is_not_forgotten(keys, begin, succeed):
    begun = await begin()
    await succeed(begun)
    await keys.forget(begun.record)
    assert (await begin()).kind == "replay"


async def test_k8_a_lost_answer_resumes_where_it_was_and_never_from_the_start(keys, begin):
    await keys.unknown((await begin()).record, 202, {"see": "/status"}, recovery_point="added", resource_ref="s1")
    begun = await begin()
    assert (begun.kind, begun.status, begun.body) == ("unknown", 202, {"see": "/status"})
    assert (begun.record.recovery_point, begun.record.resource_ref, begun.record.fence) == ("added", "s1", 1)
    assert (await begin()).kind == "running"


async def test_k8_a_lost_answer_that_cannot_be_looked_up_yet_stays_lost(db, keys, begin, succeed):
    await keys.unknown((await begin()).record, 202, {}, recovery_point="added")
    await keys.forget((await begin()).record)
    assert await states(db) == ["UNKNOWN"]
    begun = await begin()
    assert begun.kind == "unknown"
    await succeed(begun)
    assert (await begin()).kind == "replay"


async def test_k9_a_zombie_writes_nothing_and_its_act_is_undone(db, keys, begin, users, clock):
    zombie = await begin()
    clock.advance(91)
    await begin()
    before = await rows(db, "SELECT * FROM idempotency_keys")
    with pytest.raises(LeaseLost):
        async with db.write() as session:
            await users.create_linked(session, **ADA)
            await keys.succeeded(session, zombie.record, 202, ANSWER)
    with pytest.raises(LeaseLost):
        await keys.unknown(zombie.record, 202, {}, recovery_point="added")
    await keys.forget(zombie.record)
    assert await rows(db, "SELECT * FROM idempotency_keys") == before
    assert await users.find_by_email("ada@example.com") is None


async def test_k9_a_holder_that_was_only_slow_may_still_end_it(begin, succeed, clock):
    begun = await begin()
    clock.advance(300)
    await succeed(begun)
    assert (await begin()).kind == "replay"


async def test_k9_a_key_ends_once(begin, succeed):
    begun = await begin()
    await succeed(begun)
    with pytest.raises(LeaseLost):
        await succeed(begun)


async def test_k10_the_same_key_of_another_user_is_another_request(begin, succeed):
    await succeed(await begin())
    assert (await begin(scope="u:bob")).kind == "new"
    assert (await begin(scope="anon:ada")).kind == "new"


async def test_k10_the_same_key_for_another_operation_is_another_request(begin, succeed):
    await succeed(await begin())
    assert (await begin(operation="link")).kind == "new"


async def test_k11_answers_are_kept_for_three_days(keys, begin, succeed, clock):
    await succeed(await begin())
    clock.advance(timedelta(hours=72) - timedelta(seconds=1))
    assert (await keys.prune(), (await begin()).kind) == (0, "replay")
    clock.advance(1)
    assert (await keys.prune(), (await begin()).kind) == (1, "new")


async def test_k11_what_did_not_end_is_never_forgotten(db, keys, begin, clock):
    await begin()
    await keys.unknown((await begin(KEY + "2")).record, 202, {}, recovery_point="added")
    clock.advance(timedelta(days=400))
    assert await keys.prune() == 0
    assert sorted(await states(db)) == ["IN_PROGRESS", "UNKNOWN"]


async def test_c1_i5_a_dump_shows_neither_key_nor_answer(db, begin, succeed):
    await succeed(await begin("ada@example.com-secret"))
    (row,) = await rows(db, "SELECT * FROM idempotency_keys")
    assert not any(secret in str(value) for value in row for secret in ("ada@", "secret", "check_your_mail"))


async def test_i5_an_answer_is_not_printed(begin, succeed):
    await succeed(await begin())
    assert "ada@" not in repr(await begin())


async def test_k5_a_fingerprint_is_the_same_for_the_same_request_in_any_order(keys):
    body = {"email": "ada@example.com", "password": "x", "birth_date": date(1990, 1, 2), "marketing": True}
    one = keys.fingerprint("POST", "/api/sign-up", body)
    assert one == keys.fingerprint("POST", "/api/sign-up", dict(reversed(body.items())))


@pytest.mark.parametrize(
    "other",
    [
        ("PUT", "/api/sign-up", {"a": "1", "b": "2"}),
        ("POST", "/api/link", {"a": "1", "b": "2"}),
        ("POST", "/api/sign-up", {"a": "1"}),
        ("POST", "/api/sign-up", {"a": "1", "b": "3"}),
        ("POST", "/api/sign-up", {"a": '1", "b": "2'}),
        ("POST", "/api/sign-up", {"a": "1", "b": "\ud800"}),
    ],
)
async def test_k5_a_fingerprint_differs_with_anything_in_the_request(keys, other):
    assert keys.fingerprint("POST", "/api/sign-up", {"a": "1", "b": "2"}) != keys.fingerprint(*other)


async def test_c1_a_fingerprint_cannot_be_worked_out_without_the_index_key(keys, db, cipher, clock):
    other = IdempotencyKeys(db, cipher, KeyedIndex("another key"), clock)
    assert keys.fingerprint("POST", "/", {"a": 1}) != other.fingerprint("POST", "/", {"a": 1})
