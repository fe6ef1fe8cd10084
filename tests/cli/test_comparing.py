"""`reconcile`: the last comparisons, and another one."""

import asyncio
from datetime import UTC, datetime

import httpx

from portal_app import cli
from portal_app.cli import comparing
from portal_app.storage.jobs import Report


def test_reconcile_before_any_run_says_so(capsys, migrated):
    assert cli.main(["reconcile"]) == 0
    assert capsys.readouterr().out.strip() == "Nothing was compared yet."


def test_reconcile_run_without_whmcs_shows_a_report_that_ended_early(capsys, migrated):
    assert cli.main(["reconcile", "--run", "hourly"]) == 1
    out, err = capsys.readouterr()
    assert "invoices.hourly" in out and "stopped early" in out
    assert "Stopped early" in err


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


def test_the_table_shows_drift_and_what_is_left():
    left = [{"whmcs_invoice_id": n, "whmcs_client_id": 7, "why": "list_and_detail_differ"} for n in range(1, 15)]
    at = datetime(2026, 1, 15, 3, 7, tzinfo=UTC)
    table = comparing.reports_table(
        [Report("invoices.nightly", at, at, 12000, {"added": 1, "changed": 2, "removed": 3}, 6, left, "")]
    )
    assert "2026-01-15 03:07  invoices.nightly      12000       +1 ~2 -3        6    14" in table
    assert "left: invoice 1, client 7: list_and_detail_differ" in table
    assert "... and 4 more" in table
