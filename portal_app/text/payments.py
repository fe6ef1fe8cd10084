"""Payment methods."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "payments.title": ("Payment methods", "お支払い方法"),
    "payments.lead": (
        "How your services are paid. Cards are kept by our billing system; this portal never sees a card number.",
        "サービス料金のお支払い方法です。カード情報は請求システムで管理され、このポータルがカード番号を扱うことはありません。",
    ),
    "payments.stored": ("Cards and accounts", "登録済みのカード・口座"),
    "payments.change": ("Add or change", "追加・変更する"),
    "payments.add": ("Add a payment method", "お支払い方法を追加する"),
    "payments.change_hint": (
        "The billing system opens in a new tab. Come back here afterwards: this page shows the change by itself.",
        "請求システムが新しいタブで開きます。完了後にこの画面へ戻ると、変更内容が自動で表示されます。",
    ),
    "payments.none": ("No payment method yet", "お支払い方法が登録されていません"),
    "payments.none_body": (
        "Add a card so that your services can be paid and new orders can start.",
        "ご利用料金のお支払いと新しいお申し込みのために、カードをご登録ください。",
    ),
    "payments.kind.card": ("Card", "カード"),
    "payments.kind.bank": ("Bank account", "銀行口座"),
    "payments.kind.other": ("Other payment method", "その他のお支払い方法"),
    "payments.ending": ("ending in {digits}", "末尾 {digits}"),
    "payments.default": ("Default", "既定"),
    "payments.until": ("Valid to the end of {month}", "有効期限 {month}末"),
    "payments.expiring": ("Expires soon", "まもなく期限切れ"),
    "payments.expired": ("Expired", "期限切れ"),
    "payments.expired_on": ("Was valid to the end of {month}", "有効期限切れ（{month}末まで）"),
    "payments.expiring_body": (
        "Add your new card in time, so that nothing is interrupted.",
        "サービスが止まらないよう、期限前に新しいカードをご登録ください。",
    ),
    "payments.expired_body": (
        "This card cannot be charged any more.",
        "このカードではお支払いいただけません。",
    ),
    "payments.pays_for": ("Pays for", "お支払い対象"),
    "payments.pays_nothing": (
        "No running service is paid with it.",
        "現在、このお支払い方法の対象サービスはありません。",
    ),
    "payments.unusable": (
        "None of your payment methods can be charged. Add one so that your services go on and orders can start.",
        "ご利用いただけるお支払い方法がありません。サービスの継続と新しいお申し込みのために、お支払い方法を追加してください。",
    ),
    "payments.others": ("Services without a stored payment method", "登録済みのお支払い方法がないサービス"),
    "payments.services": ("Billed this way", "対象サービス"),
    "payments.ways": ("You can pay by", "ご利用いただけるお支払い方法"),
    "payments.unavailable": (
        "We cannot reach the billing system right now. Please try again in a few minutes.",
        "現在、請求システムに接続できません。数分後にもう一度お試しください。",
    ),
}
