"""Settings for tests: complete, with changes."""

import atexit
import base64
import os
import tempfile
from functools import cache
from pathlib import Path

from portal_app.settings import Settings, load
from sandbox.config import DEMO_SF_PRICEBOOK_ID
from tests.fakes.salesforce import pem

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
WEBHOOK_SECRET = "webhook secret of the tests 0123456789"


@cache
def private_key_file() -> Path:
    """A key of this process's own, gone with it."""
    handle, name = tempfile.mkstemp(prefix="portal-tests-", suffix=".pem")
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(pem())
    atexit.register(Path(name).unlink, missing_ok=True)
    return Path(name)


def a_settings(**changes: str) -> Settings:
    """A demo portal at http://localhost:3000."""
    key = base64.b64encode(bytes(range(32))).decode()
    return load(
        {
            "JWT_SECRET": "access " + LETTERS,
            "JWT_REFRESH_SECRET": "refresh " + LETTERS,
            "PORTAL_PEPPER": "pepper " + LETTERS,
            "PORTAL_INDEX_KEY": "index " + LETTERS,
            "PORTAL_ENCRYPTION_KEYS": f"k1:{key}",
            "WHMCS_BASE_URL": "http://127.0.0.1:3900/whmcs",
            "WHMCS_API_IDENTIFIER": "identifier",
            "WHMCS_API_SECRET": "whmcs-secret",
            "WHMCS_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "SF_LOGIN_URL": "http://127.0.0.1:3900",
            "SF_CLIENT_ID": "client id of the connected app",
            "SF_USERNAME": "portal@example.com",
            "SF_PRIVATE_KEY_PATH": str(private_key_file()),
            "PORTAL_PRICEBOOK_ID": DEMO_SF_PRICEBOOK_ID,
            "SMTP_URL": "smtp://127.0.0.1:3901",
        }
        | changes
    )


def a_secure_settings(**changes: str) -> Settings:
    """The same behind https."""
    return a_settings(PORTAL_BASE_URL="https://portal.example", **changes)
