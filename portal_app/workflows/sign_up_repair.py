"""What a person does about a sign-up that was left to them: let it go on where it stopped, or end it."""

from portal_app.errors import Busy, Conflict
from portal_app.storage.signups import (
    ADD_INTENT,
    ADDED,
    COMPENSATING,
    NEEDS_REVIEW,
    VERIFIED,
    WAITING_FOR_STAFF,
    SignupRecord,
    Signups,
)
from portal_app.workflows.sign_up_moves import CASE_GONE, CLIENT_MAPPED, NOT_CONFIRMED
from portal_app.workflows.sign_up_steps import SignUpSteps


class SignUpRepair:
    """Only for a sign-up in NEEDS_REVIEW; any other raises Conflict("signup.not_left_to_a_person")."""

    def __init__(self, signups: Signups, steps: SignUpSteps) -> None:
        self._signups, self._moves, self._steps = signups, steps.moves, steps

    async def resume(self, signup_id: str) -> str:
        """Go on from the recovery point, looking first as ever; the state it came to.

        Raises: NotFound, Conflict, Busy.
        """
        record = await self._held(signup_id)
        return await self._steps.run(await self._moves.to(record, _recovery_point(record)))

    async def refuse(self, signup_id: str) -> str:
        """End it without an account and tell the person; the state it came to.

        A client that was made for them, or perhaps was, is taken back first, unless it became another user's.
        Raises: NotFound, Conflict, Busy.
        """
        record = await self._held(signup_id)
        if (record.whmcs_client_id or record.last_attempt_at) and record.error_code != CLIENT_MAPPED:
            return await self._steps.run(await self._moves.to(record, COMPENSATING))
        return (await self._moves.refuse(record, NOT_CONFIRMED)).state

    async def _held(self, signup_id: str) -> SignupRecord:
        state = (await self._signups.get(signup_id)).state
        record = await self._signups.take(signup_id) if state == NEEDS_REVIEW else None
        if state != NEEDS_REVIEW:
            raise Conflict("signup.not_left_to_a_person")
        if record is None:
            raise Busy("sign-up")
        return record


def _recovery_point(record: SignupRecord) -> str:
    """Each step looks at what is there before it acts, so going back one too many does no harm."""
    if record.whmcs_client_id:
        return ADDED
    if record.last_attempt_at is not None:
        return ADD_INTENT
    return WAITING_FOR_STAFF if record.case_id and record.error_code != CASE_GONE else VERIFIED
