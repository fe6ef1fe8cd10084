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
        ("Invalid Owner User ID", "owner_unknown"),
        ("You did not enter your first name", "first_name_missing"),
        ("You did not enter your last name", "last_name_missing"),
        ("You did not enter your email address", "email_missing"),
        ("You did not enter your  address line 1", "address_missing"),
        ("You did not enter your city", "city_missing"),
        ("You did not enter your state", "state_missing"),
        ("You did not enter your postcode", "postcode_missing"),
        ("You did not enter your phone number", "phone_missing"),
        ("You did not enter a password", "password_missing"),
        ("The email address you entered was not valid", "email_invalid"),
        ("The email address entered is not valid", "email_invalid"),
        ("Valid country required", "country_invalid"),
        ("Invalid telephone phone number", "phone_invalid"),
        ("You did not provide required custom field value for Item not found", "custom_field_missing"),
        ("The email address entered is not available for use.", "email_taken"),
        ("A user already exists with that email address", "email_taken"),
        ("Duplicate Email Address", "email_taken"),
        (
            "You must have at least one email address enabled to receive domain related notifications as required by "
            "ICANN. To disable",
            "domain_email_needed",
        ),
        ("Multiple Credit Card Pay Methods Found", "several_pay_methods"),
        ("Multiple Bank Account Pay Methods Found", "several_pay_methods"),
        ("Transaction ID must be Unique", "conflict"),
        ("Existing Cancellation Request Exists", "state_conflict"),
        ("Invoice Not in Unpaid Status", "state_conflict"),
        ("It is not possible to add a payment to an invoice that is Cancelled", "state_conflict"),
        ("You did not enter something new", "validation"),
        ("Expiry Date is invalid", "validation"),
        ("Payment Attempt Failed", "declined"),
        ("Credit Amount to apply must be greater than zero", "validation"),
        ("Amount must be in decimal format: ### or ###.##", "validation"),
        ("Amount exceeds customer credit balance", "state_conflict"),
        ("Amount Exceeds Invoice Balance", "state_conflict"),
        ("Unable to add order when client status is Closed", "client_closed"),
        ("No items added to cart so order cannot proceed", "cart_empty"),
        ("Invalid Payment Method. Valid options include stripe", "gateway_unknown"),
        ("Expecting parameter 'pid' to be an array", "validation"),
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
