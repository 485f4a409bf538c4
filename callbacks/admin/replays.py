"""Replays: how far each is, for everybody who sees failed callbacks; and how it is steered."""
# ruff: noqa: ARG002 - the signatures are Django's and Unfold's

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from callbacks import replaying
from callbacks.admin.actions import Words, done, person
from callbacks.admin.dress import RecordScreen, detail_action
from callbacks.admin.facts import Note
from callbacks.admin.overview import state
from callbacks.admin.replay_start import about, described, rate_name
from callbacks.admin.states import pill
from callbacks.admin.wording import clock, received, translated
from callbacks.models import Callback, Replay
from callbacks.models.callback import Status
from callbacks.models.replay import State
from callbacks.replaying import Progress

PAUSE = Words(
    _("Pause the replay?"),
    _("Nothing more of it is sent until somebody lets it go on."),
    _("Pause"),
    _("The replay pauses."),
)
GO_ON = Words(
    _("Go on with the replay?"),
    _("The rest is sent at the same pace. After a trial that failed one goes on trial again."),
    _("Go on"),
    _("The replay goes on."),
)
CANCEL = Words(
    _("Send no more?"),
    _("What was not sent yet stays failed, and can be replayed at any time."),
    _("Send no more"),
    _("The replay is cancelled. What was not sent stays failed."),
)
REPLAY_PARAMETER = "replays__replay__exact"
OUTCOME_PARAMETER = "replays__outcome__exact"
TONES = {
    State.RUNNING: "info",
    State.PAUSED: "warning",
    State.STOPPED: "danger",
    State.CANCELLED: "quiet",
    State.DONE: "success",
}
OFFERED = {
    State.RUNNING: {"pause", "cancel"},
    State.PAUSED: {"go_on", "cancel"},
    State.STOPPED: {"go_on", "cancel"},
}


