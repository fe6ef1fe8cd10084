"""The environment of a demo: what is set stays, the rest is filled in so that the portal runs against the sandbox."""

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal_app.settings import Settings
from sandbox.config import (
    DEMO_FREEBIT_ID,
    DEMO_FREEBIT_KEY,
    DEMO_SF_CLIENT_ID,
    DEMO_SF_PRICEBOOK_ID,
    DEMO_SF_USERNAME,
)
from sandbox.salesforce.keys import PRIVATE_NAME

DEMO_PORTS = ("PORTAL_PORT", "SANDBOX_PORT", "SANDBOX_SMTP_PORT", "SANDBOX_PUBSUB_PORT")
WEBHOOK_PATH = "/api/webhooks/whmcs"


@dataclass(frozen=True)
class Demo:
    """`env` is complete for the portal. The flags say which upstreams are the sandbox's."""

    env: dict[str, str]
    sandbox_env: dict[str, str]
    whmcs: bool
    salesforce: bool
    freebit: bool
    mail: bool

    @property
    def sandbox(self) -> bool:
        """Whether the sandbox must run at all."""
        return self.whmcs or self.salesforce or self.freebit or self.mail

    @property
    def ports(self) -> dict[str, int]:
        """Variable name -> port, of everything that will listen."""
        names = {"PORTAL_PORT": self.env}
        if self.sandbox:
            names |= dict.fromkeys(DEMO_PORTS[1:], self.sandbox_env)
        return {name: int(env[name]) for name, env in names.items()}

    @property
    def portal_url(self) -> str:
        return f"http://localhost:{self.env['PORTAL_PORT']}"

    @property
    def console_url(self) -> str:
        return f"http://localhost:{self.sandbox_env['SANDBOX_PORT']}"


def demo_environment(data: Path, given: Mapping[str, str]) -> Demo:
    """What the processes of a demo get. `given` wins over everything; generated secrets are kept in `data`/demo.env.

    Nothing is generated for PORTAL_ENV=prod. An upstream whose address is given is not the sandbox's.
    """
    env = {name: value for name, value in given.items() if value != ""}
    played = {flag: not _is_set(env, address) for flag, address in ADDRESSES.items()}
    env.setdefault("PORTAL_PORT", "3000")
    env.setdefault("SANDBOX_PORT", "3900")
    if env["SANDBOX_PORT"].isdecimal():
        env.setdefault("SANDBOX_SMTP_PORT", str(int(env["SANDBOX_PORT"]) + 1))
        env.setdefault("SANDBOX_PUBSUB_PORT", str(int(env["SANDBOX_PORT"]) + 2))
    _default(env, "PORTAL_BASE_URL", f"http://localhost:{env['PORTAL_PORT']}")
    _default(env, "DATABASE_URL", f"sqlite:///{data / 'portal.db'}")
    sandbox_env = {name: value for name, value in env.items() if not _is_the_portals(name)}
    if env.get("PORTAL_ENV") == "prod":
        return Demo(env, sandbox_env, whmcs=False, salesforce=False, freebit=False, mail=False)
    made = _generated(data / "demo.env")
    for name in PORTAL_SECRETS:
        _default(env, name, made[name])
    if played["whmcs"]:
        _default(env, "WHMCS_BASE_URL", f"http://127.0.0.1:{env['SANDBOX_PORT']}/whmcs")
        _default(env, "WHMCS_BIRTH_DATE_FIELD_ID", "199")
        _default(env, "WHMCS_GENDER_FIELD_ID", "200")
        for name in SANDBOX_SECRETS:
            _default(env, name, made[name])
    if played["freebit"]:
        _let_the_sandbox_play_freebit(env, sandbox_env)
    if played["mail"]:
        _default(env, "SMTP_URL", f"smtp://127.0.0.1:{env.get('SANDBOX_SMTP_PORT', '')}")
    sandbox_env.setdefault("SANDBOX_DATA", str(data / "sandbox"))
    if played["salesforce"]:
        _let_the_sandbox_play_salesforce(env, sandbox_env)
    sandbox_env.setdefault("SANDBOX_WEBHOOK_URL", f"http://127.0.0.1:{env['PORTAL_PORT']}{WEBHOOK_PATH}")
    for name, source in SANDBOX_SECRETS.items():
        sandbox_env[source] = given.get(source) or env.get(name, "").split(",")[0].strip()
    return Demo(env, sandbox_env, **played)


