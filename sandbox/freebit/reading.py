"""Details, traffic and the history of added data. Every field of these replies is a placeholder [U]."""

from __future__ import annotations

from typing import Any

from sandbox.freebit import codes
from sandbox.freebit.asked import OFF, ON, Asked, Reply, day_text
from sandbox.freebit.codes import Refusal
from sandbox.freebit.lines import Line
from sandbox.freebit.network import Freebit
from sandbox.freebit.work import LOCKING, Work

KB_PER_MB = 1000


def get_detail(asked: Asked) -> Reply:
    entry = asked.only_one()
    if entry.one_of("kind", "MVNO", "MASTER") == "MASTER":
        shown = asked.freebit.behaviour.shows_pending
        seen = [line for line in asked.freebit.lines.all() if line.activated_on or shown]
        return {"responseDatas": [_details(asked.freebit, line) for line in seen]}
    return {"responseDatas": [_details(asked.freebit, entry.line())]}


def get_traffic(asked: Asked) -> Reply:
    entry = asked.only_one()
    line = entry.line()
    if not line.plan:
        raise Refusal(codes.WRONG_STATE)
    used = line.used_mb if line.used_in == asked.today[:6] else 0
    added = sum(one["quota_mb"] for one in _added(asked.freebit, line.account) if not _expired(one, asked.today))
    quota = None if line.quota_mb is None else line.quota_mb + added
    traffic = {"usedKB": str(used * KB_PER_MB), "todayKB": "0"}
    if quota is not None:
        traffic |= {"quotaKB": str(quota * KB_PER_MB), "remainKB": str(max(0, quota - used) * KB_PER_MB)}
    return {"account": line.account, "traffic": traffic}


def get_quota_history(asked: Asked) -> Reply:
    line = asked.line()
    since, until = (day_text(asked.text(name), name) for name in ("fromDate", "toDate"))
    rows = [
        {"addDate": one["on"], "quota": str(one["quota_mb"]), "quotaCode": one["code"], "expire": one["expire"]}
        for one in _added(asked.freebit, line.account)
        if since <= one["on"] <= until
    ]
    return {"account": line.account, "quotaHistory": rows}


def _added(freebit: Freebit, account: str) -> list[dict[str, Any]]:
    done = [one for one in freebit.work.of(account) if one.kind == "topup" and one.state == "done"]
    return [one.payload | {"on": Work.when(one.ended_at)[:8]} for one in done]


def _expired(added: dict[str, Any], today: str) -> bool:
    return bool(added["expire"]) and added["expire"] < today


def _details(freebit: Freebit, line: Line) -> Reply:
    details: Reply = {
        "kind": "MVNO",
        "account": line.account,
        "state": line.status,
        "simType": "esim" if line.form == "esim" else "card",
        "simKind": line.sim_kind,
        "planCode": line.plan,
        "contractLine": line.network,
        "iccid": line.iccid,
        "eid": line.eid,
        "productNumber": line.product_number,
        "startDate": line.activated_on,
    }
    details |= {name: ON if on else OFF for name, on in line.voice.items()}
    if line.next_plan:
        details |= {"nextPlanCode": line.next_plan, "nextPlanDate": line.next_plan_on}
    if line.ends_on:
        details["cancelDate"] = line.ends_on
    if line.code:
        details["failureCode"] = line.code
    if lock := freebit.work.open(line.account, LOCKING):
        details["lockedUntil"] = freebit.work.when(lock.due_at)
    if freebit.behaviour.issues_lpa and line.form == "esim" and line.activated_on:
        details["activationCode"] = f"LPA:1$smdp.example${line.iccid[-12:]}"
    return details
