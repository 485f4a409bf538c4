from django.apps import apps
from django.contrib import admin
from django.urls import include, path, re_path

from jtelbridge.api_docs import DocsView, SchemaView
from jtelbridge.health import healthz, readyz

urlpatterns = [
    path("", include("callbacks.urls")),
    re_path(r"^api/schema/?$", SchemaView.as_view(), name="schema"),
    re_path(r"^api/docs/?$", DocsView.as_view(), name="docs"),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", healthz),
    path("readyz", readyz),
]
if apps.is_installed("crm"):
    urlpatterns.append(path("", include("crm.urls")))

handler404 = "callbacks.errors.not_found"
handler500 = "callbacks.errors.server_error"
