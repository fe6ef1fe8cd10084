"""Mailed links and codes: worth something once, for a while, to whoever got the mail."""

import asyncio
import hashlib
import re
from datetime import timedelta

import pytest

from portal_app.storage.email_tokens import EmailTokens, TokenRecord
from tests.storage.conftest import rows

HALF_AN_HOUR = timedelta(minutes=30)
PAYLOAD = {"email": "ada@example.com", "whmcs_client_id": 7}


@pytest.fixture
def tokens(db, cipher, index, clock) -> EmailTokens:
    return EmailTokens(db, cipher, index, clock)


@pytest.fixture
def elsewhere(other_db, cipher, index, clock) -> EmailTokens:
    """The same tokens as another process sees them."""
    return EmailTokens(other_db, cipher, index, clock)


@pytest.fixture
def mint(db, tokens):
    async def call(subject: str = "user", purpose: str = "reset", **more) -> str:
        async with db.write() as session:
            return await tokens.mint(session, purpose, subject, ttl=HALF_AN_HOUR, **more)

    return call


@pytest.fixture
def mint_code(db, tokens):
    async def call(subject: str = "7") -> tuple[str, str]:
        async with db.write() as session:
            return await tokens.mint_code(session, subject, ttl=HALF_AN_HOUR, payload=PAYLOAD)

    return call


@pytest.fixture
def use(db, tokens):
    async def call(record: TokenRecord) -> bool:
        async with db.write() as session:
            return await tokens.use(session, record)

    return call


async def test_a_token_is_found_with_what_it_is_bound_to(tokens, mint, clock):
    found = await tokens.find("reset", await mint(version="v7", payload=PAYLOAD))
    assert (found.purpose, found.subject, found.version, found.payload) == ("reset", "user", "v7", PAYLOAD)
    assert (found.expires_at, found.used_at, found.voided, found.tries) == (clock.now() + HALF_AN_HOUR, None, False, 0)


async def test_p6_a_token_is_256_random_bits_that_fit_into_a_link(mint):
    made = [await mint(str(n)) for n in range(20)]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in made)
    assert len(set(made)) == 20


async def test_p6_only_the_sha_256_of_a_token_is_kept(db, mint):
    token = await mint(payload=PAYLOAD)
    (row,) = await rows(db, "SELECT * FROM email_tokens")
    assert hashlib.sha256(token.encode()).hexdigest() in row
    assert not any(secret in str(value) for value in row for secret in (token, "ada@"))


@pytest.mark.parametrize("wrong", ["", "x" * 43, "nul\x00", "日本語", "\ud800", "a" * 100_000])
async def test_a_token_nobody_made_is_none(tokens, mint, wrong):
    await mint()
    assert await tokens.find("reset", wrong) is None


async def test_p6_a_token_is_none_for_another_purpose(tokens, mint):
    assert await tokens.find("verify", await mint()) is None


async def test_p6_a_token_is_used_once(tokens, mint, use, clock):
    token = await mint(payload=PAYLOAD)
    record = await tokens.find("reset", token)
    assert [await use(record), await use(record)] == [True, False]
    again = await tokens.find("reset", token)
    assert (again.used_at, again.voided, again.payload) == (clock.now(), False, {})


async def test_p6_of_many_who_use_a_token_at_once_one_does(db, other_db, tokens, elsewhere, mint):
    record = await tokens.find("reset", await mint())

    async def used(database, where) -> bool:
        async with database.write() as session:
            return await where.use(session, record)

    both = [(db, tokens), (other_db, elsewhere)] * 4
    assert sum(await asyncio.gather(*(used(*one) for one in both))) == 1


async def test_p6_a_use_that_is_rolled_back_leaves_the_token_as_it_was(db, tokens, mint, use):
    record = await tokens.find("reset", await mint())
    with pytest.raises(ZeroDivisionError):
        async with db.write() as session:
            assert await tokens.use(session, record)
            raise ZeroDivisionError
    assert await use(record)


async def test_p6_an_expired_token_is_worth_nothing_and_is_still_recognised(tokens, mint, use, clock):
    token = await mint()
    record = await tokens.find("reset", token)
    clock.advance(HALF_AN_HOUR - timedelta(microseconds=1))
    assert (await tokens.find("reset", token)).expires_at > clock.now()
    clock.advance(timedelta(microseconds=1))
    assert not await use(record)
    assert (await tokens.find("reset", token)).used_at is None


async def test_a_new_token_ends_the_earlier_one_of_the_same_subject_and_purpose(tokens, mint, use):
    old, other, verify = await mint(payload=PAYLOAD), await mint("other"), await mint(purpose="verify")
    new = await mint()
    ended = await tokens.find("reset", old)
    assert (ended.voided, ended.payload, await use(ended)) == (True, {}, False)
    assert await use(await tokens.find("reset", new))
    assert await use(await tokens.find("reset", other))
    assert await use(await tokens.find("verify", verify))


async def test_a_used_token_says_used_after_another_was_made(tokens, mint, use):
    token = await mint()
    await use(await tokens.find("reset", token))
    await mint()
    found = await tokens.find("reset", token)
    assert found.used_at is not None and not found.voided


