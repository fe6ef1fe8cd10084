"""Freebit's replies, typed: only the keys the portal uses. Nearly all their names are placeholders."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from portal_app.integrations.freebit.values import Day, Flag, Megabytes, Moment, Text, Whole

M = TypeVar("M", bound="Wire")


class Wire(BaseModel):
    """Unknown keys are ignored. Values are never repeated in an error."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Unreadable(ValueError):
    """The reply has another shape. `where` is a path of key names and positions, never a value."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


def read(model: type[M], reply: Any) -> M:
    """Raises: Unreadable."""
    where = ""
    try:
        return model.model_validate(reply)
    except ValidationError as bad:
        where = ".".join(str(step) for step in bad.errors(include_input=False, include_url=False)[0]["loc"])
    raise Unreadable(where)  # outside of the except block: the original holds the reply


class WireLogin(Wire):
    """PA01-01."""

    auth_key: str = Field(validation_alias="authKey", min_length=1, max_length=1000, pattern=r"^[!-~]+$", repr=False)


class WireDetail(Wire):
    """One line of PA03-02."""

    account: Text = Field(repr=False)
    state: Text
    sim_type: Text = Field(default="", validation_alias="simType")
    sim_kind: Text = Field(default="", validation_alias="simKind")
    plan_code: Text = Field(default="", validation_alias="planCode")
    contract_line: Text = Field(default="", validation_alias="contractLine")
    iccid: Text = Field(default="", repr=False)
    eid: Text = Field(default="", repr=False)
    product_number: Text = Field(default="", validation_alias="productNumber", repr=False)
    start_date: Day = Field(default=None, validation_alias="startDate")
    next_plan_code: Text = Field(default="", validation_alias="nextPlanCode")
    next_plan_date: Day = Field(default=None, validation_alias="nextPlanDate")
    cancel_date: Day = Field(default=None, validation_alias="cancelDate")
    locked_until: Moment = Field(default=None, validation_alias="lockedUntil")
    failure_code: Text = Field(default="", validation_alias="failureCode")
    activation_code: Text = Field(default="", validation_alias="activationCode", repr=False)
    voice_mail: Flag = Field(default=None, validation_alias="voiceMail")
    call_waiting: Flag = Field(default=None, validation_alias="callWaiting")
    call_transfer: Flag = Field(default=None, validation_alias="callTransfer")
    world_wing: Flag = Field(default=None, validation_alias="worldWing")
    world_call: Flag = Field(default=None, validation_alias="worldCall")


def _rows(value: Any) -> Any:
    return [] if value is None else value


class WireDetails(Wire):
    """PA03-02: one line, or for the parent account all."""

    details: Annotated[tuple[WireDetail, ...], BeforeValidator(_rows)] = Field(
        default=(), validation_alias="responseDatas"
    )


class WireTraffic(Wire):
    """Figures of PA05-01, in MB here."""

    used: Megabytes = Field(default=None, validation_alias="usedKB")
    today: Megabytes = Field(default=None, validation_alias="todayKB")
    quota: Megabytes = Field(default=None, validation_alias="quotaKB")
    remaining: Megabytes = Field(default=None, validation_alias="remainKB")


class WireUsage(Wire):
    """PA05-01."""

    traffic: WireTraffic


class WireAdded(Wire):
    """One row of the history of added data. `quota_code` is our own reference."""

    add_date: Day = Field(validation_alias="addDate")
    megabytes: Whole = Field(validation_alias="quota")
    quota_code: Text = Field(default="", validation_alias="quotaCode")
    expire: Day = None


class WireHistory(Wire):
    """PA05-02."""

    rows: Annotated[tuple[WireAdded, ...], BeforeValidator(_rows)] = Field(default=(), validation_alias="quotaHistory")


class WireCard(Wire):
    """PA05-20: the state of a pre-provisioned card, by its product number."""

    state: Text
