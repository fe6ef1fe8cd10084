"""The command line, from its words to its exit code."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from portal_app import cli, routes, settings, wiring
from portal_app.domain.cart import Cart
from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from portal_app.errors import TooManyTries
from portal_app.observability import logs
from portal_app.storage import migrate
from portal_app.storage.bus import MemoryBus
from portal_app.storage.carts import UNSURE
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.jobs import Report
from portal_app.storage.signups import NEEDS_REVIEW
from portal_app.web.operator import wake
from sandbox.app import Running, running
from sandbox.config import DEMO_IDENTIFIER, DEMO_SECRET, DEMO_SF_CLIENT_ID, DEMO_SF_USERNAME, Config
from tests.fakes.settings import a_settings

USER = "3f0c1f0e-6c1b-4d52-9e0e-0d6b3f1f9a11"


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
        "PORTAL_PORT": quiet,
        "BCRYPT_ROUNDS": 4,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(logs, "setup", lambda *_, **__: None)  # it would take the other tests' log handlers away
    return {name: str(value) for name, value in values.items()}


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


def test_reconcile_before_any_run_says_so(capsys, environment):
    migrate.upgrade(environment["DATABASE_URL"])
    assert cli.main(["reconcile"]) == 0
    assert capsys.readouterr().out.strip() == "Nothing was compared yet."


def test_reconcile_run_without_whmcs_shows_a_report_that_ended_early(capsys, environment):
    migrate.upgrade(environment["DATABASE_URL"])
    assert cli.main(["reconcile", "--run", "hourly"]) == 1
    out, err = capsys.readouterr()
    assert "invoices.hourly" in out and "stopped early" in out
    assert "Stopped early" in err


def test_check_names_what_does_not_answer(capsys, environment):
    migrate.upgrade(environment["DATABASE_URL"])
    assert cli.main(["check"]) == 1
    lines = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        *(["database", "yes"], ["schema", "yes"], ["whmcs", "no"]),
        *(["salesforce", "no"], ["fields", "no"], ["mail", "no"]),
    ]


@pytest.fixture
async def beside_sandbox(environment, monkeypatch, tmp_path) -> AsyncIterator[Running]:
    """The same configuration, with a sandbox behind it."""
    migrate.upgrade(environment["DATABASE_URL"])
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
            "SMTP_URL": f"smtp://127.0.0.1:{sandbox.smtp_port}",
        }
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        yield sandbox


async def test_check_says_yes_to_everything_beside_the_sandbox(capsys, beside_sandbox):
    assert await asyncio.to_thread(cli.main, ["check"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [[name, "yes"] for name in ("database", "schema", "whmcs", "salesforce", "fields", "mail")]


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


async def test_reconcile_of_accounts_shows_what_is_left_for_a_person(capsys, beside_sandbox):
    assert await asyncio.to_thread(cli.main, ["demo-users"]) == 0
    console = f"{beside_sandbox.url}/console/api/salesforce/accounts"
    async with httpx.AsyncClient(trust_env=False) as staff:
        for number, move in (("C-100001", "unlink"), ("C-100002", "number")):
            (account,) = (await staff.get(console, params={"search": number})).json()
            moved = await staff.post(f"{console}/{account['id']}/{move}", json={"number": "C-999999"})
            assert moved.status_code == 200
    assert await asyncio.to_thread(cli.main, ["reconcile", "--run", "accounts"]) == 0
    said = capsys.readouterr().out
    assert " accounts.nightly          2       +0 ~1 -0        1     1" in said
    assert "left: client 1002: number_differs" in said


async def test_the_catalogue_is_proved_against_whmcs_and_what_differs_is_shown(capsys, beside_sandbox):
    assert await asyncio.to_thread(cli.main, ["reconcile", "--run", "catalog"]) == 0
    said = capsys.readouterr().out
    assert " catalog.daily " in said
    assert "no_whmcs_product" in said


async def test_the_catalogue_is_shown_with_what_is_hidden_and_why(capsys, beside_sandbox):
    assert await asyncio.to_thread(cli.main, ["catalog"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"internet +\d+ items", said) and ", hidden" in said


def test_the_copy_of_the_catalogue_can_be_forgotten_while_nothing_runs(capsys, environment):
    migrate.upgrade(environment["DATABASE_URL"])
    assert cli.main(["catalog", "--clear"]) == 0
    assert capsys.readouterr().out == "No portal runs on this machine, so there was no copy to forget.\n"


def test_the_catalogue_without_salesforce_is_not_done_and_says_why(capsys, environment):
    assert cli.main(["catalog"]) == 1
    assert "Not done: salesforce" in capsys.readouterr().err


async def a_sign_up_left_to_a_person() -> str:
    signup_id = "5c0d5d0e-0000-4000-8000-000000000001"
    async with wiring.opened(settings.load()):
        signups = wiring.signups()
        async with wiring.database().write() as tx:
            await signups.new_row(
                tx,
                signup_id=signup_id,
                user_id=USER,
                details_json="{}",
                password_hash="hash",
                locale="ja",
                email="canary@example.com",
                customer_number="C-1001",
                sf_account_id="001000000000001AAA",
            )
        record = await signups.take(signup_id)
        await signups.release(await signups.step(record, NEEDS_REVIEW, error_code="marker_missing"))
    return signup_id


async def test_a_sign_up_left_to_a_person_is_shown_without_the_person_and_can_be_ended(capsys, environment):
    migrate.upgrade(environment["DATABASE_URL"])
    signup_id = await a_sign_up_left_to_a_person()
    assert await asyncio.to_thread(cli.main, ["signups"]) == 0
    said = capsys.readouterr().out
    assert "NEEDS_REVIEW            1" in said
    assert f"left to a person: {signup_id}  marker_missing  since" in said
    assert "canary" not in said
    assert await asyncio.to_thread(cli.main, ["signups", "--refuse", signup_id]) == 0
    said = capsys.readouterr().out
    assert f"{signup_id}: REFUSED" in said and "NEEDS_REVIEW" not in said


async def test_a_sign_up_that_was_not_left_to_anybody_is_not_touched(capsys, environment):
    migrate.upgrade(environment["DATABASE_URL"])
    signup_id = await a_sign_up_left_to_a_person()
    await asyncio.to_thread(cli.main, ["signups", "--refuse", signup_id])
    capsys.readouterr()
    for move in ("--refuse", "--resume"):
        assert await asyncio.to_thread(cli.main, ["signups", move, signup_id]) == 1
        assert "signup.not_left_to_a_person" in capsys.readouterr().err
    assert await asyncio.to_thread(cli.main, ["signups", "--resume", "unknown"]) == 1
    assert "signup not found" in capsys.readouterr().err


async def test_a_cart_whose_order_is_unknown_is_shown_with_its_key_and_without_what_was_chosen(capsys, environment):
    migrate.upgrade(environment["DATABASE_URL"])
    customer = Customer(USER, 1001, "001000000000001AAA")
    async with wiring.opened(settings.load()):
        carts = wiring.carts()
        saved = await carts.save(customer, Cart(ProductLine.SIM, "SIM-CANARY"), version=None)
        await carts.save(customer, Cart(ProductLine.VPN, "VPN-CANARY"), version=None)
        held = await carts.take(customer, ProductLine.SIM, version=saved.version, order_key=saved.order_key)
        assert held is not None
        await carts.step(held, UNSURE, attempts=3, error_code="more_than_one")
    assert await asyncio.to_thread(cli.main, ["checkouts"]) == 0
    said = capsys.readouterr().out
    assert re.search(rf"{saved.order_key}  sim +UNSURE +3 tries .* more_than_one\n1 submitted carts", said)
    assert "CANARY" not in said


def test_demo_users_are_refused_without_the_sandbox_and_outside_of_the_demo(capsys, environment, monkeypatch):
    migrate.upgrade(environment["DATABASE_URL"])
    monkeypatch.setenv("WHMCS_BASE_URL", "https://billing.example.com")
    assert cli.main(["demo-users"]) == 1
    assert "demo users are made only" in capsys.readouterr().err
    monkeypatch.setenv("WHMCS_BASE_URL", environment["WHMCS_BASE_URL"])
    monkeypatch.setenv("PORTAL_ENV", "dev")
    assert cli.main(["demo-users"]) == 1
    assert "demo users are made only" in capsys.readouterr().err


def test_demo_users_without_a_whmcs_is_not_done_and_says_why(capsys, environment):
    migrate.upgrade(environment["DATABASE_URL"])
    assert cli.main(["demo-users"]) == 1
    assert "Not done: whmcs GetUsers" in capsys.readouterr().err


def test_unlock_forgets_the_failed_tries_of_the_address_that_is_typed(capsys, environment, monkeypatch):
    migrate.upgrade(environment["DATABASE_URL"])
    bucket = KeyedIndex(environment["PORTAL_INDEX_KEY"])

    async def fails_at_linking() -> None:
        async with wiring.opened(settings.load()):
            for _ in range(10):
                await wiring.lockout().failed(bucket.of("link|hanako@example.com"), None, "192.0.2.1")
            with pytest.raises(TooManyTries):
                await wiring.lockout().check(bucket.of("link|hanako@example.com"), None, "198.51.100.7")

    async def may_try_again() -> None:
        async with wiring.opened(settings.load()):
            await wiring.lockout().check(bucket.of("link|hanako@example.com"), None, "198.51.100.7")

    asyncio.run(fails_at_linking())
    monkeypatch.setattr("sys.stdin", io.StringIO(" Hanako@Example.com\n"))
    assert cli.main(["unlock"]) == 0
    asyncio.run(may_try_again())
    assert "hanako" not in capsys.readouterr().out.lower()


def test_an_unknown_command_is_not_understood(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["dance"])
    assert ended.value.code == 2


class Cleared:
    """Remembers what was cleared."""

    def __init__(self) -> None:
        self.tags: list[tuple[str, ...]] = []

    async def clear(self, user_id: str, *tags: str) -> None:
        self.tags.append((user_id, *tags))


async def test_open_pages_of_the_running_portal_are_told():
    chosen, bus, cache, heard = a_settings(), MemoryBus(), Cleared(), []
    bus.subscribe("customer:", lambda topic, _: heard.append(topic))
    portal = httpx.ASGITransport(Starlette(routes=[Route(routes.OPERATOR_WAKE, wake, methods=["POST"])]))
    topics = [f"customer:{USER}:invoices", f"customer:{USER}:services"]
    with wiring.use(settings=chosen, bus=bus, cache=cache):
        said = await cli.wake_portal(chosen, topics, portal)
    assert heard == topics
    assert cache.tags == [(USER, "invoices"), (USER, "services")]
    assert said == "Told 2 open lists to read again."


async def test_the_running_portal_forgets_its_copy_of_the_catalogue():
    cache = Cleared()
    portal = httpx.ASGITransport(Starlette(routes=[Route(routes.OPERATOR_WAKE, wake, methods=["POST"])]))
    with wiring.use(settings=a_settings(), bus=MemoryBus(), cache=cache):
        assert await cli.clear_portals_catalog(a_settings(), portal) == "Forgotten by the portal of this machine."
        other = a_settings(JWT_SECRET="another installation's own secret 0123456789")
        assert "did not take the hint" in await cli.clear_portals_catalog(other, portal)
    assert cache.tags == [("-everybody-", "catalog")]


async def test_another_installations_token_moves_nothing():
    bus, heard = MemoryBus(), []
    bus.subscribe("customer:", lambda topic, _: heard.append(topic))
    portal = httpx.ASGITransport(Starlette(routes=[Route(routes.OPERATOR_WAKE, wake, methods=["POST"])]))
    other = a_settings(JWT_SECRET="another installation's own secret 0123456789")
    with wiring.use(settings=a_settings(), bus=bus, cache=Cleared()):
        said = await cli.wake_portal(other, [f"customer:{USER}:invoices"], portal)
    assert heard == []
    assert "did not take the hint" in said


def test_the_table_shows_drift_and_what_is_left():
    left = [{"whmcs_invoice_id": n, "whmcs_client_id": 7, "why": "list_and_detail_differ"} for n in range(1, 15)]
    at = datetime(2026, 1, 15, 3, 7, tzinfo=UTC)
    table = cli.reports_table(
        [Report("invoices.nightly", at, at, 12000, {"added": 1, "changed": 2, "removed": 3}, 6, left, "")]
    )
    assert "2026-01-15 03:07  invoices.nightly      12000       +1 ~2 -3        6    14" in table
    assert "left: invoice 1, client 7: list_and_detail_differ" in table
    assert "... and 4 more" in table
