"""What an ACD asks during a call, and what it reaches of the org's own through us.

The latter comes after all that we answer ourselves.
"""

from django.conf import settings
from django.urls import re_path

from crm.passthrough.views import PassThroughView
from crm.views import CallersView, QueryView

callers, query = CallersView.as_view(), QueryView.as_view()
alias = {
    resource: f"{settings.ACD_ALIAS_ROOT}/{name}" for resource, name in settings.ACD_ALIASES.items()
}

urlpatterns = [
    re_path(r"^api/v1/callers/?$", callers, name="callers"),
    re_path(rf"^{alias['callers']}/?$", callers, name="callers-alias"),
    re_path(r"^api/v1/query/?$", query, name="query"),
    re_path(rf"^{alias['query']}/?$", query, name="query-alias"),
    re_path(r"^services/apexrest/(?P<path>.+?)/?$", PassThroughView.as_view(), name="pass-through"),
]
