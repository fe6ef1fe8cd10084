"""Between Freebit's fields and our own words: what an activation is sent as, what a line's details mean."""

from collections.abc import Mapping
from typing import Any, Final

from portal_app.domain.sim import PortIn
from portal_app.domain.sims import (
    Activation,
    LineForm,
    NetworkLine,
    Sim,
    SimState,
    SimUse,
    VoiceOptions,
    national_number,
)
from portal_app.integrations.freebit.values import day_text, flag_text, number_of
from portal_app.integrations.freebit.wire import WireDetail

# A word that is not here is "unknown": never taken for active.
STATES: Final[Mapping[str, SimState]] = {
    "temporary": "prepared",
    "waiting": "pending",
    "active": "active",
    "suspended": "suspended",
    "obsolete": "cancelled",
    "failed": "failed",
}
KINDS: Final[Mapping[SimUse, str]] = {"voice": "E0", "data": "E2", "data_sms": "E3"}
USES: Final[Mapping[str, SimUse]] = {kind: use for use, kind in KINDS.items()}
GENDERS: Final = {"male": "M", "female": "W"}
VOICE: Final = {
    "voice_mail": "voiceMail",
    "call_waiting": "callWaiting",
    "call_transfer": "callTransfer",
    "intl_roaming": "worldWing",
    "intl_calling": "worldCall",
}


def activation_fields(wanted: Activation) -> dict[str, Any]:
    """The body of an activation, without the key. Checked before by check_activation."""
    fields: dict[str, Any] = {
        "createType": "new",
        "aladinOperated": flag_text(False),
        "account": national_number(wanted.line.freebit_line_number),
        "addKind": "N" if wanted.port_in is None else "M",
        "simKind": KINDS[wanted.use],
        "planCode": wanted.plan_code,
        "contractLine": wanted.network,
    }
    fields |= {"eid": wanted.eid} if wanted.form == "esim" else {"productNumber": wanted.product_number}
    if wanted.start_on is not None:
        fields["startDate"] = day_text(wanted.start_on)
    if wanted.port_in is not None:
        fields["mnp"] = _port_in_fields(wanted.port_in)
    return fields


def reissue_fields(account: str, old: Sim, new_eid: str) -> dict[str, Any]:
    """The body of a reissue: the old profile or card is named beside the new EID."""
    named = {"oldEid": old.eid} if old.eid else {"oldProductNumber": old.product_number}
    return {
        "createType": "add",
        "aladinOperated": flag_text(False),
        "account": account,
        "addKind": "R",
        "eid": new_eid,
        "reissue": named,
    }


def holder_fields(holder: PortIn) -> dict[str, str]:
    """Who holds the line, as the identity check has it."""
    fields = {
        "lastnameKanji": holder.last_name,
        "firstnameKanji": holder.first_name,
        "lastnameZenKana": holder.last_name_kana,
        "firstnameZenKana": holder.first_name_kana,
        "gender": GENDERS.get(holder.gender, ""),
    }
    return fields | ({"birthday": day_text(holder.birth_date)} if holder.birth_date else {})


def option_fields(options: VoiceOptions) -> dict[str, bool]:
    """Only those that are named."""
    named = {name: getattr(options, ours) for ours, name in VOICE.items()}
    return {name: on for name, on in named.items() if on is not None}


def to_sim(wire: WireDetail) -> Sim:
    """Raises: ValueError for an account that is no phone number."""
    state = STATES.get(wire.state.lower(), "unknown")
    if state in ("active", "suspended") and wire.cancel_date is not None:
        state = "cancelling"
    form: LineForm = "esim" if wire.sim_type == "esim" or (wire.eid and not wire.product_number) else "physical"
    network: NetworkLine = "5G" if wire.contract_line.upper() == "5G" else "4G"
    voice = VoiceOptions(wire.voice_mail, wire.call_waiting, wire.call_transfer, wire.world_wing, wire.world_call)
    return Sim(
        number=number_of(wire.account),
        state=state,
        form=form,
        use=USES.get(wire.sim_kind, "voice"),
        plan_code=wire.plan_code,
        network=network,
        eid=wire.eid,
        product_number=wire.product_number,
        iccid=wire.iccid,
        voice=None if voice == VoiceOptions() else voice,
        next_plan_code=wire.next_plan_code,
        next_plan_on=wire.next_plan_date,
        activated_on=wire.start_date,
        ends_on=wire.cancel_date,
        locked_until=wire.locked_until,
        failure=wire.failure_code,
        activation_code=wire.activation_code,
    )


def _port_in_fields(port_in: PortIn) -> dict[str, str]:
    if port_in.expires_on is None:
        raise ValueError("a reservation without its last day")
    reservation = {
        "reserveNumber": port_in.reservation_number,
        "reserveExpireDate": day_text(port_in.expires_on),
    }
    return reservation | holder_fields(port_in)
