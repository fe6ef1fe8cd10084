"""The command line, from its words to its exit code."""

import pytest

from portal_app import cli, settings
from portal_app.storage import migrate


def test_env_example_needs_no_settings(capsys, monkeypatch):
    monkeypatch.delenv("JWT_SECRET", raising=False)
    assert cli.main(["env-example"]) == 0
    assert capsys.readouterr().out == settings.env_example()


def test_missing_settings_are_all_named_and_none_is_shown(capsys, environment, monkeypatch):
    monkeypatch.delenv("JWT_SECRET")
    monkeypatch.setenv("SMTP_URL", "smtp://user:canary-password@mail.example.com")
    assert cli.main(["reconcile"]) == 1
    said = capsys.readouterr().err
    assert "JWT_SECRET" in said and "SMTP_URL" in said
    assert "canary" not in said


def test_migrate_makes_the_folder_and_the_database_and_may_be_repeated(capsys, environment, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/new/folder/portal.db")
    assert [cli.main(["migrate"]), cli.main(["migrate"])] == [0, 0]
    assert (tmp_path / "new/folder/portal.db").exists()
    assert migrate.head() in capsys.readouterr().out


def test_an_unknown_command_is_not_understood(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["dance"])
    assert ended.value.code == 2
