"""When jobs ran, and what reconciling found."""

from datetime import timedelta

import pytest

from portal_app.storage.jobs import OK, JobRuns, ReconcileReports


@pytest.fixture
def runs(db, clock) -> JobRuns:
    return JobRuns(db, clock)


async def test_the_last_success_is_when_it_finished(runs, clock):
    run_id = await runs.started("nightly")
    finished_at = clock.advance(60)
    await runs.finished(run_id, OK, "12 invoices")
    clock.advance(60)
    assert await runs.last_success("nightly") == finished_at


async def test_a_failed_or_unfinished_run_is_no_success(runs):
    await runs.started("nightly")
    await runs.finished(await runs.started("nightly"), "whmcs")
    await runs.finished(await runs.started("hourly"), OK)
    assert await runs.last_success("nightly") is None


async def test_pruning_keeps_the_newest_run_of_each_job(runs, clock):
    for name in ("hourly", "nightly"):
        for _ in range(3):
            await runs.finished(await runs.started(name), OK)
            clock.advance(1)
    clock.advance(timedelta(days=15))
    assert await runs.prune() == 4
    assert await runs.last_success("hourly") and await runs.last_success("nightly")


async def test_reports_come_newest_first_and_by_kind(db, clock):
    reports = ReconcileReports(db, clock)
    began = clock.now()
    for kind in ("hourly", "nightly", "hourly"):
        clock.advance(60)
        await reports.save(kind, began, 10, {"invoices": 2}, 1, [{"whmcs_invoice_id": 5}], "one left")
    assert [r.kind for r in await reports.latest()] == ["hourly", "nightly", "hourly"]
    (report,) = await reports.latest("nightly")
    assert (report.started_at, report.finished_at) == (began, began + timedelta(seconds=120))
    assert (report.compared, report.drift, report.repaired) == (10, {"invoices": 2}, 1)
    assert (report.left, report.notes) == ([{"whmcs_invoice_id": 5}], "one left")


async def test_the_newest_report_of_each_kind_is_found_and_outlives_pruning(db, clock):
    reports = ReconcileReports(db, clock)
    for kind in ("orders", "catalog.daily", "orders"):
        clock.advance(60)
        await reports.save(kind, clock.now(), 1, {}, 0, [])
    newest = await reports.newest()
    assert [report.kind for report in newest] == ["catalog.daily", "orders"]
    assert newest[1].finished_at == clock.now()
    clock.advance(timedelta(days=181))
    assert await reports.prune() == 1
    assert await reports.newest() == newest