@admin.register(Replay)
class ReplayAdmin(RecordScreen[Replay]):
    list_display = ("what", "size", "when_started", "by", "how")
    list_display_links = ("what",)
    sortable_by: ClassVar[tuple[str, ...]] = ()
    actions = None
    actions_detail = ("pause", "go_on", "cancel")
    actions_detail_hide_default = True
    change_form_template = "callbacks/replay_page.html"
    empty_text = _("Nothing was replayed yet. Replays begin on the page of failed callbacks.")

    def get_urls(self) -> list[URLPattern]:
        inside = self.admin_site.admin_view
        told = path("<int:key>/progress/", inside(self.told), name="callbacks_replay_progress")
        return [told, *super().get_urls()]

    def told(self, request: HttpRequest, key: int) -> JsonResponse:
        """What the page shows, asked for by the page while it is open."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        replay = Replay.objects.filter(pk=key).first()
        if replay is None:
            raise Http404
        return JsonResponse(figures(replay))

    def title_of(self, record: Replay) -> str:
        return gettext("Replay %(number)s") % {"number": record.pk}

    def page_context(self, request: HttpRequest, record: Replay) -> dict[str, Any]:
        strip = state(request)["strip"] if record.is_open else None
        return {
            "strip": strip if strip and strip["tone"] != "good" else None,
            "note": note(record),
            "what": what(record),
            "size": size_of(record),
            "is_running": record.state == State.RUNNING,
            "began": gettext("begun by %(name)s, %(time)s")
            % {"name": record.person_name, "time": clock(record.started_at, timezone.now())},
            "figures": figures(record),
            "pace": rate_name(record.per_minute),
            "progress_url": reverse("admin:callbacks_replay_progress", args=[record.pk]),
            "failed_url": failed_url(record),
            "more": _more_of_the_same(record),
        }

    def has_steer_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        may_see = self.has_view_permission(request)
        return may_see and request.user.has_perm("callbacks.requeue_callback")

    @detail_action(
        description=PAUSE.submit,
        url_path="pause",
        icon="pause",
        permissions=["steer"],
        dialog=PAUSE.dialog(),
    )
    def pause(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        return self._steered(request, object_id, "pause", PAUSE)

    @detail_action(
        description=GO_ON.submit,
        url_path="go_on",
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
        permissions=["steer"],
        dialog=GO_ON.dialog(),
    )
    def go_on(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        return self._steered(request, object_id, "go_on", GO_ON)

    @detail_action(
        description=CANCEL.submit,
        url_path="cancel",
        icon="cancel",
        permissions=["steer"],
        dialog=CANCEL.dialog(),
    )
    def cancel(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        return self._steered(request, object_id, "cancel", CANCEL)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        replay = self.get_object(request, object_id)
        offered = OFFERED.get(State(replay.state), set()) if replay else set()
        allowed: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        return [action for action in allowed if action.path in offered]

    def _steered(
        self, request: HttpRequest, object_id: str, verb: str, words: Words
    ) -> HttpResponse:
        replay = self.get_object(request, object_id)
        if replay is None:
            raise Http404
        if replaying.steer(replay, verb, by=person(request)):
            messages.success(request, str(words.done))
        else:
            messages.info(request, gettext("It had changed meanwhile. Please look again."))
        return done(reverse("admin:callbacks_replay_change", args=[replay.pk]))

    @admin.display(description=_("What"))
    def what(self, replay: Replay) -> SafeString:
        return format_html('<span class="jb-main">{}</span>', what(replay))

    @admin.display(description=_("Started"))
    def when_started(self, replay: Replay) -> SafeString:
        return received(replay.started_at)

    @admin.display(description=_("By"))
    def by(self, replay: Replay) -> str:
        return replay.person_name

    @admin.display(description=_("State"))
    def how(self, replay: Replay) -> SafeString:
        state = State(replay.state)
        return pill(state.label, TONES[state])


def what(replay: Replay) -> str:
    if replay.signature:
        return translated(replay.reason) or replay.signature
    return described(replay)


def size_of(replay: Replay) -> str:
    n = replay.size
    text = ngettext("Replay of %(n)s callback", "Replay of %(n)s callbacks", n)
    return text % {"n": number_format(n)}


def failed_url(replay: Replay) -> str:
    """Those that it sent and that failed again; not those that it has still to send."""
    query = urlencode({REPLAY_PARAMETER: str(replay.pk), OUTCOME_PARAMETER: str(Status.FAILED)})
    return f"{reverse('admin:callbacks_failedsync_changelist')}?{query}"


def lines_of(replays: Sequence[Replay]) -> list[dict[str, Any]]:
    """Those that are under way, each as a line above the groups."""
    far = replaying.progress_of(replays)
    return [_line(replay, far[replay.pk]) for replay in replays]


def _line(replay: Replay, now: Progress) -> dict[str, Any]:
    return {
        "text": size_of(replay),
        "small": f"{now.percent} % · {State(replay.state).label} · {replay.person_name}",
        "url": reverse("admin:callbacks_replay_change", args=[replay.pk]),
        "tone": TONES[State(replay.state)],
    }


def figures(replay: Replay) -> dict[str, Any]:
    """All that changes while it runs, in the words of whoever reads."""
    now = replaying.progress(replay)
    numbers = {
        "arrived": now.arrived,
        "failed": now.failed,
        "otherwise": now.otherwise,
        "outstanding": now.outstanding,
    }
    return {
        "state": replay.state,
        "percent": now.percent,
        "failed": now.failed,
        "under_way": now.under_way,
        "texts": {name: number_format(number) for name, number in numbers.items()}
        | {"percent": f"{now.percent} %", "left": _left(replay, now)},
    }


def _left(replay: Replay, now: Progress) -> str:
    if replay.state != State.RUNNING:
        return str(State(replay.state).label)
    if replay.trial_since:
        return gettext("One is on trial; the rest follows when it has arrived")
    pace = replaying.pace(replay)
    if now.unsent == replay.size:
        return gettext("begins in a moment")
    if not pace:
        return gettext("nothing could be sent for a minute")
    return gettext("%(time)s left") % {"time": about(now.outstanding * 60 / pace)}


def note(replay: Replay) -> Note | None:
    """What it came to, or why it stopped."""
    now = replaying.progress(replay)
    if replay.state == State.STOPPED:
        sentence = gettext("The one on trial did not arrive, so nothing else was sent.")
        return Note(sentence, translated(replay.stop_reason), "", "bad")
    if replay.state not in {State.DONE, State.CANCELLED}:
        return None
    parts = [_arrived(now.arrived), *([_refused(replay, now.failed)] if now.failed else [])]
    small = _left_failed(now.unsent) if now.unsent else ""
    return Note(", ".join(parts) + ".", small, "", "warn" if now.failed or now.unsent else "good")


def _arrived(n: int) -> str:
    text = ngettext("%(n)s arrived in Salesforce", "%(n)s arrived in Salesforce", n)
    return text % {"n": number_format(n)}


def _refused(replay: Replay, n: int) -> str:
    again = ngettext("%(n)s was refused again", "%(n)s were refused again", n)
    text = again % {"n": number_format(n)}
    failed = Callback.objects.failed().filter(
        replays__replay=replay, replays__outcome=Status.FAILED
    )
    reasons = failed.order_by().values("failure_signature").distinct().count()
    if not reasons:
        return text
    why = ngettext("for %(n)d reason", "for %(n)d reasons", reasons) % {"n": reasons}
    return f"{text} {why}"


def _left_failed(n: int) -> str:
    text = ngettext(
        "%(n)s was not sent and stays failed.", "%(n)s were not sent and stay failed.", n
    )
    return text % {"n": number_format(n)}


def _more_of_the_same(replay: Replay) -> int:
    """Failed for the same reason and not part of it, because they came to it later."""
    if not replay.signature:
        return 0
    same = Callback.objects.failed().filter(failure_signature=replay.signature)
    return same.exclude(replays__replay=replay).count()
