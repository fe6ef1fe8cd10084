"""Every setting of the portal, typed, read once from the environment.

A secret may also come from a file: NAME_FILE holds its path. Start is refused with the whole list of what is wrong.
`.env.example` is made from this class (`python -m portal_app.cli env-example`).
"""

import base64
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo

from portal_app.errors import ConfigError

SHORTEST_KEY_LINE = 16
NO_TOPIC = "none"
"""A variable that is set to nothing is one that is not set."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _is_loopback(url: str) -> bool:
    return (urlsplit(url).hostname or "") in LOOPBACK


def _http_endpoint(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http:// or https:// address")
    if parts.scheme == "http" and not _is_loopback(url):
        raise ValueError("plain http is accepted only for loopback hosts; use https")
    return url.rstrip("/")


def _smtp_endpoint(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps", "smtp+starttls") or not parts.hostname:
        raise ValueError("must look like smtp+starttls://user:password@host:port")
    if parts.scheme == "smtp" and not _is_loopback(url):
        raise ValueError("plaintext smtp is accepted only for loopback hosts; use smtps:// or smtp+starttls://")
    return url


def _secret(value: str) -> str:
    if len(value) < 32:
        raise ValueError("needs at least 32 characters")
    if len(set(value)) < 8:
        raise ValueError("is too simple; use random characters")
    return value


def _topic(name: str) -> str:
    if not re.fullmatch(r"/(?:event|data)/[A-Za-z][A-Za-z0-9_]{0,79}", name, re.ASCII):
        raise ValueError("must look like /event/Name__e or /data/NameChangeEvent")
    return name


HttpEndpoint = Annotated[str, AfterValidator(_http_endpoint)]
OptionalHttpEndpoint = Annotated[str, AfterValidator(lambda url: url and _http_endpoint(url))]
Topic = Annotated[str, AfterValidator(_topic)]
OptionalTopic = Annotated[str, AfterValidator(lambda name: "" if name in ("", NO_TOPIC) else _topic(name))]
SmtpEndpoint = Annotated[str, AfterValidator(_smtp_endpoint)]
Secret = Annotated[str, AfterValidator(_secret)]


def _setting(default: Any, about: str, *, secret: bool = False) -> Any:
    return Field(default, description=about, json_schema_extra={"secret": secret})


class Settings(BaseModel):
    """One field per environment variable, same name. `...` means required."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    PORTAL_NAME: str = _setting("Customer Portal", "Name shown in titles, headings and mails.")
    PORTAL_BASE_URL: HttpEndpoint = _setting(
        "http://localhost:3000", "Public address of the portal, no trailing slash."
    )
    PORTAL_PORT: int = Field(3000, ge=1, le=65535, description="Port the portal listens on.")
    PORTAL_ENV: Literal["demo", "dev", "prod"] = _setting(
        "demo", "demo has the sandbox's demo users; prod refuses plain http."
    )
    PORTAL_WORKER: Literal["embedded", "external"] = _setting(
        "embedded", "Where background work runs: inside the one web process, or as `python -m portal_app.worker`."
    )
    PORTAL_WEB_WORKERS: int = Field(
        1, ge=1, le=64, description="Web processes on this host. More than one needs REDIS_URL."
    )
    DATABASE_URL: str = _setting("sqlite:///.data/portal.db", "sqlite:///path or postgresql://user:password@host/name.")
    REDIS_URL: str = _setting(
        "", "redis://... for several web processes; empty keeps everything in this process.", secret=True
    )
    TRUST_PROXY: int = Field(0, ge=0, le=5, description="How many proxies in front set X-Forwarded-For (S15).")
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _setting("INFO", "Least level that is written.")
    RATE_LIMIT_SCALE: float = Field(1.0, gt=0, le=1000, description="Multiplies every rate limit.")
    FIRST_DATA: Literal["on", "off"] = _setting("on", "Whether pages come with their first rows (docs/first-data.md).")
    FIRST_DATA_BUDGET_MS: int = Field(
        50, ge=1, le=10_000, description="What an answer may take longer for the sake of its first rows."
    )
    SANDBOX_PORT: int = Field(3900, ge=1, le=65535, description="Port of the sandbox that `make run` starts.")

    JWT_SECRET: Secret = _setting(..., "Signs access tokens (HS256).", secret=True)
    JWT_REFRESH_SECRET: Secret = _setting(..., "Derives refresh tokens.", secret=True)
    PORTAL_PEPPER: Secret = _setting(..., "Keys the hash made of a password before bcrypt.", secret=True)
    PORTAL_INDEX_KEY: Secret = _setting(..., "Keys the look-up hash beside encrypted columns.", secret=True)
    PORTAL_ENCRYPTION_KEYS: str = _setting(
        ..., "Field encryption: `id:base64 of 32 bytes`, comma separated; the first encrypts, all decrypt.", secret=True
    )
    PORTAL_MONITORING_TOKEN: str = _setting(
        "", "Bearer token for /metrics and health details. Empty: loopback only, in demo.", secret=True
    )
    BCRYPT_ROUNDS: int = Field(12, ge=4, le=16, description="Cost of a password hash; prod wants at least 12.")

    WHMCS_BASE_URL: HttpEndpoint = _setting(..., "Root address of WHMCS.")
    WHMCS_API_IDENTIFIER: str = Field(
        ..., min_length=1, description="API credential: identifier.", json_schema_extra={"secret": True}
    )
    WHMCS_API_SECRET: str = Field(
        ..., min_length=1, description="API credential: secret.", json_schema_extra={"secret": True}
    )
    WHMCS_WEBHOOK_SECRET: str = _setting(
        ..., "Signs WHMCS hooks; two, comma separated, while rotating. At least 32 characters each.", secret=True
    )
    WHMCS_QUEUE_CONCURRENCY: int = Field(8, ge=1, le=64, description="Calls to WHMCS at once.")
    WHMCS_QUEUE_INTERVAL_CAP: int = Field(10, ge=1, le=1000, description="Calls to WHMCS per second.")
    WHMCS_QUEUE_TIMEOUT_MS: int = Field(5000, ge=100, le=60000, description="Longest wait in the queue.")
    WHMCS_CUSTOMER_NUMBER_FIELD_ID: int = Field(198, ge=1, description="Client custom field of the customer number.")

    WHMCS_PORTAL_USER_FIELD_ID: int = Field(
        202, ge=1, description="Client custom field, admin only, that holds the portal's user id (F7)."
    )
    WHMCS_BIRTH_DATE_FIELD_ID: int = Field(
        0, ge=0, description="Client custom field for the date of birth; 0: none is written."
    )
    WHMCS_GENDER_FIELD_ID: int = Field(
        0, ge=0, description="Client custom field (text) for M, W, other or no_answer; 0: nobody is asked."
    )
    WHMCS_WRITE_TIMEOUT_MS: int = Field(30000, ge=500, le=90000, description="Longest wait for an answer to a write.")
    WHMCS_ORDER_REFERENCE_FIELD: str = _setting(
        "Portal Reference", "Product custom field, admin only, by which an order is recognised in WHMCS (F3)."
    )
    WHMCS_ORDER_PAYMENT_METHOD: str = _setting(
        "", "Gateway module of new orders; empty: that of the customer's payment method, else WHMCS's first."
    )

    SF_LOGIN_URL: HttpEndpoint = _setting(..., "Salesforce's login host, without a path.")
    SF_CLIENT_ID: str = Field(
        ..., min_length=1, description="Consumer key of the connected app.", json_schema_extra={"secret": True}
    )
    SF_USERNAME: str = Field(..., min_length=1, description="The integration user.")
    SF_PRIVATE_KEY_PATH: str = Field(..., min_length=1, description="RSA private key (PEM) of the connected app.")
    SF_AUDIENCE: str = _setting("", "`aud` of the sign-in; empty: SF_LOGIN_URL.")
    SF_QUEUE_CONCURRENCY: int = Field(10, ge=1, le=64, description="Calls to Salesforce at once.")
    SF_QUEUE_INTERVAL_CAP: int = Field(10, ge=1, le=1000, description="Calls to Salesforce per second.")
    SF_QUEUE_TIMEOUT_MS: int = Field(5000, ge=100, le=60000, description="Longest wait in the queue.")
    SF_FIELDS: str = _setting(
        "", "Fields an organisation calls otherwise, comma separated: account.customer_number=Customer_No__c."
    )
    SF_POLL_SECONDS: int = Field(30, ge=2, le=3600, description="How often Salesforce is asked what staff changed.")
    SF_EVENTS_ENABLED: bool = _setting(True, "Listen to Salesforce's events; without them only the polls look.")
    SF_PROVISION_EVENT_CHANNEL: Topic = _setting(
        "/event/Order_Fulfilment_Requested__e", "Platform event that asks for the fulfilment of an order."
    )
    SF_ACCOUNT_EVENT_CHANNEL: OptionalTopic = _setting(
        "/event/Account_Eligibility_Update__e", "Platform event about an account's checks, or `none`."
    )
    SF_CASE_EVENT_CHANNEL: OptionalTopic = _setting(
        "/event/Case_Status_Update__e", "Platform event about a case, or `none`."
    )
    SF_CHANGE_EVENT_CHANNELS: str = _setting(
        "/data/ChangeEvents", "Change events to listen to, comma separated, or `none`."
    )
    SF_EVENTS_REPLAY: Literal["LATEST", "ALL"] = _setting(
        "LATEST", "Where a channel without a stored place begins; ALL: with everything Salesforce has kept."
    )
    SF_PUBSUB_ENDPOINT: str = _setting("api.pubsub.salesforce.com:7443", "Host and port of the Pub/Sub API.")
    SF_PUBSUB_NUM_REQUESTED: int = Field(25, ge=1, le=100, description="Events asked for at once.")
    PORTAL_PRICEBOOK_ID: str = Field(
        ..., min_length=1, description="Salesforce's id of the price book the portal sells from."
    )
    SF_CASE_ORIGIN: str = Field("Portal Website", min_length=1, description="Origin of the cases the portal opens.")
    SF_CASE_HIDDEN_ORIGINS: str = _setting(
        "Portal Notification", "Origins of the cases no customer sees, comma separated: those that systems make."
    )
    SF_CASE_CLOSED_STATUS: str = Field(
        "Closed", min_length=1, description="Status of a case its customer closes; one that counts as closed."
    )
    SF_CASE_REOPENED_STATUS: str = Field(
        "In Progress", min_length=1, description="Status of a case its customer opens again, or answers."
    )

    IDENTITY_DOCUMENT_FOR: str = _setting(
        "sim", "Product lines whose orders need an identity document, comma separated: internet, sim, vpn."
    )

    FULFILMENT_LEASE_SECONDS: int = Field(
        90, ge=2, le=600, description="How long a worker holds an order without a sign of life (F13b)."
    )
    FULFILMENT_SETTLE_SECONDS: int = Field(
        60, ge=2, le=600, description="How long after a write without an answer it is looked for (F4)."
    )

    FREEBIT_API_BASE_URL: OptionalHttpEndpoint = _setting("", "Freebit's host; empty: SIMs are not activated here.")
    FREEBIT_CLIENT_ID: str = _setting("", "Freebit's oemId.", secret=True)
    FREEBIT_CLIENT_SECRET: str = _setting("", "Freebit's oemKey.", secret=True)
    FREEBIT_PLAN_CODES: str = _setting(
        "", "Freebit's plan code of a SKU, comma separated: SIM-DATA-5GB=PLAN_5G. Without one the SKU itself is sent."
    )
    FREEBIT_WRITE_TIMEOUT_MS: int = Field(35000, ge=500, le=90000, description="Longest wait for an answer to a write.")
    FREEBIT_SETTLE_SECONDS: int = Field(
        600, ge=0, le=3600, description="How long an activation Freebit accepted may not be seen there (F4)."
    )

    SMTP_URL: SmtpEndpoint = _setting(..., "Where mail is handed over.", secret=True)
    MAIL_FROM: str = _setting("Customer Portal <portal@example.com>", "Sender of every mail.")

    @field_validator("WHMCS_WEBHOOK_SECRET")
    @classmethod
    def _webhook_secrets(cls, value: str) -> str:
        secrets = [s.strip() for s in value.split(",") if s.strip()]
        if not 1 <= len(secrets) <= 2:
            raise ValueError("needs one secret, or two while rotating")
        return ",".join(_secret(s) for s in secrets)

    @field_validator("PORTAL_ENCRYPTION_KEYS")
    @classmethod
    def _encryption_keys(cls, value: str) -> str:
        parse_keyring(value)
        return value

    @field_validator("SF_CHANGE_EVENT_CHANNELS")
    @classmethod
    def _change_topics(cls, value: str) -> str:
        names = (name.strip() for name in value.split(","))
        return ",".join(_topic(name) for name in names if name not in ("", NO_TOPIC))

    @field_validator("SF_FIELDS", "FREEBIT_PLAN_CODES")
    @classmethod
    def _pairs(cls, value: str) -> str:
        parse_pairs(value)
        return value

    @field_validator("IDENTITY_DOCUMENT_FOR")
    @classmethod
    def _documented_lines(cls, value: str) -> str:
        if {line.strip() for line in value.split(",") if line.strip()} - {"internet", "sim", "vpn"}:
            raise ValueError("knows only internet, sim and vpn")
        return value

    @field_validator("DATABASE_URL")
    @classmethod
    def _database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        return value

    @field_validator("REDIS_URL")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis:// or rediss://")
        if value.startswith("redis://") and not _is_loopback(value):
            raise ValueError("plain redis:// is accepted only for loopback hosts; use rediss://")
        return value

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        problems = []
        secrets = {
            "JWT_SECRET": self.JWT_SECRET,
            "JWT_REFRESH_SECRET": self.JWT_REFRESH_SECRET,
            "PORTAL_PEPPER": self.PORTAL_PEPPER,
            "PORTAL_INDEX_KEY": self.PORTAL_INDEX_KEY,
        }
        if len(set(secrets.values())) < len(secrets):
            problems.append(f"{', '.join(secrets)}: must differ from one another")
        if self.PORTAL_WORKER == "external" and not self.REDIS_URL:
            problems.append("REDIS_URL: is required with PORTAL_WORKER=external")
        if self.PORTAL_WEB_WORKERS > 1 and not self.REDIS_URL:
            problems.append("REDIS_URL: is required with more than one web worker")
        if self.PORTAL_WEB_WORKERS > 1 and self.PORTAL_WORKER == "embedded":
            problems.append("PORTAL_WORKER: must be external with more than one web worker")
        problems += self._ill_timed() + self._listened_to_twice()
        if self.FREEBIT_API_BASE_URL and not (self.FREEBIT_CLIENT_ID and self.FREEBIT_CLIENT_SECRET):
            problems.append("FREEBIT_CLIENT_ID, FREEBIT_CLIENT_SECRET: are required with FREEBIT_API_BASE_URL")
        if self.PORTAL_ENV == "prod":
            if not self.PORTAL_BASE_URL.startswith("https://"):
                problems.append("PORTAL_BASE_URL: must be https in prod")
            if self.BCRYPT_ROUNDS < 12:
                problems.append("BCRYPT_ROUNDS: must be at least 12 in prod")
            if not self.PORTAL_MONITORING_TOKEN:
                problems.append("PORTAL_MONITORING_TOKEN: is required in prod")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _ill_timed(self) -> list[str]:
        """Who looks for a write while it may still be under way would not find it, and send it again (F13b)."""
        settle_ms = self.FULFILMENT_SETTLE_SECONDS * 1000
        slower = [n for n in ("WHMCS_WRITE_TIMEOUT_MS", "FREEBIT_WRITE_TIMEOUT_MS") if getattr(self, n) >= settle_ms]
        return [f"FULFILMENT_SETTLE_SECONDS: must be longer than {name}" for name in slower]

    def _listened_to_twice(self) -> list[str]:
        """What the events of a channel mean is said once."""
        events = {n: getattr(self, n) for n in type(self).model_fields if n.endswith("_EVENT_CHANNEL")}
        named = [(name, channel) for name, channel in events.items() if channel]
        named += [("SF_CHANGE_EVENT_CHANNELS", channel) for channel in set(self.change_channels())]
        channels = [channel for _, channel in named]
        twice = sorted({name for name, channel in named if channels.count(channel) > 1})
        return [f"{', '.join(twice)}: name a channel twice"] if twice else []

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies carry the __Host- prefix and Secure."""
        return self.PORTAL_BASE_URL.startswith("https://")

    def documented_lines(self) -> frozenset[str]:
        """The product lines whose orders need an identity document."""
        return frozenset(line.strip() for line in self.IDENTITY_DOCUMENT_FOR.split(",") if line.strip())

    def hidden_case_origins(self) -> tuple[str, ...]:
        """Origins of the cases no customer sees."""
        return tuple(name.strip() for name in self.SF_CASE_HIDDEN_ORIGINS.split(",") if name.strip())

    def renamed_fields(self) -> dict[str, str]:
        """Our key -> this organisation's API name."""
        return parse_pairs(self.SF_FIELDS)

    def change_channels(self) -> tuple[str, ...]:
        """The topics of change events."""
        return tuple(filter(None, self.SF_CHANGE_EVENT_CHANNELS.split(",")))

    def plan_codes(self) -> dict[str, str]:
        """SKU -> Freebit's plan code."""
        return parse_pairs(self.FREEBIT_PLAN_CODES)

    def salesforce_key(self) -> str:
        """The PEM text of the connected app's key, read now. Raises: ConfigError when it cannot be read."""
        try:
            return Path(self.SF_PRIVATE_KEY_PATH).read_text(encoding="ascii")
        except (OSError, ValueError):
            pass
        raise ConfigError(["SF_PRIVATE_KEY_PATH: cannot be read"])

    def secrets(self) -> list[str]:
        """Every secret value, for the logs to hide should one ever slip in; of the key each line."""
        marked = [name for name, info in type(self).model_fields.items() if _is_secret(info)]
        values = [part for name in marked for part in str(getattr(self, name)).split(",") if part]
        with suppress(ConfigError):  # said when the key is needed; `migrate` runs without one
            values += [line for line in self.salesforce_key().split() if len(line) >= SHORTEST_KEY_LINE]
        return values


