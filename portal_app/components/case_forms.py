"""The box a message is written in."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from portal_app.components.draft_effects import Room
from portal_app.components.forms import long_text
from portal_app.components.text import t


def message_box(
    state: Any, label: Any, reasons: Sequence[str], *, most: int, in_bytes: bool, rows: int, hint: Any = None
) -> rx.Component:
    """With what room is left in it. `most`: characters, or bytes of UTF-8 where `in_bytes`."""
    return rx.el.div(
        long_text(
            state,
            "message",
            label,
            reasons,
            hint=hint,
            rows=str(rows),
            # The text is not checked against the limit: what is too long comes back with all of it (K7).
            auto_complete="off",
        ),
        rx.el.p(
            id="message-room",
            class_name="num mt-1 min-h-5 text-right text-sm text-muted data-[room=little]:text-warn "
            "data-[room=none]:font-semibold data-[room=none]:text-bad",
        ),
        Room.create(
            box="message",
            most=most,
            bytes=in_bytes,
            left=t("draft.left", count="#"),
            over=t("draft.over", count="#"),
        ),
    )
