"""English texts to kinds, in the order of reference 6."""

import pytest

from portal_app.integrations.whmcs.refusals import classify, refused_address


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Invalid IP 203.0.113.7", "allowlist"),
        ("Forbidden IP 203.0.113.7", "allowlist"),
        ('Invalid Permissions: API action "getusers" is not allowed', "permission"),
        ("Access Denied", "permission"),
        ("API Command Restricted to Internal API", "permission"),
        ("Invalid or missing credentials", "credential"),
        ("Authentication Failed", "credential"),
        ("Empty action request", "programming"),
        ("Command Not Found", "programming"),
        ("The requested API Action could not be found.", "programming"),
        ("Error generating JSON encoded response: Malformed UTF-8 characters", "malformed"),
        ("Email or Password Invalid", "login"),
        ("Order ID not found or Status not Pending", "ambiguous_state"),
        ("Client ID Not Found", "not_found"),
        ("Client Not Found", "not_found"),
        ("Client ID not Found", "not_found"),
        ("Invalid client_id", "not_found"),
        ("Invoice ID Not Found", "not_found"),
        ("Service ID not found", "not_found"),
        ("Invoice Not Found or Not Unpaid", "state_conflict"),
        ("Pay Method does not belong to passed Client ID", "ownership"),
        ("User ID does not own the given Invoice ID", "ownership"),
        ("Service ID not owned by Client ID provided", "ownership"),
        ("A user already exists with that email address", "conflict"),
        ("Duplicate Email Address", "conflict"),
        ("Transaction ID must be Unique", "conflict"),
        ("Existing Cancellation Request Exists", "state_conflict"),
        ("Invoice Not in Unpaid Status", "state_conflict"),
        ("It is not possible to add a payment to an invoice that is Cancelled", "state_conflict"),
        ("You did not enter your  address line 1", "validation"),
        ("Valid country required", "validation"),
        ("Expiry Date is invalid", "validation"),
        ("Payment Attempt Failed", "declined"),
        ("SSO authentication blocked for client 7", "sso_blocked"),
        ("Remote module said: kaboom", "other"),
        ("", "other"),
    ],
)
def test_every_documented_text_has_its_kind(message, kind):
    assert classify(message) == kind
    assert classify(message.upper()) == kind


@pytest.mark.parametrize(
    ("message", "address"),
    [("Invalid IP 203.0.113.7", "203.0.113.7"), ("Invalid IP 2001:db8::7.", "2001:db8::7"), ("Invalid IP", "")],
)
def test_the_refused_address_is_found(message, address):
    assert refused_address(message) == address
