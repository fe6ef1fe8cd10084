"""What can be changed on a running line: plan, voice options, 4G/5G, added data, and its end.

Source: the public parts of PA02-04, PA04-04, PA05-05, -06, -21 and -38.
"""

from __future__ import annotations

import re

from sandbox.freebit import codes
from sandbox.freebit.asked import OFF, ON, Asked, Reply, day_text
from sandbox.freebit.codes import Refusal
from sandbox.freebit.lines import ACTIVE, SUSPENDED, VOICE_OPTIONS

QUOTA = re.compile(r"\d{1,6}", re.ASCII)
MOST_QUOTA_MB = 512_000
CANCEL_DAY = re.compile(r"(\d{4})([/-]?)(\d{2})\2(\d{2})", re.ASCII)


def change_plan(asked: Asked) -> Reply:
    line = asked.active_line(change=True)
    plan, run_on = asked.plan(), asked.day("runTime")
    asked.one_of("globalIp", ON, OFF, default=OFF)
    if plan == line.plan:
        raise Refusal(codes.NO_CHANGE)
    if asked.freebit.work.open(line.account, ("plan",)):
        raise Refusal(codes.LOCKED)
    line.next_plan, line.next_plan_on = plan, run_on or asked.today
    asked.freebit.lines.save(line)
    asked.freebit.work.accept(line.account, "plan", {"plan": plan}, 0, run_on)
    return {"ipv4": ""}


def first_voice(asked: Asked) -> Reply:
    """First registration, with the holder's data; options that are not named are off."""
    line = asked.active_line()
    if line.sim_kind != "E0" or line.voice:
        raise Refusal(codes.WRONG_STATE)
    asked.block("holder")
    options = dict.fromkeys(VOICE_OPTIONS, False) | _options(asked.body.get("talkOption") or {})
    asked.freebit.work.accept(line.account, "voice", {"options": options}, asked.freebit.behaviour.voice_s)
    return {"account": line.account}


def change_voice(asked: Asked) -> Reply:
    """Options that are not named stay; a running change cannot be cancelled."""
    line = asked.active_line(change=True)
    if line.sim_kind != "E0":
        raise Refusal(codes.WRONG_STATE)
    asked.one_of("userConfirmed", ON)
    options = _options(asked.body.get("talkOption"))
    if not options:
        raise Refusal(codes.MALFORMED, "talkOption")
    asked.freebit.work.accept(line.account, "voice", {"options": options}, asked.freebit.behaviour.voice_s)
    return {"account": line.account}


def change_network(asked: Asked) -> Reply:
    line = asked.active_line(change=True)
    wanted = asked.one_of("contractLine", "4G", "5G")
    if wanted == line.network:
        raise Refusal(codes.NO_CHANGE)
    asked.freebit.work.accept(line.account, "network", {"line": wanted}, asked.freebit.behaviour.network_s)
    return {"account": line.account}


def add_quota(asked: Asked) -> Reply:
    """Adds each time it is asked: the same request twice adds twice."""
    asked.one_of("kind", "MVNO", default="MVNO")
    line = asked.line()
    quota = int(asked.text("quota", QUOTA))
    if not 1 <= quota <= MOST_QUOTA_MB:
        raise Refusal(codes.MALFORMED, "quota")
    if line.status != ACTIVE or line.group:
        raise Refusal(codes.WRONG_STATE)
    code = asked.optional("quotaCode")
    if len(code) > 512:
        raise Refusal(codes.MALFORMED, "quotaCode")
    payload = {"quota_mb": quota, "code": code, "expire": asked.day("expire")}
    asked.freebit.work.accept(line.account, "topup", payload, asked.freebit.behaviour.topup_s)
    return {"account": line.account}


def cancel(asked: Asked) -> Reply:
    """`runDate` none: now. A parent account cannot be cancelled."""
    asked.one_of("kind", "MVNO")
    line = asked.line()
    if line.status not in (ACTIVE, SUSPENDED) or line.ends_on:
        raise Refusal(codes.WRONG_STATE)
    if asked.freebit.work.open(line.account, ("voice", "network", "reissue", "replace")):
        raise Refusal(codes.LOCKED)
    run_on = _cancel_day(asked)
    line.ends_on = run_on or asked.today
    asked.freebit.lines.save(line)
    asked.freebit.work.accept(line.account, "cancel", {}, asked.freebit.behaviour.cancel_s, run_on)
    return {"account": line.account}


def _cancel_day(asked: Asked) -> str:
    value = asked.body.get("runDate")
    if value in (None, ""):
        return ""
    found = CANCEL_DAY.fullmatch(value) if isinstance(value, str) else None
    day = day_text(found[1] + found[3] + found[4] if found else None, "runDate")
    if day < asked.today:
        raise Refusal(codes.MALFORMED, "runDate")
    return day


def _options(given: object) -> dict[str, bool]:
    if not isinstance(given, dict):
        raise Refusal(codes.MALFORMED, "talkOption")
    for name, value in given.items():
        if name not in VOICE_OPTIONS or value not in (ON, OFF):
            raise Refusal(codes.MALFORMED, "talkOption")
    return {name: value == ON for name, value in given.items()}
