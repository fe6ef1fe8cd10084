"""WhmcsDetails: the cheapest probe of credential and version."""

from __future__ import annotations

from sandbox.whmcs.encode import Reply
from sandbox.whmcs.hooks import VERSION
from sandbox.whmcs.registry import Call, action


@action("WhmcsDetails")
def whmcs_details(call: Call) -> Reply:
    return {"whmcs": {"version": VERSION.partition("-")[0], "canonicalversion": VERSION}}
