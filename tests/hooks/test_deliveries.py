"""What the hook file posts, and how."""

import re
import socket
import subprocess

import pytest

from portal_app.web.webhooks import sign
from tests.hooks.stage import CRON, HOOK_FILE, NOON, SECRET, VERSION, Install, Receiver, advance, fire

OTHER_SECRET = "another-secret-of-more-than-thirty-two-characters"
VECTOR = (
    b'{"event":"InvoicePaid","event_id":"01JTESTEVENT0000000000001",'
    b'"occurred_at":1760000000,"params":{"invoiceid":101}}'
)
AFTER_PHP_7_4 = (
    r"\?->",
    r"\bmatch\s*\(",
    r"#\[",
    r"\breadonly\b",
    r"\benum\b",
    r"\bstr_(contains|starts_with|ends_with)\b",
    r"\bget_debug_type\b",
    r"\b(public|private|protected)\s+[^(;]*\$\w+\s*[,)]",
    r"\w\s*:\s*[\w\\]+\|[\w\\]+\s*\{",
    r"\bmixed\b",
    r"\barray_is_list\b",
    r"catch \(\\?\w+\)",
)


def test_php_finds_no_mistake_in_the_file() -> None:
    checked = subprocess.run(["php", "-l", str(HOOK_FILE)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_nothing_in_the_file_is_newer_than_php_7_4() -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*|'[^'\n]*'", "", HOOK_FILE.read_text(), flags=re.DOTALL)
    assert [found for newer in AFTER_PHP_7_4 if (found := re.search(newer, code))] == []


def test_one_firing_is_one_post_of_what_the_contract_says(install: Install, receiver: Receiver) -> None:
    install.run(fire("InvoicePaid", invoiceid=101, invoice={"$": "model"}), now=NOON)
    [delivery] = receiver.got
    assert delivery.path == "/hook"
    assert delivery.json == {
        "event": "InvoicePaid",
        "event_id": delivery.event_id,
        "occurred_at": NOON,
        "source": "sandbox",
        "whmcs_version": VERSION,
        "params": {"invoiceid": 101},
    }
    assert (delivery.event, delivery.timestamp) == ("InvoicePaid", NOON)
    assert delivery.headers["content-type"] == "application/json; charset=utf-8"
    assert "expect" not in delivery.headers and "transfer-encoding" not in delivery.headers
    assert install.spool == []


def test_w1_the_signature_is_over_the_bytes_sent(install: Install, receiver: Receiver) -> None:
    install.run(fire("ClientEdit", userid=1001, status="有効"))
    [delivery] = receiver.got
    assert delivery.signature == "v1=" + sign(SECRET, str(delivery.timestamp), delivery.body)


def test_w1_while_the_secret_changes_there_is_a_signature_for_each(whmcs: Install, receiver: Receiver) -> None:
    whmcs.settings(receiver.url, SECRET, OTHER_SECRET).run(fire("InvoicePaid", invoiceid=1))
    [delivery] = receiver.got
    wanted = [f"v1={sign(s, str(delivery.timestamp), delivery.body)}" for s in (SECRET, OTHER_SECRET)]
    assert delivery.signature == ",".join(wanted)


def test_w1_the_test_vector_of_the_contract_is_reproduced(install: Install, receiver: Receiver) -> None:
    install.run(CRON)
    install.keep("InvoicePaid", "01JTESTEVENT0000000000001", VECTOR, 1760000000)
    install.run(("secrets", receiver.url, ["portal-test-secret"]), CRON, now=1760000000)
    [delivery] = receiver.got
    assert delivery.body == VECTOR and delivery.timestamp == 1760000000
    assert delivery.signature == "v1=1b6ddd444526066db7163e73c18d9cf00829c82043c96da94af8a642d70ef26a"


def test_every_firing_has_an_id_of_its_own_and_they_sort_by_time(install: Install, receiver: Receiver) -> None:
    install.run(fire("InvoicePaid", invoiceid=1), advance(1), fire("InvoicePaid", invoiceid=1))
    first, second = (delivery.event_id for delivery in receiver.got)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", first) and first < second


def test_nothing_is_returned_to_whmcs(install: Install) -> None:
    ran = install.run(fire("PreDeleteClient", userid=1), fire("InvoicePaid", invoiceid=1), CRON)
    assert ran.returned == [] and ran.log == []


def test_an_unknown_version_is_left_out(install: Install, receiver: Receiver) -> None:
    install.run(fire("InvoicePaid", invoiceid=1), version=None)
    assert "whmcs_version" not in receiver.got[0].json


def test_the_daily_cron_is_a_sign_of_life_with_an_empty_object(install: Install, receiver: Receiver) -> None:
    install.run(fire("DailyCronJob"), CRON)
    [delivery] = receiver.got
    assert delivery.event == "DailyCronJob" and delivery.body.endswith(b'"params":{}}')


def test_asked_for_from_outside_the_file_does_nothing(whmcs: Install) -> None:
    done = subprocess.run(["php", str(HOOK_FILE)], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_installed_twice_under_two_names_it_works_once(install: Install, receiver: Receiver) -> None:
    copy = install.folder / "portal_hooks_old.php"
    copy.write_text(install.hook_file.read_text())
    ran = install.run(fire("InvoicePaid", invoiceid=1), files=[str(install.hook_file), str(copy)])
    assert set(ran.hooks.values()) == {1} and len(receiver.got) == 1


class TestSettings:
    def test_without_a_settings_file_the_activity_log_says_so_at_every_cron(self, whmcs: Install) -> None:
        ran = whmcs.run(fire("InvoicePaid", invoiceid=1), CRON)
        assert ran.log == ["Portal hooks: nothing is sent: there is no settings file"]

    def test_they_may_stand_beside_the_hook_file(self, install: Install, receiver: Receiver) -> None:
        away = install.root / "portal_hooks_settings.php"
        away.rename(install.folder / "_portal_hooks_settings.php")
        install.run(fire("InvoicePaid", invoiceid=1))
        assert len(receiver.got) == 1

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("return 'x';", "'url' is not the address"),
            ("return ['url' => 'ftp://portal.example/'];", "'url' is not the address"),
            ("return ['url' => 'https://user:pass@portal.example/'];", "'url' is not the address"),
            ("return ['url' => ['a']];", "'url' is not the address"),
            ("return ['url' => 'http://portal.example/'];", "must start with https://"),
            ("return ['url' => 'http://127.0.0.1.portal.example/'];", "must start with https://"),
            ("return ['url' => 'https://portal.example/', 'secrets' => ['short']];", "32 characters or more"),
            ("return ['url' => 'https://portal.example/', 'secrets' => []];", "32 characters or more"),
            (
                f"return ['url' => 'https://p.example/', 'secrets' => ['{SECRET}', '{SECRET}', '{SECRET}']];",
                "one or two",
            ),
            (f"return ['url' => 'https://p.example/', 'secrets' => ['{SECRET}'], 'source' => 'a b'];", "'source'"),
            ("return [;", "the settings file is broken"),
            ("throw new Exception('hunter2');", "the settings file is broken"),
            ("echo 'hello'; return [];", "'url' is not the address"),
        ],
    )
    def test_settings_that_cannot_be_used_are_named_and_break_nothing(
        self, whmcs: Install, code: str, said: str
    ) -> None:
        [line] = whmcs.settings_file(code).run(fire("InvoicePaid", invoiceid=1), CRON).log
        assert said in line and "hunter2" not in line and SECRET not in line

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
    def test_plain_http_is_for_this_machine_only(self, whmcs: Install, receiver: Receiver, host: str) -> None:
        whmcs.settings(receiver.url.replace("127.0.0.1", host)).run(fire("InvoicePaid", invoiceid=1))
        assert len(receiver.got) == 1

    def test_a_proxy_named_in_the_environment_gets_nothing(
        self, install: Install, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as proxy:
            address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
            for name in ("http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, address)
            monkeypatch.delenv("no_proxy", raising=False)
            monkeypatch.delenv("NO_PROXY", raising=False)
            install.run(fire("InvoicePaid", invoiceid=1))
        assert len(receiver.got) == 1
