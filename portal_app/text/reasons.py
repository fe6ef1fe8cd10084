"""Why a form of the entrance was refused: beside a field, or above the form."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
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
    "password.too_short_for_two": ("Use at least 8 characters.", "8文字以上で入力してください。"),
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
    "account.busy": (
        "Another step of yours is still under way. Please try again in a moment.",
        "別のお手続きを処理中です。少し待ってからもう一度お試しください。",
    ),
}
