"""The token with which the command line may speak to a running portal of the same machine."""

import hashlib
import hmac

from portal_app.settings import Settings


def operator_token(settings: Settings) -> str:
    """Made from a secret both sides read, so that nothing more has to be configured. Never leaves the machine."""
    return hmac.new(settings.JWT_SECRET.encode(), b"operator route", hashlib.sha256).hexdigest()
