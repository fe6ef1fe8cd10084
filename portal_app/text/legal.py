"""Terms of use and privacy notice. A change of meaning needs a new `domain.terms.TERMS_VERSION`."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "legal.terms": ("Terms of use", "利用規約"),
    "legal.privacy": ("Privacy notice", "プライバシーポリシー"),
    "legal.version": ("Version {version}", "{version} 版"),
    "legal.terms_lead": (
        "What you can expect from us, and what we expect from you.",
        "当社がお約束すること、お客様にお守りいただきたいことをまとめています。",
    ),
    "legal.terms_about": ("What these terms are about", "この規約について"),
    "legal.terms_about_body": (
        "They apply to the internet, mobile and VPN services you order in this portal, and to the portal itself.",
        "この規約は、本ポータルでお申し込みいただくインターネット・モバイル・VPNの各サービスと、"
        "本ポータルのご利用に適用されます。",
    ),
    "legal.terms_account": ("Your account", "アカウント"),
    "legal.terms_account_body": (
        "You are 18 or older, and what you tell us about yourself is true. Keep your password to yourself, and tell us "
        "when your address or contact details change.",
        "ご利用は18歳以上の方に限ります。登録内容は正確にご入力ください。パスワードは他人に知られないように管理し、"
        "住所や連絡先が変わったときは変更のお手続きをお願いします。",
    ),
    "legal.terms_orders": ("Orders", "お申し込み"),
    "legal.terms_orders_body": (
        "An order is your request to us. Our staff look at every order; the contract begins when we approve it, and we "
        "tell you so.",
        "お申し込みは担当者がすべて確認します。契約は当社が承諾した時点で成立し、その旨をお知らせします。",
    ),
    "legal.terms_prices": ("Prices", "料金"),
    "legal.terms_prices_body": (
        "The prices shown when you place your order count. They include consumption tax, and you see everything there "
        "is to pay before you order.",
        "お申し込み時に表示された料金が適用されます。料金は税込で、お支払いいただく金額は"
        "お申し込み前にすべて表示されます。",
    ),
    "legal.terms_payment": ("Bills and payment", "ご請求とお支払い"),
    "legal.terms_payment_body": (
        "We bill monthly services every month, and set-up as you chose it. Please pay by the day on the invoice. When "
        "a bill stays unpaid, we may pause the service after telling you.",
        "月額サービスは毎月、初期費用はお選びいただいた方法でご請求します。請求書の期日までにお支払いください。"
        "お支払いがない場合は、事前にお知らせしたうえでサービスを停止することがあります。",
    ),
    "legal.terms_line": ("The line at your address", "回線と工事"),
    "legal.terms_line_body": (
        "Whether we can offer internet depends on the line at your address, so we check it first. Speeds are best "
        "effort. A technician may have to visit you.",
        "インターネットのご利用可否は、ご住所の回線設備によって異なるため、事前に確認します。速度はベストエフォートで、"
        "実際の速度を保証するものではありません。工事担当者の訪問が必要な場合があります。",
    ),
    "legal.terms_identity": ("Who you are", "本人確認"),
    "legal.terms_identity_body": (
        "For some services, such as SIM cards, we have to check an identity document before we can begin.",
        "SIMなど一部のサービスでは、ご利用開始前に本人確認書類の確認が必要です。",
    ),
    "legal.terms_use": ("Fair use", "禁止事項"),
    "legal.terms_use_body": (
        "Please do not use the services against the law or to disturb others, and do not resell them.",
        "法令に反する行為、他の方の迷惑となる行為、サービスの再販売はご遠慮ください。",
    ),
    "legal.terms_ending": ("Ending a contract", "解約"),
    "legal.terms_ending_body": (
        "You may end a service at the end of a month; instalments that are still open remain to be paid. Where the law "
        "gives you the right, you may end a new contract within 8 days of receiving its documents.",
        "サービスは月末付で解約できます。分割払いの残額がある場合は、解約後もお支払いいただきます。"
        "初期契約解除制度の対象となるサービスは、契約書面の受領日から8日以内であれば契約を解除できます。",
    ),
    "legal.terms_changes": ("Changes, and the law", "規約の変更と準拠法"),
    "legal.terms_changes_body": (
        "When these terms change, we tell you before they apply; an order keeps the version you agreed to. The law of "
        "Japan applies, and the Japanese text decides.",
        "規約を変更するときは、適用前にお知らせします。お申し込みには、同意いただいた時点の版が適用されます。"
        "準拠法は日本法とし、日本語版を正文とします。",
    ),
    "legal.privacy_lead": (
        "Which data we hold about you, why, and what you can do about it.",
        "お客様に関するどのような情報を、何のために取り扱うかをご説明します。",
    ),
    "legal.privacy_what": ("What we hold", "取り扱う情報"),
    "legal.privacy_what_body": (
        "Your name, address, e-mail, phone and date of birth; your orders, services, invoices and payments; what you "
        "write to our support; and when and from where you signed in.",
        "お名前・ご住所・メールアドレス・電話番号・生年月日、お申し込み・ご契約・ご請求・お支払いの内容、"
        "お問い合わせの内容、ログインの日時と接続元の情報です。",
    ),
    "legal.privacy_why": ("What we use it for", "利用目的"),
    "legal.privacy_why_body": (
        "To provide, bill and support your services, to check who you are where we must, and to keep your account "
        "safe. We write to you about offers only if you asked for it.",
        "サービスの提供・ご請求・サポート、必要な場合の本人確認、アカウントの保護のために利用します。"
        "ご案内のメールは、希望された方にのみお送りします。",
    ),
    "legal.privacy_document": ("Identity documents", "本人確認書類"),
    "legal.privacy_document_body": (
        "Your document goes straight to our customer records, where only the staff who check it see it. The portal "
        "keeps no copy.",
        "お預かりした書類は顧客管理システムに直接保存され、確認を担当する者だけが閲覧します。"
        "本ポータルには保存されません。",
    ),
    "legal.privacy_cards": ("Cards and bank accounts", "お支払い情報"),
    "legal.privacy_cards_body": (
        "You enter them on our billing site. Full card and account numbers never pass through this portal.",
        "カード番号や口座番号は請求サイトで入力していただきます。番号の全桁を本ポータルで取り扱うことはありません。",
    ),
    "legal.privacy_who": ("Who else sees it", "第三者への提供"),
    "legal.privacy_who_body": (
        "Line and mobile carriers, payment and delivery companies, as far as they need it to serve you; authorities, "
        "where the law says so. We never sell data.",
        "回線・携帯電話事業者、決済会社、配送会社に、サービスの提供に必要な範囲で提供します。"
        "法令に基づく場合を除き、それ以外の第三者には提供しません。販売することもありません。",
    ),
    "legal.privacy_where": ("Where it is", "保管場所"),
    "legal.privacy_where_body": (
        "Some of the companies that keep data for us do so outside Japan. They protect it as Japanese law asks.",
        "データの保管を委託する事業者には、日本国外でデータを保管するものがあります。"
        "委託先には、日本の法令に沿った保護を求めています。",
    ),
    "legal.privacy_cookies": ("Cookies", "Cookie"),
    "legal.privacy_cookies_body": (
        "Only those the portal needs: to keep you signed in, to remember your language and what you chose. None for "
        "advertising.",
        "ログイン状態の維持、言語とお選びいただいた内容の保存など、ポータルの動作に必要なものだけを使用します。"
        "広告には使用しません。",
    ),
    "legal.privacy_long": ("How long we keep it", "保存期間"),
    "legal.privacy_long_body": (
        "While you are our customer, and afterwards as long as tax and telecommunications law ask for.",
        "ご契約期間中と、ご契約終了後に税法や電気通信関連法令で定められた期間保存します。",
    ),
    "legal.privacy_rights": ("What you can do", "お客様の権利"),
    "legal.privacy_rights_body": (
        "Ask us to show, correct or delete your data, or to stop using it. Our support team helps you.",
        "ご自身の情報の開示・訂正・削除・利用停止を請求できます。サポート窓口までご連絡ください。",
    ),
}
