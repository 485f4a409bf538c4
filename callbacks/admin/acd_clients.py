"""Who may send us requests.

A secret is shown in the very answer that made it, and never again: it is in no session, no
message, no log and no column, only its digest is.
"""
# ruff: noqa: ARG002 - the signatures are Django's and Unfold's

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget

from callbacks.admin.actions import done
from callbacks.admin.changes import Recorded
from callbacks.admin.dress import DialogForm, detail_action
from callbacks.admin.send_test_callback import page_url
from callbacks.admin.states import pill
from callbacks.admin.wording import NOTHING, ago, two_lines, when
from callbacks.changes import announce
from callbacks.models import AccessToken, AcdClient, StaffAction
from callbacks.models.change import say_why

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

Verb = StaffAction.Verb
LATELY = timedelta(days=1)
NEW_PASSWORD = gettext_noop("changed the password")


class SeenSecret(DialogForm):
    """Remembers which secret the dialog was opened for: a second click finds another one."""

    changed_at = forms.DateTimeField(widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, object_id, *args, **kwargs)
        changed_at = _only(object_id).values_list("secret_changed_at", flat=True).get()
        self.fields["changed_at"].initial = changed_at.isoformat()


class AcdClientForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at runtime
    password = forms.CharField(
        label=_("password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "With the security token appended, as the telephone system sends it."
            " Empty: it stays as it is."
        ),
    )

    class Meta:
        model = AcdClient
        fields = (
            *("name", "kind", "enabled", "sign_in_name"),
            *("allowed_networks", "timezone", "region"),
        )
        widgets = {"allowed_networks": UnfoldAdminTextareaWidget(attrs={"rows": 3})}
        help_texts = {
            "enabled": _("Off: its requests are refused within a minute."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        has_password = cleaned.get("password") or self.instance.sign_in_password
        if cleaned.get("sign_in_name") and not has_password:
            self.add_error("password", _("A user name needs a password."))
        return cleaned

    def save(self, commit: bool = True) -> AcdClient:  # noqa: FBT001, FBT002 - Django's
        cleaned = self.cleaned_data
        if cleaned.get("password") or not cleaned.get("sign_in_name"):
            self.instance.set_sign_in_password(cleaned.get("password", ""))
        if cleaned.get("password"):
            say_why(self.instance, NEW_PASSWORD)
        client: AcdClient = super().save(commit)
        return client


@admin.register(AcdClient)
class AcdClientAdmin(Recorded[AcdClient]):
    form = AcdClientForm
    can_restore = False  # who may send is decided anew each time
    list_display = ("name_and_id", "kind", "secrets", "networks", "used", "state")
    list_display_links = ("name_and_id",)
    warn_unsaved_form = True
    actions = None
    actions_detail = ("rotate_secret", "revoke_previous_secret", "revoke_tokens")
    readonly_fields = ("client_id", "secret_changed", "last_used", "valid_tokens")
    fieldsets = (
        (None, {"fields": (("name", "kind"), "enabled")}),
        (_("Secret"), {"fields": (("client_id", "secret_changed"), ("last_used", "valid_tokens"))}),
        (_("Limits and defaults"), {"fields": ("allowed_networks", ("timezone", "region"))}),
        (_("Old sign-in with a password"), {"fields": (("sign_in_name", "password"),)}),
    )
    add_fieldsets = (
        (None, {"fields": (("name", "kind"), "enabled")}),
        (_("Limits and defaults"), {"fields": ("allowed_networks", ("timezone", "region"))}),
    )
    empty_text = _("No ACD client yet: nobody can send a callback.")

    def get_fieldsets(self, request: HttpRequest, obj: AcdClient | None = None) -> Any:
        *others, (title, old_sign_in) = super().get_fieldsets(request, obj)
        if obj and not self.has_change_permission(request, obj):
            old_sign_in = {"fields": ("sign_in_name",)}  # a password can be set, and never seen
        return [*others, (title, old_sign_in)]

    def has_rotate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        may_see = self.has_view_permission(request)
        return may_see and request.user.has_perm("callbacks.rotate_acdclient")

    def has_delete_permission(self, request: HttpRequest, obj: AcdClient | None = None) -> bool:
        """Not once it has sent callbacks, which name it: switch it off instead."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and obj.callbacks.exists())

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        allowed: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        client = self.get_object(request, object_id)
        if client and client.previous_secret_digest:
            return allowed
        return [action for action in allowed if action.path != "revoke-previous-secret"]

    @sensitive_variables("secret")
    def response_add(
        self, request: HttpRequest, obj: AcdClient, post_url_continue: str | None = None
    ) -> HttpResponse:
        secret = obj.new_secret()
        obj.save(update_fields=["secret_digest", "previous_secret_digest", "secret_changed_at"])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": obj,
            "title": obj.name,
            "client": obj,
            "secret": secret,
            "test_url": page_url(request, obj),
        }
        return TemplateResponse(request, "callbacks/client_created.html", context)

    @detail_action(
        description=_("New secret"),
        url_path="rotate-secret",
        icon="key",
        permissions=["rotate"],
        dialog={
            "title": _("Make a new secret?"),
            "description": _(
                "The present one stays valid until you revoke it, so the telephone system can be"
                " changed over in peace. The one before it ends now."
            ),
            "form_class": SeenSecret,
            "form_submit_text": _("Make a new secret"),
        },
    )
    @sensitive_variables("secret")
    def rotate_secret(self, request: HttpRequest, form: SeenSecret, object_id: str) -> HttpResponse:
        with transaction.atomic():
            secret = rotate(object_id, seen=form.cleaned_data["changed_at"])
            if secret:
                _write_down(request, Verb.NEW_SECRET, object_id)
        if not secret:
            messages.warning(request, gettext("Nothing was done: the secret had just changed."))
            return done(_page(object_id))
        context = {"client": _only(object_id).get(), "secret": secret, "page": _page(object_id)}
        response = TemplateResponse(request, "callbacks/secret_dialog.html", context)
        # The whole dialog gives way, so its button cannot be pressed a second time.
        response["HX-Retarget"] = response["HX-Reselect"] = "#dialog"
        response["HX-Reswap"] = "outerHTML"
        return response

    @detail_action(
        description=_("Revoke previous"),
        url_path="revoke-previous-secret",
        icon="key_off",
        permissions=["rotate"],
        dialog={
            "title": _("Revoke the previous secret?"),
            "description": _("Whoever still uses it is refused within a minute."),
            "form_class": None,
            "form_submit_text": _("Revoke"),
        },
    )
    def revoke_previous_secret(
        self, request: HttpRequest, form: forms.Form, object_id: str
    ) -> HttpResponse:
        with transaction.atomic():
            two = _only(object_id).exclude(previous_secret_digest="")
            revoked = two.update(previous_secret_digest="")
            if revoked:
                _write_down(request, Verb.REVOKED_SECRET, object_id)
        if revoked:
            messages.success(request, gettext("The previous secret was revoked."))
        else:
            messages.warning(request, gettext("Nothing was done: there is one secret only."))
        return done(_page(object_id))

    @detail_action(
        description=_("Revoke tokens"),
        url_path="revoke-tokens",
        icon="lock_reset",
        permissions=["rotate"],
        dialog={
            "title": _("Revoke all access tokens?"),
            "description": _(
                "They are refused within a minute. The telephone system then signs in again with"
                " its secret; whoever only had a token is shut out."
            ),
            "form_class": None,
            "form_submit_text": _("Revoke"),
        },
    )
    def revoke_tokens(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        with transaction.atomic():
            _only(object_id).update(token_generation=F("token_generation") + 1)
            _write_down(request, Verb.REVOKED_TOKENS, object_id)
        messages.success(request, gettext("All access tokens were revoked."))
        return done(_page(object_id))

    @admin.display(description=_("Name"), ordering="name")
    def name_and_id(self, client: AcdClient) -> SafeString:
        return two_lines(client.name, client.client_id)

    @admin.display(description=_("Secrets"))
    def secrets(self, client: AcdClient) -> SafeString:
        changed = gettext("changed %(ago)s") % {
            "ago": ago(client.secret_changed_at, timezone.now())
        }
        both = client.previous_secret_digest
        return two_lines(gettext("Two valid") if both else gettext("One valid"), changed)

    @admin.display(description=_("Comes from"))
    def networks(self, client: AcdClient) -> str:
        allowed = client.allowed_networks.split()
        if len(allowed) > 1:
            return ngettext("%(n)d network", "%(n)d networks", len(allowed)) % {"n": len(allowed)}
        return allowed[0] if allowed else gettext("anywhere")

    @admin.display(description=_("Last used"), ordering="last_used_at")
    def used(self, client: AcdClient) -> SafeString:
        moment, now = client.last_used_at, timezone.now()
        if moment is None:
            return pill(gettext("never used"), "info")
        return pill(when(moment, ago(moment, now)), "success" if now - moment < LATELY else "quiet")

    @admin.display(description=_("Secret changed"))
    def secret_changed(self, client: AcdClient) -> SafeString:
        moment = client.secret_changed_at
        return when(moment, ago(moment, timezone.now()))

    @admin.display(description=_("Last used"))
    def last_used(self, client: AcdClient) -> SafeString:
        moment = client.last_used_at
        return when(moment, ago(moment, timezone.now())) if moment else NOTHING

    @admin.display(description=_("Valid access tokens"))
    def valid_tokens(self, client: AcdClient) -> int:
        return AccessToken.objects.valid(client, timezone.now()).count()

    @admin.display(description=_("State"), ordering="enabled")
    def state(self, client: AcdClient) -> SafeString:
        return pill(_("On"), "success") if client.enabled else pill(_("Off"), "quiet")


@sensitive_variables("secret")
def rotate(object_id: str, *, seen: datetime) -> str:
    """A new secret, or "" when the one that was seen is no longer the client's."""
    unchanged = _only(object_id).filter(secret_changed_at=seen)
    client = unchanged.first()
    if client is None:
        return ""
    secret = client.new_secret()
    changed = unchanged.update(
        secret_digest=client.secret_digest,
        previous_secret_digest=client.previous_secret_digest,
        secret_changed_at=client.secret_changed_at,
    )
    return secret if changed else ""


def _write_down(request: HttpRequest, verb: str, object_id: str) -> None:
    person = cast("User", request.user)  # the admin lets nobody else in
    client = _only(object_id).get()
    StaffAction.objects.note(verb, by=person, reason=client.name)
    with translation.override(settings.LANGUAGE_CODE):  # whoever reads it has a language too
        announce(client, reason=str(Verb(verb).label))


def _only(object_id: str) -> "QuerySet[AcdClient]":
    client = AcdClient.objects.filter(pk=object_id) if object_id.isdecimal() else None
    if client is None or not client.exists():
        raise Http404
    return client


def _page(object_id: str) -> str:
    return reverse("admin:callbacks_acdclient_change", args=[object_id])
