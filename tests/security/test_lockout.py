"""Guessing made slow without locking the owner out (L1 to L4)."""

import asyncio

import pytest

from portal_app.errors import TooManyTries
from portal_app.security.lockout import Lockout, network
from tests.fakes.doors import Doors

OWNER, HOME, EVIL = "index-of-owner", "198.51.100.7", "203.0.113.66"


async def wait_of(doors: Doors, device: str | None = None, ip: str = EVIL, account: str = OWNER) -> int:
    """Seconds this try has to wait, 0 when it may go on."""
    try:
        await doors.lockout.check(account, device, ip)
    except TooManyTries as no:
        return no.retry_after
    return 0


async def fail(doors: Doors, times: int, device: str | None = None, ip: str = EVIL, account: str = OWNER) -> None:
    for _ in range(times):
        await doors.lockout.failed(account, device, ip)


async def test_l1_ten_failures_from_unknown_devices_lock_for_a_minute(any_doors):
    await fail(any_doors, 9)
    assert await wait_of(any_doors) == 0
    await fail(any_doors, 1)
    assert await wait_of(any_doors) == 60
    any_doors.clock.advance(60)
    assert await wait_of(any_doors) == 0


async def test_l1_each_further_failure_doubles_the_delay_up_to_an_hour(doors):
    await fail(doors, 9)
    minutes = []
    for _ in range(9):
        await fail(doors, 1)
        minutes.append(await wait_of(doors) // 60)
        doors.clock.advance(minutes[-1] * 60)
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_l1_failures_spread_over_more_than_a_quarter_of_an_hour_start_over(doors):
    await fail(doors, 9)
    doors.clock.advance(15 * 60)
    await fail(doors, 9)
    assert await wait_of(doors) == 0


async def test_l1_once_begun_the_delays_are_forgotten_only_after_a_calm_day(doors):
    await fail(doors, 11)
    doors.clock.advance(23 * 3600)
    await fail(doors, 1)
    assert await wait_of(doors) == 240
    doors.clock.advance(24 * 3600)
    await fail(doors, 1)
    assert await wait_of(doors) == 0


async def test_l1_another_account_is_not_concerned(doors):
    await fail(doors, 10)
    assert await wait_of(doors, account="index-of-second", ip=HOME) == 0


async def test_l1_a_success_forgets_the_failures(doors):
    await fail(doors, 9)
    await doors.lockout.succeeded(OWNER, None)
    await fail(doors, 9)
    assert await wait_of(doors) == 0


async def test_l2_an_attacker_cannot_lock_the_owner_out_of_a_known_device(doors):
    await fail(doors, 50)
    assert await wait_of(doors) > 0
    assert await wait_of(doors, device="laptop", ip=HOME) == 0
    assert await wait_of(doors, device="laptop", ip=EVIL) == 0


async def test_l2_a_known_device_has_ten_failures_of_its_own(doors):
    await fail(doors, 9, device="laptop")
    assert await wait_of(doors, device="laptop") == 0
    await fail(doors, 1, device="laptop")
    assert await wait_of(doors, device="laptop") == 15 * 60
    assert await wait_of(doors, device="phone") == 0
    assert await wait_of(doors) == 0, "unknown devices were not counted"


async def test_l2_ten_failures_of_its_own_make_a_device_unknown_for_good(doors):
    assert await doors.lockout.device_trusted(OWNER, "laptop")
    await fail(doors, 10, device="laptop")
    doors.clock.advance(15 * 60)
    assert not await doors.lockout.device_trusted(OWNER, "laptop")
    assert await wait_of(doors, device="laptop") == 0
    await fail(doors, 10, device="laptop")
    assert await wait_of(doors) == 60, "its failures count as those of a stranger"
    assert await wait_of(doors, device="laptop") == 60


async def test_l2_a_thief_with_a_stale_device_cookie_has_the_hundred_of_strangers_too(doors):
    await fail(doors, 10, device="laptop")
    doors.clock.advance(15 * 60)
    await fail(doors, 100, device="laptop")
    doors.clock.advance(24 * 3600)
    assert await wait_of(doors, device="laptop") > 0


async def test_l3_after_a_hundred_failures_in_a_row_only_a_known_device_helps(doors):
    await fail(doors, 100)
    doors.clock.advance(30 * 24 * 3600)
    assert await wait_of(doors) > 0
    assert await wait_of(doors, device="laptop") == 0
    await doors.lockout.succeeded(OWNER, "laptop")
    assert await wait_of(doors) == 0


async def test_l3_ninety_nine_failures_are_not_yet_a_hundred(doors):
    await fail(doors, 99)
    doors.clock.advance(24 * 3600)
    assert await wait_of(doors) == 0


async def test_l1_ten_accounts_from_one_address_slow_that_address_down(any_doors):
    for n in range(9):
        await fail(any_doors, 1, account=f"account-{n}")
    assert await wait_of(any_doors, account="account-99") == 0
    await fail(any_doors, 1, account="account-9")
    assert await wait_of(any_doors, account="account-99") == 30
    assert await wait_of(any_doors, account="account-99", ip=HOME) == 0
    any_doors.clock.advance(30)
    assert await wait_of(any_doors, account="account-99") == 0


async def test_l1_many_tries_at_one_account_are_one_account_to_the_address(doors):
    await fail(doors, 9)
    for _ in range(3):
        await fail(doors, 9, account="second")
    assert await wait_of(doors, account="third") == 0


async def test_l5a_a_known_device_behind_a_shared_address_is_not_slowed_down(doors):
    for n in range(20):
        await fail(doors, 1, account=f"account-{n}", ip=HOME)
    assert await wait_of(doors, ip=HOME) > 0
    assert await wait_of(doors, ip=HOME, device="laptop") == 0


async def test_l1_the_neighbours_in_one_ipv6_network_are_one_address(doors):
    for n in range(10):
        await fail(doors, 1, account=f"account-{n}", ip=f"2001:db8:1:2::{n}")
    assert await wait_of(doors, account="other", ip="2001:db8:1:2:ffff::1") == 30
    assert await wait_of(doors, account="other", ip="2001:db8:1:3::1") == 0


@pytest.mark.parametrize(
    ("ip", "counted_as"),
    [
        ("203.0.113.66", "203.0.113.66"),
        ("::ffff:203.0.113.66", "203.0.113.66"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("", "unknown"),
        ("evil\r\nheader", "unknown"),
    ],
)
def test_what_counts_as_one_address(ip, counted_as):
    assert network(ip) == counted_as


async def test_l1_a_flood_over_all_accounts_raises_the_alarm_once_and_locks_nobody(doors):
    alarmed = Lockout(doors.db, doors.index, doors.clock, doors.audit, scale=0.012)
    for n in range(20):
        await alarmed.failed(f"account-{n}", None, f"203.0.113.{n}")
    assert [row.outcome for row in await doors.audited("sign_in.flood")] == ["alert"]
    await alarmed.check("account-77", None, "198.51.100.1")


async def test_l1_no_failure_is_lost_when_many_come_at_once(any_doors):
    await asyncio.gather(*(fail(any_doors, 1) for _ in range(12)))
    assert await wait_of(any_doors) == 240


async def test_l5a_the_numbers_scale(doors):
    generous = Lockout(doors.db, doors.index, doors.clock, doors.audit, scale=3)
    for _ in range(29):
        await generous.failed(OWNER, None, EVIL)
    await generous.check(OWNER, None, EVIL)
    await generous.failed(OWNER, None, EVIL)
    with pytest.raises(TooManyTries):
        await generous.check(OWNER, None, EVIL)


async def test_i5_neither_account_nor_address_can_be_read_from_the_table(doors):
    from sqlalchemy import select

    from portal_app.storage.tables.login_failures import LoginFailure

    await fail(doors, 1, device="laptop")
    await fail(doors, 1)
    async with doors.db.read() as session:
        buckets = list(await session.scalars(select(LoginFailure.bucket)))
    assert len(buckets) == 5
    assert all(len(b) == 64 and set(b) <= set("0123456789abcdef") for b in buckets)


async def test_l2_pruning_never_makes_a_revoked_device_trusted_again(doors):
    await fail(doors, 10, device="laptop")
    doors.clock.advance(180 * 86400)
    assert await doors.lockout.prune() == 0
    assert not await doors.lockout.device_trusted(OWNER, "laptop")
    doors.clock.advance(2 * 86400)
    assert await doors.lockout.prune() == 2
