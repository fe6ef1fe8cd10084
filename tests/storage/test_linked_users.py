"""Users who come with the records of the outside systems that are theirs, and theirs alone."""

import asyncio

import pytest

from portal_app.domain.customer import Customer
from portal_app.errors import Conflict
from portal_app.storage.users import Users
from tests.storage.conftest import rows

ACCOUNT, OTHER_ACCOUNT = "001000000000001AAA", "001000000000002AAA"
ADA = {
    "user_id": "ada",
    "email": " Ada@example.com",
    "password_hash": "hash",
    "locale": "ja",
    "whmcs_client_id": 7,
    "sf_account_id": ACCOUNT,
    "sf_contact_id": "003000000000001AAA",
}
BOB = {**ADA, "user_id": "bob", "email": "bob@example.com", "whmcs_client_id": 8, "sf_account_id": OTHER_ACCOUNT}


@pytest.fixture
def create_linked(db, users):
    async def call(**values) -> None:
        async with db.write() as session:
            await users.create_linked(session, **{**ADA, **values})

    return call


async def test_a_user_and_their_mapping_come_together(db, users, create_linked):
    await create_linked()
    assert (await users.find_by_email("ada@example.com")).user_id == "ada"
    assert await users.find_customer("ada") == Customer("ada", 7, ACCOUNT)
    assert await rows(db, "SELECT sf_contact_id FROM id_mappings") == [("003000000000001AAA",)]


async def test_the_contact_of_a_user_is_found_where_it_was_noted(users, create_linked):
    await create_linked()
    await create_linked(**{**BOB, "sf_contact_id": ""})
    assert await users.find_contact("ada") == "003000000000001AAA"
    assert await users.find_contact("bob") == await users.find_contact("nobody") == ""


async def test_a_linked_user_may_have_no_password_yet(users, create_linked):
    await create_linked(password_hash="")
    assert (await users.get("ada")).password_hash == ""


@pytest.mark.parametrize(
    ("same", "reason"),
    [
        ({"email": "ADA@example.com "}, "users.email_taken"),
        ({"whmcs_client_id": 7}, "users.client_taken"),
        ({"sf_account_id": ACCOUNT}, "users.account_taken"),
        ({"whmcs_client_id": 7, "sf_account_id": ACCOUNT}, "users.client_taken"),
    ],
)
async def test_i1_what_is_somebody_elses_is_refused_by_name_and_leaves_nothing(db, create_linked, same, reason):
    await create_linked()
    with pytest.raises(Conflict) as refused:
        await create_linked(**{**BOB, **same})
    assert refused.value.reason == reason
    assert (
        await rows(db, "SELECT user_id FROM users") == await rows(db, "SELECT user_id FROM id_mappings") == [("ada",)]
    )


async def test_a_refused_user_leaves_the_callers_transaction_usable(db, users, create_linked):
    await create_linked()
    async with db.write() as session:
        with pytest.raises(Conflict):
            await users.create_linked(session, **{**BOB, "email": ADA["email"]})
        await users.create_linked(session, **BOB)
    assert (await users.find_customer("bob")).whmcs_client_id == 8


@pytest.mark.parametrize("same", ["email", "whmcs_client_id", "sf_account_id"])
async def test_i1_of_many_made_at_once_with_one_thing_in_common_one_is_made(
    db, other_db, users, cipher, index, clock, same
):
    async def made(n: int) -> None:
        database = [db, other_db][n % 2]
        own = {"user_id": f"u{n}", "email": f"{n}@example.com", "whmcs_client_id": 20 + n, "sf_account_id": f"00{n}"}
        async with database.write() as session:
            await Users(database, cipher, index, clock).create_linked(session, **{**ADA, **own, same: ADA[same]})

    outcomes = await asyncio.gather(*(made(n) for n in range(6)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert {type(outcome) for outcome in outcomes} == {type(None), Conflict}
    assert len(await users.all_customers("", 10)) == 1


async def test_i1_a_salesforce_account_is_linked_to_one_user_only(users, create_linked):
    await create_linked()
    user_id = await users.create("bob@example.com", "hash")
    with pytest.raises(Conflict, match=r"users\.account_taken"):
        await users.link(user_id, 8, ACCOUNT)
    assert await users.find_customer(user_id) is None


async def test_users_whose_account_is_not_known_are_not_in_each_others_way(users, create_linked):
    await create_linked(sf_account_id="")
    await create_linked(**{**BOB, "sf_account_id": ""})
    assert len(await users.all_customers("", 10)) == 2


async def test_linking_anew_replaces_every_part_of_the_mapping(db, users, create_linked):
    await create_linked()
    await users.link("ada", 9, OTHER_ACCOUNT, "003000000000009AAA")
    assert await users.find_customer("ada") == Customer("ada", 9, OTHER_ACCOUNT)
    assert await rows(db, "SELECT sf_contact_id FROM id_mappings") == [("003000000000009AAA",)]


async def test_a_customer_is_found_by_salesforce_account(users, create_linked):
    await create_linked()
    await create_linked(**{**BOB, "sf_account_id": ""})
    assert (await users.find_customer_of_account(ACCOUNT)).user_id == "ada"
    assert await users.find_customer_of_account(OTHER_ACCOUNT) is None
    assert await users.find_customer_of_account("") is None


async def test_every_customer_is_passed_once_in_order_of_user_id(users, create_linked):
    for n in (3, 1, 2):
        await create_linked(user_id=f"u{n}", email=f"{n}@example.com", whmcs_client_id=50 - n, sf_account_id=f"00{n}")
    await users.create("unlinked@example.com", "hash")
    first = await users.all_customers("", 2)
    rest = await users.all_customers(first[-1].user_id, 2)
    assert [c.user_id for c in first + rest] == ["u1", "u2", "u3"]
    assert await users.all_customers("u3", 2) == []


async def test_p6_a_sign_in_version_changes_with_the_password_and_tells_nothing_of_it(users, create_linked):
    await create_linked(password_hash="")
    without = users.sign_in_version(await users.get("ada"))
    await users.set_password_hash("ada", "hash of one")
    one = users.sign_in_version(await users.get("ada"))
    assert one == users.sign_in_version(await users.get("ada"))
    await users.set_password_hash("ada", "hash of two")
    assert len({without, one, users.sign_in_version(await users.get("ada"))}) == 3
    assert "hash" not in one and len(one) == 32


async def test_p6_a_sign_in_version_changes_with_the_address_and_stays_when_it_comes_back(db, users, create_linked):
    await create_linked()
    ada = await users.get("ada")
    versions = [users.sign_in_version(ada)]
    for old, new in ((ada.email, "moved@example.com"), ("moved@example.com", ada.email)):
        async with db.write() as tx:
            assert await users.replace_email(tx, "ada", old=old, new=new)
        versions.append(users.sign_in_version(await users.get("ada")))
    assert versions[0] == versions[2] != versions[1]


async def test_p6_the_same_hash_of_two_users_has_two_versions(users, create_linked):
    await create_linked()
    await create_linked(**BOB)
    assert users.sign_in_version(await users.get("ada")) != users.sign_in_version(await users.get("bob"))


async def test_a_password_is_replaced_only_while_it_is_the_one_that_was_seen(db, users, create_linked):
    await create_linked()
    async with db.write() as session:
        assert not await users.replace_password_hash(session, "ada", old="another", new="x")
        assert await users.replace_password_hash(session, "ada", old="hash", new="new")
        assert not await users.replace_password_hash(session, "ada", old="hash", new="late")
    assert (await users.get("ada")).password_hash == "new"
