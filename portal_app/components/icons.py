"""Line icons, drawn inline (paths after Lucide, ISC licence). Decoration only: a label always stands beside them."""

import reflex as rx

PATHS: dict[str, tuple[str, ...]] = {
    "alert": ("M12 9v4", "M12 17h.01", "M10.3 3.9 1.8 18a2 2 0 0 0 1.7 3h17a2 2 0 0 0 1.7-3L13.7 3.9a2 2 0 0 0-3.4 0Z"),
    "check": ("M21.8 10A10 10 0 1 1 17 3.3", "m9 11 3 3L22 4"),
    "clock": ("M12 6v6l4 2", "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Z"),
    "refresh": ("M3 12a9 9 0 0 1 15.5-6.2L21 8", "M21 3v5h-5", "M21 12a9 9 0 0 1-15.5 6.2L3 16", "M8 16H3v5"),
    "menu": ("M4 6h16", "M4 12h16", "M4 18h16"),
    "sun": (
        "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z",
        "M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M6.3 17.7l-1.4 1.4M19.1 4.9l-1.4 1.4",
    ),
    "moon": ("M12 3a6 6 0 0 0 9 9 9 9 0 1 1-9-9Z",),
    "left": ("m15 18-6-6 6-6",),
    "right": ("m9 18 6-6-6-6",),
    "up": ("m18 15-6-6-6 6",),
    "down": ("m6 9 6 6 6-6",),
    "search": ("M11 3a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z", "m21 21-4.3-4.3"),
    "print": (
        "M6 9V2h12v7",
        "M6 18H4a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-2",
        "M6 14h12v8H6z",
    ),
    "bill": ("M4 2v20l2-1 2 1 2-1 2 1 2-1 2 1 2-1 2 1V2l-2 1-2-1-2 1-2-1-2 1-2-1-2 1Z", "M8 8h8M8 12h8M8 16h5"),
    "internet": ("M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Z", "M2 12h20", "M12 2a15 15 0 0 1 0 20 15 15 0 0 1 0-20Z"),
    "sim": ("M6 2h8l4 4v16H6z", "M9 12h6v6H9z"),
    "vpn": ("M12 22s8-4 8-10V5l-8-3-8 3v7c0 6 8 10 8 10Z", "m9 12 2 2 4-4"),
    "other": ("M21 8 12 3 3 8v8l9 5 9-5Z", "m3 8 9 5 9-5", "M12 13v8"),
    "external": ("M15 3h6v6", "M10 14 21 3", "M18 13v6a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h6"),
    "eye": ("M2 12s3.6-7 10-7 10 7 10 7-3.6 7-10 7-10-7-10-7Z", "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z"),
    "upload": ("M12 15V3", "m7 8 5-5 5 5", "M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4"),
    "home": ("m3 10 9-7 9 7v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2Z", "M9 22v-9h6v9"),
    "identity": ("M3 5h18v14H3z", "M8.5 13a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z", "M5.5 16a3 3 0 0 1 6 0", "M14 10h4M14 14h4"),
    "close": ("M18 6 6 18", "m6 6 12 12"),
}


def icon(name: str, class_name: str = "size-4") -> rx.Component:
    """One icon of PATHS, in the colour of the text around it."""
    return rx.el.svg(
        *(rx.el.svg.path(d=path) for path in PATHS[name]),
        class_name=f"icon {class_name}",
        view_box="0 0 24 24",
        aria_hidden="true",
    )
