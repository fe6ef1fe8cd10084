"""Result codes and their words. Only OK and UNSUPPORTED are public; every other number is a placeholder [U]."""

from __future__ import annotations

OK = "100"
UNSUPPORTED = "400-356"

LOGIN_REFUSED = "300-101"
KEY_DEAD = "300-102"
MALFORMED = "400-001"
NOT_FOUND = "400-101"
EXISTS = "400-102"
SIM_IN_USE = "400-103"
LOCKED = "400-201"
WRONG_STATE = "400-202"
TOO_SOON = "400-203"
NO_CHANGE = "400-204"
ONE_AT_A_TIME = "400-301"
PLAN_UNKNOWN = "400-401"
PORT_NAME = "400-501"
PORT_EXPIRED = "400-502"
PORT_USED = "400-503"
BUSY = "500-100"

WORDS = {
    OK: "OK",
    UNSUPPORTED: "Unsupported pattern",
    LOGIN_REFUSED: "oemId or oemKey is not right",
    KEY_DEAD: "authKey is missing, expired or revoked",
    MALFORMED: "Parameter error",
    NOT_FOUND: "No such account",
    EXISTS: "The account exists or is being registered",
    SIM_IN_USE: "The SIM is used by another account",
    LOCKED: "Another request for this account is being processed",
    WRONG_STATE: "Not possible in this state",
    TOO_SOON: "Too soon after the last change",
    NO_CHANGE: "Nothing would change",
    ONE_AT_A_TIME: "One account at a time",
    PLAN_UNKNOWN: "No such plan",
    PORT_NAME: "The holder's data differ from the old contract",
    PORT_EXPIRED: "The reservation number has expired",
    PORT_USED: "The reservation number was used",
    BUSY: "Temporarily unavailable",
}

PLACEHOLDERS = (
    "result codes other than 100 and 400-356, and their words; status.statusCode",
    "fields of the replies of mvno/getDetail/, mvno/getTrafficInfo/ and the quota history; traffic in KB",
    "paths mvno/changePlan/ and mvno/getQuotaHistory/; names of the roaming and international call options",
    "startDate and simKind on activations; the holder's block of mvno/talkoption/addOrder/",
    "30 minutes between two changes of one line; how long an authKey lives; the layout of the notice file",
)


class Refusal(Exception):
    """A call that is answered with a code other than 100. `about` names the field, never its value."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(code)
        self.code, self.about = code, about

    @property
    def words(self) -> str:
        words = WORDS.get(self.code, "Error")
        return f"{words} ({self.about})" if self.about else words
