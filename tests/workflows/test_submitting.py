"""The sign-up form: what is refused at once, what is noted, and that no answer tells who is known."""

import pytest

from portal_app.errors import Busy, InvalidFields, TooManyTries, UpstreamUnavailable
from tests.fakes.becoming_world import EMAIL, HANAKO, PASSWORD


async def stored(world) -> int:
    tables = ("signups", "outbox", "users")
    return sum([await world.scalar(f"SELECT count(*) FROM {table}") for table in tables])


async def test_a_sign_up_is_noted_and_a_mail_is_on_its_way_and_nobody_can_sign_in_yet(becoming):
    await becoming.submit()
    assert await becoming.states() == ["AWAITING_EMAIL"]
    assert await becoming.scalar("SELECT kind FROM outbox") == "account_mail"
    assert await becoming.users.find_by_email(EMAIL) is None
    assert becoming.whmcs.calls == []
    assert await becoming.audited() == ["sign_up.submitted ok"]


async def test_k3_the_key_succeeds_in_the_same_transaction_and_replays_the_answer(becoming):
    begun = await becoming.idempotency.begin("anon:x", "sign_up", "k" * 20, "fingerprint")
    await becoming.signing_up.submit(HANAKO, PASSWORD, key=begun.record, locale="en", ip="::1", browser="b")
    again = await becoming.idempotency.begin("anon:x", "sign_up", "k" * 20, "fingerprint")
    assert (again.kind, again.status, again.body) == ("replay", 202, {"status": "check_your_mail"})


async def test_f7_an_unknown_number_and_a_linked_one_get_the_same_sentence_and_nothing_is_stored(becoming):
    becoming.an_account("C-2002", WH_Account__c="#55 - Somebody Else")
    becoming.an_account("C-3003", Portal_Status__c="Active")
    for number in ("C-9999", "C-2002", "C-3003"):
        with pytest.raises(InvalidFields) as refused:
            await becoming.submit(customer_number=number)
        assert refused.value.reasons == {"customer_number": "signup.number_unusable"}
    assert await stored(becoming) == 0
    assert set(await becoming.audited()) == {"sign_up.refused number_unusable"}


async def test_a_number_mapped_here_is_refused_even_while_salesforce_does_not_know_yet(becoming):
    done = await becoming.confirm(await becoming.sign_up())
    assert done.outcome == "done"
    becoming.account().update(WH_Account__c=None, Portal_Status__c=None)
    becoming.clock.advance(31)
    with pytest.raises(InvalidFields):
        await becoming.submit(email="other@example.com")


async def test_a_number_another_sign_up_has_claimed_is_refused(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.down = True
    assert (await becoming.confirm(token)).outcome == "finishing"
    with pytest.raises(InvalidFields) as refused:
        await becoming.submit(email="other@example.com")
    assert refused.value.reasons == {"customer_number": "signup.number_unusable"}


async def test_a_number_two_accounts_share_is_refused_like_an_unknown_one(becoming):
    becoming.an_account("C-1001")
    with pytest.raises(InvalidFields):
        await becoming.submit()


async def test_salesforce_away_is_told_and_nothing_is_half_made(becoming):
    becoming.salesforce.away()
    with pytest.raises(UpstreamUnavailable):
        await becoming.submit()
    assert await stored(becoming) == 0


async def test_p3_a_full_password_queue_is_told_and_nothing_is_stored(becoming, monkeypatch):
    async def full(password: str) -> str:
        raise Busy("sign-in")

    monkeypatch.setattr(becoming.passwords, "hash", full)
    with pytest.raises(Busy):
        await becoming.submit()
    assert await stored(becoming) == 0


@pytest.mark.parametrize(
    "password", ["short", "password1234", EMAIL, "Hanako Yamada", "yamada.hanako", "0 312 345 678"]
)
async def test_p4_a_weak_password_is_refused_beside_its_field(becoming, password):
    with pytest.raises(InvalidFields) as refused:
        await becoming.submit(password=password, phone="+81312345678")
    assert list(refused.value.reasons) == ["password"]
    assert becoming.salesforce.asked == []


async def known_by_portal(world) -> None:
    await world.users.create(EMAIL, "hash")


async def known_by_whmcs(world) -> None:
    world.whmcs.users.append({"id": 900, "email": EMAIL, "clients": [], "password": "x"})


@pytest.mark.parametrize("known", [known_by_portal, known_by_whmcs])
async def test_p5_a_known_address_costs_the_same_work_and_reads_the_same(becoming, known):
    async def work(email: str) -> tuple[int, ...]:
        before = becoming.db.commits, len(becoming.hasher.calls), becoming.salesforce.count("Query")
        assert await becoming.submit(email=email) is None
        after = becoming.db.commits, len(becoming.hasher.calls), becoming.salesforce.count("Query")
        return tuple(b - a for a, b in zip(before, after, strict=True))

    await known(becoming)
    await becoming.submit(email="first@example.com")  # fills the look-up of the number
    assert await work("unknown@example.com") == await work(EMAIL)
    assert becoming.whmcs.calls == [], "whether WHMCS knows the address is found out later"


@pytest.mark.parametrize(
    ("changes", "most"),
    [
        (lambda i: {"customer_number": f"C-{i}000", "browser": f"b{i}"}, 5),
        (lambda i: {"email": f"e{i}@example.com", "browser": f"b{i}"}, 5),
        (lambda i: {"email": f"e{i}@example.com", "customer_number": f"C-{i}000"}, 10),
    ],
    ids=["of one e-mail", "of one number", "of one browser"],
)
async def test_l5_too_many_sign_ups_are_told_to_wait(becoming, changes, most):
    for i in range(1, most + 2):
        becoming.an_account(f"C-{i}000")
    becoming.salesforce.records["Account"][0]["SF_Account_No__c"] = "C-1001"
    for i in range(1, most + 1):
        await becoming.submit(**changes(i))
    with pytest.raises(TooManyTries):
        await becoming.submit(**changes(most + 1))


async def test_l5_a_browser_that_tries_too_often_shuts_nobody_else_out(becoming):
    for i in range(10):
        with pytest.raises(InvalidFields):
            await becoming.submit(email=f"e{i}@example.com", customer_number=f"C-9{i:03}", browser="of a stranger")
    for _ in range(10):
        with pytest.raises(TooManyTries):
            await becoming.submit(browser="of a stranger")
    await becoming.submit()
    assert await becoming.states() == ["AWAITING_EMAIL"]


async def test_i5_nothing_personal_is_readable_in_the_rows_of_a_sign_up(becoming):
    await becoming.submit()
    rows = [*await becoming.rows("SELECT * FROM signups"), *await becoming.rows("SELECT * FROM outbox")]
    dump = repr(rows) + repr(await becoming.rows("SELECT * FROM audit_log"))
    for canary in ("hanako", "Hanako", "Yamada", "C-1001", "Jingumae", "150-0001", PASSWORD):
        assert canary not in dump
