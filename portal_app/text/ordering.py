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
    "cart.placing": (
        "This order is being placed. Wait a moment for the answer.",
        "このお申し込みは受付処理中です。結果が出るまでしばらくお待ちください。",
    ),
    "cart.changed": (
        "Your cart was changed in another tab. Look at it again.",
        "別のタブで内容が変更されました。もう一度ご確認ください。",
    ),
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
    "checkout.wishes_weekend": (
        "One of the days you wish for is a weekend. Choose a weekday, or allow weekends.",
        "工事希望日に土日が含まれています。平日を選ぶか、土日祝日の工事をお選びください。",
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
        "インターネットをご利用になる住所をご確認ください。",
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
    "checkout.changed": (
        "Something changed since you opened this page. Look at it again, then place the order.",
        "ページを開いたあとに内容が変わりました。もう一度ご確認のうえ、お申し込みください。",
    ),
    "checkout.in_progress": (
        "Your order is being sent. You do not need to send it again.",
        "お申し込みを送信しています。もう一度送信する必要はありません。",
    ),
    "checkout.unreachable": (
        "Ordering is not possible right now. Your cart is kept; try again in a few minutes.",
        "現在お申し込みいただけません。選択内容は保存されています。数分後にもう一度お試しください。",
    ),
    "checkout.incomplete": (
        "Something is still missing. See the list, then place the order.",
        "まだ必要なお手続きがあります。一覧をご確認のうえ、お申し込みください。",
    ),
    "checkout.line": ("Choose what to order first.", "先にお申し込みの商品をお選びください。"),
    # The checkout page
    "checkout.title": ("Check and order", "お申し込み内容の確認"),
    "checkout.lead": (
        "Look through everything. Nothing is ordered until you press the button.",
        "内容をご確認ください。ボタンを押すまで、お申し込みは確定しません。",
    ),
    "checkout.to_do": ("Needed before you can order: {count}", "お申し込みまでに必要な手続き：{count}件"),
    "checkout.all_set": (
        "Everything is ready. Check it once more, then place your order.",
        "準備が整いました。内容をもう一度ご確認のうえ、お申し込みください。",
    ),
    "checkout.ready": ("Ready", "完了"),
    "checkout.needed": ("To do", "要手続き"),
    "checkout.fix.plan": ("Choose again", "選び直す"),
    "checkout.fix.configure": ("Go to this question", "この項目へ"),
    "checkout.fix.link": ("Link account", "アカウントを連携"),
    "checkout.fix.payment": ("Add payment method", "お支払い方法を登録"),
    "checkout.fix.availability": ("See availability", "提供状況を見る"),
    "checkout.fix.address": ("Add address", "住所を登録"),
    "checkout.fix.confirm": ("Confirm below", "下で確認する"),
    "checkout.fix.document": ("Upload document", "書類を提出"),
    "checkout.fix.terms": ("Accept below", "下で同意する"),
    "checkout.fix.orders": ("See orders", "お申し込み状況を見る"),
    "checkout.what": ("What you order", "お申し込み内容"),
    "checkout.change_choices": ("Change", "変更する"),
    "checkout.change_for": ("Change: {what}", "変更する：{what}"),
    "checkout.included": ("Comes with your plan", "プランに付随"),
    "checkout.where_internet": ("Installed at", "ご利用場所"),
    "checkout.where_delivery": ("Delivered to", "お届け先"),
    "checkout.where_plain": ("Your address", "ご住所"),
    "checkout.where_none": ("You have not given us an address yet.", "住所がまだ登録されていません。"),
    "checkout.where_question": (
        "Your internet is set up at this address. Is it right?",
        "この住所でインターネットを開通します。お間違いありませんか。",
    ),
    "checkout.where_yes": ("Yes, install it here", "はい、この住所で間違いありません"),
    "checkout.where_confirmed": ("You confirmed this address for the installation.", "ご利用場所を確認済みです。"),
    "checkout.available": ("Internet is available here.", "この住所でインターネットをご利用いただけます。"),
    "checkout.pay": ("How you pay", "お支払い方法"),
    "checkout.pay_none": (
        "You add a card on our billing site, in a new tab. This portal never sees its number.",
        "カードは請求サイト（新しいタブ）で登録します。カード番号がこのポータルに渡ることはありません。",
    ),
    "checkout.pay_held": ("A payment method on our billing site", "請求サイトに登録済みのお支払い方法"),
    "checkout.pay_until": ("Valid until {day}", "有効期限：{day}"),
    "checkout.pay_change": ("Change on the billing site", "請求サイトで変更"),
    "checkout.document_sent": (
        "Sent. We look at it before we approve your order.",
        "提出済みです。お申し込みの承認前に確認します。",
    ),
    "checkout.document_good": ("Accepted. You need not send it again.", "確認済みです。再度のご提出は不要です。"),
    "checkout.document_wanted": (
        "This order needs an identity document. You send it only once.",
        "このお申し込みには本人確認書類が必要です。ご提出は一度だけです。",
    ),
    "checkout.document_again": (
        "We could not accept what you sent. Please send another one.",
        "ご提出いただいた書類を受け付けられませんでした。お手数ですが、もう一度ご提出ください。",
    ),
    "checkout.document_reason": ("Why it was not accepted: {reason}", "受け付けられなかった理由：{reason}"),
    "checkout.terms_title": ("Terms", "規約への同意"),
    "checkout.terms_tick": (
        "I have read and accept the terms of use and the privacy notice.",
        "利用規約とプライバシーポリシーを読み、同意します。",
    ),
    "checkout.terms_version": ("Version {version}", "版：{version}"),
    "checkout.terms_accepted": ("Accepted {time}", "同意日時：{time}"),
    "checkout.unknown": ("We could not read this right now.", "現在、この情報を取得できません。"),
    "checkout.prices_as_of": (
        "Prices are as of {time}: our order system does not answer right now.",
        "{time}時点の料金です。現在、受付システムに接続できません。",
    ),
    "checkout.place": ("Place order", "この内容で申し込む"),
    "checkout.placing_now": ("Placing your order…", "お申し込みを送信しています…"),
    "checkout.place_waits": (
        "You can order as soon as nothing is left to do.",
        "必要な手続きがすべて終わると、お申し込みいただけます。",
    ),
    "checkout.place_to_do": ("See what is left", "残りの手続きを見る"),
    "checkout.place_after": (
        "Our staff check every order. You are billed only after they approve it.",
        "お申し込みは担当者がすべて確認します。承認後に初めてご請求が発生します。",
    ),
    "checkout.placing": ("Your order is being placed", "お申し込みを受け付けています"),
    "checkout.placing_body": (
        "This takes a few seconds. You need not do anything: this page goes on by itself.",
        "数秒で完了します。このままお待ちください。画面は自動で切り替わります。",
    ),
    "checkout.unsure": ("We are confirming your order", "お申し込みを確認しています"),
    "checkout.unsure_body": (
        "Your order was sent, but its confirmation has not reached us yet. You need not send it again, and it is never "
        "placed twice. This page goes on by itself as soon as we know; you may also close it and look under Orders.",
        "お申し込みは送信済みですが、受付の確認がまだ取れていません。二重に申し込まれることはありませんので、"
        "もう一度送信する必要はありません。確認が取れ次第、この画面は自動で切り替わります。"
        "画面を閉じて、後ほど「お申し込み」からご確認いただくこともできます。",
    ),
    "checkout.not_placed": (
        "Your order was not placed, and nothing is charged. Your choices are kept: you can try again.",
        "お申し込みは成立しておらず、ご請求も発生しません。選択内容は保存されています。もう一度お試しください。",
    ),
    "checkout.price_changed": (
        "A price has changed since you opened this page. Please look at the new total.",
        "この画面を開いた後に料金が変わりました。新しい合計をご確認ください。",
    ),
    "checkout.unavailable": (
        "We cannot show your order right now. Your choices are kept: try again in a minute.",
        "現在、お申し込み内容を表示できません。選択内容は保存されていますので、しばらくしてからもう一度お試しください。",
    ),
    "checkout.none": ("Your cart is empty", "お申し込み内容がありません"),
    "checkout.none_body": (
        "Choose a plan first. If you have just placed an order, you find it under Orders.",
        "先にプランをお選びください。お申し込み直後の場合は、「お申し込み」からご確認いただけます。",
    ),
    # What was answered
    "checkout.fact.access": ("Connection", "接続方式"),
    "checkout.fact.own_router": ("IPoE with your own router", "IPoE（お手持ちのルーター）"),
    "checkout.fact.gateway": ("IPoE with a home gateway", "IPoE（ホームゲートウェイ）"),
    "checkout.fact.pppoe": ("PPPoE", "PPPoE"),
    "checkout.fact.day": ("Installation day", "工事日"),
    "checkout.fact.weekday": ("Weekday", "平日"),
    "checkout.fact.weekend": ("Weekend or holiday", "土日祝日"),
    "checkout.fact.wishes": ("Days you would like", "工事希望日"),
    "checkout.fact.form": ("SIM", "SIMの種類"),
    "checkout.fact.card": ("SIM card", "SIMカード"),
    "checkout.fact.esim": ("eSIM", "eSIM"),
    "checkout.fact.esim_for": ("eSIM, EID ending in {digits}", "eSIM（EID末尾 {digits}）"),
    "checkout.fact.start": ("Start", "開始時期"),
    "checkout.fact.at_once": ("As soon as it is ready", "準備ができ次第"),
    "checkout.fact.number": ("Phone number", "電話番号"),
    "checkout.fact.new_number": ("A new number", "新しい番号"),
    "checkout.fact.kept_number": ("You keep the number ending in {digits}", "現在の番号を引き継ぐ（末尾 {digits}）"),
    # What it costs
    "price.title": ("What it costs", "料金"),
    "price.today": ("Due today", "本日のお支払い"),
    "price.first_bill": ("First bill", "初回のご請求"),
    "price.first_bill_note": ("A whole month; billed after we approve your order.", "1か月分の料金（承認後にご請求）"),
    "price.first_bill_once": (
        "A whole month and {amount} once; billed after we approve your order.",
        "1か月分＋初期費用 {amount}（承認後にご請求）",
    ),
    "price.first_bill_placed": ("Includes {amount} paid once", "初期費用 {amount} を含みます"),
    "price.monthly": ("Each month", "毎月"),
    "price.later": ("Each month after {months} months", "{months}か月後から毎月"),
    "price.tax": ("including {amount} tax", "うち消費税 {amount}"),
    "price.instalments": ("Installation in {months} payments", "工事費の分割払い（{months}回）"),
    "price.schedule": ("{count} × {amount}, then {last}", "{amount} × {count}回、最終回 {last}"),
    "price.schedule_even": ("{months} × {amount}", "{amount} × {months}回"),
    "price.once": ("once", "1回のみ"),
    "price.a_month": ("a month", "月額"),
    "price.for_months": ("a month for {months} months", "月々（{months}回払い）"),
    "price.rounding": (
        "All amounts include tax, which is worked out once for a whole bill.",
        "表示金額はすべて税込です。消費税は請求ごとにまとめて計算します。",
    ),
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
        "You can keep a number only with a voice plan.",
        "番号の引き継ぎは音声通話付きプランでのみご利用いただけます。",
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
    "sim.port_in_phone": ("Enter the mobile number you keep.", "引き継ぐ携帯電話番号を入力してください。"),
    "sim.port_in_name": (
        "Write the name as in your present contract, at most 50 characters.",
        "現在のご契約名義を50文字以内で入力してください。",
    ),
    "sim.port_in_kana": ("Write the name in katakana.", "フリガナはカタカナで入力してください。"),
    "sim.port_in_gender": ("Choose as in your present contract.", "現在のご契約と同じものをお選びください。"),
    "sim.port_in_birth_date": ("Enter a valid date of birth.", "正しい生年月日を入力してください。"),
    "sim.port_in_under_age": (
        "If you are under 18, contact us to keep a number.",
        "18歳未満の方の番号の引き継ぎについては、お問い合わせください。",
    ),
    "sim.port_in_account": ("This account number cannot be used.", "このお客様番号は使用できません。"),
}
