"""Users and their mapping."""

from datetime import timedelta

import pytest

from portal_app.domain.customer import Customer
from portal_app.errors import Conflict, NotFound
from portal_app.storage.encryption import DecryptionFailed, FieldCipher, KeyedIndex
from portal_app.storage.tables.sessions import SessionRow
from portal_app.storage.users import UserRecord, Users
from tests.storage.conftest import a_customer, rows


async def a_session(db, user_id: str, seen_at) -> None:
    async with db.write() as session:
        session.add(
            SessionRow(
                session_id=user_id,
                user_id=user_id,
                family="f",
                nonce="n",
                rotated_at=seen_at,
                created_at=seen_at,
                last_seen_at=seen_at,
                idle_until=seen_at,
                absolute_until=seen_at,
                auth_time=seen_at,
            )
        )


async def test_a_user_is_found_by_address_and_by_id(users, clock):
    user_id = await users.create("ada@example.com", "hash", "ja")
    wanted = UserRecord(user_id, "ada@example.com", "hash", "ja", False, clock.now())
    assert await users.find_by_email("ada@example.com") == wanted
    assert await users.get(user_id) == wanted


async def test_an_unknown_user_is_none_by_address_and_not_found_by_id(users):
    assert await users.find_by_email("nobody@example.com") is None
    with pytest.raises(NotFound):
        await users.get("nobody")


@pytest.mark.parametrize("spelling", ["ADA@Example.com", "  ada@example.com\n", "ada@EXAMPLE.COM "])
async def test_c3_case_and_outer_spaces_make_no_other_address(users, spelling):
    user_id = await users.create("Ada@example.com ", "hash")
    found = await users.find_by_email(spelling)
    assert (found.user_id, found.email) == (user_id, "ada@example.com")


async def test_c3_letters_that_look_alike_stay_different(users):
    await users.create("ada@example.com", "hash")
    assert await users.find_by_email("аda@example.com") is None
    assert await users.find_by_email("ａda@example.com") is None


async def test_c3_a_second_user_of_the_same_address_is_refused(users):
    await users.create("ada@example.com", "hash")
    with pytest.raises(Conflict):
        await users.create("ADA@example.com", "hash")


async def test_c1_i5_a_dump_shows_no_address(users, db):
    await users.create("ada@example.com", "hash")
    (row,) = await rows(db, "SELECT * FROM users")
    assert not any("ada@" in str(value) or "example" in str(value) for value in row)


async def test_c1_an_address_copied_into_another_users_row_does_not_open(users, db):
    ada, bob = await users.create("ada@example.com", "h"), await users.create("bob@example.com", "h")
    async with db.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            f"UPDATE users SET email_sealed = (SELECT email_sealed FROM users WHERE user_id = '{ada}')"
            f" WHERE user_id = '{bob}'"
        )
    with pytest.raises(DecryptionFailed):
        await users.get(bob)


async def test_an_index_made_with_another_key_finds_nobody(users, db, cipher, clock):
    await users.create("ada@example.com", "hash")
    assert await Users(db, cipher, KeyedIndex("another key"), clock).find_by_email("ada@example.com") is None


async def test_c2_users_stay_readable_after_the_key_was_rotated(users, db, clock):
    user_id = await users.create("ada@example.com", "hash")
    rotated = FieldCipher({"k2": bytes(range(32, 64)), "k1": bytes(range(32))})
    later = Users(db, rotated, KeyedIndex("index key of the tests"), clock)
    assert (await later.get(user_id)).email == "ada@example.com"


async def test_an_address_is_replaced_by_another_and_sealed_again(users, db):
    user_id = await users.create("ada@example.com", "hash")
    async with db.write() as tx:
        assert await users.replace_email(tx, user_id, old="Ada@example.com ", new=" Moved@Example.com")
        assert not await users.replace_email(tx, user_id, old="ada@example.com", new="late@example.com")
    assert (await users.find_by_email("moved@example.com")).user_id == user_id
    assert await users.find_by_email("ada@example.com") is None
    assert (await users.get(user_id)).email == "moved@example.com"
    assert "moved" not in str(await rows(db, "SELECT * FROM users"))


async def test_c3_an_address_is_not_replaced_by_somebody_elses(users, db):
    await users.create("taken@example.com", "hash")
    user_id = await users.create("ada@example.com", "hash")
    with pytest.raises(Conflict, match="email_taken"):
        async with db.write() as tx:
            await users.replace_email(tx, user_id, old="ada@example.com", new="TAKEN@example.com")
    assert (await users.get(user_id)).email == "ada@example.com"


async def test_what_can_change_changes(users):
    user_id = await users.create("ada@example.com", "hash")
    await users.set_password_hash(user_id, "other")
    await users.set_locale(user_id, "ja")
    await users.set_disabled(user_id, True)
    user = await users.get(user_id)
    assert (user.password_hash, user.locale, user.disabled) == ("other", "ja", True)


@pytest.mark.parametrize(
    ("act", "value"), [("set_password_hash", "hash"), ("set_locale", "ja"), ("set_disabled", True)]
)
async def test_changing_a_user_who_is_not_there_says_so(users, act, value):
    with pytest.raises(NotFound):
        await getattr(users, act)("nobody", value)


async def test_a_linked_user_is_a_customer(users):
    user_id = await users.create("ada@example.com", "hash")
    assert await users.find_customer(user_id) is None
    await users.link(user_id, 7, "001A")
    wanted = Customer(user_id, 7, "001A")
    assert await users.find_customer(user_id) == wanted
    assert await users.find_customer_of_client(7) == wanted
    assert await users.find_customer_of_client(8) is None


async def test_linking_again_replaces_the_mapping(users):
    customer = await a_customer(users, "ada@example.com", 7)
    await users.link(customer.user_id, 9)
    assert (await users.find_customer(customer.user_id)).whmcs_client_id == 9


async def test_a_client_belongs_to_one_user_only(users, customer):
    bob = await users.create("bob@example.com", "hash")
    with pytest.raises(Conflict):
        await users.link(bob, customer.whmcs_client_id)
    assert await users.find_customer_of_client(customer.whmcs_client_id) == customer


async def test_linking_an_unknown_user_says_so(users):
    with pytest.raises(NotFound):
        await users.link("nobody", 7)


async def test_customers_are_seen_by_the_time_of_their_last_activity(users, db, customer, other_customer, clock):
    await a_session(db, customer.user_id, clock.now())
    await a_session(db, other_customer.user_id, clock.now() - timedelta(hours=25))
    assert await users.customers_seen_since(clock.now() - timedelta(hours=24)) == [customer]
    assert await users.customers_seen_since(clock.now() - timedelta(hours=26)) == [customer, other_customer]
