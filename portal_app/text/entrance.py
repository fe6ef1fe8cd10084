"""Signing in and up, linking a billing account, mailed links and passwords, on their pages."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # Sign-in
    "sign_in.title": ("Sign in", "ログイン"),
    "sign_in.lead": ("Use the e-mail address of your account.", "ご登録のメールアドレスでログインしてください。"),
    "sign_in.email": ("E-mail address", "メールアドレス"),
    "sign_in.password": ("Password", "パスワード"),
    "sign_in.show": ("Show password", "パスワードを表示"),
    "sign_in.submit": ("Sign in", "ログイン"),
    "sign_in.failed": ("We could not sign you in", "ログインできませんでした"),
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
}
