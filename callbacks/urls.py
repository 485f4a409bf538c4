"""The ACD's resources, with and without a trailing slash, and the aliases of a drop-in bridge."""

from django.conf import settings
from django.urls import re_path

from callbacks.models import Callback
from callbacks.oauth import TokenView
from callbacks.views import CallbacksView, CallbackView

callbacks = CallbacksView.as_view()
voicemails = CallbacksView.as_view(kind=Callback.Kind.VOICEMAIL)
alias = {
    resource: f"{settings.ACD_ALIAS_ROOT}/{name}" for resource, name in settings.ACD_ALIASES.items()
}

urlpatterns = [
    re_path(r"^services/oauth2/token/?$", TokenView.as_view(), name="token"),
    re_path(r"^api/v1/callbacks/?$", callbacks, name="callbacks"),
    re_path(r"^api/v1/callbacks/(?P<key>[^/]+)/?$", CallbackView.as_view(), name="callback"),
    re_path(rf"^{alias['callbacks']}/?$", callbacks, name="callbacks-alias"),
    re_path(r"^api/v1/voicemails/?$", voicemails, name="voicemails"),
    re_path(rf"^{alias['voicemails']}/?$", voicemails, name="voicemails-alias"),
]
