"""Counters of this process in Prometheus form. Labels are bounded: nothing a visitor types makes series for ever."""

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

REGISTRY: Final = CollectorRegistry()

MOST_VALUES: Final = 300
"""Different values one label may take; later ones are counted as `other`."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_requests = Counter("portal_http_requests_total", "HTTP requests.", ["route", "method", "status"], registry=REGISTRY)
_request_s = Histogram("portal_http_request_seconds", "Time to answer.", ["route"], buckets=_SECONDS, registry=REGISTRY)
_upstream = Counter(
    "portal_upstream_calls_total", "Calls to outside systems.", ["system", "action", "outcome"], registry=REGISTRY
)
_upstream_s = Histogram(
    "portal_upstream_seconds",
    "Time of a call, with waiting.",
    ["system", "action"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
_upstream_now = Gauge("portal_upstream_now", "Calls under way and waiting.", ["system", "state"], registry=REGISTRY)
_upstream_open = Gauge("portal_upstream_open", "1 while no call is let through.", ["system"], registry=REGISTRY)
_allowance = Gauge("portal_salesforce_allowance_used", "Share of the day's API calls that is used.", registry=REGISTRY)
_events_up = Gauge("portal_salesforce_events_connected", "1 while a topic is heard.", ["topic"], registry=REGISTRY)
_events_heard = Gauge(
    "portal_salesforce_events_heard_seconds", "Since a topic was last heard.", ["topic"], registry=REGISTRY
)
_events_waiting = Gauge(
    "portal_salesforce_events_waiting_seconds", "Age of the oldest event nobody has worked on.", registry=REGISTRY
)
_events_put_aside = Gauge(
    "portal_salesforce_events_quarantined", "Events nobody could read, of a month.", registry=REGISTRY
)
_events_gap = Gauge("portal_salesforce_events_gap", "1 while events may be missing.", registry=REGISTRY)
_cache = Counter("portal_cache_total", "Cache hits, misses and invalidations.", ["kind", "name"], registry=REGISTRY)
_queue = Gauge("portal_queue_depth", "Rows waiting.", ["queue"], registry=REGISTRY)
_queue_age = Gauge("portal_queue_oldest_seconds", "Age of the row that waits longest.", ["queue"], registry=REGISTRY)
_orders = Gauge(
    "portal_fulfilments", "Orders, by how far they are and why they wait.", ["state", "hold"], registry=REGISTRY
)
_held = Gauge("portal_fulfilments_held", "Orders that wait for somebody.", ["code"], registry=REGISTRY)
_stuck = Gauge("portal_fulfilments_stuck", "Orders that should move and do not.", registry=REGISTRY)
_reconciled = Gauge(
    "portal_reconcile_finished_seconds", "When that comparison last ended.", ["kind"], registry=REGISTRY
)
_sockets = Gauge("portal_open_sockets", "Open page sockets.", registry=REGISTRY)
_events = Counter("portal_events_total", "Page events.", ["handler", "outcome"], registry=REGISTRY)
_drift = Gauge("portal_mirror_drift", "Rows the last reconcile found different.", ["kind"], registry=REGISTRY)
_left = Gauge("portal_reconcile_left", "Findings the last run left for a person.", ["kind"], registry=REGISTRY)
_jobs = Counter("portal_jobs_total", "Background jobs run.", ["job", "outcome"], registry=REGISTRY)
_work = Counter("portal_work_total", "Inbox and outbox rows handled.", ["queue", "outcome"], registry=REGISTRY)


class _Bound:
    """Remembers the values a label has taken and folds newcomers into `other` once there are too many."""

    def __init__(self, most: int = MOST_VALUES) -> None:
        self._most, self._seen = most, set[str]()

    def __call__(self, value: str) -> str:
        if value in self._seen:
            return value
        if len(self._seen) >= self._most or len(value) > 200:
            return "other"
        self._seen.add(value)
        return value


_route, _handler, _action, _name = _Bound(), _Bound(), _Bound(), _Bound()


def request_done(route: str, method: str, status: int, seconds: float) -> None:
    """One HTTP request was answered. `route` is a pattern, never a path with ids."""
    label = _route(route)
    _requests.labels(label, method if method in _METHODS else "other", str(status)).inc()
    _request_s.labels(label).observe(seconds)


def upstream_called(system: str, operation: str, outcome: str, seconds: float) -> None:
    """One call to an outside system ended: `outcome` is ok or the short word of the failure."""
    action = _action(operation)
    _upstream.labels(system, action, outcome).inc()
    _upstream_s.labels(system, action).observe(seconds)


def upstream_state(state: Mapping[str, object]) -> None:
    """What `Upstream.state()` says now."""
    system = str(state["system"])
    for word in ("running", "waiting"):
        _upstream_now.labels(system, word).set(float(str(state[word])))
    _upstream_open.labels(system).set(state["breaker"] == "open")


def allowance_used(share: float) -> None:
    """Of Salesforce's daily API calls, 0.0 to 1.0."""
    _allowance.set(share)


def event_topic(topic: str, connected: bool, heard_s: float | None) -> None:
    """Whether a topic of Salesforce is heard, and how long ago the last word came."""
    _events_up.labels(topic).set(connected)
    if heard_s is not None:
        _events_heard.labels(topic).set(heard_s)


def events_now(waiting_s: float, quarantined: int, gap: bool) -> None:
    """What became of Salesforce's events."""
    _events_waiting.set(waiting_s)
    _events_put_aside.set(quarantined)
    _events_gap.set(gap)


def cache_event(kind: str, name: str) -> None:
    """`kind` is hit, miss or invalidation; of a name such as `invoice:123` only the noun is kept."""
    _cache.labels(kind, _name(name.partition(":")[0])).inc()


def queue_depth(queue: str, rows: int) -> None:
    """So many rows wait now."""
    _queue.labels(queue).set(rows)


def queue_oldest(queue: str, seconds: float) -> None:
    """The row that waits longest there has waited so long; 0 when none waits."""
    _queue_age.labels(queue).set(seconds)


def orders_now(orders: Mapping[tuple[str, str], int], held: Mapping[str, int], stuck: int) -> None:
    """`orders` by state and hold, `held` by code. What is not named is gone."""
    _orders.clear()
    for (state, hold), count in orders.items():
        _orders.labels(state, hold).set(count)
    _held.clear()
    for code, count in held.items():
        _held.labels(code).set(count)
    _stuck.set(stuck)


def reconciled(kind: str, at_unix: float) -> None:
    """The last comparison of that kind ended then."""
    _reconciled.labels(kind).set(at_unix)


def sockets_changed(by: int) -> None:
    """A page socket opened (+1) or closed (-1)."""
    _sockets.inc(by)


def event_seen(handler: str, outcome: str) -> None:
    """One page event was allowed, refused or dropped."""
    _events.labels(_handler(handler), outcome).inc()


def drift_found(kind: str, rows: int) -> None:
    """The last reconcile of that kind found so many rows different."""
    _drift.labels(kind).set(rows)


def left_over(kind: str, rows: int) -> None:
    """The last reconcile of that kind left so many findings for a person."""
    _left.labels(kind).set(rows)


def job_done(job: str, outcome: str) -> None:
    """A background job ended."""
    _jobs.labels(job, outcome).inc()


def work_done(queue: str, outcome: str) -> None:
    """One inbox or outbox row was handled."""
    _work.labels(queue, outcome).inc()


def render() -> bytes:
    """Everything, in the text form Prometheus reads."""
    return generate_latest(REGISTRY)
