"""What happened in an account, in sentences."""

from dataclasses import dataclass
from typing import Final, Literal

from portal_app.domain.safety import Activity
from portal_app.format import moment
from portal_app.text import say

Tone = Literal["plain", "good", "warn"]
SAID: Final[dict[tuple[str, str], tuple[str, Tone]]] = {
    ("sign_in", "ok"): ("activity.signed_in", "good"),
    ("sign_in", "refused"): ("activity.refused", "warn"),
    ("sign_in", "wrong_code"): ("activity.refused", "warn"),
    ("sign_in", "locked"): ("activity.locked", "warn"),
    ("confirm", "ok"): ("activity.confirmed", "plain"),
    ("confirm", "refused"): ("activity.refused", "warn"),
    ("confirm", "wrong_code"): ("activity.refused", "warn"),
    ("confirm", "locked"): ("activity.locked", "warn"),
    ("session.ended", "signed_out"): ("activity.signed_out", "plain"),
    ("session.ended", "by_owner"): ("activity.ended", "plain"),
    ("session.token_reuse", "revoked"): ("activity.reused", "warn"),
    ("password.changed", "refused"): ("activity.refused", "warn"),
    ("password.changed", "locked"): ("activity.locked", "warn"),
    ("password.changed", "ok"): ("activity.password_changed", "good"),
    ("password.reset_used", "ok"): ("activity.password_reset", "good"),
    ("password.set", "ok"): ("activity.password_set", "good"),
    ("email.change_asked", "ok"): ("activity.email_asked", "plain"),
    ("email.changed", "ok"): ("activity.email_changed", "good"),
    ("mfa_on", "ok"): ("activity.mfa_on", "good"),
    ("mfa_off", "ok"): ("activity.mfa_off", "warn"),
    ("mfa_codes_renewed", "ok"): ("activity.codes_renewed", "good"),
    ("mfa_reset", "ok"): ("activity.mfa_reset", "warn"),
    ("link", "ok"): ("activity.linked", "plain"),
    ("sign_up.completed", "ok"): ("activity.signed_up", "plain"),
    ("profile.changed", "ok"): ("activity.profile_changed", "plain"),
    ("address.changed", "ok"): ("activity.address_changed", "plain"),
    ("order.placed", "ok"): ("activity.order_placed", "plain"),
}
"""(event, outcome) of the audit trail -> what its owner reads; anything else is left out."""


@dataclass(frozen=True)
class ActivityRow:
    """One line. `device` is "" where it is not known any more."""

    key: str
    sentence: str
    at: str
    device: str
    tone: Tone

    @classmethod
    def of(cls, place: int, one: Activity, locale: str) -> "ActivityRow | None":
        """None for what nobody has a sentence for."""
        if (one.event, one.outcome) not in SAID:
            return None
        key, tone = SAID[one.event, one.outcome]
        at = moment(one.at, locale)
        return cls(f"{one.at.timestamp()}-{place}", say(locale, key), at, device_words(one.device, locale), tone)


def device_words(label: str, locale: str) -> str:
    """`Firefox on Windows`, as a session keeps it, in a language; anything else as it is."""
    browser, on, system = label.partition(" on ")
    return say(locale, "security.device", browser=browser, system=system) if on else label
