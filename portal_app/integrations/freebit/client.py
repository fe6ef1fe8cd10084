"""The Freebit partner interface as typed methods, one per operation the portal uses, over one request function.

Accounts are national phone numbers. An accepted write is not done yet.
Source: the public parts of the partner sheets (PA numbers); see docs/integration-freebit.md for what is a placeholder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

import httpx

from portal_app.errors import UpstreamUnavailable
from portal_app.integrations.freebit.keys import AuthKeys
from portal_app.integrations.freebit.refusals import SYSTEM
from portal_app.integrations.freebit.replies import KeyRefused, Reply, changed, understand
from portal_app.integrations.freebit.transport import Transport
from portal_app.integrations.freebit.values import day_text, flag_text
from portal_app.integrations.freebit.wire import (
    Unreadable,
    Wire,
    WireCard,
    WireDetail,
    WireDetails,
    WireHistory,
    WireTraffic,
    WireUsage,
    read,
)
from portal_app.integrations.upstream import CredentialRefused, Upstream
from portal_app.integrations.upstream.deadline import loop_time

M = TypeVar("M", bound=Wire)
DETAIL: Final = "mvno/getDetail"
TRAFFIC: Final = "mvno/getTrafficInfo"
HISTORY: Final = "mvno/getQuotaHistory"  # the path is not public
ADD_ESIM: Final = "mvno/esim/addAcnt"
ADD_OTA: Final = "mvno/ota/addAcnt"
CARD_QUEUE: Final = "mvno/semiblack/addTempAcnt"
CARD_REGISTER: Final = "mvno/semiblack/addAcnt"
CARD_STATE: Final = "mvno/semiblack/changeState"
FIRST_VOICE: Final = "mvno/talkoption/addOrder"
CHANGE_VOICE: Final = "mvno/talkoption/changeOrder"
CHANGE_NETWORK: Final = "mvno/contractline/change"
CHANGE_PLAN: Final = "mvno/changePlan"  # the path is not public
ADD_QUOTA: Final = "master/addSpec"
CANCEL: Final = "master/cnclAcnt"


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf: `user` for the cap per user, `background` to go after everybody who waits at a screen."""

    user: str = ""
    background: bool = False


NOBODY = Caller()
BACKGROUND = Caller(background=True)


