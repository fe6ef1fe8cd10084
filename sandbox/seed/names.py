"""People and places for the crowd: Japanese names in both scripts, a few from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

FAMILY = {
    "佐藤": "Sato",
    "鈴木": "Suzuki",
    "高橋": "Takahashi",
    "田中": "Tanaka",
    "伊藤": "Ito",
    "渡辺": "Watanabe",
    "山本": "Yamamoto",
    "中村": "Nakamura",
    "小林": "Kobayashi",
    "加藤": "Kato",
    "吉田": "Yoshida",
    "山田": "Yamada",
    "佐々木": "Sasaki",
    "山口": "Yamaguchi",
    "松本": "Matsumoto",
    "井上": "Inoue",
    "木村": "Kimura",
    "林": "Hayashi",
    "斎藤": "Saito",
    "清水": "Shimizu",
    "山崎": "Yamazaki",
    "森": "Mori",
    "池田": "Ikeda",
    "橋本": "Hashimoto",
    "阿部": "Abe",
    "石川": "Ishikawa",
    "前田": "Maeda",
    "藤田": "Fujita",
    "小川": "Ogawa",
    "岡田": "Okada",
    "後藤": "Goto",
    "長谷川": "Hasegawa",
    "村上": "Murakami",
    "近藤": "Kondo",
    "石井": "Ishii",
    "坂本": "Sakamoto",
    "遠藤": "Endo",
    "青木": "Aoki",
    "髙橋": "Takahashi",
    "渡邊": "Watanabe",
}
GIVEN = {
    "太郎": "Taro",
    "健太": "Kenta",
    "翔": "Sho",
    "大輔": "Daisuke",
    "直樹": "Naoki",
    "拓也": "Takuya",
    "健一": "Kenichi",
    "亮": "Ryo",
    "誠": "Makoto",
    "浩": "Hiroshi",
    "蓮": "Ren",
    "陽翔": "Haruto",
    "悠斗": "Yuto",
    "花子": "Hanako",
    "美咲": "Misaki",
    "陽子": "Yoko",
    "恵子": "Keiko",
    "由美子": "Yumiko",
    "愛": "Ai",
    "さくら": "Sakura",
    "葵": "Aoi",
    "結衣": "Yui",
    "真由美": "Mayumi",
    "千尋": "Chihiro",
    "優子": "Yuko",
    "直美": "Naomi",
    "凛": "Rin",
    "美穂": "Miho",
}
ABROAD = [
    ("Sean", "O'Brien"),
    ("Maria", "D'Souza"),
    ("Jürgen", "Müller"),
    ("Linh", "Nguyễn"),
    ("Chloé", "Lefèvre"),
    ("Emma", "van der Berg"),
    ("Priya", "Raghunathan-Venkatasubramanian"),
    ("Li", "Wu"),
]
PLACES = [
    ("Shibuya-ku", "Tokyo", "150-0002", "Shibuya", "03"),
    ("Setagaya-ku", "Tokyo", "154-0017", "Setagaya", "03"),
    ("Minato-ku", "Tokyo", "106-0032", "Roppongi", "03"),
    ("Yokohama-shi Naka-ku", "Kanagawa", "231-0023", "Yamashita-cho", "045"),
    ("Saitama-shi Omiya-ku", "Saitama", "330-0854", "Sakuragi-cho", "048"),
    ("Osaka-shi Kita-ku", "Osaka", "530-0001", "Umeda", "06"),
    ("Kyoto-shi Nakagyo-ku", "Kyoto", "604-8005", "Ebisu-cho", "075"),
    ("Nagoya-shi Naka-ku", "Aichi", "460-0008", "Sakae", "052"),
    ("Fukuoka-shi Hakata-ku", "Fukuoka", "812-0011", "Hakataekimae", "092"),
    ("Sapporo-shi Chuo-ku", "Hokkaido", "060-0042", "Odorinishi", "011"),
    ("Sendai-shi Aoba-ku", "Miyagi", "980-0021", "Chuo", "022"),
    ("Naha-shi", "Okinawa", "900-0015", "Kumoji", "098"),
]


@dataclass(frozen=True, slots=True)
class Person:
    """`first` and `last` as WHMCS stores them: kanji for some, romanised for others."""

    first: str
    last: str
    mailbox: str
    japanese: bool


def person(chance: Random, client_id: int) -> Person:
    if chance.random() < 0.07:
        first, last = chance.choice(ABROAD)
        return Person(first, last, f"customer{client_id}", japanese=False)
    family_kanji, family = chance.choice(list(FAMILY.items()))
    given_kanji, given = chance.choice(list(GIVEN.items()))
    japanese = chance.random() < 0.4
    mailbox = f"{given}.{family}.{client_id}".lower()
    if japanese:
        return Person(given_kanji, family_kanji, mailbox, japanese=True)
    return Person(given, family, mailbox, japanese=False)


def address(chance: Random) -> dict[str, str]:
    city, prefecture, postcode, town, _ = chance.choice(PLACES)
    block = f"{chance.randint(1, 6)}-{chance.randint(1, 25)}-{chance.randint(1, 20)}"
    flat = f"Sakura Heights {chance.randint(101, 1208)}" if chance.random() < 0.6 else ""
    return {"address1": f"{town} {block}", "address2": flat, "city": city, "state": prefecture, "postcode": postcode}


def mobile(chance: Random) -> str:
    return f"0{chance.choice('789')}0-{chance.randint(1000, 9999)}-{chance.randint(1000, 9999)}"
