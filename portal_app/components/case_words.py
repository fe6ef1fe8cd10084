"""What questions to support are called: their topics, what doors and blocks say about them."""

from typing import Any

import reflex as rx

from portal_app.components.forms import told
from portal_app.components.text import by_key
from portal_app.priming.choices import cond

TOPIC_WORDS = {
    "billing": "topic.billing",
    "internet": "topic.internet",
    "sim": "topic.sim",
    "vpn": "topic.vpn",
    "other": "topic.other",
}
TROUBLES = ("support.stale", "support.unavailable")
TOLD = ("case.opened", "case.replied", "case.was_closed", "case.was_reopened", "case.being_sent")
"""What a door says when it took a form."""
FILE_REASONS = ("case.files_many", "case.file_gone")
WHOLE = ("case.closed", "case.not_accepted")
"""What a door may say about a form as a whole."""


def good_news(state: Any) -> rx.Component:
    """What the door of the page before has to say."""
    return cond(rx.State.is_hydrated & (state.notice != ""), told(by_key(state.notice, TOLD)), rx.fragment())
