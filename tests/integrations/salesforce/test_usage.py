"""The day's allowance: reading it, its steps, and looking again."""

import logging

import pytest

from portal_app.errors import UpstreamUnavailable
from portal_app.integrations.salesforce.usage import ApiUsage


@pytest.mark.parametrize(
    ("header", "figures"),
    [
        ("api-usage=18/5000", (18, 5000)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=portal)", (25, 5000)),
        ("per-app-api-usage=17/250(appName=portal); api-usage=25/5000", (25, 5000)),
        ("per-app-api-usage=17/250(appName=portal)", (0, 0)),
        ("api-usage=x/y", (0, 0)),
        ("", (0, 0)),
        ("api-usage=1/0", (1, 0)),
    ],
)
def test_the_header_is_read_whatever_stands_beside_it(header, figures):
    usage = ApiUsage()
    usage.note(header)
    assert (usage.state()["used"], usage.state()["total"]) == figures
    usage.check("Read", background=True)


def test_t5_each_step_is_said_once(caplog):
    caplog.set_level(logging.INFO)
    usage = ApiUsage()
    for used in (10, 70, 71, 85, 86, 95, 99, 20):
        usage.note(f"api-usage={used}/100")
    assert [r.code for r in caplog.records] == ["warn", "background_off", "only_checkout", "normal"]


def test_an_old_figure_is_looked_at_again_by_one_call_every_five_minutes():
    at = [0.0]
    usage = ApiUsage(lambda: at[0])
    usage.note("api-usage=99/100")
    at[0] = 301.0
    with pytest.raises(UpstreamUnavailable):
        usage.check("Read", background=True)
    usage.check("Read")
    with pytest.raises(UpstreamUnavailable):
        usage.check("Read")
    usage.note("api-usage=10/100")
    usage.check("Read", background=True)
