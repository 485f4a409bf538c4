"""What runs by itself, when, and how it went. The rhythm is the program's; staff may switch it off."""
# ruff: noqa: ARG002 - the signatures are Django's

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as celery_beat  # registers what is taken off again below
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from callbacks.admin import attention, pulse
from callbacks.admin.dress import Screen
from callbacks.admin.noting import note_changes
from callbacks.admin.states import pill
from callbacks.admin.wording import NOTHING, ago, duration, translated, two_lines, when
from callbacks.models import JobRun, StaffAction
from callbacks.models.job_run import Result

if TYPE_CHECKING:
    from django.db.models import QuerySet

JOBS = (
    gettext_noop("Push what is due"),
    gettext_noop("Release held callbacks that have a route"),
    gettext_noop("Send replayed callbacks"),
    gettext_noop("Erase what is past its retention"),
    gettext_noop("Forget expired access tokens"),
    gettext_noop("Forget old changes of the configuration"),
    gettext_noop("Watch, and tell whom it concerns"),
)
TONES = {Result.DONE: "success", Result.HINDERED: "warning", Result.FAILED: "danger"}

for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, SolarSchedule, PeriodicTask):
    celery_beat.admin.site.unregister(model)


class SwitchForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at runtime
    class Meta:
        model = PeriodicTask
        fields = ("enabled",)
        labels = {"enabled": capfirst(_("enabled"))}
        help_texts = {
            "enabled": _(
                "Off: the job rests until somebody switches it on again. The overview says so meanwhile."
            )
        }


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(Screen[PeriodicTask]):
    list_title = _("Schedule")
    list_display = ("job_and_rhythm", "last_run", "result", "state")
    list_select_related = ("interval", "crontab")
    list_before_template = "callbacks/pulse.html"
    sortable_by = ()
    ordering = ("name",)
    actions = None
    form = SwitchForm
    fieldsets = ((None, {"fields": ("job", ("rhythm", "last_run"), "result", "enabled")}),)
    readonly_fields = ("job", "rhythm", "last_run", "result")
    empty_text = _("Nothing is scheduled yet. The scheduler writes its jobs here when it starts.")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[PeriodicTask]":
        return pulse.jobs()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PeriodicTask | None = None) -> bool:
        """The scheduler would write it here again."""
        return False

    def save_model(self, request: HttpRequest, obj: PeriodicTask, *args: Any) -> None:
        before = _switch(PeriodicTask.objects.get(pk=obj.pk))
        super().save_model(request, obj, *args)
        verb = StaffAction.Verb.SWITCHED_JOB
        note_changes(request, verb, obj.name, before, _switch(obj))
        attention.forget()

    def title_of(self, record: PeriodicTask) -> str:
        return gettext(record.name)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        note = pulse.note_on(JobRun.objects.pulse(), timezone.now())
        if note.tone == "good":
            note = pulse.note_on_rests() or note
        return super().changelist_view(request, {**(extra_context or {}), "note": note})

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The runs of all jobs at once; staff never sees so many that they would not fit."""
        changelist = super().get_changelist_instance(request)
        runs = JobRun.objects.in_bulk([task.task for task in changelist.result_list])
        for task in changelist.result_list:
            task.run = runs.get(task.task)
        return changelist

    @admin.display(description=_("Job"))
    def job(self, task: PeriodicTask) -> str:
        return self.title_of(task)

    @admin.display(description=_("Job"))
    def job_and_rhythm(self, task: PeriodicTask) -> SafeString:
        return two_lines(self.title_of(task), self.rhythm(task))

    @admin.display(description=_("Rhythm"))
    def rhythm(self, task: PeriodicTask) -> str:
        if task.interval:
            return every(int(task.interval.schedule.run_every.total_seconds()))
        plan = task.crontab
        if plan and plan.hour.isdigit() and plan.minute.isdigit():
            return gettext("daily at %(time)s") % {"time": f"{plan.hour}:{plan.minute:0>2}"}
        return str(task.scheduler)

    @admin.display(description=_("Last run"))
    def last_run(self, task: PeriodicTask) -> SafeString:
        run = run_of(task)
        if run is None:
            return NOTHING
        moment = run.finished_at
        return two_lines(when(moment, ago(moment, timezone.now())), duration(run.took_ms))

    @admin.display(description=_("Result"))
    def result(self, task: PeriodicTask) -> SafeString:
        run = run_of(task)
        if run is None:
            return NOTHING
        state = Result(run.result)
        return two_lines(pill(state.label, TONES[state]), account_of(run))

    @admin.display(description=_("State"))
    def state(self, task: PeriodicTask) -> SafeString:
        return pill(_("On"), "success") if task.enabled else pill(_("Off"), "warning")


def _switch(task: PeriodicTask) -> dict[str, str]:
    return {"enabled": "yes" if task.enabled else "no"}


def run_of(task: PeriodicTask) -> JobRun | None:
    """The list has looked for all of them already."""
    if not hasattr(task, "run"):
        task.run = JobRun.objects.filter(job=task.task).first()
    run: JobRun | None = task.run
    return run


def account_of(run: JobRun) -> str:
    """What it did, or why not; and since when not, if it ever did."""
    words = [ngettext(one, many, n) % {"n": n} for one, many, n in run.did]
    if run.reason:
        words.insert(0, translated(run.reason))
    if run.done_at and run.result != Result.DONE:
        done = gettext("last done %(ago)s") % {"ago": ago(run.done_at, timezone.now())}
        words.append(done)
    return " · ".join(words) or gettext("nothing to do")


def every(seconds: int) -> str:
    if seconds % 3600 == 0:
        n = seconds // 3600
        return ngettext("every hour", "every %(n)d hours", n) % {"n": n}
    if seconds % 60 == 0:
        n = seconds // 60
        return ngettext("every minute", "every %(n)d minutes", n) % {"n": n}
    return ngettext("every second", "every %(n)d seconds", seconds) % {"n": seconds}