def parse_pairs(value: str) -> dict[str, str]:
    """`key=name, key=name` as a dict. Raises ValueError for anything else, and for a key named twice."""
    pairs: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in value.split(","))):
        key, equals, name = (side.strip() for side in part.partition("="))
        if not (key and equals and name) or key in pairs:
            raise ValueError("each entry is key=name, each key once")
        pairs[key] = name
    return pairs


def parse_keyring(value: str) -> dict[str, bytes]:
    """Key id -> 32 bytes, first one primary. Raises ValueError for anything else."""
    ring: dict[str, bytes] = {}
    for part in filter(None, (p.strip() for p in value.split(","))):
        key_id, _, text = part.partition(":")
        try:
            key = base64.b64decode(text, validate=True)
        except ValueError as broken:
            raise ValueError("each key is id:base64") from broken
        if not key_id.isalnum() or len(key) != 32 or key_id in ring or len(set(key)) < 8:
            raise ValueError("each key is a unique id and 32 random bytes in base64")
        ring[key_id] = key
    if not ring:
        raise ValueError("needs at least one key")
    return ring


def given(name: str, source: Mapping[str, str] = os.environ) -> str:
    """One raw value as set by NAME or by the file NAME_FILE points to; "" when unset. Raises OSError for a bad file."""
    if value := source.get(name, ""):
        return value
    path = source.get(f"{name}_FILE", "")
    return Path(path).read_text(encoding="utf-8").strip() if path else ""


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises ConfigError naming all that is missing or bad; values are never repeated."""
    source = os.environ if environ is None else environ
    values: dict[str, str] = {}
    problems: list[str] = []
    for name in Settings.model_fields:
        try:
            if value := given(name, source):
                values[name] = value
        except OSError:
            problems.append(f"{name}_FILE: cannot be read")
    try:
        settings = Settings.model_validate(values)
    except ValidationError as bad:
        for error in bad.errors(include_input=False, include_url=False):
            name = str(error["loc"][0]) if error["loc"] else ""
            reason = "is missing" if error["type"] == "missing" else error["msg"].removeprefix("Value error, ")
            if not any(p.startswith(f"{name}_FILE:") for p in problems):
                problems.append(f"{name}: {reason}" if name else reason)
        raise ConfigError(problems) from None
    if problems:
        raise ConfigError(problems)
    return settings


def env_example() -> str:
    """The text of .env.example: every variable, its meaning, its default. Secrets are left empty."""
    about = "A secret may also be given as NAME_FILE=/path. Made from portal_app/settings.py."
    lines = [f"# Every setting of the portal. {about}", ""]
    for name, info in Settings.model_fields.items():
        secret = _is_secret(info)
        notes = (" Secret." if secret else "") + (" Required." if info.is_required() else "")
        lines.append(f"# {info.description}{notes}")
        lines.append(f"{name}=" if info.is_required() or secret else f"{name}={info.default}")
    return "\n".join(lines) + "\n"


def _is_secret(info: FieldInfo) -> bool:
    extra = info.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("secret"))
