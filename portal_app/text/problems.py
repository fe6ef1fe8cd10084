"""Problem documents (RFC 9457)."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # Problem documents (RFC 9457)
    "problem.malformed": ("We could not read this request.", "リクエストを読み取れませんでした。"),
    "problem.validation": ("Please check what you entered.", "入力内容をご確認ください。"),
    "problem.bad_credentials": (
        "E-mail or password is not right.",
        "メールアドレスまたはパスワードが正しくありません。",
    ),
    "problem.bad_code": ("That code did not work.", "確認コードが正しくありません。"),
    "problem.session_over": ("Please sign in again.", "もう一度ログインしてください。"),
    "problem.reauthenticate": (
        "For your safety, please sign in again first.",
        "安全のため、もう一度ログインしてください。",
    ),
    "problem.not_allowed": ("This is not allowed.", "この操作は許可されていません。"),
    "problem.not_found": ("We could not find that.", "お探しのものが見つかりませんでした。"),
    "problem.method_not_allowed": ("This address does not do that.", "このアドレスではその操作はできません。"),
    "problem.conflict": ("This is not possible any more.", "この操作はすでにできなくなっています。"),
    "problem.set_password_first": (
        "Please choose a password for the portal first.",
        "先にポータルのパスワードを設定してください。",
    ),
    "problem.idempotency_key_missing": (
        "This form was sent before it was ready. Please send it again.",
        "フォームの準備ができる前に送信されました。もう一度送信してください。",
    ),
    "problem.idempotency_key_malformed": (
        "The request's key must be 16 to 255 visible ASCII characters.",
        "リクエストのキーは、16～255文字の半角英数字記号で指定してください。",
    ),
    "problem.idempotency_key_reused": (
        "This was already sent, with other contents. Reload the page to send it anew.",
        "この内容とは異なる内容で送信済みです。ページを再読み込みしてから、もう一度送信してください。",
    ),
    "problem.request_in_progress": (
        "This was already sent; we are still working on it.",
        "送信済みです。ただいま処理しています。",
    ),
    "problem.too_large": ("This is too large.", "データが大きすぎます。"),
    "problem.unsupported_type": ("This type of content is not accepted.", "この形式は受け付けていません。"),
    "problem.too_many_tries": ("Too many tries.", "試行回数が多すぎます。"),
    "problem.wait": (
        "Too many tries. Please wait {minutes} min and try again.",
        "試行回数が多すぎます。{minutes}分後にもう一度お試しください。",
    ),
    "problem.busy": (
        "We are very busy right now. Please try again in a few seconds.",
        "ただいま混み合っています。数秒後にもう一度お試しください。",
    ),
    "problem.upstream_unavailable": (
        "Billing is not reachable right now. Try again in a minute.",
        "現在、請求システムに接続できません。1分ほどしてからもう一度お試しください。",
    ),
    "problem.upstream_refused": (
        "Billing could not do this. Please contact us.",
        "請求システムで処理できませんでした。お問い合わせください。",
    ),
    "problem.being_confirmed": (
        "We received this and are confirming it. You do not need to send it again.",
        "受け付けました。現在確認中です。もう一度送信する必要はありません。",
    ),
    "problem.unavailable": (
        "The portal is not available right now. Please try again in a minute.",
        "現在ポータルをご利用いただけません。しばらくしてからもう一度お試しください。",
    ),
}
