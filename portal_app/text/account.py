"""The address, whether internet can be had at it, and the identity document."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # Beside a field of the address form
    "address.postal_code_missing": ("Enter your postal code.", "郵便番号を入力してください。"),
    "address.postal_code_invalid": (
        "A postal code has seven digits, like 150-0001.",
        "郵便番号は 150-0001 のように7桁で入力してください。",
    ),
    "address.prefecture_missing": ("Choose your prefecture.", "都道府県を選択してください。"),
    "address.prefecture_mismatch": (
        "This postal code belongs to another prefecture.",
        "郵便番号と都道府県が一致しません。",
    ),
    "address.city_missing": ("Enter your city or ward.", "市区町村を入力してください。"),
    "address.city_mismatch": (
        "This postal code belongs to another city or ward.",
        "郵便番号と市区町村が一致しません。",
    ),
    "address.city_roman_missing": (
        "Enter your city or ward in roman letters, like Shibuya-ku.",
        "市区町村を「Shibuya-ku」のようにローマ字で入力してください。",
    ),
    "address.town_missing": ("Enter the name of your town.", "町名を入力してください。"),
    "address.town_mismatch": (
        "This postal code belongs to another town. Write chome and numbers in the block.",
        "郵便番号と町名が一致しません。丁目・番地は番地の欄に入力してください。",
    ),
    "address.town_choose": (
        "This postal code has several towns. Enter yours.",
        "この郵便番号には複数の町名があります。町名を入力してください。",
    ),
    "address.town_roman_missing": (
        "Enter the town in roman letters, like Jingumae.",
        "町名を「Jingumae」のようにローマ字で入力してください。",
    ),
    "address.block_missing": ("Enter your block and house number.", "番地を入力してください。"),
    "address.block_invalid": (
        "Use digits and hyphens, like 1-2-3.",
        "番地は「1-2-3」のように数字とハイフンで入力してください。",
    ),
    "address.dwelling_missing": ("Choose house or apartment.", "戸建てか集合住宅かをお選びください。"),
    "address.building_missing": ("Enter the name of the building.", "建物名を入力してください。"),
    "address.building_roman_missing": (
        "Enter the name of the building in roman letters too.",
        "建物名をローマ字でも入力してください。",
    ),
    "address.room_missing": ("Enter your room number.", "部屋番号を入力してください。"),
    "address.room_of_house": (
        "A house has no room number. Leave it empty, or choose apartment.",
        "戸建ての場合、部屋番号は入力しないでください。集合住宅の場合は「集合住宅」をお選びください。",
    ),
    "address.room_invalid": (
        "Use letters and digits, like 101, at most 10.",
        "部屋番号は「101」のように10文字以内の英数字で入力してください。",
    ),
    "address.not_japanese": ("Write this in Japanese.", "日本語で入力してください。"),
    "address.not_roman": ("Write this in roman letters.", "ローマ字で入力してください。"),
    "address.too_long": ("This is too long. Shorten it.", "長すぎます。短くして入力してください。"),
    "address.unusable": ("This holds a character we cannot use.", "使用できない文字が含まれています。"),
    # The account page, and ways back
    "settings.title": ("Account", "アカウント"),
    "settings.lead": ("Your address, and what we check for you.", "ご住所と、各種確認の状況です。"),
    "settings.back": ("Back", "前の画面へ戻る"),
    "settings.go_on": ("Go on with your order", "お申し込みを続ける"),
    "settings.japan": ("Japan", "日本"),
    # Identity document
    "document.title": ("Identity document", "本人確認書類"),
    "document.lead": (
        "For some services, such as SIM cards, we have to know who you are.",
        "SIMなど一部のサービスでは、ご本人の確認が必要です。",
    ),
    "document.not_submitted": ("Please send us a document", "書類の提出をお願いします"),
    "document.not_submitted_body": (
        "You need it only once. You can order as soon as it is sent; we look at it before we approve the order.",
        "ご提出は一度だけです。提出後すぐにお申し込みいただけます。書類は、お申し込みの承認前に確認します。",
    ),
    "document.checking": ("We are looking at your document", "書類を確認しています"),
    "document.checking_since": ("Sent on {day}", "提出日：{day}"),
    "document.checking_body": (
        "You need not do anything. We tell you here and by e-mail when we are done, and you can order meanwhile.",
        "お手続きは必要ありません。確認が終わりましたら、この画面とメールでお知らせします。"
        "確認中でもお申し込みいただけます。",
    ),
    "document.verified": ("Your document is accepted", "本人確認が完了しました"),
    "document.verified_on": ("Accepted on {day}", "確認日：{day}"),
    "document.verified_body": (
        "You need not send it again for later orders.",
        "次回以降のお申し込みで、改めてご提出いただく必要はありません。",
    ),
    "document.rejected": ("We could not accept your document", "書類を確認できませんでした"),
    "document.rejected_body": (
        "Please send another one below.",
        "お手数ですが、下のフォームからもう一度ご提出ください。",
    ),
    "document.failed": ("We cannot show this right now", "現在、状況を表示できません"),
    "document.failed_body": ("Please try again in a minute.", "しばらくしてからもう一度お試しください。"),
    "document.unknown": ("Our staff take care of your document", "書類は担当者が対応しています"),
    "document.unknown_body": (
        "Please contact our support team if you want to know more.",
        "詳しくはサポート窓口までお問い合わせください。",
    ),
    "document.send_title": ("Send your document", "書類を提出する"),
    "document.kinds": (
        "A residence card, a driving licence, or the front of a My Number card.",
        "在留カード、運転免許証、マイナンバーカード（表面のみ）のいずれかをご用意ください。",
    ),
    "document.tip_whole": ("The whole card is in the picture, with all four corners.", "四隅まで全体が写っている"),
    "document.tip_sharp": ("Everything can be read: sharp, and without glare.", "文字が鮮明で、光の反射がない"),
    "document.tip_present": (
        "It is still valid, and shows your present name and address.",
        "有効期限内で、現在の氏名・住所が記載されている",
    ),
    "document.file": ("Choose a file, or drop it here", "ファイルを選択、またはここにドロップ"),
    "document.hint": ("JPG, PNG or PDF, at most 5 MB", "JPG・PNG・PDF、5MBまで"),
    "document.send": ("Send", "提出する"),
    "document.private": (
        "It goes straight to the staff who check it. The portal keeps no copy.",
        "書類は確認担当者に直接届き、ポータルには保存されません。",
    ),
    "upload.empty": ("This file is empty.", "ファイルが空です。"),
    "upload.name": (
        "Rename the file: letters and digits, at most 100 characters.",
        "ファイル名を変更してください（100文字以内、記号は使えません）。",
    ),
    "upload.too_large": ("The file is larger than 5 MB.", "ファイルが5MBを超えています。"),
    "upload.type": ("Use a JPG, PNG or PDF file.", "JPG、PNG、PDFのいずれかのファイルをお使いください。"),
}
