"""What leaves WHMCS: ids and words of state from a list, plain values only, whatever the hook is given."""

from typing import Any

import pytest

from portal_app.web import bodies, webhooks
from tests.hooks.stage import Install, Receiver, fire

SECRETS = ("hunter2", "4242424242424242")
MODEL = {"$": "model"}
MODULE = {
    "serviceid": 40001,
    "userid": 1001,
    "pid": 182,
    "password": "hunter2",
    "serverpassword": "hunter2",
    "clientsdetails": {"firstname": "太郎"},
}


def forwarded(install: Install, receiver: Receiver, event: str, **params: Any) -> dict[str, Any]:
    """The params that arrived, after everything the portal checks about a body."""
    ran = install.run(fire(event, **params))
    assert ran.log == []
    [delivery] = receiver.got
    webhooks.Delivery.model_validate(bodies.strict_json(delivery.body))
    assert len(delivery.body) <= webhooks.MOST_BYTES
    assert not any(secret in delivery.body.decode() for secret in SECRETS)
    return delivery.params


@pytest.mark.parametrize(
    ("event", "params", "wanted"),
    [
        ("ClientAdd", {"client_id": 1, "password": "hunter2", "notes": "x", "email": "a@b.c"}, {"client_id": 1}),
        ("ClientEdit", {"userid": 1, "authdata": "hunter2", "olddata": {"email": "x"}}, {"userid": 1}),
        ("CCUpdate", {"userid": 1, "cardnum": "4242424242424242", "cardcvv": "123"}, {"userid": 1}),
        ("UserChangePassword", {"userid": 7, "password": "hunter2"}, {"userid": 7}),
        ("AfterModuleChangePassword", {"serviceid": 4, "oldpassword": "hunter2", "newpassword": "x"}, {"serviceid": 4}),
        ("AfterModuleCreate", {"params": MODULE}, {"serviceid": 40001, "userid": 1001, "pid": 182}),
        (
            "AfterModuleCreateFailed",
            {"params": MODULE, "failureResponseMessage": "bad password hunter2"},
            {"serviceid": 40001, "userid": 1001, "pid": 182},
        ),
        ("CancellationRequest", {"userid": 1, "relid": 4, "reason": "hunter2", "type": "Immediate"}, None),
        ("UserLogin", {"user": MODEL}, {"user_id": 77}),
        ("PayMethodMigration", {"client": MODEL}, {"client_id": 77}),
        ("AddTransaction", {"id": 5, "userid": 1, "invocieid": 101, "description": "hunter2", "rate": 1.0}, None),
        (
            "AfterShoppingCartCheckout",
            {"OrderID": 9, "ServiceIDs": [12, "13", "x", MODEL, -1], "AddonIDs": [], "TotalDue": "1.00"},
            {"OrderID": 9, "ServiceIDs": "12,13", "AddonIDs": ""},
        ),
        ("AcceptOrder", {"orderid": 9}, {"orderid": 9}),
    ],
)
def test_only_what_is_on_the_list_leaves(
    install: Install, receiver: Receiver, event: str, params: dict[str, Any], wanted: dict[str, Any] | None
) -> None:
    kept = ("id", "userid", "relid", "type", "invocieid")
    wanted = {name: params[name] for name in kept if name in params} if wanted is None else wanted
    assert forwarded(install, receiver, event, **params) == wanted


@pytest.mark.parametrize(
    "hostile", [MODEL, {"$": "closure"}, {"$": "nan"}, {"$": "endless"}, {"$": "resource"}, [1], {}]
)
def test_what_is_no_plain_value_is_left_out(install: Install, receiver: Receiver, hostile: Any) -> None:
    params = forwarded(install, receiver, "InvoiceChangeGateway", invoiceid=101, paymentmethod=hostile)
    assert params == {"invoiceid": 101}


