"""The catalogue."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
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
        "A router, ready to use, that takes you online through another country.",
        "設定済みのルーターで、海外経由のインターネット接続をご利用いただけます。",
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
    "catalog.choose": ("Choose", "選択する"),
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
}
