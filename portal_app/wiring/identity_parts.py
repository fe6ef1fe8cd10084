"""Hands out what the room `identity` has; `portal_app.wiring` passes these functions on."""

from portal_app.security.mfa import SecondFactors
from portal_app.storage.sign_in_challenges import SignInChallenges
from portal_app.wiring.parts import part
from portal_app.workflows.confirming import Confirming
from portal_app.workflows.email_change import EmailChange
from portal_app.workflows.email_change_mails import EmailChangeMails
from portal_app.workflows.email_writeback import EmailWriteback
from portal_app.workflows.factor_settings import FactorSettings
from portal_app.workflows.password_change import PasswordChange
from portal_app.workflows.profile import Profiles
from portal_app.workflows.second_factor import SecondFactorStep


def profiles() -> Profiles:
    """What customers read and change about themselves."""
    return part("profiles")


def second_factors() -> SecondFactors:
    """Authenticators and recovery codes."""
    return part("second_factors")


def sign_in_challenges() -> SignInChallenges:
    """Sign-ins that wait for a code."""
    return part("sign_in_challenges")


def second_factor() -> SecondFactorStep:
    """The code after the password."""
    return part("second_factor")


def confirming() -> Confirming:
    """Showing again who one is."""
    return part("confirming")


def factor_settings() -> FactorSettings:
    """Switching the second factor on and off."""
    return part("factor_settings")


def password_change() -> PasswordChange:
    """A new password for the old one."""
    return part("password_change")


def email_change() -> EmailChange:
    """Another e-mail address."""
    return part("email_change")


def email_change_mails() -> EmailChangeMails:
    """Decides which mail a wished-for address gets."""
    return part("email_change_mails")


def email_writeback() -> EmailWriteback:
    """Tells the other systems of a new address."""
    return part("email_writeback")