@pytest.mark.parametrize(
    "plain", [101, "101", 0, -1, 2**62, True, False, None, 0.5, 1.0, "", "東京 🗼", '</script>"\\\n\x7f']
)
def test_plain_values_arrive_as_they_are(install: Install, receiver: Receiver, plain: Any) -> None:
    params = forwarded(install, receiver, "InvoicePaid", invoiceid=plain)
    assert params == {"invoiceid": plain} and type(params["invoiceid"]) is type(plain)


def test_bytes_that_are_no_utf_8_become_replacement_characters(install: Install, receiver: Receiver) -> None:
    shift_jis = {"$": "bytes", "hex": "有効".encode("shift_jis").hex()}
    params = forwarded(install, receiver, "ClientEdit", userid=1, status=shift_jis)
    assert params["userid"] == 1 and "\ufffd" in params["status"]


def test_a_text_too_long_to_be_an_id_or_a_word_is_left_out(install: Install, receiver: Receiver) -> None:
    huge = {"$": "repeat", "text": "a", "times": 5_000_000}
    assert forwarded(install, receiver, "ClientEdit", userid=1, status=huge) == {"userid": 1}


def test_w2_the_longest_body_that_can_be_made_is_within_64_kib(install: Install, receiver: Receiver) -> None:
    worst = {"$": "repeat", "text": "\x01", "times": 1000}  # each becomes six bytes
    many = list(range(10**14, 10**14 + 500))
    allowed = install.run().allowed
    for event in ("AddonActivation", "AddTransaction", "InvoiceCreated"):
        receiver.got.clear()
        params = forwarded(install, receiver, event, **dict.fromkeys(allowed[event], worst))
        assert len(params) == len(allowed[event]) and len(receiver.got[0].body) > 20_000
    receiver.got.clear()
    ids = forwarded(install, receiver, "AfterShoppingCartCheckout", OrderID=1, ServiceIDs=many)
    assert ids == {"OrderID": 1, "ServiceIDs": ",".join(map(str, many[:60]))}
    assert max(map(len, allowed.values())) * 6 * 1000 + 1000 < webhooks.MOST_BYTES


def test_of_mails_only_those_about_a_failed_payment_are_told(install: Install, receiver: Receiver) -> None:
    other = [{"messagename": name, "relid": 4, "mergefields": {"client_name": "hunter2"}} for name in ("Welcome", 5)]
    failed = {"messagename": "Credit Card Payment Failed", "relid": 101, "mergefields": {"client_name": "hunter2"}}
    install.run(*(fire("EmailPreSend", **params) for params in (*other, {}, failed)))
    [delivery] = receiver.got
    assert delivery.params == {"messagename": "Credit Card Payment Failed", "relid": 101}


def test_a_model_that_throws_and_prints_loses_its_event_and_nothing_else(install: Install, receiver: Receiver) -> None:
    ran = install.run(fire("UserLogin", user={"$": "throwing"}), fire("InvoicePaid", invoiceid=1))
    assert [delivery.event for delivery in receiver.got] == ["InvoicePaid"]
    [line] = ran.log
    assert "stopped by RuntimeException" in line and "hunter2" not in line


@pytest.mark.parametrize("given", [None, "text", 5, {"$": "model"}, [1, 2]])
def test_a_hook_that_is_given_something_else_than_parameters_still_tells(
    install: Install, receiver: Receiver, given: Any
) -> None:
    install.run(("fire", "InvoicePaid", given))
    assert receiver.got[0].params == {}


def test_no_parameter_on_the_list_can_hold_a_secret_or_a_person(whmcs: Install) -> None:
    lists = whmcs.run().allowed.values()
    sources = {path for paths in lists for path in (paths.values() if isinstance(paths, dict) else paths)}
    words = ("pass", "card", "auth", "note", "mail", "name", "address", "phone", "message", "data", "access", "reason")
    # The name of a mail's template, of which only a few are let through: none of its words.
    sources -= {"messagename"}
    assert [path for path in sources for word in words if word in path.lower()] == []
    assert all(path.count(".") <= 1 for path in sources)