class FreebitClient:
    """What may be raised: see `_call`; every method may raise all of it. A write is sent once."""

    def __init__(
        self, http: httpx.AsyncClient, base_url: str, client_id: str, client_secret: str, upstream: Upstream
    ) -> None:
        self._transport = Transport(http, base_url)
        self._keys = AuthKeys(self._transport, client_id, client_secret)
        self._upstream = upstream

    async def stop(self) -> None:
        """Cancel a login under way."""
        await self._keys.stop()

    async def get_detail(self, account: str, *, caller: Caller = NOBODY) -> WireDetail:
        """One line. Raises: SimRefused("not_found"). Source: PA03-02."""
        sent = {"requestDatas": [{"kind": "MVNO", "account": account}]}
        found = _read(WireDetails, DETAIL, await self._call(DETAIL, sent, caller))
        if len(found.details) != 1 or found.details[0].account != account:
            raise changed(DETAIL, "responseDatas", write=False)
        return found.details[0]

    async def list_details(self) -> tuple[WireDetail, ...]:
        """Every line of ours in one call, for the operator's comparisons. Source: PA03-02, of the parent account."""
        sent = {"requestDatas": [{"kind": "MASTER"}]}
        return _read(WireDetails, DETAIL, await self._call(DETAIL, sent, BACKGROUND)).details

    async def get_traffic(self, account: str, *, caller: Caller = NOBODY) -> WireTraffic:
        """This month's traffic of one line; asking for many in a row is forbidden. Source: PA05-01."""
        sent = {"requestDatas": [{"kind": "MVNO", "account": account}]}
        return _read(WireUsage, TRAFFIC, await self._call(TRAFFIC, sent, caller)).traffic

    async def get_history(self, account: str, since: date, until: date, *, caller: Caller = NOBODY) -> WireHistory:
        """Data that was added in these days. Source: PA05-02."""
        sent = {"account": account, "fromDate": day_text(since), "toDate": day_text(until)}
        return _read(WireHistory, HISTORY, await self._call(HISTORY, sent, caller))

    async def get_card(self, product_number: str, *, caller: Caller = NOBODY) -> str:
        """State of a pre-provisioned card ("10" queued). Raises: SimRefused("not_found"). Source: PA05-20."""
        reply = await self._call(CARD_STATE, {"productNumber": product_number}, caller)
        return _read(WireCard, CARD_STATE, reply).state

    async def add_esim(self, fields: Mapping[str, Any], *, caller: Caller = NOBODY) -> None:
        """Activates (N), ports in (M) or reissues (R) an eSIM; asynchronous. Source: PA05-41."""
        await self._call(ADD_ESIM, fields, caller, write=True)

    async def add_ota(self, fields: Mapping[str, Any], *, caller: Caller = NOBODY) -> None:
        """The same for a card that is written over the air; asynchronous. Source: PA05-33."""
        await self._call(ADD_OTA, fields, caller, write=True)

    async def queue_card(self, account: str, product_number: str, *, caller: Caller = NOBODY) -> None:
        """Queues a pre-provisioned card; nothing is applied. Source: PA05-18."""
        sent = {"account": account, "productNumber": product_number}
        await self._call(CARD_QUEUE, sent, caller, write=True)

    async def register_card(self, fields: Mapping[str, Any], *, caller: Caller = NOBODY) -> None:
        """Registers a queued card; applied at once. Source: PA05-19."""
        await self._call(CARD_REGISTER, fields, caller, write=True)

    async def add_voice(
        self, account: str, options: Mapping[str, bool], holder: Mapping[str, str], *, caller: Caller = NOBODY
    ) -> None:
        """First registration of voice options with the holder's data; asynchronous. Source: PA05-05."""
        sent = {"account": account, "talkOption": _flags(options), "holder": dict(holder)}
        await self._call(FIRST_VOICE, sent, caller, write=True)

    async def change_voice(self, account: str, options: Mapping[str, bool], *, caller: Caller = NOBODY) -> None:
        """Options that are not named stay; asynchronous, cannot be stopped. Source: PA05-06."""
        sent = {"account": account, "userConfirmed": flag_text(True), "talkOption": _flags(options)}
        await self._call(CHANGE_VOICE, sent, caller, write=True)

    async def change_network(self, account: str, line: str, *, caller: Caller = NOBODY) -> None:
        """ "4G" or "5G"; about 30 minutes, in which the line is locked. Source: PA05-38."""
        await self._call(CHANGE_NETWORK, {"account": account, "contractLine": line}, caller, write=True)

    async def change_plan(self, account: str, plan_code: str, on: date, *, caller: Caller = NOBODY) -> None:
        """Books another plan from a day on. Source: PA05-21."""
        sent = {"account": account, "planCode": plan_code, "runTime": day_text(on)}
        await self._call(CHANGE_PLAN, sent, caller, write=True)

    async def add_quota(
        self, account: str, megabytes: int, reference: str, expires_on: date | None, *, caller: Caller = NOBODY
    ) -> None:
        """Adds data EACH time it is asked; `reference` shows in the history. Source: PA04-04."""
        sent = {"kind": "MVNO", "account": account, "quota": str(megabytes), "quotaCode": reference}
        if expires_on is not None:
            sent["expire"] = day_text(expires_on)
        await self._call(ADD_QUOTA, sent, caller, write=True)

    async def cancel(self, account: str, on: date, *, caller: Caller = NOBODY) -> None:
        """Ends a line on a day. Without a day Freebit would end it now: never sent so. Source: PA02-04."""
        await self._call(CANCEL, {"kind": "MVNO", "account": account, "runDate": day_text(on)}, caller, write=True)

    async def _call(self, operation: str, sent: Mapping[str, Any], caller: Caller, *, write: bool = False) -> Reply:
        """One operation. A refused key was refused before any work, so there the call is made once more.

        Raises: Busy, UpstreamUnavailable (nothing was done), UpstreamOutcomeUnknown (writes only), SimRefused (its code
        says what kind of no, its provider_code how Freebit put it), UpstreamReplyChanged.
        """

        async def send(seconds: float) -> Reply:
            ends_at = loop_time() + seconds
            for _ in range(2):
                key = await self._keys.get((ends_at - loop_time()) / 2)
                left = ends_at - loop_time()
                if left < self._upstream.policy.least_left_s:
                    raise UpstreamUnavailable(SYSTEM, operation, "deadline")
                try:
                    body = {"authKey": key, **sent}
                    return understand(await self._transport.post(operation, body, left, write=write))
                except KeyRefused:
                    self._keys.forget(key)
            raise CredentialRefused(SYSTEM, operation, "key")

        return await self._upstream.call(operation, send, write=write, background=caller.background, user=caller.user)


def _flags(options: Mapping[str, bool]) -> dict[str, str]:
    return {name: flag_text(on) for name, on in options.items()}


def _read(model: type[M], operation: str, reply: Reply) -> M:
    try:
        return read(model, reply)
    except Unreadable as bad:
        raise changed(operation, bad.where, write=False) from None
