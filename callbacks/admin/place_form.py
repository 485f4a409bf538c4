"""A callback in a few words: where it came to, and whose it is."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from callbacks import trials
from callbacks.models import ServiceNumber


class PlaceForm(forms.Form):
    """Its page includes callbacks/offers.html with what `offers` gives."""

    service_number = forms.CharField(
        label=_("Service number"),
        required=False,
        max_length=40,
        widget=UnfoldAdminTextInputWidget(attrs={"list": "jb-numbers", "autocomplete": "off"}),
    )
    function = forms.CharField(
        label=_("Function"),
        required=False,
        max_length=120,
        widget=UnfoldAdminTextInputWidget(attrs={"list": "jb-functions", "autocomplete": "off"}),
    )
    caller = forms.CharField(
        label=_("Caller"),
        max_length=40,
        initial=f"+{trials.NOBODYS_NUMBER}",
        widget=UnfoldAdminTextInputWidget,
    )


def offers() -> dict[str, Any]:
    """What the browser suggests; anything else may be typed."""
    return {"numbers": ServiceNumber.objects.all(), "functions": trials.functions_of_late()}
