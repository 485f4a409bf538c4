from django.apps import apps
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.http import require_POST

from callbacks.admin.changes import latest
from callbacks.admin.exchange import confirm, exchange, export, preview
from callbacks.admin.matrix import matrix_page
from callbacks.admin.overview import now
from callbacks.admin.own_settings import choose_language, own_settings
from callbacks.admin.palette import search
from callbacks.admin.send_test_callback import send_test_callback
from callbacks.admin.try_route import try_route
from jtelbridge.api_docs import DocsView, SchemaView
from jtelbridge.health import healthz, readyz

admin.autodiscover()

urlpatterns = [
    path("", include("callbacks.urls")),
    re_path(r"^api/schema/?$", SchemaView.as_view(), name="schema"),
    re_path(r"^api/docs/?$", DocsView.as_view(), name="docs"),
    path("admin/me/", admin.site.admin_view(own_settings), name="own_settings"),
    path("admin/search/", admin.site.admin_view(search), name="palette"),
    path("admin/now/", admin.site.admin_view(now), name="overview_now"),
    path("admin/changes/", admin.site.admin_view(latest), name="changes"),
    path("admin/exchange/", admin.site.admin_view(exchange), name="exchange"),
    path("admin/exchange/export/", admin.site.admin_view(require_POST(export)), name="export"),
    path(
        "admin/exchange/preview/",
        admin.site.admin_view(require_POST(preview)),
        name="import_preview",
    ),
    path(
        "admin/exchange/import/",
        admin.site.admin_view(require_POST(confirm)),
        name="import_confirm",
    ),
    path("admin/matrix/", admin.site.admin_view(matrix_page), name="matrix"),
    path("admin/test/", admin.site.admin_view(send_test_callback), name="send_test_callback"),
    path("admin/try/", admin.site.admin_view(try_route), name="try_route"),
    path("admin/", admin.site.urls),
    path("i18n/setlang/", choose_language, name="set_language"),
    path("healthz", healthz),
    path("readyz", readyz),
]
if apps.is_installed("crm"):
    urlpatterns.append(path("", include("crm.urls")))

handler404 = "callbacks.errors.not_found"
handler500 = "callbacks.errors.server_error"
