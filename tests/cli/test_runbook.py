"""docs/provisioning-runbook.md names what there is: every code, commands that are understood, metrics that exist."""

import re
from pathlib import Path

import pytest

from portal_app import cli, routes
from portal_app.domain.fulfilment import Code, Hold
from portal_app.observability import metrics

PAGE = Path("docs/provisioning-runbook.md").read_text(encoding="utf-8")
PAGES = PAGE + Path("docs/operations.md").read_text(encoding="utf-8")
SECOND = "status|replay|show|resume|reset-mfa"
COMMANDS = sorted(set(re.findall(rf"portal_app\.cli ([a-z][a-z-]*(?: (?:{SECOND})\b)?)", PAGES)))
METRICS = sorted(
    set(re.findall(r"\b(portal_(?:fulfil|queue|reconcile|salesforce|upstream)\w+)", PAGE)) - {"portal_app"}
)


@pytest.mark.parametrize("code", Code)
def test_every_code_says_who_does_what(code):
    rows = [line.split("|")[2:4] for line in PAGE.splitlines() if line.startswith(f"| `{code}`")]
    assert rows and all(who.strip() and do.strip() for who, do in rows)


@pytest.mark.parametrize("hold", [hold for hold in Hold if hold])
def test_every_hold_is_spoken_of(hold):
    assert f"`{hold}`" in PAGE


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_it_names_is_understood(command, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([*command.split(), "--help"])
    assert ended.value.code == 0


def test_it_names_the_commands_of_orders_and_events():
    assert {"orders", "order show", "order resume", "events status", "events replay", "check", "reconcile"} <= {
        *COMMANDS
    }


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_it_names_exists(metric):
    assert f"# TYPE {metric} " in metrics.render().decode()


def test_there_are_metrics_to_look_at():
    assert len(METRICS) >= 7


@pytest.mark.parametrize("path", [routes.API_QUEUES, routes.API_SF_EVENTS, routes.METRICS])
def test_every_door_for_watching_is_named(path):
    assert f"`{path}`" in PAGES or f"GET {path}`" in PAGES