def _let_the_sandbox_play_salesforce(env: dict[str, str], sandbox_env: dict[str, str]) -> None:
    """The sandbox writes the key when it starts; of what is given it learns all but a key."""
    _default(env, "SF_LOGIN_URL", f"http://127.0.0.1:{env['SANDBOX_PORT']}")
    _default(env, "SF_CLIENT_ID", DEMO_SF_CLIENT_ID)
    _default(env, "SF_USERNAME", DEMO_SF_USERNAME)
    _default(env, "PORTAL_PRICEBOOK_ID", DEMO_SF_PRICEBOOK_ID)
    _default(env, "SF_PUBSUB_ENDPOINT", f"127.0.0.1:{env.get('SANDBOX_PUBSUB_PORT', '')}")
    _default(env, "SF_PRIVATE_KEY_PATH", str(Path(sandbox_env["SANDBOX_DATA"]) / PRIVATE_NAME))
    for name in ("SF_CLIENT_ID", "SF_USERNAME", "SF_AUDIENCE"):
        if value := env.get(name):
            sandbox_env.setdefault(f"SANDBOX_{name}", value)


def _let_the_sandbox_play_freebit(env: dict[str, str], sandbox_env: dict[str, str]) -> None:
    _default(env, "FREEBIT_API_BASE_URL", f"http://127.0.0.1:{env['SANDBOX_PORT']}/freebit")
    _default(env, "FREEBIT_CLIENT_ID", DEMO_FREEBIT_ID)
    _default(env, "FREEBIT_CLIENT_SECRET", DEMO_FREEBIT_KEY)
    _default(env, "FREEBIT_SETTLE_SECONDS", "0")  # it shows a line at once
    for name in ("FREEBIT_CLIENT_ID", "FREEBIT_CLIENT_SECRET"):
        if value := env.get(name):
            sandbox_env.setdefault(f"SANDBOX_{name}", value)


# Which address says that an outside system is somebody else's.
ADDRESSES = {
    "whmcs": "WHMCS_BASE_URL",
    "salesforce": "SF_LOGIN_URL",
    "freebit": "FREEBIT_API_BASE_URL",
    "mail": "SMTP_URL",
}
# Secrets only the portal knows, and those it shares with the sandbox (and under which name the sandbox reads them).
PORTAL_SECRETS = ("JWT_SECRET", "JWT_REFRESH_SECRET", "PORTAL_PEPPER", "PORTAL_INDEX_KEY", "PORTAL_ENCRYPTION_KEYS")
SANDBOX_SECRETS = {
    "WHMCS_API_IDENTIFIER": "SANDBOX_WHMCS_IDENTIFIER",
    "WHMCS_API_SECRET": "SANDBOX_WHMCS_SECRET",
    "WHMCS_WEBHOOK_SECRET": "SANDBOX_WEBHOOK_SECRET",
}


def _is_set(env: Mapping[str, str], name: str) -> bool:
    return bool(env.get(name) or env.get(f"{name}_FILE"))


def _default(env: dict[str, str], name: str, value: str) -> None:
    if not _is_set(env, name):
        env[name] = value


def _is_the_portals(name: str) -> bool:
    return name.removesuffix("_FILE") in Settings.model_fields and not name.startswith("SANDBOX_")


def _generated(path: Path) -> dict[str, str]:
    """The secrets of this checkout's demo: made once, readable by the owner only."""
    kept = read_env_file(path)
    missing = {name: _new_secret(name) for name in (*PORTAL_SECRETS, *SANDBOX_SECRETS) if not kept.get(name)}
    if missing:
        kept |= missing
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
            out.write("# Secrets of the demo on this machine, made once; `make reset` forgets them with their data.\n")
            out.writelines(f"{name}={value}\n" for name, value in kept.items())
    return kept


def _new_secret(name: str) -> str:
    if name == "PORTAL_ENCRYPTION_KEYS":
        return "demo1:" + base64.b64encode(secrets.token_bytes(32)).decode()
    if name.startswith("WHMCS_API_"):
        return secrets.token_hex(16)  # WHMCS credentials have 32 characters
    return secrets.token_urlsafe(36)


def read_env_file(path: Path) -> dict[str, str]:
    """NAME=value lines of a file; comments and blank lines are passed over, a missing file is empty."""
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#") and "=" in line)
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def given_environment(root: Path) -> dict[str, str]:
    """Variables of this process, then those of the file `.env` beside the Makefile."""
    return read_env_file(root / ".env") | dict(os.environ)
