"""What every page says: the frame, the landing page, pages that are not there."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # Shared by every page
    "common.skip": ("Skip to content", "本文へ移動"),
    "common.language": ("Language", "言語"),
    "common.theme": ("Switch between light and dark", "明るい表示と暗い表示を切り替える"),
    "common.menu": ("Menu", "メニュー"),
    "common.navigation": ("Main", "メイン"),
    "common.sign_in": ("Sign in", "ログイン"),
    "common.sign_out": ("Sign out", "ログアウト"),
    "common.as_of": ("As of {time}", "{time} 現在"),
    "common.refresh": ("Refresh", "更新"),
    "common.refreshing": ("Refreshing…", "更新しています…"),
    "common.loading": ("Loading…", "読み込んでいます…"),
    "common.unknown": ("Not available right now", "現在表示できません"),
    "common.retry": ("Try again", "もう一度試す"),
    "common.view_all": ("View all", "すべて表示"),
    "common.dismiss": ("Dismiss", "閉じる"),
    "common.reference": ("Reference: {reference}", "お問い合わせ番号：{reference}"),
    "common.new_tab": ("opens in a new tab", "新しいタブで開きます"),
    "common.footnote": (
        "Amounts are in yen and include consumption tax. Times are Japan time.",
        "金額は税込（円）、時刻は日本時間で表示しています。",
    ),
    "common.description": (
        "See your bills, pay them, and keep an eye on your internet, mobile and VPN services.",
        "料金の確認とお支払い、インターネット・モバイル・VPNのご契約内容をまとめて確認できます。",
    ),
    "connection.lost": (
        "Connection lost. We are trying to reconnect; what you see may be out of date.",
        "接続が切れました。再接続しています。表示内容が最新でない場合があります。",
    ),
    "crash.title": ("This page stopped working", "このページを表示できません"),
    "crash.body": (
        "Something went wrong in your browser. Your account is not affected. Please load the page again.",
        "ブラウザーで問題が発生しました。ご契約への影響はありません。ページを読み込み直してください。",
    ),
    "crash.reload": ("Load again", "再読み込み"),
    "nav.dashboard": ("Dashboard", "ホーム"),
    "nav.invoices": ("Invoices", "ご請求"),
    "nav.orders": ("Orders", "お申し込み"),
    "nav.services": ("Services", "ご契約サービス"),
    "nav.catalog": ("Plans", "料金プラン"),
    "nav.account": ("Account", "アカウント"),
    # Landing
    "landing.title": ("Your account, in one place", "ご契約のすべてを、ひとつの場所で"),
    "landing.lead": (
        "Check what you owe, pay it in a minute, and see how your internet, mobile and VPN services are doing.",
        "ご請求額の確認からお支払い、インターネット・モバイル・VPNのご契約状況まで、いつでもご確認いただけます。",
    ),
    "landing.plans": ("See plans and prices", "料金プランを見る"),
    "landing.open": ("Open your dashboard", "ホームを開く"),
    "landing.bills": ("Bills without surprises", "わかりやすいご請求"),
    "landing.bills_body": (
        "Every invoice with its lines, tax and payments, from the first month to today.",
        "ご利用開始から現在までの請求書を、明細・消費税・お支払い履歴とともにご覧いただけます。",
    ),
    "landing.pay": ("Pay securely", "安全なお支払い"),
    "landing.pay_body": (
        "Payment opens on our billing site, and this page turns to Paid by itself.",
        "お支払いは請求サイトで行います。完了すると、画面の表示は自動で「お支払い済み」に変わります。",
    ),
    "landing.services": ("All your services", "ご契約サービスの一覧"),
    "landing.services_body": (
        "Status, price and next due date of each line, in English and Japanese.",
        "ご契約ごとの状況・料金・次回のお支払い日を、日本語と英語でご確認いただけます。",
    ),
    # Not found, and what the shell announces
    "not_found.title": ("We could not find this page", "ページが見つかりません"),
    "not_found.body": (
        "The address may be mistyped, or the page has moved.",
        "アドレスが間違っているか、ページが移動した可能性があります。",
    ),
    "not_found.home": ("Go to the start page", "トップページへ"),
    "problem.our_bug": (
        "Something went wrong on our side. Please try again; if it stays, tell us the reference.",
        "システムに問題が発生しました。もう一度お試しください。解消しない場合は、お問い合わせ番号をお知らせください。",
    ),
    "session.check_failed": (
        "We could not check your sign-in just now. Please try again in a moment.",
        "ただいまログイン状態を確認できません。しばらくしてからもう一度お試しください。",
    ),
}
