"""A customer number becomes one account, however many sign up with it at once."""

import asyncio

import pytest

from portal_app.errors import Conflict
from portal_app.storage.signups import ADD_INTENT, ADDED, COMPLETED, PROVEN, REFUSED, LeaseLost, SignupRecord, Signups
from portal_app.storage.users import Users
from tests.storage.becoming import ACCOUNT, held

OTHER_ACCOUNT = "001000000000002AAA"


@pytest.fixture
def signups(db, cipher, index, clock) -> Signups:
    return Signups(db, cipher, index, clock)


@pytest.fixture
def elsewhere(other_db, cipher, index, clock) -> Signups:
    return Signups(other_db, cipher, index, clock)


async def completed(db, signups: Signups, users: Users, record: SignupRecord, whmcs_client_id: int = 7) -> None:
    """The last step of a sign-up, as one transaction."""
    async with db.write() as session:
        await users.create_linked(
            session,
            user_id=record.user_id,
            email=record.payload.email,
            password_hash="hash",
            locale="ja",
            whmcs_client_id=whmcs_client_id,
            sf_account_id=record.sf_account_id,
        )
        await signups.step_in(session, record, COMPLETED)


async def refused_claim(signups: Signups, record: SignupRecord) -> str:
    with pytest.raises(Conflict) as refused:
        await signups.claim_account(record, ADD_INTENT)
    return refused.value.reason


async def test_a_claim_moves_the_sign_up_and_is_seen_by_others(db, signups, elsewhere):
    assert not await elsewhere.is_claimed(ACCOUNT)
    claimed = await signups.claim_account(await held(db, signups, PROVEN), ADD_INTENT)
    assert claimed.state == (await signups.get(claimed.signup_id)).state == ADD_INTENT
    assert await elsewhere.is_claimed(ACCOUNT)
    assert not await elsewhere.is_claimed(OTHER_ACCOUNT)


async def test_claiming_again_for_the_same_sign_up_changes_nothing(db, signups):
    claimed = await signups.claim_account(await held(db, signups, PROVEN), ADD_INTENT)
    assert await signups.claim_account(claimed, ADD_INTENT) == claimed


async def test_a_second_sign_up_cannot_claim_and_stays_where_it_was(db, signups):
    await signups.claim_account(await held(db, signups, PROVEN), ADD_INTENT)
    second = await held(db, signups, PROVEN, email="bob@example.com")
    assert await refused_claim(signups, second) == "signup.number_unusable"
    assert (await signups.step(second, REFUSED)).state == REFUSED


async def test_other_accounts_are_claimed_side_by_side(db, signups):
    await signups.claim_account(await held(db, signups, PROVEN), ADD_INTENT)
    other = await held(db, signups, PROVEN, sf_account_id=OTHER_ACCOUNT)
    assert (await signups.claim_account(other, ADD_INTENT)).state == ADD_INTENT


async def test_an_account_that_a_user_is_mapped_to_cannot_be_claimed(db, signups, users):
    user_id = await users.create("bob@example.com", "hash")
    await users.link(user_id, 8, ACCOUNT)
    record = await held(db, signups, PROVEN)
    assert await refused_claim(signups, record) == "signup.number_unusable"
    assert (await signups.get(record.signup_id)).state == PROVEN
    assert not await signups.is_claimed(ACCOUNT)


async def test_a_sign_up_without_an_account_claims_nothing(db, signups):
    assert await refused_claim(signups, await held(db, signups, PROVEN, sf_account_id="")) == "signup.number_unusable"


async def test_a_refused_sign_up_gives_its_claim_back(db, signups):
    claimed = await signups.claim_account(await held(db, signups, PROVEN), ADD_INTENT)
    await signups.step(claimed, REFUSED)
    second = await held(db, signups, PROVEN, email="bob@example.com")
    assert (await signups.claim_account(second, ADD_INTENT)).state == ADD_INTENT


async def test_a_completed_sign_up_hands_its_claim_to_the_mapping(db, signups, users):
    claimed = await signups.claim_account(await held(db, signups, PROVEN), ADD_INTENT)
    await completed(db, signups, users, await signups.step(claimed, ADDED))
    assert not await signups.is_claimed(ACCOUNT)
    assert (await users.find_customer_of_account(ACCOUNT)).whmcs_client_id == 7
    late = await held(db, signups, PROVEN, email="bob@example.com")
    assert await refused_claim(signups, late) == "signup.number_unusable"


async def test_i1_of_many_that_claim_at_once_one_gets_the_account(db, signups, elsewhere):
    records = [await held(db, signups, PROVEN, email=f"{n}@example.com") for n in range(6)]
    outcomes = await asyncio.gather(
        *(who.claim_account(record, ADD_INTENT) for who, record in zip([signups, elsewhere] * 3, records, strict=True)),
        return_exceptions=True,
    )
    won = [outcome for outcome in outcomes if isinstance(outcome, SignupRecord)]
    lost = [outcome.reason for outcome in outcomes if isinstance(outcome, Conflict)]
    assert (len(won), lost) == (1, ["signup.number_unusable"] * 5)


async def test_i1_a_claim_that_waits_for_the_last_step_of_another_sees_its_mapping(db, signups, elsewhere, users):
    first = await signups.step(await signups.claim_account(await held(db, signups, PROVEN), ADD_INTENT), ADDED)
    second = await held(db, signups, PROVEN, email="bob@example.com")
    async with db.write() as session:
        await users.create_linked(
            session,
            user_id=first.user_id,
            email="ada@example.com",
            password_hash="hash",
            locale="ja",
            whmcs_client_id=7,
            sf_account_id=ACCOUNT,
        )
        await signups.step_in(session, first, COMPLETED)
        waiting = asyncio.create_task(elsewhere.claim_account(second, ADD_INTENT))
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
    with pytest.raises(Conflict, match="number_unusable"):
        await waiting


async def test_i1_linking_wins_over_a_sign_up_that_has_only_claimed(db, signups, users):
    record = await signups.step(await signups.claim_account(await held(db, signups, PROVEN), ADD_INTENT), ADDED)
    user_id = await users.create("bob@example.com", "hash")
    await users.link(user_id, 8, ACCOUNT)
    with pytest.raises(Conflict, match=r"users\.account_taken"):
        await completed(db, signups, users, record)
    assert await users.find_by_email("ada@example.com") is None
    assert (await signups.get(record.signup_id)).state == ADDED


async def test_k9_of_two_holders_who_finish_at_once_the_newer_one_does(db, other_db, signups, elsewhere, users, clock):
    zombie = await signups.step(await signups.claim_account(await held(db, signups, PROVEN), ADD_INTENT), ADDED)
    clock.advance(91)
    successor = await elsewhere.take(zombie.signup_id)
    outcomes = await asyncio.gather(
        completed(db, signups, users, zombie), completed(other_db, elsewhere, users, successor), return_exceptions=True
    )
    assert isinstance(outcomes[0], (LeaseLost, Conflict))
    assert (outcomes[1], (await users.find_customer(zombie.user_id)).whmcs_client_id) == (None, 7)
