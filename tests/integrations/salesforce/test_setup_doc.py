"""What an operator is told to set up is what the code asks for: fields, who writes them, findings."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.pubsub.events import NotOurEvent, Role, read_platform_event

ROOT = Path(__file__).resolve().parents[3]
SETUP = (ROOT / "docs/salesforce-setup.md").read_text()
NOT_LISTED = ("kind", "id", "changed_at")
GROUPS = [item.name for item in fields(FieldMap()._objects)]


def rows_of(kind: str) -> dict[str, tuple[str, str]]:
    """API name -> type and who writes it, of the table of one object."""
    part = re.split(r"^#+ ", SETUP.partition(f"\n### {kind}\n")[2], flags=re.MULTILINE)[0]
    return {
        name: (kind, who) for name, kind, who in re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|", part, re.MULTILINE)
    }


@pytest.mark.parametrize("group", GROUPS)
def test_every_field_is_described_with_who_writes_it(group):
    names = getattr(FieldMap()._objects, group)
    listed = [item for item in fields(names) if item.name not in NOT_LISTED]
    told = rows_of(names.kind)
    assert set(told) == {getattr(names, item.name) for item in listed}
    for item in listed:
        kind, who = told[getattr(names, item.name)]
        assert ("portal" in who or who == "nobody yet") == bool(item.metadata), item.name
        assert "external id, unique" in kind or not item.metadata.get("key"), item.name


@pytest.mark.parametrize(
    ("role", "event", "needed", "others"),
    [
        (Role.FULFILMENT, "Order_Fulfilment_Requested__e", ("OrderId__c", "801000000000001AAA"), ["CorrelationId__c"]),
        (Role.ACCOUNT, "Account_Eligibility_Update__e", ("Account_Id__c", "001000000000001AAA"), []),
        (Role.CASE, "Case_Status_Update__e", ("Case_Id__c", "500000000000001AAA"), ["Account_Id__c"]),
    ],
)
def test_an_event_with_the_fields_as_described_is_understood(role, event, needed, others):
    table = SETUP.partition("## 3. Platform events")[2].partition("## 4.")[0]
    assert f"`{event}`" in table and f"| `{needed[0]}` | Text(18) | **required** |" in table
    assert all(f"`{name}`" in table for name in others)
    assert read_platform_event(role, dict([needed]))
    with pytest.raises(NotOurEvent):
        read_platform_event(role, {})


def test_every_finding_of_the_reconciler_is_explained():
    told = (ROOT / "docs/salesforce-whmcs-mapping.md").read_text().partition("## Proved again and again")[2]
    names = set(re.findall(r"`([a-z_]+)(?:<\w+>)?`", told))
    rooms = ("order_reconcile", "reconcile_services", "reconcile_sims")
    code = "\n".join((ROOT / f"portal_app/workflows/{one}.py").read_text() for one in rooms)
    given = set(re.findall(r"\.(?:leave|one)\(\s*f?\"([a-z_]+)", code)) | {"failed_without_row", "client_unknown"}
    given -= {"no_lines", "sim_"}
    assert given and given <= names, given - names
