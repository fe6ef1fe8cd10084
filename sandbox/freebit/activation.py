"""New lines: eSIM, over-the-air cards, pre-provisioned cards, plain registration; number port-in and reissue.

Source: the public parts of PA02-01, PA05-18, -19, -20, -33 and -41.
"""

from __future__ import annotations

from typing import Any

from sandbox.freebit import codes
from sandbox.freebit.asked import EID, ON, PRODUCT_NUMBER, RESERVATION, Asked, Reply, day_text
from sandbox.freebit.codes import Refusal
from sandbox.freebit.lines import TEMPORARY, WAITING, Line

NAMES = ("lastnameKanji", "firstnameKanji", "lastnameZenKana", "firstnameZenKana", "birthday")
STATES = {"temporary": "10", "waiting": "20", "active": "30", "suspended": "40", "failed": "50", "obsolete": "60"}


def add_esim(asked: Asked) -> Reply:
    kind = _add_kind(asked)
    if kind == "R":
        return _reissue(asked)
    eid = asked.text("eid", EID)
    line = _new_line(asked, "esim")
    _free_eid(asked, eid)
    line.eid = eid
    return _accept(asked, line, kind)


def add_ota(asked: Asked) -> Reply:
    kind = _add_kind(asked)
    product_number = asked.text("productNumber", PRODUCT_NUMBER)
    if kind == "R":
        line = asked.active_line()
        _free_card(asked, product_number)
        payload = {"product_number": product_number}
        asked.freebit.work.accept(line.account, "replace", payload, asked.freebit.behaviour.reissue_s)
        return {"account": line.account}
    line = _new_line(asked, "ota")
    _free_card(asked, product_number)
    line.product_number = product_number
    return _accept(asked, line, kind)


def add_account(asked: Asked) -> Reply:
    """Plain registration of one line."""
    start_on = asked.day("startDate")
    entry = asked.only_one()
    entry.one_of("kind", "MVNO")
    line = _new_line(entry, "plain")
    if product_number := entry.optional("productNumber", PRODUCT_NUMBER):
        _free_card(entry, product_number)
        line.product_number = product_number
    asked.freebit.lines.save(line)
    payload = _ending(asked)
    asked.freebit.work.accept(line.account, "activation", payload, asked.freebit.behaviour.account_s, start_on)
    return {"responseDatas": [{"account": line.account}]}


def add_temporary(asked: Asked) -> Reply:
    """Queues a pre-provisioned card; nothing is applied."""
    product_number = asked.text("productNumber", PRODUCT_NUMBER)
    account = asked.account()
    _must_be_free(asked, account)
    _free_card(asked, product_number)
    asked.freebit.lines.save(Line(account, TEMPORARY, "black", product_number=product_number))
    return {"account": account, "productNumber": product_number}


def add_for_real(asked: Asked) -> Reply:
    """Registers such a card; applied at once."""
    line = asked.freebit.lines.find(asked.account())
    if line is None or line.product_number != asked.text("productNumber", PRODUCT_NUMBER):
        raise Refusal(codes.NOT_FOUND)
    if line.status != TEMPORARY:
        raise Refusal(codes.EXISTS)
    line.plan, line.network = asked.plan(), asked.one_of("contractLine", "4G", "5G", default="4G")
    line.sim_kind = asked.one_of("simKind", "E0", "E2", "E3", default="E0")
    line.status = WAITING
    asked.freebit.lines.save(line)
    asked.freebit.work.accept(line.account, "activation", _ending(asked), 0)
    return {"account": line.account}


def card_state(asked: Asked) -> Reply:
    product_number = asked.text("productNumber", PRODUCT_NUMBER)
    for line in asked.freebit.lines.all():
        if line.product_number == product_number:
            return {"productNumber": product_number, "state": STATES[line.status]}
    raise Refusal(codes.NOT_FOUND)


def _add_kind(asked: Asked) -> str:
    kind = asked.one_of("addKind", "N", "M", "R")
    operated = asked.one_of("aladinOperated", "10", "20", default="20")
    if operated == ON and kind in ("M", "R"):
        raise Refusal(codes.UNSUPPORTED)
    asked.one_of("createType", "new", "add")
    return kind


def _reissue(asked: Asked) -> Reply:
    line = asked.active_line()
    old, eid = asked.block("reissue"), asked.text("eid", EID)
    if (old.optional("oldEid"), old.optional("oldProductNumber")) not in ((line.eid, ""), ("", line.product_number)):
        raise Refusal(codes.MALFORMED, "reissue")
    if eid == line.eid:
        raise Refusal(codes.NO_CHANGE)
    _free_eid(asked, eid)
    payload = _ending(asked) | {"eid": eid}
    asked.freebit.work.accept(line.account, "reissue", payload, asked.freebit.behaviour.reissue_s)
    return {"account": line.account}


def _new_line(asked: Asked, form: str) -> Line:
    account = asked.account()
    _must_be_free(asked, account)
    return Line(
        account,
        WAITING,
        form,
        sim_kind=asked.one_of("simKind", "E0", "E2", "E3", default="E0"),
        plan=asked.plan(),
        network=asked.one_of("contractLine", "4G", "5G", default="4G"),
    )


def _must_be_free(asked: Asked, account: str) -> None:
    line = asked.freebit.lines.find(account)
    if line is not None and line.live:
        raise Refusal(codes.EXISTS)


def _free_eid(asked: Asked, eid: str) -> None:
    if asked.freebit.lines.holds_eid(eid):
        raise Refusal(codes.SIM_IN_USE)


def _free_card(asked: Asked, product_number: str) -> None:
    if asked.freebit.lines.holds_product(product_number):
        raise Refusal(codes.SIM_IN_USE)


def _accept(asked: Asked, line: Line, kind: str) -> Reply:
    payload = _ending(asked)
    if kind == "M":
        payload["reserve_number"] = _port_in(asked.block("mnp"))
    start_on = asked.day("startDate")
    asked.freebit.lines.save(line)
    asked.freebit.work.accept(line.account, "activation", payload, asked.freebit.behaviour.activation_s, start_on)
    return {"account": line.account}


def _port_in(mnp: Asked) -> str:
    number = mnp.text("reserveNumber", RESERVATION)
    if day_text(mnp.body.get("reserveExpireDate"), "reserveExpireDate") < mnp.today:
        raise Refusal(codes.PORT_EXPIRED)
    mnp.one_of("gender", "M", "W", "C")
    for name in NAMES:
        mnp.text(name)
    day_text(mnp.body["birthday"], "birthday")
    return number


def _ending(asked: Asked) -> dict[str, Any]:
    """How the operator of this sandbox wants the next one to end."""
    planned = asked.freebit.behaviour.next_codes
    return {"ends_with": planned.pop(0)} if planned else {}
