"""Orders, and where they stand."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "order.address_too_long": ("This part of the address is too long.", "住所のこの項目が長すぎます。"),
    "order.status.draft": ("Saved, not sent", "保存済み（未送信）"),
    "order.status.under_review": ("Under review", "確認中"),
    "order.status.action_needed": ("Action needed", "お手続きが必要です"),
    "order.status.setting_up": ("Being set up", "開通準備中"),
    "order.status.scheduled": ("Scheduled", "開始日待ち"),
    "order.status.active": ("Active", "ご利用中"),
    "order.status.delayed": ("Delayed, we are on it", "遅れています（対応中）"),
    "order.status.cancelled": ("Cancelled", "取り消し"),
    "order.status.in_progress": ("In progress", "手続き中"),
    "order.next.draft": ("Send it when you are ready.", "準備ができましたら送信してください。"),
    "order.next.under_review": (
        "We are checking your order, usually within two working days.",
        "お申し込み内容を確認しています。通常2営業日以内に完了します。",
    ),
    "order.next.action_needed": ("We need one more thing from you.", "お客様にお手続きいただきたいことがあります。"),
    "order.next.setting_up": (
        "Your order is approved and being set up.",
        "お申し込みが承認され、開通の準備をしています。",
    ),
    "order.next.scheduled": ("It starts on the day shown.", "表示の日に開始します。"),
    "order.next.active": ("Everything is set up.", "ご利用いただけます。"),
    "order.next.delayed": (
        "It takes longer than usual. You need not do anything.",
        "通常よりお時間をいただいております。お客様のお手続きは不要です。",
    ),
    "order.next.cancelled": (
        "This order has ended. Contact us with any question.",
        "このお申し込みは終了しました。ご不明な点はお問い合わせください。",
    ),
    "order.next.in_progress": ("We are working on your order.", "お手続きを進めています。"),
    "order.step.placed": ("Placed", "お申し込み"),
    "order.step.review": ("Under review", "内容確認"),
    "order.step.approved": ("Approved", "承認"),
    "order.step.billing": ("Billing created", "ご請求の登録"),
    "order.step.set_up": ("Line or SIM set up", "回線・SIMの準備"),
    "order.step.active": ("Active", "ご利用開始"),
}
