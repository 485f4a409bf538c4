"""What an ACD reaches of the org's own through us. Comes after all that we answer ourselves."""

from django.urls import re_path

from crm.passthrough.views import PassThroughView

urlpatterns = [
    re_path(r"^services/apexrest/(?P<path>.+?)/?$", PassThroughView.as_view(), name="pass-through"),
]
