"""Building the real objects, and taking them down again."""

import asyncio
import inspect
import threading

import pytest

from portal_app import wiring
from portal_app.errors import ConfigError, UpstreamUnavailable
from portal_app.storage import migrate
from tests.fakes.settings import a_settings


@pytest.fixture
def migrated(sqlite_url) -> str:
    migrate.upgrade(sqlite_url)
    return sqlite_url


async def test_what_was_opened_closes_at_whatever_moment_and_leaves_no_task(migrated):
    """The clock's question to the database is under way at every one of these moments."""
    before = asyncio.all_tasks()
    for turns in range(0, 40, 2):
        async with asyncio.timeout(20), wiring.opened(a_settings(DATABASE_URL=migrated)):
            for _ in range(turns):
                await asyncio.sleep(0)
        assert asyncio.all_tasks() == before


async def test_every_accessor_hands_out_what_it_says(migrated):
    accessors = [f for _, f in inspect.getmembers(wiring, inspect.isfunction) if f.__module__ == wiring.__name__]
    assert len(accessors) > 25
    async with wiring.opened(a_settings(DATABASE_URL=migrated)):
        for accessor in accessors:
            handed = accessor()
            assert type(handed).__name__ == "tuple" or isinstance(handed, _plain(accessor)), accessor.__name__


def _plain(accessor) -> type:
    """What the accessor promises; a protocol promises nothing that could be looked at."""
    promised = inspect.signature(accessor).return_annotation
    return object if getattr(promised, "_is_protocol", False) else promised


async def test_the_portal_starts_while_salesforce_is_away_and_says_so_when_asked(migrated, free_ports):
    nowhere = f"http://127.0.0.1:{free_ports.take()}"
    async with wiring.opened(a_settings(DATABASE_URL=migrated, SF_LOGIN_URL=nowhere)):
        with pytest.raises(UpstreamUnavailable):
            await wiring.accounts().find_by_customer_number("C-100001")
        await wiring.database().ping()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("salesforce")]


@pytest.mark.parametrize("content", [None, "", "no key at all", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
async def test_a_start_without_a_usable_key_is_refused_and_lets_go_of_everything(migrated, tmp_path, content):
    key, before = tmp_path / "key-canary.pem", asyncio.all_tasks()
    if content is not None:
        key.write_text(content)
    with pytest.raises(ConfigError) as refused:
        async with wiring.opened(a_settings(DATABASE_URL=migrated, SF_PRIVATE_KEY_PATH=str(key))):
            pass
    assert "AAAA" not in str(refused.value) and "key-canary" not in str(refused.value)
    assert asyncio.all_tasks() == before


async def test_the_queues_to_salesforce_are_as_the_settings_say(migrated):
    changes = {"SF_QUEUE_CONCURRENCY": "3", "SF_QUEUE_INTERVAL_CAP": "7", "SF_QUEUE_TIMEOUT_MS": "1500"}
    async with wiring.opened(a_settings(DATABASE_URL=migrated, **changes)):
        policies = {upstream.policy.name: upstream.policy for upstream in wiring.upstreams()}
    assert list(policies) == ["whmcs", "salesforce", "salesforce_long", "mail", "salesforce_files"]
    found = policies["salesforce"]
    assert (found.concurrency, found.per_second, found.queue_wait_s) == (3, 7, 1.5)
    assert policies["salesforce_long"].concurrency == 2


async def test_a_field_renamed_to_nothing_known_is_refused(migrated):
    with pytest.raises(ConfigError, match=r"account\.shoe_size: there is no such key"):
        async with wiring.opened(a_settings(DATABASE_URL=migrated, SF_FIELDS="account.shoe_size=Shoe__c")):
            pass
