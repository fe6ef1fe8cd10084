"""One service, and what it was billed by."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # The list
    "services.monthly": ("Monthly total", "毎月の料金合計"),
    "services.next_of_all": ("Next due", "次回お支払い日"),
    "services.details": ("Details and billing history", "詳細・請求履歴"),
    # One of them
    "service.page": ("Service", "サービス"),
    "service.back": ("All services", "ご契約サービス一覧"),
    "service.missing": ("We could not find this service", "サービスが見つかりません"),
    "service.missing_body": (
        "It may have been removed, or the address is not complete.",
        "削除されたか、アドレスが正しくない可能性があります。",
    ),
    "service.price": ("Price, tax included", "料金（税込）"),
    "service.plan": ("Plan", "プラン"),
    "service.number": ("Phone number", "電話番号"),
    "service.place": ("Line or address", "回線・設置先"),
    "service.label": ("Reference", "識別名"),
    "service.next_due": ("Next due", "次回お支払い日"),
    "service.paid_by": ("Paid by", "お支払い方法"),
    "service.order": ("Order", "お申し込み"),
    "service.order_number": ("Order {number}", "お申し込み {number}"),
    "service.methods": ("Payment methods", "お支払い方法の管理"),
    "service.history": ("Billing history", "請求履歴"),
    "service.history_lead": (
        "Every invoice with this service on it, and how much of it is for this service, tax included.",
        "このサービスを含む請求書と、そのうちこのサービス分の金額（税込）です。",
    ),
    "service.history_none": ("No invoice for this service yet.", "このサービスのご請求はまだありません。"),
    "service.history_reading": (
        "We are looking through your older invoices ({count} left). This list grows by itself.",
        "過去の請求書を確認しています（残り{count}件）。見つかり次第、この一覧に追加されます。",
    ),
    "service.history_unread": (
        "{count} of your invoices could not be looked through yet. We try again in a few minutes.",
        "まだ確認できていない請求書が{count}件あります。数分後にもう一度確認します。",
    ),
    "service.history_stale": (
        "We cannot reach the billing system right now. You see our last copy of the billing history.",
        "現在、請求システムに接続できません。最後に取得した請求履歴を表示しています。",
    ),
    "service.history_unavailable": (
        "We cannot load the billing history right now. Please try again in a few minutes.",
        "現在、請求履歴を取得できません。数分後にもう一度お試しください。",
    ),
    "service.column.invoice": ("Invoice", "請求書番号"),
    "service.column.issued": ("Issued", "発行日"),
    "service.column.status": ("Status", "状態"),
    "service.column.amount": ("For this service", "このサービス分"),
}
