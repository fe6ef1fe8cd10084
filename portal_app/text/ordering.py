"""Carts, checkout and what a SIM order asks for."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cart.unknown_item": (
        "We do not sell this. Choose from the list.",
        "この商品は取り扱っていません。一覧からお選びください。",
    ),
    "cart.not_for_sale": (
        "This cannot be ordered at the moment. Choose another one.",
        "現在お申し込みいただけません。別の商品をお選びください。",
    ),
    "cart.plan_first": ("Choose a plan first.", "先にプランをお選びください。"),
    "cart.needs_voice": (
        "This option needs a plan with voice calls.",
        "このオプションは音声通話付きプランでのみご利用いただけます。",
    ),
    "cart.no_weekend": (
        "Without a visit by a technician there is no weekend appointment.",
        "訪問工事がない場合、土日祝日の工事は選べません。",
    ),
    "cart.goes_with_another": (
        "This belongs to another item. Remove that one and both go.",
        "別の商品に付随する項目です。元の商品を外すと一緒に外れます。",
    ),
    "cart.choose_another": ("Choose another one instead of removing it.", "外すのではなく、別のものをお選びください。"),
    "checkout.plan": ("Choose a plan.", "プランをお選びください。"),
    "checkout.item_gone": (
        "Something in your cart is no longer available. Choose again.",
        "選択した商品の一部は現在取り扱っていません。もう一度お選びください。",
    ),
    "checkout.family": ("Family plans need an active SIM with us.", "家族割プランには、ご利用中のSIM契約が必要です。"),
    "checkout.no_fee": (
        "This plan cannot be ordered online at the moment. Contact us.",
        "このプランは現在オンラインではお申し込みいただけません。お問い合わせください。",
    ),
    "checkout.access_mode": ("Choose how your router connects.", "接続方式をお選びください。"),
    "checkout.installation": ("Choose how to pay for the installation.", "工事費のお支払い方法をお選びください。"),
    "checkout.wishes": (
        "Choose up to three different days, 10 to 90 days from today.",
        "工事希望日は本日から10日後～90日後の範囲で、3日まで（重複なし）お選びください。",
    ),
    "checkout.availability_ask": (
        "Check whether internet is available at your address.",
        "ご住所でインターネットが利用できるかご確認ください。",
    ),
    "checkout.availability_wait": ("We are still checking your address.", "ご住所の提供状況を確認しています。"),
    "checkout.availability_none": (
        "Internet is not available at this address.",
        "このご住所ではインターネットをご利用いただけません。",
    ),
    "checkout.availability_unknown": (
        "We could not read the result for your address. Try again.",
        "ご住所の確認結果を取得できませんでした。もう一度お試しください。",
    ),
    "checkout.offering_dwelling": (
        "This plan is for another type of building.",
        "このプランは建物の種類が異なるためお申し込みいただけません。",
    ),
    "checkout.offering_speed": (
        "This plan is faster than the line at your address.",
        "ご住所の回線速度では、このプランをご利用いただけません。",
    ),
    "checkout.offering_unknown": (
        "We cannot tell whether this plan suits your address. Contact us.",
        "このプランがご住所で利用できるか判断できません。お問い合わせください。",
    ),
    "checkout.address": ("Add your address.", "住所を登録してください。"),
    "checkout.address_confirm": (
        "Confirm that the installation is at this address.",
        "工事を行う住所をご確認ください。",
    ),
    "checkout.address_unknown": (
        "We could not read your address. Try again.",
        "住所を取得できませんでした。もう一度お試しください。",
    ),
    "checkout.services_unknown": (
        "We could not read your services. Try again.",
        "ご契約内容を取得できませんでした。もう一度お試しください。",
    ),
    "checkout.internet_here": (
        "You already have internet at this address. Contact us for a second line.",
        "このご住所ではすでにインターネットをご契約中です。追加をご希望の場合はお問い合わせください。",
    ),
    "checkout.sim_form": ("Choose SIM card or eSIM.", "SIMカードかeSIMをお選びください。"),
    "checkout.phone_ready": (
        "Confirm that your phone is unlocked and takes an eSIM.",
        "お使いの端末がSIMロック解除済みで、eSIMに対応していることをご確認ください。",
    ),
    "checkout.region": (
        "This plan has no region at the moment. Choose another one.",
        "このプランは地域が設定されていません。別のプランをお選びください。",
    ),
    "checkout.link": ("Link your billing account.", "ご契約アカウントを連携してください。"),
    "checkout.payment_method": ("Add a payment method.", "お支払い方法を登録してください。"),
    "checkout.payment_unknown": (
        "We could not read your payment methods. Try again.",
        "お支払い方法を取得できませんでした。もう一度お試しください。",
    ),
    "checkout.document": ("Upload your identity document.", "本人確認書類をアップロードしてください。"),
    "checkout.document_rejected": (
        "Your document could not be accepted. Upload another one.",
        "本人確認書類を受け付けられませんでした。再度アップロードしてください。",
    ),
    "checkout.document_unknown": (
        "We could not read the state of your document. Try again.",
        "本人確認書類の状況を取得できませんでした。もう一度お試しください。",
    ),
    "checkout.open_order": (
        "You have an open order of this kind. See its progress.",
        "同じ種類のお申し込みが手続き中です。進み具合をご確認ください。",
    ),
    "checkout.orders_unknown": (
        "We could not read your orders. Try again.",
        "お申し込み状況を取得できませんでした。もう一度お試しください。",
    ),
    "checkout.terms": ("Read and accept the terms.", "利用規約をお読みのうえ、同意してください。"),
    "sim.eid_missing": ("Enter the EID of your phone.", "端末のEIDを入力してください。"),
    "sim.eid_digits": (
        "An EID has 32 digits: Settings > General > About (iPhone) or dial *#06#.",
        "EIDは32桁の数字です。iPhoneは「設定＞一般＞情報」、その他は *#06# で確認できます。",
    ),
    "sim.eid_wrong": ("This EID is not valid. Check each digit.", "EIDが正しくありません。もう一度ご確認ください。"),
    "sim.start_missing": ("Choose when it starts.", "開始時期をお選びください。"),
    "sim.start_not_scheduled": (
        "A day is only for a scheduled start.",
        "日付は開始日を指定する場合のみ入力してください。",
    ),
    "sim.start_date_missing": ("Choose the day it starts.", "開始日をお選びください。"),
    "sim.start_date_range": (
        "Choose a day within the next 30 days; a SIM card needs 4 days to arrive.",
        "開始日は30日以内でお選びください。SIMカードはお届けまで4日かかります。",
    ),
    "sim.port_in_needs_voice": (
        "A number can be taken along only with a voice plan.",
        "番号の乗り換えは音声通話付きプランでのみご利用いただけます。",
    ),
    "sim.port_in_reservation": ("The MNP reservation number has 10 digits.", "MNP予約番号は10桁の数字です。"),
    "sim.port_in_expiry_missing": (
        "Enter the expiry day of the reservation.",
        "予約番号の有効期限を入力してください。",
    ),
    "sim.port_in_expired": (
        "The reservation has expired. Get a new number from your operator.",
        "予約番号の有効期限が切れています。現在の携帯会社で再取得してください。",
    ),
    "sim.port_in_expiry_too_late": (
        "A reservation is valid for 15 days at most. Check the day.",
        "予約番号の有効期間は最長15日です。日付をご確認ください。",
    ),
    "sim.port_in_ends_before_start": (
        "The reservation ends before your SIM starts.",
        "予約番号の有効期限が開始日より前です。",
    ),
    "sim.port_in_too_few_days": (
        "Too few days are left: 3 for eSIM, 10 for a SIM card.",
        "有効期限までの残り日数が不足しています（eSIMは3日、SIMカードは10日必要です）。",
    ),
    "sim.port_in_phone": ("Enter the mobile number you take along.", "乗り換える携帯電話番号を入力してください。"),
    "sim.port_in_name": (
        "Write the name as in your present contract, at most 50 characters.",
        "現在のご契約名義を50文字以内で入力してください。",
    ),
    "sim.port_in_kana": ("Write the reading in katakana.", "フリガナはカタカナで入力してください。"),
    "sim.port_in_gender": ("Choose as in your present contract.", "現在のご契約と同じものをお選びください。"),
    "sim.port_in_birth_date": ("Enter a real date of birth.", "正しい生年月日を入力してください。"),
    "sim.port_in_under_age": (
        "Contact us to take along a number under 18.",
        "18歳未満の方の乗り換えはお問い合わせください。",
    ),
    "sim.port_in_account": ("This account number cannot be used.", "このお客様番号は使用できません。"),
}
