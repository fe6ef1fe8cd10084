"""`check`: one line for everything the portal needs."""

import asyncio

from portal_app import cli

USER = "3f0c1f0e-6c1b-4d52-9e0e-0d6b3f1f9a11"


def test_check_names_what_does_not_answer(capsys, migrated):
    assert cli.main(["check"]) == 1
    lines = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        *(["database", "yes"], ["schema", "yes"], ["redis", "-"], ["whmcs", "no"], ["salesforce", "no"]),
        *(["fields", "no"], ["events", "no"], ["freebit", "-"], ["mail", "no"]),
    ]


async def test_check_says_yes_to_everything_beside_the_sandbox(capsys, beside_sandbox):
    assert await asyncio.to_thread(cli.main, ["check"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines.pop(2) == ["redis", "-", "not", "set", "up"]
    names = ("database", "schema", "whmcs", "salesforce", "fields", "events", "freebit", "mail")
    assert lines == [[name, "yes"] for name in names]


async def test_check_names_credentials_that_are_refused(capsys, beside_sandbox, monkeypatch):
    monkeypatch.setenv("FREEBIT_CLIENT_SECRET", "canary-of-freebit")
    monkeypatch.setenv("WHMCS_API_SECRET", "canary-of-whmcs")
    monkeypatch.setenv("SF_PROVISION_EVENT_CHANNEL", "/event/No_Such__e")
    assert await asyncio.to_thread(cli.main, ["check"]) == 1
    said = capsys.readouterr().out
    refused = [line.split()[0] for line in said.splitlines() if line.split()[1] == "no"]
    assert refused == ["whmcs", "events", "freebit"]
    assert "canary" not in said


def test_check_asks_redis_where_there_is_one(capsys, migrated, monkeypatch, fresh_redis, free_ports):
    for url, answers in ((fresh_redis, "yes"), (f"redis://127.0.0.1:{free_ports.take()}/0", "no")):
        monkeypatch.setenv("REDIS_URL", url)
        assert cli.main(["check"]) == 1
        assert f"redis      {answers}" in capsys.readouterr().out


async def test_check_names_every_field_that_the_organisation_lacks(capsys, beside_sandbox, monkeypatch):
    monkeypatch.setenv("SF_FIELDS", "account.customer_number=No_Such__c,case.status=Not_This__c")
    assert await asyncio.to_thread(cli.main, ["check"]) == 1
    said = capsys.readouterr().out
    assert "salesforce yes" in said and "fields     no   Account.No_Such__c: the field is unknown or hidden" in said
    assert "\n                Case.Not_This__c: the field is unknown or hidden" in said


async def test_check_names_a_refused_sign_in_and_shows_nothing_of_the_key(capsys, caplog, beside_sandbox, monkeypatch):
    monkeypatch.setenv("SF_USERNAME", "nobody@example.com")
    assert await asyncio.to_thread(cli.main, ["check"]) == 1
    said = "".join(capsys.readouterr()) + caplog.text
    assert "salesforce no   salesforce Login: login_invalid_grant" in said
    key = beside_sandbox.world.salesforce.keys.private_pem()
    assert not [line for line in key.splitlines() if line in said]
