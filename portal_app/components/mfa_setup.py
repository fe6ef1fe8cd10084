"""Switching the second factor on, and new recovery codes; what is secret is between the door and the page's script."""

from typing import Any, Final

import reflex as rx

from portal_app import routes
from portal_app.components.mfa_setup_effects import SecondFactorSetup
from portal_app.components.text import t

CONFIRM: Final = f"{routes.CONFIRM}?next={routes.SECURITY}"
SIGN_IN: Final = f"{routes.LOGIN}?next={routes.SECURITY}"
FILE: Final = "recovery-codes.txt"


def mfa_setup(on: Any) -> rx.Component:
    """One place for both: it stays while `on` changes, since the codes are shown just then."""
    return SecondFactorSetup.create(
        on=on,
        url=routes.API_TOTP,
        codes_url=routes.API_RECOVERY_CODES,
        confirm_url=CONFIRM,
        sign_in_url=SIGN_IN,
        file_name=FILE,
        words=_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "begin": t("setup.begin"),
        "title": t("setup.title"),
        "app": t("setup.app"),
        "scan": t("setup.scan"),
        "picture": t("setup.picture"),
        "by_hand": t("setup.by_hand"),
        "open": t("setup.open"),
        "copy": t("setup.copy"),
        "copied": t("setup.copied"),
        "code": t("setup.code"),
        "code_hint": t("setup.code_hint"),
        "any_code": t("setup.any_code"),
        "switch_on": t("setup.switch_on"),
        "cancel": t("setup.cancel"),
        "codes_title": t("setup.codes_title"),
        "codes_body": t("setup.codes_body"),
        "save": t("setup.save"),
        "stored": t("setup.stored"),
        "done": t("setup.done"),
        "new_codes": t("setup.new_codes"),
        "new_codes_body": t("setup.new_codes_body"),
        "make": t("setup.make"),
        "failed": t("setup.failed"),
    }
