"""A complete configuration for the command line, alone or beside a sandbox."""

from collections.abc import AsyncIterator

import pytest

from portal_app.observability import logs
from sandbox.app import Running, running
from sandbox.config import (
    DEMO_FREEBIT_ID,
    DEMO_FREEBIT_KEY,
    DEMO_IDENTIFIER,
    DEMO_SECRET,
    DEMO_SF_CLIENT_ID,
    DEMO_SF_USERNAME,
    Config,
)
from tests.fakes import doors
from tests.fakes.settings import a_settings


@pytest.fixture
def environment(monkeypatch, sqlite_url, free_ports) -> dict[str, str]:
    """A complete configuration whose outside systems do not answer."""
    quiet = free_ports.take()
    values = {
        **a_settings().model_dump(mode="json"),
        "DATABASE_URL": sqlite_url,
        "WHMCS_BASE_URL": f"http://127.0.0.1:{quiet}",
        "SF_LOGIN_URL": f"http://127.0.0.1:{quiet}",
        "SMTP_URL": f"smtp://127.0.0.1:{quiet}",
        "SF_PUBSUB_ENDPOINT": f"127.0.0.1:{quiet}",
        "PORTAL_PORT": quiet,
        "BCRYPT_ROUNDS": 4,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(logs, "setup", lambda *_, **__: None)  # it would take the other tests' log handlers away
    return {name: str(value) for name, value in values.items()}


@pytest.fixture
def migrated(environment, tmp_path) -> dict[str, str]:
    """The same configuration, with an empty database at the newest schema."""
    assert doors.sqlite_url(tmp_path) == environment["DATABASE_URL"]
    return environment


@pytest.fixture
async def beside_sandbox(migrated, monkeypatch, tmp_path) -> AsyncIterator[Running]:
    """The same configuration, with a sandbox behind it."""
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=5)) as sandbox:
        key = tmp_path / "salesforce.pem"
        key.write_text(sandbox.world.salesforce.keys.private_pem())
        address = sandbox.whmcs_url.removesuffix("/whmcs")
        values = {
            "WHMCS_BASE_URL": sandbox.whmcs_url,
            "WHMCS_API_IDENTIFIER": DEMO_IDENTIFIER,
            "WHMCS_API_SECRET": DEMO_SECRET,
            "SF_LOGIN_URL": address,
            "SF_CLIENT_ID": DEMO_SF_CLIENT_ID,
            "SF_USERNAME": DEMO_SF_USERNAME,
            "SF_PRIVATE_KEY_PATH": str(key),
            "SF_PUBSUB_ENDPOINT": sandbox.pubsub,
            "FREEBIT_API_BASE_URL": f"{address}/freebit",
            "FREEBIT_CLIENT_ID": DEMO_FREEBIT_ID,
            "FREEBIT_CLIENT_SECRET": DEMO_FREEBIT_KEY,
            "SMTP_URL": f"smtp://127.0.0.1:{sandbox.smtp_port}",
        }
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        yield sandbox
