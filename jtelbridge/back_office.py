"""How the admin looks: what Unfold is told. Reads no environment."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "jtelbridge",
    "SITE_HEADER": "jtelbridge",
    "SITE_SUBHEADER": _("Callbacks to Salesforce"),
    "SITE_SYMBOL": "phone_callback",
    "SITE_URL": None,
    "SHOW_LANGUAGES": True,
    "ACCOUNT": {
        "navigation": [
            {"title": _("Language and time zone"), "link": reverse_lazy("own_settings")},
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
        ]
    },
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "callbacks.admin.overview.add_news",
    "STYLES": [
        lambda request: static("callbacks/admin.css"),
        lambda request: static("callbacks/configuration.css"),
    ],
    "SCRIPTS": [lambda request: static("callbacks/admin.js")],
    "SITE_FAVICONS": [{"rel": "icon", "href": lambda request: static("callbacks/icon.svg")}],
    "COLORS": {
        # A tone darker than Unfold's own, for contrast on both grounds.
        "font": {
            "subtle-light": "var(--color-base-600)",
            "default-light": "var(--color-base-700)",
        },
        "primary": {
            "50": "oklch(97% .013 240)",
            "100": "oklch(94% .026 240)",
            "200": "oklch(89% .05 240)",
            "300": "oklch(82% .08 238)",
            "400": "oklch(74% .1 237)",
            "500": "oklch(65% .11 236)",
            "600": "oklch(49% .1 240)",
            "700": "oklch(44% .09 240)",
            "800": "oklch(38% .07 241)",
            "900": "oklch(33% .06 242)",
            "950": "oklch(25% .045 243)",
        },
    },
    "SIDEBAR": {
        "navigation": "callbacks.admin.sidebar.navigation",
        "show_search": True,
        "command_search": True,
    },
    # A history would stay in the browser, with the numbers in it, after somebody signed out.
    "COMMAND": {"search_models": False, "show_history": False},
}
