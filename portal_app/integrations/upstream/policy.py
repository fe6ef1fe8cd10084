"""How one outside system is called: how many at once, how fast, how long, how often again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamPolicy:
    """One row of the table of upstreams. Times in seconds; the defaults are those of WHMCS.

    Background work never takes the `reserved_for_users` of the `concurrency` slots, nor more than `background_share` of
    the rate: a night's reconciliation must not use up the minute of those who wait at a screen. `per_minute` None: no
    limit. `upsert_attempts` is for writes that may be sent twice; every other write is sent once.
    """

    name: str
    concurrency: int = 8
    reserved_for_users: int = 2
    per_second: int = 10
    per_minute: int | None = 300
    background_share: float = 0.5
    queue_max: int = 100
    queue_wait_s: float = 5
    background_wait_s: float = 60
    per_user_inflight: int = 4
    per_user_waiting: int = 25
    read_attempts: int = 3
    upsert_attempts: int = 1
    read_s: float = 12
    write_s: float = 30
    least_left_s: float = 0.5
    backoff_base_s: float = 0.2
    backoff_cap_s: float = 2
    retry_after_max_s: float = 30
    retry_share: float = 0.1
    retry_floor: int = 3
    retry_window_s: float = 30
    breaker_failures: int = 5
    breaker_share: float = 0.5
    breaker_calls: int = 20
    breaker_window_s: float = 30
    breaker_open_s: float = 15
    breaker_probes: int = 2
    credential_open_s: float = 900


WHMCS = UpstreamPolicy(name="whmcs")
SALESFORCE = UpstreamPolicy(
    name="salesforce",
    concurrency=10,
    per_minute=None,
    upsert_attempts=2,
    read_s=20,
    write_s=20,
    breaker_open_s=20,
)
# Calls that may take 20 s and more: Salesforce lets few of them run at once for the whole organisation.
SALESFORCE_LONG = UpstreamPolicy(
    name="salesforce_long",
    concurrency=2,
    reserved_for_users=1,
    per_second=1,
    per_minute=None,
    queue_max=20,
    queue_wait_s=30,
    read_attempts=1,
    read_s=60,
    write_s=60,
    breaker_open_s=20,
)
# Files on their way. Salesforce counts a slow one among the 25 calls of 20 s and more an organisation may have at once.
# How long a browser takes is for its door to say, which gives up first: that is no failure of Salesforce.
SALESFORCE_FILES = UpstreamPolicy(
    name="salesforce_files",
    concurrency=20,
    reserved_for_users=20,
    per_minute=None,
    queue_wait_s=300,
    per_user_inflight=3,
    per_user_waiting=10,
    read_attempts=1,
    read_s=900,
    write_s=900,
    breaker_open_s=20,
)
# Its limits are not public, and polling in bulk is forbidden: slow on purpose.
FREEBIT = UpstreamPolicy(
    name="freebit",
    concurrency=4,
    reserved_for_users=1,
    per_second=3,
    per_minute=100,
    read_s=30,
    write_s=40,
    queue_wait_s=10,
    breaker_open_s=30,
)
MAIL = UpstreamPolicy(
    name="mail",
    concurrency=2,
    reserved_for_users=0,
    per_second=5,
    per_minute=None,
    read_s=15,
    write_s=15,
    breaker_open_s=60,
)
