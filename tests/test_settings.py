"""A start with missing or bad settings is refused, with all of them named and none of their values repeated."""

import base64

import pytest

from portal_app import settings
from portal_app.errors import ConfigError


def given(**changes: str) -> dict[str, str]:
    """A complete environment, with changes; None-like "" takes a variable away."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    key = base64.b64encode(bytes(range(32))).decode()
    whole = {
        "JWT_SECRET": letters,
        "JWT_REFRESH_SECRET": letters[1:] + "a",
        "PORTAL_PEPPER": letters[2:] + "ab",
        "PORTAL_INDEX_KEY": letters[3:] + "abc",
        "PORTAL_ENCRYPTION_KEYS": f"k1:{key}",
        "WHMCS_BASE_URL": "http://127.0.0.1:3900/whmcs",
        "WHMCS_API_IDENTIFIER": "identifier",
        "WHMCS_API_SECRET": "whmcs-secret",
        "WHMCS_WEBHOOK_SECRET": letters[4:] + "abcd",
        "SF_LOGIN_URL": "http://127.0.0.1:3900",
        "SF_CLIENT_ID": "consumer key",
        "SF_USERNAME": "portal@example.com",
        "PORTAL_PRICEBOOK_ID": "01s000000000001AAA",
        "SF_PRIVATE_KEY_PATH": "/nowhere/salesforce.pem",
        "SMTP_URL": "smtp://127.0.0.1:3901",
    }
    return {**whole, **changes}


def problems(**changes: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        settings.load(given(**changes))
    return refused.value.problems


def test_a_complete_environment_is_accepted_with_defaults_for_the_rest():
    loaded = settings.load(given())
    assert loaded.PORTAL_PORT == 3000
    assert loaded.WHMCS_QUEUE_CONCURRENCY == 8
    assert not loaded.secure_cookies


def test_an_empty_environment_is_refused_with_every_required_name_at_once():
    with pytest.raises(ConfigError) as refused:
        settings.load({})
    required = {name for name, info in settings.Settings.model_fields.items() if info.is_required()}
    assert {p.split(":")[0] for p in refused.value.problems} == required
    assert len(required) >= 10


def test_missing_and_bad_ones_are_listed_together():
    told = problems(JWT_SECRET="", PORTAL_PORT="eighty", SMTP_URL="smtp://mail.example")
    assert [p.split(":")[0] for p in told] == ["PORTAL_PORT", "JWT_SECRET", "SMTP_URL"]


def test_a_refusal_never_repeats_a_value():
    value = "hunter2-but-too-short"
    assert value not in str(problems(JWT_SECRET=value))


@pytest.mark.parametrize("weak", ["short", "a" * 40])
@pytest.mark.parametrize("name", ["JWT_SECRET", "JWT_REFRESH_SECRET", "PORTAL_PEPPER", "WHMCS_WEBHOOK_SECRET"])
def test_a_weak_secret_is_refused(name, weak):
    assert problems(**{name: weak})[0].startswith(f"{name}:")


def test_one_secret_for_two_purposes_is_refused():
    assert "must differ" in problems(JWT_REFRESH_SECRET=given()["JWT_SECRET"])[0]


@pytest.mark.parametrize(
    "keys",
    ["k1:short", "no-colon", ",", "k1:" + base64.b64encode(bytes(32)).decode(), given()["PORTAL_ENCRYPTION_KEYS"] * 2],
)
def test_encryption_keys_must_be_named_and_random(keys):
    assert problems(PORTAL_ENCRYPTION_KEYS=keys)[0].startswith("PORTAL_ENCRYPTION_KEYS:")


def test_plain_http_and_smtp_are_accepted_for_this_machine_only():
    assert settings.load(given(WHMCS_BASE_URL="http://localhost:1/")).WHMCS_BASE_URL == "http://localhost:1"
    assert problems(WHMCS_BASE_URL="http://billing.example")[0].startswith("WHMCS_BASE_URL: plain http")
    assert problems(REDIS_URL="redis://cache.example")[0].startswith("REDIS_URL: plain redis")
    assert problems(SMTP_URL="smtp://mail.example")[0].startswith("SMTP_URL: plaintext")


def test_production_refuses_plain_http_and_wants_a_monitoring_token():
    told = "; ".join(problems(PORTAL_ENV="prod", BCRYPT_ROUNDS="4"))
    for name in ("PORTAL_BASE_URL", "BCRYPT_ROUNDS", "PORTAL_MONITORING_TOKEN"):
        assert name in told
    live = given(PORTAL_ENV="prod", PORTAL_BASE_URL="https://portal.example/", PORTAL_MONITORING_TOKEN="m" * 32)
    assert settings.load(live).secure_cookies


@pytest.mark.parametrize("change", [{"PORTAL_WORKER": "external"}, {"PORTAL_WEB_WORKERS": "2"}])
def test_several_processes_need_redis_between_them(change):
    assert "REDIS_URL" in "; ".join(problems(**change))


def test_two_web_processes_may_not_both_embed_the_worker():
    told = problems(PORTAL_WEB_WORKERS="2", REDIS_URL="redis://127.0.0.1:6379/0")
    assert told == ["PORTAL_WORKER: must be external with more than one web worker"]


def test_a_secret_may_come_from_a_file(tmp_path):
    (tmp_path / "pepper").write_text(given()["PORTAL_PEPPER"] + "\n")
    loaded = settings.load(given(PORTAL_PEPPER="", PORTAL_PEPPER_FILE=str(tmp_path / "pepper")))
    assert given()["PORTAL_PEPPER"] == loaded.PORTAL_PEPPER


def test_a_secret_file_that_cannot_be_read_is_named_once():
    assert problems(PORTAL_PEPPER="", PORTAL_PEPPER_FILE="/nowhere/pepper") == ["PORTAL_PEPPER_FILE: cannot be read"]


def test_two_webhook_secrets_are_accepted_while_rotating_and_three_are_not():
    one = given()["WHMCS_WEBHOOK_SECRET"]
    assert f"{one},{one}x" == settings.load(given(WHMCS_WEBHOOK_SECRET=f"{one}, {one}x")).WHMCS_WEBHOOK_SECRET
    assert problems(WHMCS_WEBHOOK_SECRET=f"{one},{one}x,{one}y")[0].startswith("WHMCS_WEBHOOK_SECRET:")


def test_every_setting_says_what_it_is_for():
    assert [name for name, info in settings.Settings.model_fields.items() if not info.description] == []


def test_the_lines_of_the_salesforce_key_are_hidden_from_logs_and_a_key_that_is_not_there_is_said_later(tmp_path):
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nAQ==\n-----END PRIVATE KEY-----\n")
    loaded = settings.load(given(SF_PRIVATE_KEY_PATH=str(key)))
    assert "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" in loaded.secrets()
    assert "PRIVATE" not in loaded.secrets()
    nowhere = settings.load(given())
    assert "consumer key" in nowhere.secrets()
    with pytest.raises(ConfigError, match="SF_PRIVATE_KEY_PATH: cannot be read") as refused:
        nowhere.salesforce_key()
    assert "nowhere" not in str(refused.value)


def test_fields_are_renamed_by_pairs_and_anything_else_is_refused():
    renamed = "account.customer_number = Customer_No__c, case.topic=Topic__c,"
    assert settings.load(given(SF_FIELDS=renamed)).renamed_fields() == {
        "account.customer_number": "Customer_No__c",
        "case.topic": "Topic__c",
    }
    for bad in ("account.customer_number", "=Customer_No__c", "a.b=", "a.b=C,a.b=D"):
        assert problems(SF_FIELDS=bad) == ["SF_FIELDS: each entry is key=name, each key once"]


def test_channels_of_events_an_organisation_does_not_have_can_be_left_out():
    names = "SF_ACCOUNT_EVENT_CHANNEL", "SF_CASE_EVENT_CHANNEL", "SF_CHANGE_EVENT_CHANNELS"
    chosen = settings.load(given(**dict.fromkeys(names, "none")))
    assert (chosen.SF_ACCOUNT_EVENT_CHANNEL, chosen.SF_CASE_EVENT_CHANNEL, chosen.change_channels()) == ("", "", ())
    assert settings.load(given(SF_CASE_EVENT_CHANNEL="")).SF_CASE_EVENT_CHANNEL, "set to nothing is not set"
    assert problems(SF_CASE_EVENT_CHANNEL="nothing")[0].startswith("SF_CASE_EVENT_CHANNEL: must look like")


def test_a_channel_whose_events_would_mean_two_things_is_refused():
    told = problems(SF_CASE_EVENT_CHANNEL="/event/X__e", SF_ACCOUNT_EVENT_CHANNEL="/event/X__e")
    assert told == ["SF_ACCOUNT_EVENT_CHANNEL, SF_CASE_EVENT_CHANNEL: name a channel twice"]
    told = problems(SF_CHANGE_EVENT_CHANNELS="/data/A,/event/X__e,/data/A", SF_CASE_EVENT_CHANNEL="/event/X__e")
    assert told == ["SF_CASE_EVENT_CHANNEL, SF_CHANGE_EVENT_CHANNELS: name a channel twice"]
