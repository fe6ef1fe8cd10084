"""Mails that bring the bell's news: invoices, payment methods, questions to the staff."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "mail.choose": (
        "In the portal you choose which of these messages you also receive by mail.",
        "メールで受け取るお知らせの種類は、ポータルで変更できます。",
    ),
    "mail.invoice.button": ("See the invoice", "請求書を見る"),
    "mail.invoice.due": ("Please pay it by {due}.", "お支払い期限は{due}です。"),
    "mail.invoice_created.subject": ("{portal}: you have a new invoice", "【{portal}】新しい請求書のお知らせ"),
    "mail.invoice_created.what": (
        "Your invoice {number} for {total} is ready.",
        "請求書（番号: {number}、金額: {total}）を発行しました。",
    ),
    "mail.invoice_created.then": (
        "You can see what it is made of, and pay it, in the portal.",
        "内訳の確認とお支払いは、ポータルで行えます。",
    ),
    "mail.invoice_due.subject": ("{portal}: an invoice is due soon", "【{portal}】お支払い期限が近づいています"),
    "mail.invoice_due.what": (
        "Your invoice {number} for {total} is not paid yet.",
        "請求書（番号: {number}、金額: {total}）のお支払いがまだ確認できていません。",
    ),
    "mail.invoice_due.then": (
        "If you have just paid it, or we collect it from your payment method, you need not do anything.",
        "お支払い済みの場合、またはご登録のお支払い方法で自動的にお支払いいただく場合は、お手続きは必要ありません。",
    ),
    "mail.invoice_paid.subject": ("{portal}: we have your payment", "【{portal}】お支払いを確認しました"),
    "mail.invoice_paid.what": (
        "Thank you: your invoice {number} for {total} is paid.",
        "請求書（番号: {number}、金額: {total}）のお支払いを確認しました。ありがとうございます。",
    ),
    "mail.invoice_paid.then": (
        "You find it with its payments in the portal.",
        "請求書とお支払いの記録は、ポータルでご覧いただけます。",
    ),
    "mail.invoice_payment_failed.subject": (
        "{portal}: a payment did not go through",
        "【{portal}】お支払いができませんでした",
    ),
    "mail.invoice_payment_failed.what": (
        "We could not collect the payment for your invoice {number} for {total}.",
        "請求書（番号: {number}、金額: {total}）のお支払いを処理できませんでした。",
    ),
    "mail.invoice_payment_failed.then": (
        "Please check your payment method, or pay the invoice in the portal.",
        "お支払い方法をご確認いただくか、ポータルから請求書をお支払いください。",
    ),
    "mail.payment_method_expiring.subject": (
        "{portal}: a payment method expires soon",
        "【{portal}】お支払い方法の有効期限が近づいています",
    ),
    "mail.payment_method_expiring.what": (
        "{method} can be used until {expires}.",
        "{method}の有効期限は{expires}です。",
    ),
    "mail.payment_method_expiring.then": (
        "Please add a new one before that, so that your invoices can go on being paid.",
        "今後のお支払いのため、期限までに新しいお支払い方法をご登録ください。",
    ),
    "mail.payment_method_expiring.button": ("See payment methods", "お支払い方法を見る"),
    "mail.case_reply.subject": ("{portal}: we have answered you", "【{portal}】お問い合わせに返信しました"),
    "mail.case_reply.what": (
        "Our staff have replied to “{title}” (number {number}).",
        "お問い合わせ「{title}」（番号: {number}）に担当者が返信しました。",
    ),
    "mail.case_reply.then": (
        "You can read the reply, and answer it, in the portal.",
        "返信の確認とご回答は、ポータルで行えます。",
    ),
    "mail.case.button": ("Open the conversation", "お問い合わせを開く"),
    "mail.case_status.subject": ("{portal}: news of your question", "【{portal}】お問い合わせの状況が変わりました"),
    "mail.case_status.what": (
        "“{title}” (number {number}) is now: {status}.",
        "お問い合わせ「{title}」（番号: {number}）の状況: {status}",
    ),
    "mail.case.new": ("received", "受付済み"),
    "mail.case.in_progress": ("in progress", "対応中"),
    "mail.case.awaiting_customer": ("waiting for you", "お客様の回答待ち"),
    "mail.case.closed": ("closed", "完了"),
}
