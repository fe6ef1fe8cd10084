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
        "郵便番号と町名が一致しません。丁目以降は「丁目・番地・号」の欄に入力してください。",
    ),
    "address.town_choose": (
        "This postal code has several towns. Enter yours.",
        "この郵便番号には複数の町名があります。町名を入力してください。",
    ),
    "address.town_roman_missing": (
        "Enter the town in roman letters, like Jingumae.",
        "町名を「Jingumae」のようにローマ字で入力してください。",
    ),
    "address.block_missing": ("Enter your block and house number.", "丁目・番地・号を入力してください。"),
    "address.block_invalid": (
        "Use digits and hyphens, like 1-2-3.",
        "「1-2-3」のように数字とハイフンで入力してください。",
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
    "settings.back": ("Back", "前の画面へ戻る"),
    "settings.go_on": ("Go on with your order", "お申し込みを続ける"),
    "settings.japan": ("Japan", "日本"),
    "settings.add": ("Add address", "住所を登録する"),
    "settings.change": ("Change address", "住所を変更する"),
    "settings.details": ("See details", "詳細を見る"),
    "settings.unlinked": ("Your billing account is not linked yet", "請求アカウントが連携されていません"),
    "settings.unlinked_body": (
        "Link it once, then you find everything here.",
        "一度連携すると、こちらからすべてご利用いただけます。",
    ),
    # Address
    "address.title": ("Your address", "ご住所"),
    "address.lead": (
        "We connect, deliver and bill to this address.",
        "サービスのご利用場所、商品のお届け先、ご請求先となる住所です。",
    ),
    "address.now": ("The address we have", "現在のご登録住所"),
    "address.none": ("We have no complete address of yours yet.", "住所がまだ登録されていません。"),
    "address.new": ("Your new address", "新しい住所"),
    "address.then": (
        "With a new address we have to check anew whether internet is available there.",
        "住所を変更すると、インターネットの提供状況を改めて確認する必要があります。",
    ),
    "address.postal_hint": ("Seven digits. We fill in what we know.", "7桁の数字。わかる範囲で自動入力します。"),
    "address.code_first": (
        "Enter your postal code first; prefecture, city and town follow from it.",
        "まず郵便番号を入力してください。都道府県・市区町村・町名が表示されます。",
    ),
    "address.code_unknown": (
        "We do not know this code yet, which is no problem. Please type the address yourself.",
        "この郵便番号は登録データにありません。お手数ですが、住所を直接入力してください。",
    ),
    "address.city_only": (
        "This code covers the whole city. Please type your town.",
        "この郵便番号では町名まで特定できません。町名を入力してください。",
    ),
    "address.town_which": ("Which one is yours?", "該当する町名をお選びください"),
    "address.town": ("Town", "町名"),
    "address.city_roman": ("City or ward, in roman letters", "市区町村（ローマ字）"),
    "address.town_roman": ("Town, in roman letters", "町名（ローマ字）"),
    "address.city_example": ("渋谷区", "渋谷区"),
    "address.town_example": ("神宮前", "神宮前"),
    "address.block": ("Block and house number", "丁目・番地・号"),
    "address.block_hint": ("With hyphens between the numbers.", "数字をハイフンでつないで入力してください。"),
    "address.dwelling": ("Kind of home", "お住まいの種類"),
    "address.house": ("House", "戸建て"),
    "address.apartment": ("Apartment or condominium", "集合住宅（マンション・アパート）"),
    "address.building": ("Building", "建物名"),
    "address.building_example": ("ハーバーハイツ", "ハーバーハイツ"),
    "address.room": ("Room", "部屋番号"),
    "address.building_roman": ("Building, in roman letters", "建物名（ローマ字）"),
    "address.building_roman_hint": (
        "Needed when its name above is in Japanese.",
        "上の建物名が日本語の場合に必要です。",
    ),
    "address.save": ("Save address", "住所を保存する"),
    "address.being_confirmed": (
        "We received your address and are confirming it. You do not need to send it again.",
        "住所の変更を受け付け、確認しています。もう一度送信する必要はありません。",
    ),
    "address.saved": ("Your address is saved.", "住所を保存しました。"),
    # Whether internet can be had at the address
    "availability.title": ("Internet at your address", "インターネットの提供状況"),
    "availability.lead": (
        "We check the line at your address; it costs nothing, and you need not order.",
        "ご住所で利用できるか、回線設備を確認します。確認は無料で、お申し込みの義務はありません。",
    ),
    "availability.word.not_requested": ("Not checked yet", "未確認"),
    "availability.word.requested": ("Requested", "受付済み"),
    "availability.word.pending": ("Being checked", "確認中"),
    "availability.word.eligible": ("Available", "ご利用いただけます"),
    "availability.word.ineligible": ("Not available", "ご利用いただけません"),
    "availability.no_address_title": ("We need your address first", "先に住所をご登録ください"),
    "availability.no_address": (
        "Add your address; then we can check the line that leads to it.",
        "住所をご登録いただくと、回線設備を確認できます。",
    ),
    "availability.wait": (
        "We looked at this address not long ago. Lines change slowly; please ask again later.",
        "この住所は最近確認したばかりです。期間をおいてからもう一度お試しください。",
    ),
    "availability.add_address": ("Add your address", "住所を登録する"),
    "availability.settling": ("Your new address is on its way to us", "新しい住所を登録しています"),
    "availability.settling_body": (
        "In a moment you can ask here whether internet is available there.",
        "まもなく、新しい住所での提供状況を確認できるようになります。",
    ),
    "availability.ask_title": ("Is internet available at your address?", "ご住所での提供状況を確認しませんか"),
    "availability.ask_body": (
        "Our staff look it up for you. The answer usually takes one to two working days.",
        "担当者が確認し、通常1～2営業日で回答します。",
    ),
    "availability.ask": ("Check my address", "提供状況を確認する"),
    "availability.asking": ("One moment…", "送信しています…"),
    "availability.not_asked": (
        "We could not pass your request on. Please try again in a minute.",
        "確認の受付ができませんでした。しばらくしてからもう一度お試しください。",
    ),
    "availability.requested": ("We have received your request", "確認のご依頼を受け付けました"),
    "availability.pending": ("We are checking your address", "ご住所を確認しています"),
    "availability.asked_on": ("Requested on {day}", "受付日：{day}"),
    "availability.answer_by": (
        "We answer by {day}, here and by e-mail.",
        "{day}までに、この画面とメールで回答します。",
    ),
    "availability.late": (
        "It takes longer than usual. You need not ask again; we answer here and by e-mail.",
        "通常よりお時間をいただいています。改めてのご依頼は不要です。この画面とメールで回答します。",
    ),
    "availability.eligible": ("Internet is available at your address", "ご住所でインターネットをご利用いただけます"),
    "availability.line_home": ("Fibre for a house,", "戸建て向け光回線"),
    "availability.line_apartment": ("Fibre for an apartment building,", "集合住宅向け光回線"),
    "availability.up_to": ("up to {speed} (best effort)", "最大{speed}（ベストエフォート）"),
    "availability.valid_until": ("This answer holds until {day}.", "この回答の有効期限：{day}"),
    "availability.ineligible": (
        "We cannot offer internet at your address",
        "このご住所ではインターネットをご提供できません",
    ),
    "availability.ineligible_body": (
        "Lines are being built; you can ask us to look again, or for another address.",
        "回線設備は拡充されています。もう一度確認するか、別の住所でお試しください。",
    ),
    "availability.again_from": (
        "You can ask again from {day}, or at once for another address.",
        "同じ住所の再確認は{day}から可能です。住所を変更した場合は、すぐに確認できます。",
    ),
    "availability.unknown": ("Our staff take care of your request", "担当者が対応しています"),
    "availability.unknown_body": (
        "Please contact our support team if you want to know more.",
        "詳しくはサポート窓口までお問い合わせください。",
    ),
    "availability.failed": ("We cannot show this right now", "現在、提供状況を表示できません"),
    "availability.failed_body": ("Please try again in a minute.", "しばらくしてからもう一度お試しください。"),
    "availability.next": ("What happens next", "今後の流れ"),
    "availability.step_look": (
        "Our staff look at the line that leads to your home.",
        "お住まいまでの回線設備を担当者が確認します。",
    ),
    "availability.step_tell": (
        "We tell you the answer here and by e-mail.",
        "結果をこの画面とメールでお知らせします。",
    ),
    "availability.step_choose": (
        "You choose among the plans that fit, and order when you like.",
        "ご利用いただけるプランから選び、お好きなときにお申し込みください。",
    ),
    "availability.address": ("The address we check", "確認する住所"),
    "availability.plans": ("Plans for your address", "ご利用いただけるプラン"),
    "availability.all_plans": ("See all internet plans", "インターネットの全プランを見る"),
    # Identity document
    "document.title": ("Identity document", "本人確認書類"),
    "document.lead": (
        "For some services, such as SIM cards, we have to know who you are.",
        "SIMなど一部のサービスでは、ご本人の確認が必要です。",
    ),
    "document.not_submitted": ("Please send us a document", "書類のご提出をお願いします"),
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
    "document.rejected": ("We could not accept your document", "書類を受け付けられませんでした"),
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
    "document.good": ("What we can accept", "ご提出いただける書類"),
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
    "document.word.not_submitted": ("Not sent yet", "未提出"),
    "document.word.submitted": ("Being checked", "確認中"),
    "document.word.verified": ("Accepted", "確認済み"),
    "document.word.rejected": ("Not accepted", "再提出が必要です"),
    "document.submitted": ("Thank you, your document has arrived.", "書類を受け取りました。ありがとうございます。"),
    "document.not_wanted": (
        "You have sent a document already; another one is not needed.",
        "書類はすでにご提出いただいています。再度のご提出は不要です。",
    ),
    "document.hint": ("JPG, PNG or PDF, at most 5 MB", "JPG・PNG・PDF、5MBまで"),
    "document.send": ("Send", "提出する"),
    "document.private": (
        "It goes straight to the staff who check it. The portal keeps no copy.",
        "書類は確認担当者に直接届き、ポータルには保存されません。",
    ),
    "upload.missing": ("Choose a file first.", "ファイルを選択してください。"),
    "upload.empty": ("This file is empty.", "ファイルが空です。"),
    "upload.name": (
        "Rename the file: letters and digits, at most 100 characters.",
        "ファイル名を変更してください（100文字以内、記号は使えません）。",
    ),
    "upload.too_large": ("The file is larger than 5 MB.", "ファイルが5MBを超えています。"),
    "upload.over_limit": ("The file is larger than 10 MB.", "ファイルが10MBを超えています。"),
    "upload.folder": (
        "The file name holds a folder. Choose the file itself, or rename it.",
        "ファイル名にフォルダーが含まれています。ファイルそのものを選ぶか、名前を変更してください。",
    ),
    "upload.archive": (
        "Archives such as ZIP are not taken. Attach the files in it one by one.",
        "ZIPなどの圧縮ファイルは添付できません。中のファイルを1つずつ添付してください。",
    ),
    "upload.content": (
        "What is in the file is not what its name says. Use a JPG, PNG or PDF file.",
        "ファイルの中身が名前の形式と異なります。JPG、PNG、PDFのいずれかをお使いください。",
    ),
    "upload.mixed": (
        "The file holds something else beside the picture or document. Save it anew and attach that.",
        "画像や文書以外のデータが含まれています。保存し直したファイルを添付してください。",
    ),
    "upload.cut_off": (
        "The file is not complete. Open it to see whether it is whole, then attach it again.",
        "ファイルが途中で切れています。開いて内容を確認し、もう一度添付してください。",
    ),
    "upload.too_large_to_read": (
        "The file is too large to be opened here. Ask us to send it another way.",
        "ファイルが大きすぎるため、ここでは開けません。別の方法での送付をご依頼ください。",
    ),
    "upload.in_progress": (
        "This file is still on its way. Wait a moment and try again.",
        "このファイルは送信中です。少し待ってからもう一度お試しください。",
    ),
    "upload.type": ("Use a JPG, PNG or PDF file.", "JPG、PNG、PDFのいずれかのファイルをお使いください。"),
}
