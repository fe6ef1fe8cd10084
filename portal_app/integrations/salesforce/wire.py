"""Salesforce's replies, typed: only the keys the portal uses."""

from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

M = TypeVar("M", bound="Wire")
Row = dict[str, Any]


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


def whole_texts(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object with texts that can be written down again: half a letter, cut off by a formula, reads as "?"."""
    return {name: _whole(value) if isinstance(value, str) else value for name, value in pairs}


def _whole(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class WirePage(Wire):
    """One page of a query. Floats are Decimal."""

    records: tuple[Row, ...]
    done: bool
    next_url: str = Field(default="", alias="nextRecordsUrl", max_length=500)


class WireSaved(Wire):
    """Answer of a create or an upsert; `created` only from an upsert."""

    id: str
    success: bool
    created: bool = False


class WireField(Wire):
    """One field of a describe."""

    name: str
    createable: bool = False
    updateable: bool = False
    external_id: bool = Field(default=False, alias="externalId")
    unique: bool = False


class WireObject(Wire):
    """A describe of one object, as this user may see it."""

    fields: tuple[WireField, ...]


def number(value: Decimal) -> int | float:
    """A JSON number: the library cannot spell a Decimal."""
    return int(value) if value == value.to_integral_value() else float(value)
