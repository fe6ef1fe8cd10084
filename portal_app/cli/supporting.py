"""What customers wrote to support: what Salesforce is not known to have, and what it refused."""

from datetime import datetime
from typing import Any, Final

from portal_app import wiring
from portal_app.cli.parsing import Parsers
from portal_app.settings import Settings
from portal_app.storage.case_posts import POSTED, REFUSED, CasePost

MOST: Final = 200


def add(parsers: Parsers) -> None:
    about = "Show what customers wrote to support that waits for Salesforce, or was refused lately; never the text."
    parsers.command("case-posts", about, _posts)


async def _posts(chosen: Settings, _: Any) -> int:
    async with wiring.opened(chosen):
        posts, (waiting, _oldest) = await wiring.case_posts().unsent(MOST), await wiring.case_posts().waiting()
    for post in posts:
        print(_line(post))
    refused = sum(post.state == REFUSED for post in posts)
    print(f"{waiting} wait, {refused} were refused lately.")
    return 0


def _line(post: CasePost) -> str:
    """Nothing of the customer but the portal's own id."""
    word = {REFUSED: "refused", POSTED: "files"}.get(post.state, "sent" if post.intent_at else "waits")
    case = post.salesforce_case_id or "-"
    return f"{word:<8}{post.kind:<8} {case:<18} {post.post_id}  user {post.user_id}  {_at(post.created_at)}  " + (
        post.error_code or "-"
    )


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
