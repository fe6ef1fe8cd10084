"""What is said about a mailed link that no longer works."""

from datetime import datetime

from portal_app.errors import InvalidInput
from portal_app.storage.email_tokens import TokenRecord


def usable(found: TokenRecord | None, now: datetime) -> TokenRecord:
    """The token, if its link still works. Raises: InvalidInput("token", ...) that says what is the matter."""
    if found is None:
        raise InvalidInput("token", "token.unknown")
    if found.used_at is not None:
        raise InvalidInput("token", "token.used")
    if found.voided:
        raise InvalidInput("token", "token.void")
    if found.expires_at <= now:
        raise InvalidInput("token", "token.expired")
    return found
