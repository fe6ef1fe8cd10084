"""What the REST API says instead of doing something: a status and a list of errors with codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Error = dict[str, Any]


class Refusal(Exception):
    """Aborts one request, subrequest or record. Several errors may come at once."""

    def __init__(self, code: str, message: str, status: int = 400, fields: Sequence[str] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.errors: list[Error] = [error(code, message, fields)]

    @classmethod
    def of(cls, errors: list[Error], status: int = 400) -> Refusal:
        made = cls(errors[0]["errorCode"], errors[0]["message"], status)
        made.errors = errors
        return made


def error(code: str, message: str, fields: Sequence[str] | None = None) -> Error:
    """`fields` is absent when nobody said which."""
    return {"message": message, "errorCode": code} | ({} if fields is None else {"fields": list(fields)})


def in_collection(errors: list[Error]) -> list[Error]:
    """Collections say `statusCode` where everything else says `errorCode`, and always have `fields`."""
    return [
        {"statusCode": one["errorCode"], "message": one["message"], "fields": one.get("fields", [])} for one in errors
    ]


def not_found(message: str = "The requested resource does not exist") -> Refusal:
    return Refusal("NOT_FOUND", message, 404)
