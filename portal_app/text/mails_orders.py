"""Mails about orders, availability and identity documents."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "mail.line.internet": ("internet", "インターネット"),
    "mail.line.sim": ("a SIM", "SIM"),
    "mail.line.vpn": ("VPN", "VPN"),
    "mail.line.other": ("a service", "サービス"),
    "mail.order.button": ("See your order", "お申し込みを確認する"),
    "mail.order.number": ("Order number: {number}", "お申し込み番号: {number}"),
    "mail.order_placed.subject": ("{portal}: we have your order", "【{portal}】お申し込みを受け付けました"),
    "mail.order_placed.what": (
        "Thank you for your order ({line}). We have received it.",
        "お申し込みありがとうございます（{line}）。お申し込みを受け付けました。",
    ),
    "mail.order_placed.then": (
        "We are checking it, usually within two working days, and write to you when that is done.",
        "ただいま内容を確認しています。通常2営業日以内に完了し、メールでお知らせします。",
    ),
    "mail.checkout_not_placed.subject": (
        "{portal}: your order was not placed",
        "【{portal}】お申し込みが完了していません",
    ),
    "mail.checkout_not_placed.what": (
        "We were confirming your order ({line}). It could not be placed, and nothing is charged.",
        "確認中だったお申し込み（{line}）は完了できませんでした。料金は発生していません。",
    ),
    "mail.checkout_not_placed.then": (
        "Your choices are kept. Please look at them and place the order again.",
        "選択内容は保存されています。内容をご確認のうえ、もう一度お申し込みください。",
    ),
    "mail.checkout_not_placed.button": ("Go to your order", "お申し込みを続ける"),
    "mail.order_approved.subject": ("{portal}: your order is approved", "【{portal}】お申し込みが承認されました"),
    "mail.order_approved.what": (
        "Your order ({line}) is approved. We are setting it up now.",
        "お申し込み（{line}）が承認されました。開通の準備を進めています。",
    ),
    "mail.order_approved.then": (
        "You need not do anything. The page of your order shows every step.",
        "お客様のお手続きは必要ありません。進み具合はお申し込みのページでご確認いただけます。",
    ),
    "mail.order_active.subject": ("{portal}: your service is active", "【{portal}】ご利用いただけるようになりました"),
    "mail.order_active.what": (
        "Everything for your order ({line}) is set up.",
        "お申し込み（{line}）の準備がすべて整いました。",
    ),
    "mail.order_active.then": (
        "You can use your service now. Thank you for choosing us.",
        "サービスをご利用いただけます。お申し込みいただき、ありがとうございました。",
    ),
    "mail.order_cancelled.subject": (
        "{portal}: your order was cancelled",
        "【{portal}】お申し込みが取り消されました",
    ),
    "mail.order_cancelled.what": (
        "Your order ({line}) was cancelled.",
        "お申し込み（{line}）は取り消されました。",
    ),
    "mail.order_cancelled.then": (
        "If you did not expect this, please contact our support team.",
        "お心当たりがない場合は、サポート窓口までお問い合わせください。",
    ),
    "mail.order_needs_you.subject": (
        "{portal}: your order waits for you",
        "【{portal}】お申し込みについてお手続きのお願い",
    ),
    "mail.order_needs_you.what": (
        "We cannot go on with your order ({line}) yet. {need}",
        "お申し込み（{line}）の手続きを進めるため、お客様のご対応が必要です。{need}",
    ),
    "mail.order_needs_you.then": (
        "As soon as that is done we go on by ourselves.",
        "お手続きを確認でき次第、お申し込みの手続きを進めます。お手数をおかけしますが、よろしくお願いいたします。",
    ),
    "mail.need.payment": (
        "Please add a payment method.",
        "お支払い方法をご登録ください。",
    ),
    "mail.need.document": (
        "Please send us your identity document.",
        "本人確認書類をご提出ください。",
    ),
    "mail.availability.subject": (
        "{portal}: internet at your address",
        "【{portal}】インターネット提供状況の確認結果",
    ),
    "mail.availability.button": ("See the check", "確認状況を見る"),
    "mail.availability_asked.subject": (
        "{portal}: we are checking your address",
        "【{portal}】インターネット提供状況を確認しています",
    ),
    "mail.availability_asked.what": (
        "We are checking whether internet is available at your address.",
        "ご登録の住所でインターネットをご利用いただけるか確認しています。",
    ),
    "mail.availability_asked.then": (
        "We expect to have the answer by {answer_by} and will write to you.",
        "{answer_by}までに確認し、メールでお知らせする予定です。",
    ),
    "mail.availability_yes.what": (
        "Good news: internet is available at your address.",
        "ご登録の住所でインターネットをご利用いただけます。",
    ),
    "mail.availability_yes.then": (
        "The portal shows the plans that fit. The answer holds for 90 days.",
        "ご利用いただけるプランはポータルでご確認ください。この結果は90日間有効です。",
    ),
    "mail.availability_yes.button": ("See the plans", "プランを見る"),
    "mail.availability_no.what": (
        "We are sorry: internet is not available at your address at present.",
        "申し訳ございません。ご登録の住所では、現在インターネットをご利用いただけません。",
    ),
    "mail.availability_no.then": (
        "You can ask again after 30 days, or at once when your address changes.",
        "30日後に再度ご依頼いただけます。住所を変更された場合は、すぐにご依頼いただけます。",
    ),
    "mail.document_verified.subject": (
        "{portal}: your identity document is accepted",
        "【{portal}】本人確認が完了しました",
    ),
    "mail.document_verified.what": (
        "We have checked your identity document. Everything is in order.",
        "本人確認書類を確認しました。問題はございませんでした。",
    ),
    "mail.document_verified.then": (
        "You can order services that need it now.",
        "本人確認が必要なサービスをお申し込みいただけます。",
    ),
    "mail.document_rejected.subject": (
        "{portal}: please send your identity document again",
        "【{portal}】本人確認書類の再提出のお願い",
    ),
    "mail.document_rejected.what": (
        "We could not accept the identity document you sent.",
        "ご提出いただいた本人確認書類では、確認を完了できませんでした。",
    ),
    "mail.document_rejected.why": ("The reason: {reason}", "理由: {reason}"),
    "mail.document_rejected.then": (
        "Please send another file. Your cart is kept meanwhile.",
        "お手数ですが、もう一度ご提出ください。カートの内容はそのまま保存されています。",
    ),
    "mail.document_rejected.button": ("Send another file", "書類を再提出する"),
}
