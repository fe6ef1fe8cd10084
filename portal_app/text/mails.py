"""Mails: what all of them share, and those about the account."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # Mails
    "mail.greeting": ("Hello,", "お客様へ"),
    "mail.footer": (
        "{portal} sent you this message about your account. Please do not reply to it.",
        "このメールは{portal}からお客様のアカウントについてお送りしています。ご返信いただいてもお答えできません。",
    ),
    "mail.sign_in": ("Sign in", "ログイン"),
    "mail.open_portal": ("Open the portal", "ポータルを開く"),
    "mail.token_reuse.subject": (
        "{portal}: we signed you out for your safety",
        "【{portal}】安全のためログアウトしました",
    ),
    "mail.token_reuse.what": (
        "A sign-in of yours was used in a way we do not expect, as if somebody had copied it. We ended it at once.",
        "お客様のログイン情報が、複製された可能性のある使われ方をしました。そのため、直ちにログアウトしました。",
    ),
    "mail.token_reuse.device": ("It was the sign-in on: {device}", "該当するログイン: {device}"),
    "mail.token_reuse.then": (
        "Please sign in again. If you did not expect this, change your password and tell us.",
        "もう一度ログインしてください。お心当たりがない場合は、パスワードを変更し、当社までご連絡ください。",
    ),
    "mail.signed_out_everywhere.subject": (
        "{portal}: you are signed out on all devices",
        "【{portal}】すべての端末からログアウトしました",
    ),
    "mail.signed_out_everywhere.what": (
        "All sign-ins to your account have been ended.",
        "お客様のアカウントは、すべての端末でログアウトされました。",
    ),
    "mail.signed_out_everywhere.then": (
        "If it was not you who asked for this, sign in, change your password and tell us.",
        "お心当たりがない場合は、ログインしてパスワードを変更し、当社までご連絡ください。",
    ),
    "mail.by_hand": (
        "If the button does not work, copy this address into your browser:",
        "ボタンを押しても開かない場合は、次のアドレスをブラウザーに貼り付けてください。",
    ),
    "mail.nothing_changed": (
        "If it was not you, you need not do anything: nothing has changed.",
        "お心当たりがない場合は、何もする必要はありません。登録内容は変更されていません。",
    ),
    "mail.sign_up_again": ("Open the sign-up form", "登録フォームを開く"),
    "mail.verify_email.subject": ("{portal}: confirm your e-mail address", "【{portal}】メールアドレスの確認"),
    "mail.verify_email.what": (
        "You signed up for {portal} with this e-mail address. Please confirm that it is yours.",
        "このメールアドレスで{portal}へのご登録を受け付けました。ご本人のメールアドレスであることをご確認ください。",
    ),
    "mail.verify_email.then": (
        "Open the link and enter the password you chose when you signed up. The link works once, for 24 hours.",
        "リンクを開き、ご登録時に設定したパスワードを入力してください。リンクは24時間以内に1回のみ有効です。",
    ),
    "mail.verify_email.not_you": (
        "If you did not sign up, please ignore this mail. No account is made without your confirmation.",
        "お心当たりがない場合は、このメールを破棄してください。ご確認がない限り、アカウントは作成されません。",
    ),
    "mail.verify_email.button": ("Confirm e-mail address", "メールアドレスを確認する"),
    "mail.have_account.subject": ("{portal}: you have an account already", "【{portal}】すでにご登録済みです"),
    "mail.have_account.what": (
        "Somebody, probably you, signed up for {portal} with this e-mail address. It has an account already.",
        "このメールアドレスで{portal}への登録手続きがありましたが、すでにアカウントが登録されています。",
    ),
    "mail.have_account.then": (
        "Sign in with your password. If you forgot it, the sign-in page lets you choose a new one.",
        "現在のパスワードでログインしてください。お忘れの場合は、ログイン画面から再設定できます。",
    ),
    "mail.link_instead.subject": (
        "{portal}: link your billing account",
        "【{portal}】請求アカウントの連携のお願い",
    ),
    "mail.link_instead.what": (
        "Somebody, probably you, signed up for {portal} with this e-mail address. It belongs to a billing account you "
        "have with us already, so you do not need a new one.",
        "このメールアドレスで{portal}への登録手続きがありましたが、すでに請求アカウントがあるため、"
        "新しいアカウントの作成は不要です。",
    ),
    "mail.link_instead.then": (
        "Link it instead: enter the e-mail address and password of your billing account once.",
        "代わりに、請求アカウントのメールアドレスとパスワードを1回入力して連携してください。",
    ),
    "mail.link_instead.button": ("Link billing account", "請求アカウントを連携する"),
    "mail.signup_waiting.subject": (
        "{portal}: we are checking your sign-up",
        "【{portal}】ご登録内容を確認しています",
    ),
    "mail.signup_waiting.what": (
        "Thank you for confirming your e-mail address. Before we open your account, our staff check that the customer "
        "number is yours.",
        "メールアドレスのご確認ありがとうございます。アカウントをご利用いただく前に、お客様番号がご本人のものであることを"
        "担当者が確認しています。",
    ),
    "mail.signup_waiting.then": (
        "You need not do anything. We write to you as soon as we are done; until then signing in is not possible.",
        "お客様のお手続きは必要ありません。確認が終わり次第メールでお知らせします。それまではログインできません。",
    ),
    "mail.signup_not_confirmed.subject": (
        "{portal}: we could not confirm your sign-up",
        "【{portal}】ご登録を確認できませんでした",
    ),
    "mail.signup_not_confirmed.what": (
        "We could not confirm that the customer number you entered is yours, so no account was made.",
        "ご入力いただいたお客様番号がご本人のものであることを確認できなかったため、アカウントは作成されませんでした。",
    ),
    "mail.signup_not_confirmed.then": (
        "Compare the number with your contract or invoice and sign up again, or contact our support team.",
        "ご契約書または請求書の番号をご確認のうえ、もう一度ご登録いただくか、サポート窓口までご連絡ください。",
    ),
    "mail.signup_failed.subject": (
        "{portal}: we could not make your account",
        "【{portal}】アカウントを作成できませんでした",
    ),
    "mail.signup_failed.what": (
        "Your e-mail address is confirmed, but we could not create your billing account. Nothing was charged.",
        "メールアドレスは確認できましたが、請求アカウントを作成できませんでした。料金は発生していません。",
    ),
    "mail.signup_failed.then": (
        "Please check your data and sign up again. If it happens once more, contact our support team.",
        "入力内容をご確認のうえ、もう一度ご登録ください。繰り返し発生する場合は、サポート窓口までご連絡ください。",
    ),
    "mail.welcome.subject": ("Welcome to {portal}", "【{portal}】ご登録ありがとうございます"),
    "mail.welcome.what": (
        "Your account is ready. You can see your invoices and services, pay, and reach us at any time.",
        "アカウントのご用意ができました。ご請求とご契約内容の確認、お支払い、お問い合わせをいつでもご利用いただけます。",
    ),
    "mail.welcome.then": (
        "Sign in with your e-mail address and the password you chose.",
        "メールアドレスと、設定したパスワードでログインしてください。",
    ),
    "mail.link_code.subject": ("{portal}: your confirmation code", "【{portal}】確認コードのお知らせ"),
    "mail.link_code.what": (
        "Enter this code on the page that is open in your browser to link your billing account:",
        "請求アカウントを連携するには、ブラウザーで開いている画面に次の確認コードを入力してください。",
    ),
    "mail.link_code.then": (
        "It works for 10 minutes. We never ask for it by phone or mail.",
        "有効期限は10分です。電話やメールでこのコードをお尋ねすることはありません。",
    ),
    "mail.link_code.not_you": (
        "If it was not you, somebody knows your billing password: change it, and tell us.",
        "お心当たりがない場合は、請求アカウントのパスワードが第三者に知られています。変更のうえ、当社までご連絡ください。",
    ),
    "mail.reset_password.subject": ("{portal}: choose a new password", "【{portal}】パスワードの再設定"),
    "mail.reset_password.what": (
        "Somebody, probably you, asked for a new password for your account.",
        "お客様のアカウントについて、パスワードの再設定が申し込まれました。",
    ),
    "mail.reset_password.then": (
        "Open the link to choose one. It works once, for 30 minutes.",
        "リンクを開いて新しいパスワードを設定してください。リンクは30分以内に1回のみ有効です。",
    ),
    "mail.reset_password.button": ("Choose a new password", "新しいパスワードを設定する"),
    "mail.password_changed.subject": ("{portal}: your password was changed", "【{portal}】パスワードが変更されました"),
    "mail.password_changed.what": (
        "The password of your account was changed, and all its sign-ins were ended.",
        "アカウントのパスワードが変更され、すべての端末からログアウトしました。",
    ),
    "mail.password_changed.then": (
        "If it was not you, choose a new password at once and tell us.",
        "お心当たりがない場合は、直ちにパスワードを再設定し、当社までご連絡ください。",
    ),
    "mail.password_changed.button": ("It was not me", "心当たりがない場合"),
}
