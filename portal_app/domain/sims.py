"""A SIM line as the mobile network keeps it: its states, what an activation asks for, and what became of one.

`sim.py` is about what a customer orders; this is about the line that comes of it.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

from portal_app.domain.phones import DASHES
from portal_app.domain.sim import PortIn, check_eid

SimState = Literal["prepared", "pending", "active", "suspended", "cancelling", "cancelled", "failed", "unknown"]
"""prepared: a card is queued and nothing applied. failed: the activation was refused; the number is free again."""
SimUse = Literal["voice", "data_sms", "data"]
LineForm = Literal["esim", "physical"]
NetworkLine = Literal["4G", "5G"]
ActivationState = Literal["absent", "pending", "active", "failed", "another", "unclear"]

DownloadMethod = Literal["eid", "activation_code"]

LEAST_TOP_UP_MB: Final = 1
MOST_TOP_UP_MB: Final = 512_000
_LPA: Final = re.compile(r"LPA:1\$([A-Za-z0-9.-]+)\$([A-Za-z0-9-]*)(?:\$[0-9.]*(?:\$1)?)?", re.ASCII)
_LINE_NUMBER: Final = re.compile(r"(?:\+81|0)(\d{10,13})", re.ASCII)
_PRODUCT_NUMBER: Final = re.compile(r"[A-Z]{2}\d{13}", re.ASCII)
_PLAN_CODE: Final = re.compile(r"[!-~]{1,32}")
_RESERVATION: Final = re.compile(r"\d{10}", re.ASCII)
_FREE: Final = ("prepared", "failed", "cancelled")
_RUNNING: Final = ("active", "suspended", "cancelling")


@dataclass(frozen=True, slots=True)
class SimLine:
    """A customer's number (E.164). Made from the customer's own order or service, never from what a browser sent."""

    freebit_line_number: str = field(repr=False)
    whmcs_client_id: int


@dataclass(frozen=True, slots=True)
class VoiceOptions:
    """What a voice line has switched on. None in a change: leave as it is."""

    voice_mail: bool | None = None
    call_waiting: bool | None = None
    call_transfer: bool | None = None
    intl_roaming: bool | None = None
    intl_calling: bool | None = None

    def includes(self, wanted: "VoiceOptions") -> bool:
        """Whether every option that `wanted` names stands as it says."""
        names = VoiceOptions.__dataclass_fields__
        return all(getattr(wanted, name) in (None, getattr(self, name)) for name in names)


@dataclass(frozen=True, slots=True)
class Sim:
    """One line as it is now. `failure` is the network's own code where an activation failed, for staff."""

    number: str = field(repr=False)
    state: SimState
    form: LineForm
    use: SimUse
    plan_code: str
    network: NetworkLine
    eid: str = field(default="", repr=False)
    product_number: str = field(default="", repr=False)
    iccid: str = field(default="", repr=False)
    voice: VoiceOptions | None = None
    next_plan_code: str = ""
    next_plan_on: date | None = None
    activated_on: date | None = None
    ends_on: date | None = None
    locked_until: datetime | None = None
    failure: str = ""
    activation_code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Activation:
    """One line to be brought to life. eSIM: `eid`; a card: its printed `product_number`. `start_on` None: now.

    `port_in` takes a number along; its phone number must be the line's.
    """

    line: SimLine
    form: LineForm
    use: SimUse
    plan_code: str
    network: NetworkLine = "4G"
    eid: str = field(default="", repr=False)
    product_number: str = field(default="", repr=False)
    port_in: PortIn | None = field(default=None, repr=False)
    start_on: date | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """An accepted request. Accepted is not done: look again, and worry after `expected_by` (UTC)."""

    accepted_at: datetime
    expected_by: datetime
    effective_on: date | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class ActivationFound:
    """What became of an activation. `code`: the network's own code of a failed one."""

    state: ActivationState
    sim: Sim | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class SimUsage:
    """This month's traffic in MB. None: the network does not say; never shown as nothing or as 0 %."""

    used_mb: int | None
    quota_mb: int | None
    remaining_mb: int | None
    today_mb: int | None
    as_of: datetime