async def test_tokens_made_at_once_leave_exactly_one_that_works(db, other_db, tokens, elsewhere):
    async def made(database, where) -> str:
        async with database.write() as session:
            return await where.mint(session, "reset", "user", ttl=HALF_AN_HOUR)

    both = [(db, tokens), (other_db, elsewhere)] * 4
    found = [await tokens.find("reset", token) for token in await asyncio.gather(*(made(*one) for one in both))]
    assert sorted(record.voided for record in found) == [False] + [True] * 7


async def test_p6_a_request_that_is_rolled_back_ends_no_earlier_token(db, tokens, mint, use):
    token = await mint()
    with pytest.raises(ZeroDivisionError):
        async with db.write() as session:
            await tokens.mint(session, "reset", "user", ttl=HALF_AN_HOUR)
            raise ZeroDivisionError
    assert await use(await tokens.find("reset", token))


async def test_five_wrong_passwords_end_a_token(tokens, mint, use):
    token = await mint(payload=PAYLOAD)
    record = await tokens.find("reset", token)
    assert [await tokens.failed(record) for _ in range(6)] == [4, 3, 2, 1, 0, 0]
    ended = await tokens.find("reset", token)
    assert (ended.voided, ended.tries, ended.payload, await use(record)) == (True, 5, {}, False)


async def test_wrong_tries_at_once_are_all_counted(tokens, elsewhere, mint):
    record = await tokens.find("reset", await mint())
    left = await asyncio.gather(*(where.failed(record) for where in [tokens, elsewhere] * 2))
    assert sorted(left) == [1, 2, 3, 4]


async def test_a_wrong_try_on_a_used_token_leaves_it_used(tokens, mint, use):
    token = await mint()
    record = await tokens.find("reset", token)
    await use(record)
    assert await tokens.failed(record) == 0
    assert not (await tokens.find("reset", token)).voided


async def test_a_code_is_six_digits_and_its_reference_is_not_in_it(mint_code):
    made = [await mint_code(str(n)) for n in range(20)]
    assert all(re.fullmatch(r"\d{6}", code) and len(reference) == 43 for code, reference in made)
    assert len({reference for _, reference in made}) == 20


async def test_a_code_below_a_hundred_thousand_keeps_its_zeros(tokens, mint_code, monkeypatch):
    monkeypatch.setattr("portal_app.storage.email_tokens.secrets.randbelow", lambda _: 42)
    code, reference = await mint_code()
    assert (code, tokens.code_matches(await tokens.find_code(reference), "000042")) == ("000042", True)


async def test_c1_the_same_digits_mailed_twice_look_different_in_a_dump(tokens, mint_code, monkeypatch):
    monkeypatch.setattr("portal_app.storage.email_tokens.secrets.randbelow", lambda _: 42)
    records = [await tokens.find_code((await mint_code(subject))[1]) for subject in ("7", "8")]
    assert records[0].code_hash != records[1].code_hash


async def test_p11_a_code_matches_only_the_reference_it_was_made_with(tokens, mint_code, monkeypatch):
    numbers = iter([111111, 222222])
    monkeypatch.setattr("portal_app.storage.email_tokens.secrets.randbelow", lambda _: next(numbers))
    (mine, reference), (other, _) = await mint_code("7"), await mint_code("8")
    record = await tokens.find_code(reference)
    assert (record.subject, record.payload) == ("7", PAYLOAD)
    assert tokens.code_matches(record, mine)
    assert not any(tokens.code_matches(record, wrong) for wrong in (other, "", mine[:5], mine + "0", "１１１１１１"))


async def test_c1_no_code_can_be_worked_out_from_a_dump(db, mint_code):
    code, reference = await mint_code()
    (row,) = await rows(db, "SELECT * FROM email_tokens")
    guesses = {hashlib.sha256(text.encode()).hexdigest() for text in (code, f"link_code|{code}", f"{reference}{code}")}
    assert not guesses & set(row)
    assert not any(secret in str(value) for value in row for secret in (reference, "ada@"))


async def test_a_link_is_no_code(tokens, mint):
    token = await mint(purpose="link_code")
    assert not tokens.code_matches(await tokens.find_code(token), "")


async def test_i5_a_record_prints_neither_payload_nor_hash(tokens, mint_code):
    record = await tokens.find_code((await mint_code())[1])
    assert "ada@" not in repr(record) and record.code_hash not in repr(record)


async def test_p6_tokens_of_a_subject_are_counted_whatever_became_of_them(tokens, mint, use, clock):
    await use(await tokens.find("reset", await mint()))
    clock.advance(60)
    since = clock.now()
    await mint()
    await mint()
    await mint("other")
    await mint(purpose="verify")
    assert await tokens.count_since("reset", "user", since) == 2
    assert await tokens.count_since("reset", "user", since - HALF_AN_HOUR) == 3


async def test_tokens_are_forgotten_a_month_after_they_expired(tokens, mint, clock):
    token = await mint()
    clock.advance(HALF_AN_HOUR + timedelta(days=30) - timedelta(seconds=1))
    assert (await tokens.prune(), await tokens.find("reset", token) is None) == (0, False)
    clock.advance(1)
    assert (await tokens.prune(), await tokens.find("reset", token)) == (1, None)
