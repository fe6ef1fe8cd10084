"""What Freebit's result codes mean. Two are public, the other numbers are placeholders.

Source: reference of the partner interface, 1.1; docs/integration-freebit.md lists what must be asked of the vendor.
"""

from typing import Final, Literal

from portal_app.errors import UpstreamRejected

SYSTEM: Final = "freebit"
OK: Final = "100"
Refusal = Literal[
    "credential",
    "key",
    "busy",
    "unsupported",
    "invalid",
    "not_found",
    "exists",
    "sim_in_use",
    "locked",
    "wrong_state",
    "too_soon",
    "no_change",
    "bulk",
    "plan_unknown",
    "port_in_name",
    "port_in_expired",
    "port_in_used",
    "other",
]

KINDS: Final[dict[str, Refusal]] = {
    "400-356": "unsupported",
    # From here on: placeholders.
    "300-101": "credential",
    "300-102": "key",
    "400-001": "invalid",
    "400-101": "not_found",
    "400-102": "exists",
    "400-103": "sim_in_use",
    "400-201": "locked",
    "400-202": "wrong_state",
    "400-203": "too_soon",
    "400-204": "no_change",
    "400-301": "bulk",
    "400-401": "plan_unknown",
    "400-501": "port_in_name",
    "400-502": "port_in_expired",
    "400-503": "port_in_used",
    "500-100": "busy",
}


class SimRefused(UpstreamRejected):
    """Freebit said no, or would have: `code` is our word, `provider_code` theirs ("" when we did not even ask)."""

    def __init__(self, operation: str, code: str, provider_code: str = "") -> None:
        super().__init__(SYSTEM, operation, code)
        self.provider_code = provider_code


def classify(provider_code: str) -> Refusal:
    """The kind of a code other than 100. One that nobody knows is "other": a no, never a success."""
    return KINDS.get(provider_code, "other")
