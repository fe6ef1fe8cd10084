"""What changed about signing in, at the bell: whatever its owner gets a mail about, which nobody can switch off."""

from collections.abc import Mapping
from typing import Final

from portal_app.domain.notices import Notice, NoticeKind
from portal_app.workflows.notices import Notices

CHANGES: Final[Mapping[str, str]] = {
    "password_changed": "password",
    "email_changed": "email",
    "mfa_on": "mfa_on",
    "mfa_off": "mfa_off",
    "mfa_reset": "mfa_off",
    "mfa_codes_renewed": "recovery_codes",
    "recovery_code_used": "recovery_code_used",
    "token_reuse": "signed_out",
    "signed_out_everywhere": "signed_out",
}
"""Template of such a mail -> what it is about."""


class SecurityNotices:
    """The mail's row was written in the transaction of the change, so it brings the news surely, and once."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def of_mail(self, template: str, user_id: str, reference: str) -> None:
        """A mail is about to leave; `reference` is the same on every try. Nothing for what is no such mail."""
        what = CHANGES.get(template)
        if what is not None:
            notice = Notice(kind=NoticeKind.SECURITY_CHANGE, source_id=reference, values={"what": what})
            await self._notices.tell(user_id, notice)
