"""Throttle, retry, breaker and deadline: one implementation, configured per outside system."""

from portal_app.integrations.upstream.calls import Upstream
from portal_app.integrations.upstream.deadline import deadline, remaining
from portal_app.integrations.upstream.failures import CredentialRefused, TryAgain
from portal_app.integrations.upstream.policy import (
    FREEBIT,
    MAIL,
    SALESFORCE,
    SALESFORCE_FILES,
    SALESFORCE_LONG,
    WHMCS,
    UpstreamPolicy,
)

__all__ = [
    "FREEBIT",
    "MAIL",
    "SALESFORCE",
    "SALESFORCE_FILES",
    "SALESFORCE_LONG",
    "WHMCS",
    "CredentialRefused",
    "TryAgain",
    "Upstream",
    "UpstreamPolicy",
    "deadline",
    "remaining",
]
