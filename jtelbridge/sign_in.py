"""Too many wrong passwords for one name from one address: nobody may try on for a while."""

from ipaddress import ip_address

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from callbacks.authentication import remote_address


def address_of(request: HttpRequest) -> str | None:
    """None where there is none: a socket of the machine, or a header that names no address."""
    try:
        return str(ip_address(remote_address(request)))
    except ValueError:
        return None


def locked_out(
    request: HttpRequest, _answer: HttpResponse | None = None, _credentials: object = None
) -> HttpResponse:
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    context = {
        **admin.site.each_context(request),
        "title": gettext("Too many attempts"),
        "login_url": reverse("admin:login"),
        "minutes": seconds // 60,
    }
    answer = render(request, "jtelbridge/locked_out.html", context, status=429)
    answer["Retry-After"] = str(seconds)
    return answer
