"""Module commands: one fake provisioning module that works, or fails with free text when the profile says so.

Source: WHMCS API reference, ModuleCreate, ModuleSuspend, ModuleUnsuspend, ModuleTerminate, ModuleChangePackage,
ModuleChangePw, ModuleCustom.
"""

from __future__ import annotations

from sandbox.store import Row
from sandbox.whmcs import provisioning
from sandbox.whmcs.encode import Reply
from sandbox.whmcs.registry import Call, Refusal, action, failed_midway

FUNCTIONS = ("resetline",)


def _service(call: Call) -> Row:
    """`accountid`, the old name, still works."""
    parameter = "serviceid" if call.text("serviceid") else "accountid"
    if not call.text(parameter):
        raise Refusal("Service ID is required")
    service = call.row_or_refuse("services", parameter, "Service ID not found")
    if not provisioning.has_module(call.world, service):
        raise Refusal("Service not assigned to a module")
    return service


def _run(call: Call, name: str, reason: str = "") -> Reply:
    """A Create on a created service is fine for this module [U]: others refuse it."""
    service = _service(call)
    if refused := provisioning.by_module(call.world, service, name, reason):
        return failed_midway(refused)
    return {}


@action("ModuleCreate")
def module_create(call: Call) -> Reply:
    return _run(call, "create")


@action("ModuleSuspend")
def module_suspend(call: Call) -> Reply:
    return _run(call, "suspend", call.text("suspendreason"))


@action("ModuleUnsuspend")
def module_unsuspend(call: Call) -> Reply:
    return _run(call, "unsuspend")


@action("ModuleTerminate")
def module_terminate(call: Call) -> Reply:
    return _run(call, "terminate")


@action("ModuleChangePackage")
def module_change_package(call: Call) -> Reply:
    return _run(call, "changepackage")


@action("ModuleChangePw")
def module_change_password(call: Call) -> Reply:
    """The one hook that is not named like the others, and carries both passwords in reality."""
    service = _service(call)
    if call.world.faults.profile.module_failure:
        return failed_midway(call.world.faults.profile.module_failure)
    if call.text("servicepassword"):
        call.world.store.update("services", service["id"], password=call.text("servicepassword"))
    call.world.hooks.fire("AfterModuleChangePassword", serviceid=service["id"])
    return {}


@action("ModuleCustom")
def module_custom(call: Call) -> Reply:
    """Calls a function of the module by its name. The words for a missing or unknown one are believed [U]."""
    _service(call)
    if not call.text("func_name"):
        raise Refusal("Function Name is required")
    if call.text("func_name").lower() not in FUNCTIONS:
        raise Refusal("Function Not Found")
    return _run(call, "custom")
