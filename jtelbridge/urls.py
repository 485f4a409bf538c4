from django.apps import apps
from django.contrib import admin
from django.urls import include, path

from jtelbridge.health import healthz, readyz

urlpatterns = [
    path("", include("callbacks.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", healthz),
    path("readyz", readyz),
]
if apps.is_installed("crm"):
    urlpatterns.append(path("", include("crm.urls")))

handler404 = "callbacks.errors.not_found"
handler500 = "callbacks.errors.server_error"
