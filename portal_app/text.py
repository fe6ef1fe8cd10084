"""Every sentence a customer reads, as key -> (English, Japanese). Placeholders are `{name}` and equal in both.

Pages use `components.text.t(key)`, which compiles both languages into the page; the server uses `say(locale, key)`.
"""

from typing import Final

PAGES: dict[str, tuple[str, str]] = {
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
    "nav.services": ("Services", "ご契約サービス"),
    "nav.catalog": ("Plans", "料金プラン"),
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
    # Catalogue
    "catalog.title": ("Plans and prices", "料金プラン"),
    "catalog.lead": (
        "Internet, mobile and VPN, with everything they cost.",
        "インターネット・モバイル・VPNの料金をご案内します。",
    ),
    "catalog.fibre": (
        "Fibre internet for houses and apartments. Speeds are best effort.",
        "戸建て・集合住宅向けの光回線です。速度はベストエフォートです。",
    ),
    "catalog.sim": ("Data and calls with a SIM or an eSIM.", "データ通信と音声通話。SIMとeSIMからお選びいただけます。"),
    "catalog.vpn": (
        "A router that is ready to use, with its exit in another country.",
        "設定済みのルーターで、海外の出口からインターネットをご利用いただけます。",
    ),
    "catalog.as_of": ("Prices as of {time}", "{time} 現在の料金"),
    "catalog.stale": (
        "We cannot reach our price list right now. You see it as it was at {time}.",
        "現在、最新の料金情報を取得できません。{time} 時点の料金を表示しています。",
    ),
    "catalog.unreachable": ("We cannot show our plans right now", "現在、料金プランを表示できません"),
    "catalog.unreachable_body": (
        "Our price list cannot be reached. Please try again in a few minutes.",
        "料金情報を取得できません。数分後にもう一度お試しください。",
    ),
    "catalog.none": ("No plans right now", "現在ご案内できるプランはありません"),
    "catalog.none_body": ("Please look again later.", "しばらくしてからもう一度ご確認ください。"),
    "catalog.see_plans": ("See plans", "プランを見る"),
    "catalog.all": ("All lines", "すべてのサービス"),
    "catalog.from": ("from ¥{amount} a month", "月額 ￥{amount} から"),
    "catalog.yen": ("¥{amount}", "￥{amount}"),
    "catalog.a_month": ("a month", "／月"),
    "catalog.tax_in": ("including ¥{amount} tax", "うち消費税 ￥{amount}"),
    "catalog.plan": ("Plan", "プラン"),
    "catalog.price": ("Price a month", "月額料金"),
    "catalog.setup": ("Set-up", "初期費用"),
    "catalog.no_setup": ("None", "なし"),
    "catalog.once": ("¥{amount} once", "￥{amount}（1回のみ）"),
    "catalog.spread": ("or ¥{amount} a month for {months} months", "または月々 ￥{amount} × {months}回"),
    "catalog.term": ("Billing", "お支払い"),
    "catalog.monthly": ("Every month", "毎月"),
    "catalog.includes": ("What you get", "サービス内容"),
    "catalog.availability": ("Availability", "ご利用可否"),
    "catalog.compare": ("Compare plans", "プランを比較"),
    "catalog.family": ("Family", "家族割"),
    "catalog.home": ("For houses", "戸建て向け"),
    "catalog.apartment": ("For apartments", "集合住宅向け"),
    "catalog.data": ("Data only", "データ通信のみ"),
    "catalog.data_voice": ("Data, SMS and calls", "データ・SMS・音声通話"),
    "catalog.voice": ("Calls only", "音声通話のみ"),
    "catalog.check": ("Check availability", "提供エリアの確認が必要です"),
    "catalog.checking": ("We are checking your address", "ご住所を確認しています"),
    "catalog.here": ("Available at your address", "ご住所でご利用いただけます"),
    "catalog.available": ("Available", "ご利用いただけます"),
    "catalog.unavailable": ("Not available", "ご利用いただけません"),
    "catalog.not_sold": ("Not for sale right now", "現在お申し込みを受け付けていません"),
    "catalog.not_known": ("Availability not known right now", "現在ご利用可否を確認できません"),
    "catalog.why_dwelling": (
        "This plan is for another kind of building than yours.",
        "ご住所の建物の種類には対応していないプランです。",
    ),
    "catalog.why_speed": (
        "This plan is faster than the line at your address allows.",
        "ご住所の回線では対応していない速度のプランです。",
    ),
    "catalog.why_none": ("Our lines do not reach your address.", "ご住所は提供エリア外です。"),
    "catalog.address": (
        "Which of these plans you can have depends on your address, and it has not been checked yet.",
        "ご利用いただけるプランはご住所により異なります。ご住所はまだ確認されていません。",
    ),
    "catalog.address_visitor": (
        "Which of these plans you can have depends on your address. Customers see the answer when they have signed in.",
        "ご利用いただけるプランはご住所により異なります。お客様はログインすると確認結果をご覧いただけます。",
    ),
    # Sign-in
    "sign_in.title": ("Sign in", "ログイン"),
    "sign_in.lead": ("Use the e-mail address of your account.", "ご登録のメールアドレスでログインしてください。"),
    "sign_in.email": ("E-mail address", "メールアドレス"),
    "sign_in.password": ("Password", "パスワード"),
    "sign_in.show": ("Show password", "パスワードを表示"),
    "sign_in.submit": ("Sign in", "ログイン"),
    "sign_in.failed": ("We could not sign you in", "ログインできませんでした"),
    "sign_in.again": (
        "For your security, please sign in again to continue.",
        "安全のため、続けるにはもう一度ログインしてください。",
    ),
    "sign_in.wait_minutes": ("Try again in {minutes} min.", "{minutes}分後にもう一度お試しください。"),
    "sign_in.wait_seconds": ("Try again in {seconds} s.", "{seconds}秒後にもう一度お試しください。"),
    "sign_in.trouble": (
        "Trouble signing in? Contact our support team.",
        "ログインでお困りの場合は、サポート窓口までご連絡ください。",
    ),
    # Forms
    "form.example": ("e.g. {example}", "例：{example}"),
    "form.optional": ("(optional)", "（任意）"),
    "form.password_hint": (
        "At least 12 characters. Several words in a row are easy to remember and hard to guess.",
        "12文字以上。いくつかの単語をつなげると、覚えやすく推測されにくくなります。",
    ),
    "form.strength.short": ("Still too short", "文字数が足りません"),
    "form.strength.weak": ("Easy to guess", "推測されやすいパスワードです"),
    "form.strength.good": ("Good", "十分な強さです"),
    "form.strength.strong": ("Strong", "とても強いパスワードです"),
    # Sign-up
    "signup.title": ("Sign up", "新規登録"),
    "signup.lead": (
        "For customers who have a customer number and no portal account yet. It takes about three minutes.",
        "お客様番号をお持ちで、ポータルに未登録の方はこちら。3分ほどで完了します。",
    ),
    "signup.you": ("About you", "お客様について"),
    "signup.you_body": (
        "Please write your name in roman letters, as in your passport.",
        "お名前は、パスポートと同じローマ字で入力してください。",
    ),
    "signup.last_name": ("Family name", "姓（ローマ字）"),
    "signup.first_name": ("Given name", "名（ローマ字）"),
    "signup.email_hint": (
        "We send you a link to confirm it. You will sign in with this address.",
        "確認用のリンクをお送りします。ログインにも使用します。",
    ),
    "signup.phone": ("Phone number in Japan", "電話番号（日本国内）"),
    "signup.birth_date": ("Date of birth", "生年月日"),
    "signup.company": ("Company", "会社名"),
    "signup.number_section": ("Your contract", "ご契約について"),
    "signup.number": ("Customer number", "お客様番号"),
    "signup.number_hint": ("Letters, digits and hyphens, like C-123456.", "英数字とハイフン（例：C-123456）"),
    "signup.number_where": ("Where do I find my customer number?", "お客様番号の確認方法"),
    "signup.number_where_letter": (
        "On your contract and our welcome letter, at the top right.",
        "ご契約書またはご契約内容のお知らせの右上",
    ),
    "signup.number_where_invoice": ("On every invoice, next to your name.", "請求書のお名前の横"),
    "signup.number_where_ask": (
        "If you cannot find it, our support team tells you.",
        "見つからない場合は、サポート窓口でご案内します。",
    ),
    "signup.address": ("Your address", "ご住所"),
    "signup.address_body": (
        "In roman letters; we use it for your invoices.",
        "ローマ字で入力してください。ご請求に使用します。",
    ),
    "signup.postal_code": ("Postal code", "郵便番号"),
    "signup.prefecture": ("Prefecture", "都道府県"),
    "signup.choose": ("Choose…", "選択してください"),
    "signup.city": ("City or ward", "市区町村"),
    "signup.address1": ("Block number and town", "番地・町名"),
    "signup.address2": ("Building and room", "建物名・部屋番号"),
    "signup.password_section": ("Your password", "パスワード"),
    "signup.terms": (
        "I have read the terms of use and the privacy notice and agree to them.",
        "利用規約とプライバシーポリシーを確認し、同意します。",
    ),
    "signup.terms_short": ("Terms of use", "利用規約への同意"),
    "signup.marketing": (
        "Tell me about new services and offers by e-mail. You can change this at any time.",
        "新しいサービスやキャンペーンの案内をメールで受け取る（いつでも変更できます）",
    ),
    "signup.submit": ("Sign up", "登録する"),
    "signup.have_account": ("You have a portal account?", "ポータルに登録済みの方："),
    "signup.have_billing": ("You pay us online already?", "請求サイトをご利用中の方："),
    "signup.status.title": ("Your sign-up", "ご登録の状況"),
    "signup.status.lead": ("Your e-mail address is confirmed.", "メールアドレスを確認しました。"),
    "signup.status.waiting": ("We are checking your sign-up", "ご登録内容を確認しています"),
    "signup.status.waiting_body": (
        "Our staff check that the customer number is yours. You need not do anything: we write to you when your "
        "account is ready. Until then signing in is not possible.",
        "お客様番号がご本人のものであることを担当者が確認しています。お手続きは必要ありません。"
        "アカウントのご用意ができましたらメールでお知らせします。それまではログインできません。",
    ),
    "signup.status.finishing": ("We are making your account", "アカウントを作成しています"),
    "signup.status.finishing_body": (
        "It takes a little longer than usual. You can close this page: we write to you when your account is ready.",
        "通常より時間がかかっています。この画面は閉じてかまいません。ご用意ができましたらメールでお知らせします。",
    ),
    "signup.status.refused": ("We could not make your account", "アカウントを作成できませんでした"),
    "signup.status.refused_body": (
        "We have sent you a mail that says why and what you can do. Nothing was charged.",
        "理由と今後のお手続きをメールでお知らせしました。料金は発生していません。",
    ),
    # Linking
    "link.title": ("Link your billing account", "請求アカウントを連携する"),
    "link.lead": (
        "You have paid us on the billing site before? Enter its sign-in once, then choose a password for the portal.",
        "請求サイトをご利用中の方は、そのログイン情報を1回入力してください。続いてポータルのパスワードを設定します。",
    ),
    "link.email": ("E-mail address of the billing account", "請求アカウントのメールアドレス"),
    "link.password": ("Password of the billing account", "請求アカウントのパスワード"),
    "link.password_hint": ("We check it once and do not keep it.", "1回だけ確認に使用し、保存しません。"),
    "link.submit": ("Link", "連携する"),
    "link.have_account": ("Linked already?", "連携済みの方："),
    "link.no_billing": ("No billing account yet?", "請求アカウントをお持ちでない方："),
    "link.code_title": ("Enter the code from the mail", "確認コードの入力"),
    "link.code_lead": (
        "Your billing account is protected by a second factor. We sent a code to its e-mail address.",
        "請求アカウントは二段階認証で保護されています。登録メールアドレスに確認コードを送信しました。",
    ),
    "link.code": ("Code", "確認コード"),
    "link.code_hint": ("Six digits; it works for 10 minutes.", "6桁の数字（有効期限10分）"),
    "link.code_missing": ("No mail, or too late?", "届かない・期限切れの場合："),
    "link.code_again": ("Start again", "最初からやり直す"),
    # Mailed links and passwords
    "check_mail.title": ("Check your mail", "メールをご確認ください"),
    "check_mail.lead": (
        "What to do next is in the mail we send you.",
        "次のお手続きをメールでご案内します。",
    ),
    "check_mail.look": (
        "Look into your mailbox. It may take a few minutes.",
        "メールボックスをご確認ください。届くまで数分かかることがあります。",
    ),
    "check_mail.look_in": (
        "Look into the mailbox of {email}. It may take a few minutes.",
        "{email} のメールボックスをご確認ください。届くまで数分かかることがあります。",
    ),
    "check_mail.open": (
        "Open the newest mail and follow the link in it.",
        "最新のメールを開き、リンクに進んでください。",
    ),
    "check_mail.junk": (
        "Nothing there? Look into the folder for unwanted mail, too.",
        "届かない場合は、迷惑メールフォルダーもご確認ください。",
    ),
    "check_mail.nothing": ("Send the confirmation of my sign-up again", "登録確認メールをもう一度受け取る"),
    "check_mail.again_body": (
        "The newest mail counts; links of older ones stop working.",
        "最新のメールのみ有効です。以前のメールのリンクは無効になります。",
    ),
    "check_mail.again": ("Send again", "もう一度送信する"),
    "check_mail.forgot": ("It was about your password?", "パスワードの再設定："),
    "verify.title": ("Confirm your sign-up", "ご登録の確認"),
    "verify.lead": ("One last step to your account.", "あと1ステップで登録が完了します。"),
    "verify.password": ("Password you chose at sign-up", "登録時に設定したパスワード"),
    "verify.password_hint": (
        "So we know that it is you who reads this mail.",
        "メールを受け取ったのがご本人であることを確認します。",
    ),
    "verify.submit": ("Confirm", "確認する"),
    "verify.renew": ("Get a new mail", "新しいメールを受け取る"),
    "reset.title": ("Choose a new password", "パスワードの再設定"),
    "reset.lead": (
        "All your devices are signed out when you change it.",
        "変更すると、すべての端末からログアウトされます。",
    ),
    "reset.password": ("New password", "新しいパスワード"),
    "reset.submit": ("Change password", "パスワードを変更する"),
    "reset.renew": ("Ask for a new link", "新しいリンクを受け取る"),
    "reset.done": (
        "Your password is changed. Please sign in with the new one.",
        "パスワードを変更しました。新しいパスワードでログインしてください。",
    ),
    "set_password.title": ("Choose your portal password", "ポータルのパスワードを設定"),
    "set_password.lead": (
        "Your billing account is linked. From now on you sign in with this password.",
        "請求アカウントを連携しました。今後はこのパスワードでログインしてください。",
    ),
    "set_password.submit": ("Save and open the portal", "保存してポータルを開く"),
    "forgot.title": ("Forgot your password?", "パスワードをお忘れの方"),
    "forgot.lead": (
        "Enter your e-mail address; we send you a link to choose a new one.",
        "メールアドレスを入力してください。再設定用のリンクをお送りします。",
    ),
    "forgot.submit": ("Send link", "リンクを送信する"),
    "forgot.again": ("Ask for a new link", "リンクを再送する"),
    "forgot.remembered": ("Remembered it?", "思い出した方："),
    "sign_in.forgot": ("Forgot your password?", "パスワードをお忘れの方"),
    "sign_in.new": ("No portal account yet?", "ポータルに未登録の方："),
    # Dashboard
    "dashboard.title": ("Dashboard", "ホーム"),
    "dashboard.hello": ("Hello, {name}", "{name} 様"),
    "dashboard.hello_plain": ("Welcome back", "ようこそ"),
    "dashboard.lead": ("Here is how your account stands today.", "本日時点のご契約とご請求の状況です。"),
    "dashboard.tasks": ("To do", "お客さまへのお知らせ"),
    "dashboard.task.overdue": (
        "{amount} is overdue",
        "お支払い期限を過ぎたご請求があります（{amount}）",
    ),
    "dashboard.task.overdue_action": ("Review and pay", "確認して支払う"),
    "dashboard.task.due_soon": (
        "Invoice {number} ({amount}) is due on {day}",
        "請求書 {number}（{amount}）のお支払い期限は{day}です",
    ),
    "dashboard.task.due_soon_action": ("Open invoice", "請求書を開く"),
    "dashboard.task.suspended": ("{name} is suspended", "「{name}」は現在ご利用を停止しています"),
    "dashboard.task.suspended_action": ("See details", "詳細を見る"),
    "dashboard.task.clear": ("You are all set. There is nothing to do.", "ご対応が必要なお手続きはありません。"),
    "dashboard.next_bill": ("Next bill", "次回のお支払い"),
    "dashboard.next_bill_due": ("Due {day}", "お支払い期限 {day}"),
    "dashboard.next_bill_late": ("Was due {day}", "お支払い期限（{day}）を過ぎています"),
    "dashboard.next_bill_none": ("Nothing to pay", "お支払いはありません"),
    "dashboard.next_bill_none_body": ("All your invoices are settled.", "すべてのご請求のお支払いが完了しています。"),
    "dashboard.unpaid": ("To pay", "お支払い残高"),
    "dashboard.overdue": ("Overdue", "期限超過分"),
    "dashboard.active": ("Active services", "ご利用中のサービス"),
    "dashboard.invoice_count": ("Invoices: {count}", "{count}件"),
    "dashboard.service_count": ("Of {count} in all", "全{count}件中"),
    "dashboard.recent": ("Recent invoices", "最近のご請求"),
    "dashboard.services": ("Your services", "ご契約サービス"),
    # Invoices
    "billing.pay": ("Pay", "支払う"),
    "billing.pay_amount": ("Pay {amount}", "{amount} を支払う"),
    "billing.waiting": ("Waiting for your payment", "お支払いの確認中"),
    "billing.waiting_body": (
        "We opened the payment page in another tab. This page changes by itself as soon as the payment arrives.",
        "お支払いページを別のタブで開きました。お支払いが確認できると、この画面は自動で切り替わります。",
    ),
    "billing.stale": (
        "We cannot reach the billing system right now. You see our last copy; paying is paused until it is back.",
        "現在、請求システムに接続できません。最後に取得した内容を表示しています。復旧するまでお支払いはご利用いただけません。",
    ),
    "billing.unavailable": (
        "We cannot reach the billing system right now. Please try again in a few minutes.",
        "現在、請求システムに接続できません。数分後にもう一度お試しください。",
    ),
    "billing.not_payable": (
        "This invoice cannot be paid any more. You see how it stands now.",
        "この請求書はお支払いの対象ではなくなりました。現在の状態を表示しています。",
    ),
    "billing.pay_unavailable": (
        "We could not open the payment page. Please try again in a few minutes.",
        "お支払いページを開けませんでした。数分後にもう一度お試しください。",
    ),
    "billing.busy": (
        "Many customers are asking at once. Please try again in a moment.",
        "ただいまアクセスが集中しています。しばらくしてからもう一度お試しください。",
    ),
    "status.unpaid": ("Unpaid", "未払い"),
    "status.overdue": ("Overdue", "期限超過"),
    "status.paid": ("Paid", "お支払い済み"),
    "status.cancelled": ("Cancelled", "取消"),
    "status.refunded": ("Refunded", "返金済み"),
    "status.collections": ("In collection", "回収手続き中"),
    "status.payment_pending": ("Payment pending", "入金確認中"),
    "status.other": ("Other", "その他"),
    "invoices.title": ("Invoices", "ご請求一覧"),
    "invoices.lead": (
        "Everything we have billed you; what needs paying comes first.",
        "お支払いが必要なご請求から順に表示します。",
    ),
    "invoices.due": ("To pay", "お支払い残高"),
    "invoices.overdue": ("Of which overdue", "うち期限超過分"),
    "invoices.tabs": ("Filter by status", "状態で絞り込む"),
    "invoices.tab.all": ("All", "すべて"),
    "invoices.tab.other": ("Other", "その他"),
    "invoices.search": ("Search by invoice number", "請求書番号で検索"),
    "invoices.search_action": ("Search", "検索"),
    "invoices.clear": ("Show all invoices", "すべてのご請求を表示"),
    "invoices.column.number": ("Invoice", "請求書番号"),
    "invoices.column.status": ("Status", "状態"),
    "invoices.column.issued": ("Issued", "発行日"),
    "invoices.column.due": ("Due", "支払期限"),
    "invoices.column.total": ("Total", "金額"),
    "invoices.column.action": ("Payment", "お支払い"),
    "invoices.left": ("{amount} left to pay", "残高 {amount}"),
    "invoices.sort": ("Sort by", "並べ替え"),
    "invoices.none": ("No invoices yet", "ご請求はまだありません"),
    "invoices.none_body": (
        "Your first invoice will appear here as soon as it is issued.",
        "最初の請求書が発行されると、ここに表示されます。",
    ),
    "invoices.none_match": ("No invoice matches", "該当する請求書がありません"),
    "invoices.none_match_body": (
        "Try another number or status.",
        "番号または状態を変えて、もう一度お試しください。",
    ),
    "invoices.pages": ("Pages of invoices", "ご請求一覧のページ"),
    "invoices.range": ("{first}–{last} of {total}", "{total}件中 {first}〜{last}件"),
    "invoices.previous": ("Previous", "前へ"),
    "invoices.next": ("Next", "次へ"),
    # One invoice
    "invoice.title": ("Invoice {number}", "請求書 {number}"),
    "invoice.page": ("Invoice", "請求書"),
    "invoice.back": ("All invoices", "ご請求一覧"),
    "invoice.print": ("Print", "印刷"),
    "invoice.issued": ("Issued", "発行日"),
    "invoice.due": ("Due", "お支払い期限"),
    "invoice.paid": ("Paid", "お支払い日"),
    "invoice.balance": ("Left to pay", "お支払い残高"),
    "invoice.total": ("Total", "合計（税込）"),
    "invoice.subtotal": ("Subtotal", "小計"),
    "invoice.tax": ("Consumption tax {rate}", "消費税（{rate}）"),
    "invoice.credit": ("Credit applied", "クレジット充当額"),
    "invoice.lines": ("What we billed", "ご請求内訳"),
    "invoice.line": ("Description", "内容"),
    "invoice.amount": ("Amount", "金額"),
    "invoice.service": ("View service", "サービスを見る"),
    "invoice.ledger": ("Payments", "お支払い履歴"),
    "invoice.ledger_none": ("No payment has been recorded yet.", "お支払いの記録はまだありません。"),
    "invoice.reference": ("Reference", "取引番号"),
    "invoice.kind.payment": ("Payment", "お支払い"),
    "invoice.kind.refund": ("Refund", "返金"),
    "invoice.kind.credit": ("Credit", "クレジット充当"),
    "invoice.settled": ("Nothing left to pay. Thank you.", "お支払いは完了しています。ありがとうございました。"),
    "invoice.refunded": (
        "We refunded this invoice. Nothing is left to pay.",
        "この請求書は返金済みです。お支払いの必要はありません。",
    ),
    "invoice.cancelled": (
        "This invoice was cancelled. You do not need to pay it.",
        "この請求書は取り消されました。お支払いの必要はありません。",
    ),
    "invoice.missing": ("We could not find this invoice", "請求書が見つかりません"),
    "invoice.missing_body": (
        "It may have been removed, or the address is not complete.",
        "削除されたか、アドレスが正しくない可能性があります。",
    ),
    # Services
    "services.title": ("Services", "ご契約サービス"),
    "services.lead": (
        "What you have with us, what it costs and when it is due.",
        "ご契約内容と料金、次回お支払い日を表示します。",
    ),
    "services.none": ("No services yet", "ご契約中のサービスはありません"),
    "services.none_body": (
        "Once a service is ordered it appears here.",
        "サービスをお申し込みいただくと、ここに表示されます。",
    ),
    "services.past": ("Past services", "過去のご契約"),
    "services.price": ("Price", "料金"),
    "services.next_due": ("Next due", "次回お支払い日"),
    "services.since": ("Since", "ご利用開始日"),
    "services.stale": (
        "We cannot reach the billing system right now. You see our last copy of your services.",
        "現在、請求システムに接続できません。最後に取得したご契約内容を表示しています。",
    ),
    "services.unavailable": (
        "We cannot load your services right now. Please try again in a few minutes.",
        "現在、ご契約内容を取得できません。数分後にもう一度お試しください。",
    ),
    "services.suspended": (
        "This service is suspended. Paying overdue invoices usually brings it back.",
        "このサービスは現在停止しています。未払いのご請求をお支払いいただくと、通常は再開されます。",
    ),
    "services.see_invoices": ("See unpaid invoices", "未払いのご請求を見る"),
    "kind.internet": ("Internet", "インターネット"),
    "kind.sim": ("Mobile", "モバイル"),
    "kind.vpn": ("VPN", "VPN"),
    "kind.other": ("Service", "サービス"),
    "service.pending": ("Being set up", "準備中"),
    "service.active": ("Active", "ご利用中"),
    "service.suspended": ("Suspended", "停止中"),
    "service.terminated": ("Ended", "終了"),
    "service.cancelled": ("Cancelled", "解約済み"),
    "service.fraud": ("On hold", "確認中"),
    "service.completed": ("Completed", "完了"),
    "service.other": ("Other", "その他"),
    "cycle.free": ("Free", "無料"),
    "cycle.onetime": ("One time", "一回払い"),
    "cycle.monthly": ("per month", "月額"),
    "cycle.quarterly": ("every 3 months", "3か月ごと"),
    "cycle.semiannually": ("every 6 months", "6か月ごと"),
    "cycle.annually": ("per year", "年額"),
    "cycle.biennially": ("every 2 years", "2年ごと"),
    "cycle.triennially": ("every 3 years", "3年ごと"),
    "cycle.other": ("recurring", "継続"),
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

HTTP: dict[str, tuple[str, str]] = {
    # Beside a field of the sign-in form, or above it
    "sign_in.email_missing": ("Enter your e-mail address.", "メールアドレスを入力してください。"),
    "sign_in.email_invalid": (
        "Enter an e-mail address like name@example.com.",
        "メールアドレスを name@example.com の形式で入力してください。",
    ),
    "sign_in.password_missing": ("Enter your password.", "パスワードを入力してください。"),
    "sign_in.refused": (
        "E-mail or password is not right.",
        "メールアドレスまたはパスワードが正しくありません。",
    ),
    "sign_in.locked": ("Too many tries. Please wait a moment.", "試行回数が多すぎます。しばらくお待ちください。"),
    "sign_in.busy": (
        "Many people are signing in right now. Please try again in a few seconds.",
        "ただいまログインが混み合っています。数秒後にもう一度お試しください。",
    ),
    "sign_in.unavailable": (
        "Signing in is not possible right now. Please try again in a minute.",
        "現在ログインできません。しばらくしてからもう一度お試しください。",
    ),
    # Beside a field of the sign-up form
    "signup.number_missing": ("Enter your customer number.", "お客様番号を入力してください。"),
    "signup.number_invalid": (
        "A customer number has 4 to 20 letters, digits and hyphens, like C-123456.",
        "お客様番号は、C-123456 のように4～20文字の英数字とハイフンで入力してください。",
    ),
    "signup.number_unusable": (
        "We cannot use this customer number. Check it for typing errors. If you already have a portal account, sign in "
        "instead; if you pay us already, link your billing account.",
        "このお客様番号はご利用いただけません。入力に誤りがないかご確認ください。登録済みの方はログイン、"
        "すでにお支払いの契約がある方は請求アカウントの連携をご利用ください。",
    ),
    "signup.first_name_missing": ("Enter your first name.", "名を入力してください。"),
    "signup.last_name_missing": ("Enter your last name.", "姓を入力してください。"),
    "signup.name_not_roman": (
        "Write the name in roman letters, as in your passport.",
        "お名前は、パスポートの表記と同じローマ字で入力してください。",
    ),
    "signup.name_too_long": ("Use at most 50 letters.", "50文字以内で入力してください。"),
    "signup.kana_invalid": ("Write the reading in katakana.", "フリガナはカタカナで入力してください。"),
    "signup.company_too_long": ("Use at most 100 characters.", "100文字以内で入力してください。"),
    "signup.text_unusable": (
        "This holds a character we cannot use.",
        "使用できない文字が含まれています。",
    ),
    "signup.birth_date_invalid": (
        "Enter a real day as year, month, day, like 1985-04-12.",
        "生年月日は 1985-04-12 のように、年・月・日の順に入力してください。",
    ),
    "signup.too_young": (
        "You must be 18 or older to sign up here. Please contact our support team.",
        "こちらでのご登録は18歳以上の方に限ります。サポート窓口までご連絡ください。",
    ),
    "signup.phone_missing": ("Enter your phone number.", "電話番号を入力してください。"),
    "signup.phone_invalid": (
        "Enter a phone number in Japan, like 090-1234-5678 or 03-1234-5678.",
        "日本国内の電話番号を、090-1234-5678 または 03-1234-5678 のように入力してください。",
    ),
    "signup.postal_code_missing": ("Enter your postal code.", "郵便番号を入力してください。"),
    "signup.postal_code_invalid": (
        "A postal code has seven digits, like 150-0001.",
        "郵便番号は 150-0001 のように7桁で入力してください。",
    ),
    "signup.prefecture_missing": ("Choose your prefecture.", "都道府県を選択してください。"),
    "signup.city_missing": ("Enter your city or ward.", "市区町村を入力してください。"),
    "signup.address1_missing": ("Enter your block number and town.", "番地と町名を入力してください。"),
    "signup.address_not_roman": (
        "Write the address in roman letters, like 1-2-3 Jingumae.",
        "住所は「1-2-3 Jingumae」のようにローマ字で入力してください。",
    ),
    "signup.address_too_long": ("Use at most 100 characters.", "100文字以内で入力してください。"),
    "signup.gender_unknown": ("Choose one of the answers.", "選択肢から選んでください。"),
    "signup.terms_missing": (
        "To go on, please accept the terms of use.",
        "続けるには、利用規約への同意が必要です。",
    ),
    "verify.password_wrong": (
        "This is not the password you chose when you signed up.",
        "ご登録時に設定したパスワードと一致しません。",
    ),
    # Why a mailed link does not work
    "token.unknown": (
        "This link is not complete. Open it again from the mail, or ask for a new one.",
        "リンクが正しくありません。メールからもう一度開くか、新しいメールをお受け取りください。",
    ),
    "token.expired": (
        "This link is too old. Ask for a new one.",
        "リンクの有効期限が切れています。新しいメールをお受け取りください。",
    ),
    "token.used": (
        "This link was used already. If it was you, sign in.",
        "このリンクはすでに使用されています。お心当たりがある場合は、ログインしてください。",
    ),
    "token.void": (
        "This link no longer works: a newer mail replaced it, or it was tried too often. Ask for a new one.",
        "このリンクは無効です。新しいメールが送信されたか、試行回数の上限を超えました。新しいメールをお受け取りください。",
    ),
    # Why a billing account is not linked
    "link.no_client": (
        "This sign-in owns no billing account that is open. Please contact our support team.",
        "このログイン情報に、ご利用中の請求アカウントがありません。サポート窓口までご連絡ください。",
    ),
    "link.several_clients": (
        "This sign-in owns several billing accounts. Please contact our support team; we link the right one for you.",
        "このログイン情報には複数の請求アカウントがあります。サポート窓口までご連絡ください。担当者が連携いたします。",
    ),
    "link.closed": (
        "This billing account is closed. Please contact our support team.",
        "この請求アカウントは閉鎖されています。サポート窓口までご連絡ください。",
    ),
    "link.already_linked": (
        "This billing account is linked already. Sign in, or reset your password.",
        "この請求アカウントはすでに連携済みです。ログインするか、パスワードを再設定してください。",
    ),
    "link.no_number": (
        "This billing account has no customer number yet. Please contact our support team.",
        "この請求アカウントにはお客様番号が登録されていません。サポート窓口までご連絡ください。",
    ),
    "link.no_account": (
        "We do not find the customer number of this billing account. Please contact our support team.",
        "この請求アカウントのお客様番号が見つかりません。サポート窓口までご連絡ください。",
    ),
    "link.account_taken": (
        "The customer number of this billing account belongs to another one. Please contact our support team.",
        "この請求アカウントのお客様番号は、別のアカウントで使用されています。サポート窓口までご連絡ください。",
    ),
    "link.code_wrong": (
        "This code is not right. Look at the newest mail.",
        "確認コードが正しくありません。最新のメールをご確認ください。",
    ),
    "link.code_expired": (
        "This code no longer works. Start again to get a new one.",
        "この確認コードは無効です。最初からやり直して、新しいコードをお受け取りください。",
    ),
    "users.email_taken": (
        "This e-mail address has a portal account already. Sign in, or reset your password.",
        "このメールアドレスはすでに登録されています。ログインするか、パスワードを再設定してください。",
    ),
    "users.client_taken": (
        "This billing account is linked to another sign-in. Please contact our support team.",
        "この請求アカウントは別のログインと連携済みです。サポート窓口までご連絡ください。",
    ),
    "users.account_taken": (
        "This customer number is linked to another sign-in. Please contact our support team.",
        "このお客様番号は別のログインと連携済みです。サポート窓口までご連絡ください。",
    ),
    "accounts.other_client": (
        "This customer number belongs to another billing account. Please contact our support team.",
        "このお客様番号は別の請求アカウントで使用されています。サポート窓口までご連絡ください。",
    ),
    # Why a new password is not accepted
    "password.too_short": ("Use at least 12 characters.", "12文字以上で入力してください。"),
    "password.too_long": ("Use at most 256 characters.", "256文字以内にしてください。"),
    "password.unusable_character": (
        "This password holds a character that cannot be typed.",
        "入力できない文字が含まれています。",
    ),
    "password.too_common": (
        "This password is easy to guess. Choose another one.",
        "推測されやすいパスワードです。別のパスワードにしてください。",
    ),
    "password.is_email": (
        "Your e-mail address cannot be your password.",
        "メールアドレスをパスワードにすることはできません。",
    ),
    "password.is_own_data": (
        "Your name, phone or customer number cannot be your password.",
        "お名前・電話番号・お客様番号をパスワードにすることはできません。",
    ),
    "password.already_set": (
        "Your password is set already. Sign in with it.",
        "パスワードはすでに設定されています。そのパスワードでログインしてください。",
    ),
    # Problem documents (RFC 9457)
    "problem.malformed": ("We could not read this request.", "リクエストを読み取れませんでした。"),
    "problem.validation": ("Please check what you entered.", "入力内容をご確認ください。"),
    "problem.bad_credentials": (
        "E-mail or password is not right.",
        "メールアドレスまたはパスワードが正しくありません。",
    ),
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

MAILS: dict[str, tuple[str, str]] = {
    # Mails
    "mail.greeting": ("Hello,", "お客様"),
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
    "mail.notice.subject": ("{portal}: {subject}", "【{portal}】{subject}"),
    "mail.notice.body": ("{body}", "{body}"),
}

LANGUAGES: Final[dict[str, tuple[str, str]]] = {"en": ("English", "EN"), "ja": ("日本語", "日本語")}
"""Each language by its own name, in full and short."""

SENTENCES: Final[dict[str, tuple[str, str]]] = PAGES | HTTP | MAILS


def say(locale: str, key: str, **values: object) -> str:
    """The sentence in that language with its placeholders filled. Raises KeyError for an unknown key."""
    return SENTENCES[key][1 if locale == "ja" else 0].format(**values)
