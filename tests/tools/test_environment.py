"""What `make run` fills in, and what it leaves alone."""

import stat

import pytest

from portal_app import settings
from sandbox.config import Config
from sandbox.salesforce.keys import Keys
from tools.environment import SANDBOX_SECRETS, demo_environment, read_env_file


def test_nothing_given_makes_a_complete_and_valid_set(tmp_path):
    demo = demo_environment(tmp_path, {})
    loaded = settings.load(demo.env)
    assert loaded.WHMCS_BASE_URL == "http://127.0.0.1:3900/whmcs"
    assert loaded.SMTP_URL == "smtp://127.0.0.1:3901"
    assert demo.sandbox_env["SANDBOX_WEBHOOK_URL"] == "http://127.0.0.1:3000/api/webhooks/whmcs"
    assert (loaded.FREEBIT_API_BASE_URL, loaded.SF_PUBSUB_ENDPOINT) == (
        "http://127.0.0.1:3900/freebit",
        "127.0.0.1:3902",
    )
    sandbox = {"SANDBOX_PORT": 3900, "SANDBOX_SMTP_PORT": 3901, "SANDBOX_PUBSUB_PORT": 3902}
    assert demo.ports == {"PORTAL_PORT": 3000} | sandbox


def test_secrets_are_made_once_and_only_the_owner_reads_them(tmp_path):
    first, second = demo_environment(tmp_path, {}), demo_environment(tmp_path, {})
    assert first.env == second.env
    assert stat.S_IMODE((tmp_path / "demo.env").stat().st_mode) == 0o600
    assert demo_environment(tmp_path / "elsewhere", {}).env["JWT_SECRET"] != first.env["JWT_SECRET"]


def test_a_variable_already_set_wins(tmp_path):
    demo = demo_environment(tmp_path, {"PORTAL_PORT": "3456", "JWT_SECRET": "mine", "DATABASE_URL": "postgresql://x/y"})
    assert demo.env["JWT_SECRET"] == "mine"
    assert demo.env["DATABASE_URL"] == "postgresql://x/y"
    assert demo.env["PORTAL_BASE_URL"] == "http://localhost:3456"


def test_a_secret_given_as_a_file_counts_as_set(tmp_path):
    demo = demo_environment(tmp_path, {"JWT_SECRET_FILE": "/run/secrets/jwt"})
    assert "JWT_SECRET" not in demo.env


def test_a_whmcs_of_ones_own_is_not_played_by_the_sandbox(tmp_path):
    demo = demo_environment(tmp_path, {"WHMCS_BASE_URL": "https://billing.example"})
    assert (demo.whmcs, demo.mail, demo.sandbox) == (False, True, True)
    assert not {*SANDBOX_SECRETS} & {*demo.env}, "credentials of a real WHMCS are never invented"


def test_the_sandbox_is_not_needed_when_every_upstream_is_given(tmp_path):
    outside = {
        "WHMCS_BASE_URL": "https://billing.example",
        "SF_LOGIN_URL": "https://login.salesforce.com",
        "SMTP_URL": "smtps://mail.example",
        "FREEBIT_API_BASE_URL": "https://freebit.example",
    }
    demo = demo_environment(tmp_path, outside)
    assert not demo.sandbox
    assert demo.ports == {"PORTAL_PORT": 3000}
    for left_out in outside:
        assert demo_environment(tmp_path, {k: v for k, v in outside.items() if k != left_out}).sandbox


def test_the_sandbox_plays_salesforce_with_a_key_it_makes_itself(tmp_path):
    demo = demo_environment(tmp_path, {"SANDBOX_PORT": "3950"})
    loaded = settings.load(demo.env)
    assert loaded.SF_LOGIN_URL == "http://127.0.0.1:3950"
    sandbox = Config.from_env(demo.sandbox_env)
    assert (sandbox.sf_client_id, sandbox.sf_username) == (loaded.SF_CLIENT_ID, loaded.SF_USERNAME)
    keys = Keys(sandbox.data, sandbox.sf_public_key)
    assert str(keys.private_path) == loaded.SF_PRIVATE_KEY_PATH


def test_a_client_id_and_an_audience_of_ones_own_reach_the_sandbox_too(tmp_path):
    demo = demo_environment(tmp_path, {"SF_CLIENT_ID": "mine", "SF_AUDIENCE": "https://acme.example"})
    sandbox = Config.from_env(demo.sandbox_env)
    assert (sandbox.sf_client_id, sandbox.sf_audience) == ("mine", "https://acme.example")


def test_a_salesforce_of_ones_own_is_not_played_by_the_sandbox(tmp_path):
    demo = demo_environment(tmp_path, {"SF_LOGIN_URL": "https://login.salesforce.com"})
    assert (demo.whmcs, demo.salesforce, demo.mail) == (True, False, True)
    assert not {"SF_CLIENT_ID", "SF_USERNAME", "SF_PRIVATE_KEY_PATH", "PORTAL_PRICEBOOK_ID"} & {*demo.env}, (
        "a real sign-in is never invented"
    )


def test_the_sandbox_learns_only_the_secrets_it_shares(tmp_path):
    demo = demo_environment(tmp_path, {"JWT_SECRET": "portal-only", "WHMCS_WEBHOOK_SECRET": "new-one, old-one"})
    assert demo.sandbox_env["SANDBOX_WEBHOOK_SECRET"] == "new-one"
    for name, name_there in SANDBOX_SECRETS.items():
        assert demo.sandbox_env[name_there] == demo.env[name].split(",")[0]
    for name in ("JWT_SECRET", "PORTAL_PEPPER", "PORTAL_ENCRYPTION_KEYS", "DATABASE_URL"):
        assert demo.env[name] not in demo.sandbox_env.values()


def test_nothing_is_invented_for_production(tmp_path):
    demo = demo_environment(tmp_path, {"PORTAL_ENV": "prod"})
    assert not demo.sandbox
    assert "JWT_SECRET" not in demo.env
    assert not (tmp_path / "demo.env").exists()


@pytest.mark.parametrize("line", ["A=1", " A = 1 ", "A='1'", '# a note\n\nA="1"'])
def test_an_env_file_is_read_as_people_write_it(tmp_path, line):
    (tmp_path / ".env").write_text(line)
    assert read_env_file(tmp_path / ".env") == {"A": "1"}
