"""Refusals that belong to HTTP itself, before any rule of the portal is asked."""


class HttpProblem(Exception):
    """Wrong type, too large, malformed and the like. `code` is one of web/problems.py."""

    def __init__(self, status: int, code: str, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.retry_after = status, code, retry_after