@dataclass(frozen=True, slots=True)
class TopUp:
    """Data that was added. `reference` is our own, unique for each one that was paid."""

    reference: str
    megabytes: int
    added_on: date | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class EsimDownload:
    """How a profile gets into the phone. By EID the phone finds it itself; else by host and matching id of the code.

    Whoever holds the code can take the line: it is shown, never logged, stored or mailed.
    """

    method: DownloadMethod
    activation_code: str = field(default="", repr=False)
    host: str = field(default="", repr=False)
    matching_id: str = field(default="", repr=False)


def read_download(sim: Sim) -> EsimDownload | None:
    """None while there is nothing to download, or the code is none. Source: GSMA SGP.22, activation code."""
    if sim.form != "esim" or sim.state not in _RUNNING:
        return None
    if not sim.activation_code:
        return EsimDownload("eid")
    found = _LPA.fullmatch(sim.activation_code)
    return EsimDownload("activation_code", sim.activation_code, found[1], found[2]) if found else None


def read_line_number(text: str) -> str:
    """E.164 of the number of a line, however staff typed it; "" for what is none.

    Looser than clean_phone: machines' lines have up to 14 digits, and test lines numbers that are nobody's.
    """
    plain = unicodedata.normalize("NFKC", text).translate(DASHES)
    found = _LINE_NUMBER.fullmatch(re.sub(r"[\s()-]+", "", plain))
    return f"+81{found[1]}" if found else ""


def national_number(number: str) -> str:
    """`+819012345678` as `09012345678`, as the network and WHMCS keep it. Raises: ValueError for what is none."""
    if not number or read_line_number(number) != number:
        raise ValueError("not a number of a line")
    return "0" + number.removeprefix("+81")


def check_activation(wanted: Activation, today: date) -> str:
    """Name of the first field that the network would refuse, "" when all is well. `today` in Japan."""
    number = wanted.line.freebit_line_number
    if not number or read_line_number(number) != number:
        return "freebit_line_number"
    if not _PLAN_CODE.fullmatch(wanted.plan_code):
        return "plan_code"
    if wanted.form == "esim" and check_eid(wanted.eid):
        return "eid"
    if wanted.form == "physical" and not is_product_number(wanted.product_number):
        return "product_number"
    if wanted.start_on is not None and wanted.start_on < today:
        return "start_on"
    return "" if wanted.port_in is None else _check_port_in(wanted, wanted.port_in)


def read_product_number(text: str) -> str:
    """The number printed on a card, however staff typed it; "" for what is none."""
    plain = re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", text).translate(DASHES)).upper()
    return plain if is_product_number(plain) else ""


def is_product_number(text: str) -> bool:
    """The number printed on a card: two capital letters, 13 digits."""
    return _PRODUCT_NUMBER.fullmatch(text) is not None


def judge_activation(wanted: Activation, sim: Sim | None) -> ActivationFound:
    """What the line found under the number says about an activation that was, or may have been, asked for.

    absent: nothing of it is there. another: the number runs with another SIM. unclear: a person must look.
    A failure may be of an earlier try with the same SIM: nothing is active, so asking once more doubles nothing.
    """
    if sim is None or sim.state == "prepared":
        return ActivationFound("absent", sim)
    asked, there = (wanted.eid, sim.eid) if wanted.form == "esim" else (wanted.product_number, sim.product_number)
    if asked != there:
        if not sim.eid and not sim.product_number:
            return ActivationFound("unclear", sim)
        return ActivationFound("absent" if sim.state in _FREE else "another", sim)
    if sim.state == "failed":
        return ActivationFound("failed", sim, sim.failure)
    if sim.state == "pending":
        return ActivationFound("pending", sim)
    return ActivationFound("active" if sim.state in _RUNNING else "unclear", sim)


def _check_port_in(wanted: Activation, port_in: PortIn) -> str:
    if wanted.use != "voice":
        return "port_in"
    if read_line_number(port_in.phone_number) != wanted.line.freebit_line_number:
        return "phone_number"
    if not _RESERVATION.fullmatch(port_in.reservation_number):
        return "reservation_number"
    if port_in.gender not in ("male", "female"):
        return "gender"
    needed = ("expires_on", "last_name", "first_name", "last_name_kana", "first_name_kana", "birth_date")
    return next((name for name in needed if not getattr(port_in, name)), "")
