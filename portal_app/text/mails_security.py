"""Mails about an account's own safety."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "mail.security.not_you": (
        "If it was not you, choose a new password at once and tell us.",
        "お心当たりがない場合は、直ちにパスワードを再設定し、当社までご連絡ください。",
    ),
    "mail.mfa_on.subject": (
        "{portal}: two-step sign-in is on",
        "【{portal}】二段階認証を有効にしました",
    ),
    "mail.mfa_on.what": (
        "From now on we ask for a code of your authenticator app when you sign in. Other devices were signed out.",
        "今後、ログイン時に認証アプリの確認コードの入力が必要になります。ほかの端末はログアウトしました。",
    ),
    "mail.mfa_on.then": (
        "Keep your recovery codes in a safe place: they let you in when you lose the app.",
        "リカバリーコードは安全な場所に保管してください。認証アプリが使えなくなったときに必要です。",
    ),
    "mail.mfa_off.subject": (
        "{portal}: two-step sign-in is off",
        "【{portal}】二段階認証を無効にしました",
    ),
    "mail.mfa_off.what": (
        "Your account is protected by its password alone now. Other devices were signed out.",
        "アカウントは現在、パスワードのみで保護されています。ほかの端末はログアウトしました。",
    ),
    "mail.mfa_codes_renewed.subject": (
        "{portal}: you have new recovery codes",
        "【{portal}】リカバリーコードを再発行しました",
    ),
    "mail.mfa_codes_renewed.what": (
        "The recovery codes you had before no longer work. Other devices were signed out.",
        "以前のリカバリーコードは使えなくなりました。ほかの端末はログアウトしました。",
    ),
    "mail.mfa_reset.subject": (
        "{portal}: our staff switched two-step sign-in off",
        "【{portal}】担当者が二段階認証を解除しました",
    ),
    "mail.mfa_reset.what": (
        "Our staff switched the two-step sign-in of your account off, and signed all devices out.",
        "担当者がお客様のアカウントの二段階認証を解除し、すべての端末からログアウトしました。",
    ),
    "mail.mfa_reset.then": (
        "Sign in with your password, and switch it on again on the security page.",
        "パスワードでログインし、セキュリティ画面でもう一度有効にしてください。",
    ),
    "mail.recovery_code_used.subject": (
        "{portal}: a recovery code was used",
        "【{portal}】リカバリーコードが使用されました",
    ),
    "mail.recovery_code_used.what": (
        "One of your recovery codes was used. It does not work again.",
        "お客様のリカバリーコードが1つ使用されました。同じコードは二度と使えません。",
    ),
    "mail.recovery_code_used.device": ("It was used on: {device}", "使用された端末: {device}"),
    "mail.email_change.subject": (
        "{portal}: your new e-mail address",
        "【{portal}】新しいメールアドレスについて",
    ),
    "mail.email_change.what": (
        "Somebody, probably you, wants to use this e-mail address for an account at {portal}.",
        "{portal}のアカウントで、このメールアドレスを使用する手続きがありました。",
    ),
    "mail.email_change.then": (
        "Open the link to confirm it. It works once, for 24 hours. You sign in with this address afterwards.",
        "リンクを開いて確認してください。リンクは24時間以内に1回のみ有効です。確認後は、このアドレスでログインします。",
    ),
    "mail.email_change.button": ("Confirm this address", "このアドレスを確認する"),
    "mail.email_change_taken.what": (
        "Somebody, probably you, wants to use this e-mail address for another account at {portal}. It has an account "
        "already, so it cannot be used a second time.",
        "{portal}の別のアカウントで、このメールアドレスを使用する手続きがありましたが、"
        "すでに登録済みのため使用できません。",
    ),
    "mail.email_change_taken.then": (
        "To use that account, sign in with this address.",
        "登録済みのアカウントをご利用になるには、このアドレスでログインしてください。",
    ),
    "mail.email_change_asked.subject": (
        "{portal}: a new e-mail address was asked for",
        "【{portal}】メールアドレスの変更手続きがありました",
    ),
    "mail.email_change_asked.what": (
        "A change of the e-mail address of your account was asked for.",
        "お客様のアカウントについて、メールアドレスの変更手続きがありました。",
    ),
    "mail.email_change_asked.then": (
        "Nothing has changed yet: it waits until the new address is confirmed. A new password stops it.",
        "まだ変更されていません。新しいアドレスの確認後に変更されます。パスワードを再設定すると手続きは無効になります。",
    ),
    "mail.email_changed.subject": (
        "{portal}: your e-mail address was changed",
        "【{portal}】メールアドレスが変更されました",
    ),
    "mail.email_changed.what": (
        "Your account uses another e-mail address now, and other devices were signed out. This is our last mail to "
        "this address about it.",
        "アカウントのメールアドレスが変更され、ほかの端末はログアウトしました。"
        "このアドレスへのお知らせは、これが最後です。",
    ),
    "mail.email_changed.then": (
        "If it was not you, call our support at once: a link mailed to this address no longer helps.",
        "お心当たりがない場合は、直ちにサポート窓口へお電話ください。このアドレスからの再設定はできません。",
    ),
}
