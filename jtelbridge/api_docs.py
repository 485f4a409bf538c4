"""The OpenAPI document and the page that shows it.

Both are public: they are the same in every installation, and tell nothing of this one. The page
needs nothing from elsewhere, so it works where there is no internet.
"""

from pathlib import Path

from django.http import HttpResponse
from django.shortcuts import render
from rest_framework.request import Request
from rest_framework.views import APIView

DOCUMENT = Path(__file__).with_name("openapi.json")


class PublicView(APIView):
    authentication_classes = []
    permission_classes = []
    schema = None  # no part of the document


class SchemaView(PublicView):
    def get(self, request: Request) -> HttpResponse:  # noqa: ARG002 - a view's signature
        return HttpResponse(DOCUMENT.read_bytes(), "application/json")


class DocsView(PublicView):
    def get(self, request: Request) -> HttpResponse:
        return render(request._request, "jtelbridge/api_docs.html")
