"""Password, second factor, e-mail address, sessions."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # The code after the password
    "mfa.title": ("Enter your code", "確認コードの入力"),
    "mfa.lead": (
        "Your password is right. Open your authenticator app and enter the code it shows within five minutes.",
        "パスワードを確認しました。認証アプリに表示されている確認コードを5分以内に入力してください。",
    ),
    "mfa.code": ("Code from your app", "認証アプリの確認コード"),
    "mfa.code_hint": (
        "Six digits. The form is sent as soon as they are complete.",
        "6桁の数字です。すべて入力すると自動的に送信されます。",
    ),
    "mfa.submit": ("Sign in", "ログイン"),
    "mfa.lost": ("Use a recovery code instead", "代わりにリカバリーコードを使う"),
    "mfa.recovery": ("Recovery code", "リカバリーコード"),
    "mfa.recovery_hint": (
        "One of the codes you wrote down when you set this up. Each works once.",
        "設定時に控えたコードのいずれか1つを入力してください。各コードは1回のみ使えます。",
    ),
    "mfa.recovery_submit": ("Use recovery code", "リカバリーコードを使用する"),
    "mfa.not_you": ("Another account?", "別のアカウントをご利用の場合"),
    "mfa.start_over": ("Start over", "最初からやり直す"),
    "mfa.wrong": (
        "That code did not work. Wait for the next one and enter it.",
        "確認コードが正しくありません。次のコードが表示されてから入力してください。",
    ),
    "mfa.over": (
        "The time for your code is over. Please sign in again.",
        "確認コードの入力期限が切れました。もう一度ログインしてください。",
    ),
    "mfa.already_on": ("Two-step sign-in is on already.", "二段階認証はすでに有効です。"),
    "mfa.not_on": ("Two-step sign-in is not on.", "二段階認証は有効になっていません。"),
    "mfa.begin_again": (
        "This setup is no longer valid. Please begin again.",
        "この設定は無効になりました。最初からやり直してください。",
    ),
    "mfa.password_short": (
        "Your password is too short to stand alone. Choose one of at least 12 characters first.",
        "現在のパスワードは二段階認証なしでは短すぎます。先に12文字以上のパスワードに変更してください。",
    ),
    "mfa.removed": ("Two-step sign-in is off now.", "二段階認証を無効にしました。"),
    # Who is it?
    "confirm.title": ("Confirm it is you", "ご本人の確認"),
    "confirm.lead": (
        "For the safety of your account, please show once more that it is you.",
        "アカウントの安全のため、もう一度ご本人であることを確認します。",
    ),
    "confirm.submit": ("Continue", "続ける"),
    "confirm.wrong": ("This password is not right.", "パスワードが正しくありません。"),
    "confirm.not_now": ("Not now", "今はしない"),
    # A new password
    "password_change.wrong": ("This is not your current password.", "現在のパスワードが正しくありません。"),
    "password_change.done": (
        "Your password was changed. Other devices were signed out.",
        "パスワードを変更しました。ほかの端末はログアウトしました。",
    ),
    # Another e-mail address
    "email_change.same": ("This is the address you use already.", "現在ご利用中のメールアドレスです。"),
    "email_change.asked": (
        "Check your mail: open the link we sent to the new address. Until then nothing changes.",
        "新しいアドレスに送信したメールのリンクを開いてください。それまでは変更されません。",
    ),
    "email_change.done": (
        "Your e-mail address was changed. Sign in with the new one from now on.",
        "メールアドレスを変更しました。今後は新しいアドレスでログインしてください。",
    ),
    "confirm_email.title": ("Confirm your new e-mail address", "新しいメールアドレスの確認"),
    "confirm_email.lead": (
        "One click, and the address we sent this link to becomes the one you sign in with.",
        "ボタンを押すと、確認メールが届いたアドレスがログイン用のアドレスになります。",
    ),
    "confirm_email.submit": ("Use this address", "このアドレスを使用する"),
    "confirm_email.renew": ("Ask for a new link", "新しいリンクを申し込む"),
}
