"""The helper by which any route runs once for each key: what is stored, forgotten, or stays unsure (K1-K10)."""

import pytest
from starlette.requests import Request

from portal_app import errors
from portal_app.storage.leases import LeaseLost
from portal_app.web import idempotency
from portal_app.web.idempotency import Reply
from portal_app.web.refusal import HttpProblem

KEY = "key-of-the-tests-1234"
WHMCS = ("whmcs", "AddOrder")


def request(session=None, kind: str = "application/json", **headers: str) -> Request:
    lines = {"content-type": kind} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in lines.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw, "state": {"session": session}})


class Order:
    """A work that counts its runs and fails with what is in `fails`, one after the other."""

    def __init__(self, *fails: Exception | None) -> None:
        self.fails, self.points = list(fails), list[str]()

    async def __call__(self, record) -> Reply:
        self.points.append(record.recovery_point)
        failure = self.fails.pop(0) if self.fails else None
        if failure is not None:
            raise failure
        return Reply(201, {"order": len(self.points)})


@pytest.fixture
def once(entrance):
    async def send(order: Order, *, scope: str = "u:1", body: str = "a", kind: str = "application/json", **named):
        return await idempotency.once(
            request(kind=kind), key=KEY, scope=scope, operation="order", body={"x": body}, work=order, **named
        )

    return send


async def code_of(attempt) -> tuple[int, str]:
    with pytest.raises(HttpProblem) as refused:
        await attempt
    return refused.value.status, refused.value.code


async def test_k4_a_repeat_gets_the_stored_answer_and_runs_nothing(once):
    order = Order()
    first, again = await once(order), await once(order)
    assert (first.status, first.body, first.replayed) == (201, {"order": 1}, False)
    assert (again.status, again.body, again.replayed) == (201, {"order": 1}, True)
    assert len(order.points) == 1


async def test_k5_another_body_is_refused(once):
    await once(Order())
    assert await code_of(once(Order(), body="b")) == (422, "idempotency-key-reused")


async def test_k10_another_scope_is_another_request(once):
    order = Order()
    await once(order)
    assert (await once(order, scope="u:2")).body == {"order": 2}


@pytest.mark.parametrize(
    "refusal",
    [
        errors.InvalidInput("x", "problem.validation"),
        errors.TooManyTries(5),
        errors.NotSignedIn(),
        errors.UpstreamUnavailable(*WHMCS),
        HttpProblem(403, "not-allowed"),
    ],
    ids=lambda e: type(e).__name__,
)
async def test_k7_what_was_refused_before_a_step_may_come_again_even_with_another_body(once, refusal):
    order = Order(refusal)
    with pytest.raises(type(refusal)):
        await once(order)
    assert (await once(order, body="corrected")).body == {"order": 2}


async def test_k8_a_lost_answer_stays_unsure_and_is_not_run_again(once):
    order = Order(errors.UpstreamOutcomeUnknown(*WHMCS))
    with pytest.raises(errors.UpstreamOutcomeUnknown):
        await once(order)
    for _ in range(2):
        assert await code_of(once(order)) == (202, "being-confirmed")
    assert len(order.points) == 1


async def test_k8_a_work_that_can_goes_on_from_where_the_answer_was_lost(once):
    order = Order(errors.UpstreamOutcomeUnknown(*WHMCS))
    with pytest.raises(errors.UpstreamOutcomeUnknown):
        await once(order, resumes=True)
    assert (await once(order, resumes=True)).body == {"order": 2}
    assert order.points == ["", "AddOrder"]
    assert (await once(order)).replayed


async def test_k8_after_a_bug_nobody_runs_it_again_while_the_lease_lives(once, world):
    order = Order(RuntimeError("bug"))
    with pytest.raises(RuntimeError):
        await once(order)
    assert await code_of(once(order)) == (409, "request-in-progress")
    world.clock.advance(91)
    assert (await once(order)).body == {"order": 2}


async def test_a_work_that_stores_with_its_own_transaction_may_come_again_after_a_bug(once):
    order = Order(RuntimeError("bug"))
    with pytest.raises(RuntimeError):
        await once(order, stores="in_work")
    await once(order)
    assert len(order.points) == 2


async def test_k9_whoever_lost_the_lease_is_told_that_it_runs(once):
    assert await code_of(once(Order(LeaseLost("key")))) == (409, "request-in-progress")


async def test_a_form_waits_for_the_first_sending_only_so_long(once, monkeypatch):
    monkeypatch.setattr(idempotency, "LOOKS_S", (0.0, 0.0))
    with pytest.raises(RuntimeError):
        await once(Order(RuntimeError("bug")))
    form = "application/x-www-form-urlencoded"
    assert await code_of(once(Order(), kind=form)) == (409, "request-in-progress")


async def test_k10_the_scope_is_the_user_or_a_keyed_hash_of_whoever_it_is_about(entrance, world):
    user_id = await world.users.create("a@example.com", "hash")
    session = (await world.sessions.start(user_id, device_label="x")).session
    assert idempotency.scope_of(request(session)) == f"u:{user_id}"
    scope = idempotency.scope_of(request(), "a@example.com")
    assert scope.startswith("anon:")
    assert "example" not in scope
    assert scope != idempotency.scope_of(request(), "b@example.com")


def test_k1_the_key_is_read_from_the_header_or_the_form():
    assert idempotency.key_of(request(idempotency_key=KEY), {}) == KEY
    assert idempotency.key_of(request(), {"idempotency_key": KEY}) == KEY
    assert idempotency.key_of(request(idempotency_key=KEY), {"idempotency_key": KEY}) == KEY
