"""The ACD's resources, with and without a trailing slash, and the aliases of a drop-in bridge."""

from django.conf import settings
from django.urls import re_path

from callbacks.views import CallbacksView, CallbackView

callbacks = CallbacksView.as_view()
alias = settings.ACD_ALIAS_ROOT

urlpatterns = [
    re_path(r"^api/v1/callbacks/?$", callbacks, name="callbacks"),
    re_path(r"^api/v1/callbacks/(?P<key>[^/]+)/?$", CallbackView.as_view(), name="callback"),
    re_path(rf"^{alias}/createCallback/?$", callbacks, name="callbacks-alias"),
]
