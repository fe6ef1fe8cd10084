"""What the provider sells, as WHMCS knows it. Amounts net of tax, in hundredths of a yen."""

from __future__ import annotations

from typing import Any


def _product(pid: int, gid: int, group: str, name: str, yen: int, *, once: bool = False, module: str = "") -> dict:
    return {
        "id": pid,
        "gid": gid,
        "groupname": group,
        "name": name,
        "slug": name.lower().replace(" ", "-").replace("+", "-").replace("(", "").replace(")", ""),
        "description": f"<p>{name}</p>\r\n<ul><li>Best effort</li><li>24h support &amp; care</li></ul>",
        "module": module,
        "paytype": "onetime" if once else "recurring",
        "monthly": yen * 100,
        "setup": 0,
        "annually": 0,
    }


PRODUCTS: list[dict[str, Any]] = [
    _product(181, 10, "Internet", "Internet Silver (Home 1G)", 4800, module="autorelease"),
    _product(182, 10, "Internet", "Internet Gold (Home 1G)", 5800, module="autorelease"),
    _product(183, 10, "Internet", "Internet Platinum (Home 1G)", 7300, module="autorelease"),
    _product(184, 10, "Internet", "Internet Silver (Apartment 1G)", 4300, module="autorelease"),
    _product(185, 10, "Internet", "Internet Gold (Apartment 1G)", 5300, module="autorelease"),
    _product(186, 10, "Internet", "Internet Platinum (Apartment 1G)", 6800, module="autorelease"),
    _product(187, 10, "Internet", "Internet Silver (Apartment 100M)", 4300, module="autorelease"),
    _product(188, 10, "Internet", "Internet Gold (Apartment 100M)", 5300, module="autorelease"),
    _product(189, 10, "Internet", "Internet Platinum (Apartment 100M)", 6800, module="autorelease"),
    _product(242, 11, "Internet Options", "Installation (single payment)", 22000, once=True),
    _product(243, 11, "Internet Options", "Installation (12 months)", 1833),
    _product(244, 11, "Internet Options", "Installation (24 months)", 916),
    _product(245, 11, "Internet Options", "Weekend installation", 3000, once=True),
    _product(246, 11, "Internet Options", "Home phone", 450),
    _product(247, 11, "Internet Options", "Home phone installation", 1000, once=True),
    _product(97, 20, "SIM", "SIM Data+Voice 5GB", 1500, module="autorelease"),
    _product(98, 20, "SIM", "SIM Data+Voice 10GB", 2000, module="autorelease"),
    _product(99, 20, "SIM", "SIM Data+Voice 25GB", 3000, module="autorelease"),
    _product(100, 20, "SIM", "SIM Data only 50GB", 4500, module="autorelease"),
    _product(101, 21, "SIM Options", "SIM activation", 1500, once=True),
    _product(102, 21, "SIM Options", "Voice mail", 300),
    _product(103, 21, "SIM Options", "Call waiting", 300),
    _product(33, 30, "VPN", "VPN Router USA (San Francisco)", 2500, module="autorelease"),
    _product(54, 30, "VPN", "VPN Router UK (London)", 2500, module="autorelease"),
    _product(37, 31, "VPN Options", "VPN activation", 3000, once=True),
    # Bought by nobody yet: what the catalogue needs beside the above.
    _product(190, 10, "Internet", "Internet Platinum (Home 10G)", 8300, module="autorelease"),
    _product(191, 10, "Internet", "Internet Silver (ADSL)", 3800),
    _product(248, 11, "Internet Options", "Installation without a visit", 3000, once=True),
    _product(249, 11, "Internet Options", "Router rental", 500),
    _product(250, 11, "Internet Options", "Fixed IP address", 1000),
    _product(251, 11, "Internet Options", "Fixed IP address setup", 3000, once=True),
    _product(252, 11, "Internet Options", "Wi-Fi booster rental", 300),
    _product(253, 11, "Internet Options", "Wi-Fi booster delivery", 1000, once=True),
    _product(254, 11, "Internet Options", "Remote support", 500),
    _product(255, 11, "Internet Options", "Remote support setup", 2000, once=True),
    _product(256, 11, "Internet Options", "Television over fibre", 750),
    _product(257, 11, "Internet Options", "Television over fibre work", 2800, once=True),
    _product(258, 11, "Internet Options", "Number display", 400),
    _product(259, 11, "Internet Options", "Moving work", 8000, once=True),
    _product(104, 20, "SIM", "SIM Data only 5GB", 900, module="autorelease"),
    _product(105, 20, "SIM", "SIM Voice only", 1000, module="autorelease"),
    _product(106, 20, "SIM", "SIM Data+Voice 5GB (Family)", 1200, module="autorelease"),
    _product(107, 20, "SIM", "SIM Data+Voice 10GB (Family)", 1600, module="autorelease"),
    _product(112, 20, "SIM", "SIM Data only 100GB", 7000, module="autorelease"),
    _product(113, 20, "SIM", "SIM Data+Voice 3GB", 1100, module="autorelease"),
    _product(108, 21, "SIM Options", "SIM activation, same day", 3000, once=True),
    _product(109, 21, "SIM Options", "Unlimited domestic calls", 1500),
    _product(110, 21, "SIM Options", "Phone insurance", 500),
    _product(111, 21, "SIM Options", "Phone insurance registration", 300, once=True),
    _product(38, 31, "VPN Options", "VPN second device", 800),
    _product(39, 31, "VPN Options", "VPN router protection", 300),
    _product(40, 31, "VPN Options", "VPN router protection registration", 500, once=True),
]
BY_ID = {product["id"]: product for product in PRODUCTS}
INTERNET, SIM, VPN = (181, 182, 183, 184, 185, 186, 187, 188, 189), (97, 98, 99, 100), (33, 54)
