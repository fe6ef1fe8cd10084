"""What is told of an order: the same words whoever notices first, staff in Salesforce or our own fulfilment."""

from typing import Final

from portal_app.domain.notices import Notice, NoticeKind

BY_MAIL: Final = frozenset({"", "payment", "document"})


def order_notice(kind: NoticeKind, salesforce_order_id: str, number: str, line: str, *, need: str = "") -> Notice:
    """Once for each order and kind; for ORDER_FAILED once for each `need`: "payment", "document" or "staff"."""
    values = {"number": number, "line": line} | ({"need": need} if need else {})
    return Notice(
        kind=kind,
        source_id=":".join(filter(None, (salesforce_order_id, need))),
        subject=f"order:{salesforce_order_id}",
        values=values,
        mail={} if need in BY_MAIL else None,
    )
