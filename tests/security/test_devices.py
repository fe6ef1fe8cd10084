"""The device cookie proves an earlier sign-in to one account from one browser, and nothing else."""

import pytest

from portal_app.security.devices import DeviceCookies
from tests.fakes.clock import FakeClock

SECRET = "a secret of the tests, long enough to be one"


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def devices(clock):
    return DeviceCookies(SECRET, clock)


def test_l2_a_device_cookie_is_read_back_for_its_account_only(devices):
    cookie = devices.mint("index-of-owner")
    assert devices.read(cookie, "index-of-owner")
    assert devices.read(cookie, "index-of-somebody-else") is None


def test_l2_two_browsers_of_one_account_are_two_devices(devices):
    ids = {devices.read(devices.mint("owner"), "owner") for _ in range(2)}
    assert len(ids) == 2


def test_l2_a_device_cookie_lasts_180_days(devices, clock):
    cookie = devices.mint("owner")
    clock.advance(180 * 86400)
    assert devices.read(cookie, "owner")
    clock.advance(1)
    assert devices.read(cookie, "owner") is None


def test_l2_a_changed_or_foreign_device_cookie_is_worthless(devices, clock):
    cookie = devices.mint("owner")
    version, device_id, made, signature = cookie.split(".")
    other_id = "0e6f3d1a-9a50-4a2f-9c86-0f5f3f2b7a11"
    assert devices.read(f"{version}.{other_id}.{made}.{signature}", "owner") is None
    assert devices.read(f"{version}.{device_id}.{int(made) + 1}.{signature}", "owner") is None
    assert devices.read(DeviceCookies(SECRET + "x", clock).mint("owner"), "owner") is None


@pytest.mark.parametrize("junk", [None, "", "d1", "d1.a.b.c", "x" * 5000, "d1...", "\ud800"])
def test_l2_junk_is_no_device(devices, junk):
    assert devices.read(junk, "owner") is None


def test_l2_the_cookie_names_neither_account_nor_address(devices):
    assert "owner" not in devices.mint("owner@example.com")
