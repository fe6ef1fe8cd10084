"""What the doors of support answer."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "case.subject_missing": ("Enter a subject.", "件名を入力してください。"),
    "case.subject_long": (
        "The subject is too long: 200 characters at most.",
        "件名が長すぎます。200文字以内で入力してください。",
    ),
    "case.topic_missing": ("Choose what it is about.", "お問い合わせの種類を選択してください。"),
    "case.message_missing": ("Enter a message.", "お問い合わせ内容を入力してください。"),
    "case.message_long": (
        "The message is too long: 8,000 characters at most.",
        "お問い合わせ内容が長すぎます。8,000文字以内で入力してください。",
    ),
    "case.reply_long": (
        "The message is too long. Please send it in two messages, or add it as a file.",
        "メッセージが長すぎます。2回に分けて送信するか、ファイルで添付してください。",
    ),
    "case.files_many": ("Add five files at most.", "添付できるファイルは5つまでです。"),
    "case.file_gone": (
        "One of the files is no longer here. Please add it again.",
        "添付ファイルの一部が見つかりません。もう一度添付してください。",
    ),
    "case.related_gone": ("Choose one from the list.", "一覧から選択してください。"),
    "case.closed": (
        "This question is closed. Open it again to write to us.",
        "このお問い合わせは解決済みです。メッセージを送るには、再開してください。",
    ),
    "case.opened": ("We received your question.", "お問い合わせを受け付けました。"),
    "case.replied": ("Your message was sent.", "メッセージを送信しました。"),
    "case.was_closed": ("The question is closed.", "お問い合わせを解決済みにしました。"),
    "case.was_reopened": ("The question is open again.", "お問い合わせを再開しました。"),
    "case.being_sent": (
        "We received it and are passing it on. You do not need to send it again.",
        "受け付けました。現在処理しています。もう一度送信する必要はありません。",
    ),
    "case.not_accepted": (
        "Your message could not be accepted. Please change it and send it again.",
        "メッセージを受け付けられませんでした。内容を変更して、もう一度送信してください。",
    ),
}
