"""Where the sandbox listens, what it seeds and whom it notifies: read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

DEMO_IDENTIFIER = "SandboxDemoIdentifier00000000001"
DEMO_SECRET = "SandboxDemoSecretDoNotUseLive001"
DEMO_SF_CLIENT_ID = "3MVG9SandboxConnectedApp.DoNotUseLive"
DEMO_SF_USERNAME = "portal.integration@sandbox.example"
DEMO_SF_PRICEBOOK_ID = "01sQ800000D0002IAB"
"""What the seed's ids come to for the second price book."""
DEMO_FREEBIT_ID = "sandbox-oem"
DEMO_FREEBIT_KEY = "SandboxOemKeyDoNotUseLive"
SMALLEST_SEED = 5


class BadSetting(ValueError):
    """A SANDBOX_* variable that cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Config:
    """Port 0 asks the system for a free one. `data=None` keeps everything in memory.

    WHMCS makes credentials of 32 characters; here any pair will do.
    """

    host: str = "127.0.0.1"
    port: int = 3900
    smtp_port: int = 3901
    pubsub_port: int = 0
    data: Path | None = Path(".data/sandbox")
    seed_size: int = 300
    whmcs_identifier: str = DEMO_IDENTIFIER
    whmcs_secret: str = DEMO_SECRET
    webhook_url: str = ""
    webhook_secret: str = ""
    sf_client_id: str = DEMO_SF_CLIENT_ID
    sf_username: str = DEMO_SF_USERNAME
    sf_audience: str = ""
    sf_public_key: Path | None = None
    today: date | None = None
    freebit_client_id: str = DEMO_FREEBIT_ID
    freebit_client_secret: str = DEMO_FREEBIT_KEY
    freebit_activation_s: float | None = 30

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Config:
        """Raises: BadSetting, naming the variable."""
        env = os.environ if env is None else env
        port = _number(env, "SANDBOX_PORT", 3900)
        return cls(
            host=env.get("SANDBOX_HOST") or "127.0.0.1",
            port=port,
            smtp_port=_number(env, "SANDBOX_SMTP_PORT", port + 1 if port else 0),
            pubsub_port=_number(env, "SANDBOX_PUBSUB_PORT", 0),
            data=Path(env.get("SANDBOX_DATA") or ".data/sandbox"),
            seed_size=max(SMALLEST_SEED, _number(env, "SANDBOX_SEED_SIZE", 300)),
            whmcs_identifier=env.get("SANDBOX_WHMCS_IDENTIFIER") or DEMO_IDENTIFIER,
            whmcs_secret=env.get("SANDBOX_WHMCS_SECRET") or DEMO_SECRET,
            webhook_url=env.get("SANDBOX_WEBHOOK_URL", ""),
            webhook_secret=env.get("SANDBOX_WEBHOOK_SECRET", ""),
            sf_client_id=env.get("SANDBOX_SF_CLIENT_ID") or DEMO_SF_CLIENT_ID,
            sf_username=env.get("SANDBOX_SF_USERNAME") or DEMO_SF_USERNAME,
            sf_audience=env.get("SANDBOX_SF_AUDIENCE", ""),
            sf_public_key=_file(env, "SANDBOX_SF_PUBLIC_KEY_PATH"),
            today=_day(env, "SANDBOX_TODAY"),
            freebit_client_id=env.get("SANDBOX_FREEBIT_CLIENT_ID") or DEMO_FREEBIT_ID,
            freebit_client_secret=env.get("SANDBOX_FREEBIT_CLIENT_SECRET") or DEMO_FREEBIT_KEY,
            freebit_activation_s=_number(env, "SANDBOX_FREEBIT_ACTIVATION_S", 30),
        )


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit():
        raise BadSetting(f"{name} must be a whole number, not {text!r}")
    return int(text)


def _file(env: Mapping[str, str], name: str) -> Path | None:
    if not env.get(name):
        return None
    path = Path(env[name])
    if not path.is_file():
        raise BadSetting(f"{name} must be a file that can be read, not {env[name]!r}")
    return path


def _day(env: Mapping[str, str], name: str) -> date | None:
    text = env.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadSetting(f"{name} must be a date like 2026-04-01, not {text!r}") from error
