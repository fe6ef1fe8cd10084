"""Which records an event is about (reference 7.1), in every documented spelling of their ids."""

import pytest

from portal_app.integrations.whmcs.hooks import Concern, concern_of


@pytest.mark.parametrize(
    ("event", "params", "concern"),
    [
        ("InvoicePaid", {"invoiceid": 101}, Concern(invoices=(101,))),
        ("invoicepaid", {"invoiceid": "101"}, Concern(invoices=(101,))),
        ("InvoiceCreated", {"source": "api", "user": "system", "invoiceid": 101, "status": "Unpaid"}, Concern((101,))),
        ("AddTransaction", {"id": 9, "userid": 7, "invocieid": "101"}, Concern((101,), clients=(7,))),
        ("AddTransaction", {"id": 9, "userid": 7, "invoiceid": 0}, Concern(clients=(7,))),
        ("InvoiceSplit", {"originalinvoiceid": 1, "newinvoiceid": 2}, Concern(invoices=(1, 2))),
        ("OrderPaid", {"orderId": 5, "userId": 7, "invoiceId": 101}, Concern((101,), (), (7,), (5,))),
        ("ServiceEdit", {"userid": 7, "serviceid": 31}, Concern(services=(31,), clients=(7,))),
        ("ServiceDelete", {"clientId": 7, "userid": 7, "serviceid": 31}, Concern(services=(31,), clients=(7,))),
        ("CancellationRequest", {"userid": 7, "relid": 31}, Concern(services=(31,), clients=(7,))),
        ("AfterModuleSuspend", {"params": {"serviceid": 31, "userid": 7}}, Concern((), (31,), (7,))),
        ("AfterModuleCreate", {"serviceid": "31", "userid": "7", "pid": "182"}, Concern((), (31,), (7,))),
        ("ClientAdd", {"client_id": 7, "user_id": 900, "userid": 7}, Concern(clients=(7,))),
        ("ClientEdit", {"userid": 7, "uuid": "x"}, Concern(clients=(7,))),
        ("CCUpdate", {"userid": "7", "cardtype": "Visa"}, Concern(clients=(7,), pay_methods=True)),
        (
            "EmailPreSend",
            {"messagename": "Credit Card Payment Failed", "relid": 101},
            Concern((101,), payment_failed=True),
        ),
        ("AfterClientMerge", {"toUserID": 7, "fromUserID": 8}, Concern(clients=(7, 8))),
        (
            "AfterShoppingCartCheckout",
            {"OrderID": 5, "ServiceIDs": "31,32", "InvoiceID": 101, "AddonIDs": ""},
            Concern((101,), (31, 32), (), (5,)),
        ),
        ("AfterShoppingCartCheckout", {"ServiceIDs": [31, "32"]}, Concern(services=(31, 32))),
        ("AcceptOrder", {"orderid": 5}, Concern(orders=(5,), early=True)),
        ("PreDeleteClient", {"userid": 7}, Concern(clients=(7,), early=True)),
    ],
)
def test_an_event_names_what_it_is_about(event, params, concern):
    assert concern_of(event, params) == concern


@pytest.mark.parametrize(
    ("event", "params"),
    [
        ("UserChangePassword", {"userid": 900}),
        ("UserEdit", {"user_id": 900}),
        ("EmailPreSend", {"messagename": "x", "relid": 31}),
        ("EmailPreSend", {"relid": 31}),
        ("EmailPreSend", {"messagename": "Credit Card Payment Failed", "relid": "x"}),
        ("DailyCronJob", {}),
        ("SomethingNew", {"invoiceid": None, "serviceid": "", "userid": "abc"}),
        ("InvoicePaid", {"invoiceid": {"deep": 1}}),
        ("InvoicePaid", {"invoiceid": 2**31}),
        ("InvoicePaid", {"invoiceid": True}),
        ("", {}),
    ],
)
def test_an_event_about_no_record_of_ours_concerns_nothing(event, params):
    assert not concern_of(event, params)
