"""docs/whmcs-hooks.md says what is so."""

import re
from pathlib import Path

from portal_app.integrations import whmcs as client_package
from tests.hooks.stage import CRON, HOOK_FILE, SECRET, TABLE, Install, Receiver, fire

PAGE = (HOOK_FILE.parents[1] / "whmcs-hooks.md").read_text(encoding="utf-8")


def test_every_action_the_portal_calls_is_in_the_list_of_permissions() -> None:
    sources = Path(next(iter(client_package.__path__))).glob("*.py")
    called = {name for file in sources for name in re.findall(r'_call\(\s*"(\w+)"', file.read_text(encoding="utf-8"))}
    assert "GetInvoice" in called
    assert {name for name in called if f"`{name}`" not in PAGE} == set()


def test_the_settings_shown_are_settings_the_file_takes(whmcs: Install, receiver: Receiver) -> None:
    [code] = re.findall(r"```php\n\s*<\?php\n(.*?)```", PAGE, re.DOTALL)
    assert whmcs.settings_file(code).run(CRON).log == []
    here = code.replace("https://portal.example.com/api/webhooks/whmcs", receiver.url)
    whmcs.settings_file(here).run(fire("InvoicePaid", invoiceid=1))
    assert receiver.got[0].json["source"] == "billing"


def test_the_head_of_the_file_shows_the_same_settings() -> None:
    head = HOOK_FILE.read_text(encoding="utf-8").partition("*/")[0]
    for line in ("'url' => 'https://portal.example.com/api/webhooks/whmcs'", "'source' => 'billing'"):
        assert line in head and line in PAGE


def test_every_line_of_the_troubleshooting_table_is_one_the_file_writes() -> None:
    source = HOOK_FILE.read_text(encoding="utf-8")
    table = PAGE.partition("## When something is wrong")[2].partition("\n\n")[0]
    quoted = re.findall(r"`([^`]+)`", "\n".join(line.split("|")[1] for line in table.splitlines()[3:]))
    phrases = {part.strip(" ;") for text in quoted for part in re.split(r"\.\.\.|\(.*?\)|: ", text)} - {""}
    assert len(phrases) > 8
    assert {phrase for phrase in phrases if phrase not in source} == set()
    assert TABLE in PAGE and SECRET not in PAGE
