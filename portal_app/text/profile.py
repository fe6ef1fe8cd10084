"""The account's own pages: the hub, the profile, devices and activity."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # The hub
    "account.title": ("Account", "アカウント"),
    "account.lead": (
        "Who you are for us, how you sign in and pay, and what we check for you.",
        "お客様情報、ログイン方法、お支払い方法、各種確認の状況です。",
    ),
    "account.profile_link": ("Edit profile", "プロフィールを編集する"),
    "account.customer_number": ("Customer number {number}", "お客様番号 {number}"),
    "account.security_link": ("Security settings", "セキュリティ設定"),
    "account.signed_in_here": ("You are signed in only here.", "ログイン中の端末はこの端末だけです。"),
    "account.signed_in": ("You are signed in on {count} devices.", "{count}台の端末でログイン中です。"),
    "account.payments": ("Payment methods", "お支払い方法"),
    "account.payments_link": ("Manage payment methods", "お支払い方法を管理する"),
    "account.payments_none": ("You have no payment method yet.", "お支払い方法が登録されていません。"),
    "account.payments_expired": ("Your payment method has expired.", "お支払い方法の有効期限が切れています。"),
    "account.notifications": ("Notifications", "お知らせ"),
    "account.notifications_body": (
        "What happened lately, and what we tell you by mail.",
        "最近のお知らせと、メールでお知らせする内容の設定です。",
    ),
    "account.notifications_link": ("See notifications", "お知らせを見る"),
    "account.availability": (
        "Our staff check the line at your address before you order internet.",
        "インターネットのお申し込み前に、ご住所の回線を担当者が確認します。",
    ),
    # Profile
    "profile.title": ("Your profile", "プロフィール"),
    "profile.lead": (
        "How we reach you, and in which language. Changes reach your bills and our staff at once.",
        "ご連絡先と言語の設定です。変更内容は請求と担当者にすぐに反映されます。",
    ),
    "profile.details": ("Contact details", "ご連絡先など"),
    "profile.gender": ("Gender", "性別"),
    "profile.gender.none": ("Not given", "未回答"),
    "profile.gender.w": ("Female", "女性"),
    "profile.gender.m": ("Male", "男性"),
    "profile.gender.other": ("Other", "その他"),
    "profile.gender.no_answer": ("Prefer not to say", "回答しない"),
    "profile.language": ("Language of bills, mails and this portal", "請求書・メール・画面の言語"),
    "profile.language_unknown": ("Choose English or Japanese.", "日本語か英語をお選びください。"),
    "profile.marketing": (
        "Tell me about new services and offers by e-mail.",
        "新しいサービスやキャンペーンの案内をメールで受け取る",
    ),
    "profile.save": ("Save changes", "変更を保存する"),
    "profile.saved": ("Your changes are saved.", "変更を保存しました。"),
    "profile.being_confirmed": (
        "We received your changes and are confirming them. You do not need to send them again.",
        "変更を受け付け、確認しています。もう一度送信する必要はありません。",
    ),
    "profile.email": ("E-mail address", "メールアドレス"),
    "profile.email_now": ("You sign in with", "現在のログイン用メールアドレス"),
    "profile.email_new": ("New e-mail address", "新しいメールアドレス"),
    "profile.email_hint": (
        "We send a link to the new address. Until you open it, nothing changes.",
        "新しいアドレスに確認リンクを送ります。リンクを開くまで変更されません。",
    ),
    "profile.email_change": ("Send confirmation link", "確認リンクを送る"),
    "profile.fixed": ("Name and customer number", "お名前とお客様番号"),
    "profile.name": ("Name", "お名前"),
    "profile.fixed_body": (
        "They stand on your contract, so only our staff can change them.",
        "ご契約に関わるため、変更は担当者が承ります。",
    ),
    "profile.ask": ("Ask for a change", "変更を依頼する"),
    # Security
    "security.title": ("Security", "セキュリティ"),
    "security.on": ("Two-step sign-in is on", "二段階認証 オン"),
    "security.off": ("Two-step sign-in is off", "二段階認証 オフ"),
}
