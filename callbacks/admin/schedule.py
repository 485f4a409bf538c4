"""What runs by itself, and when. The rhythm is the program's own; staff may switch a job off."""
# ruff: noqa: ARG002 - the signatures are Django's

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
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

from callbacks.admin.dress import Screen
from callbacks.admin.states import pill
from callbacks.admin.wording import NOTHING, ago, when

JOBS = (
    gettext_noop("Push what is due"),
    gettext_noop("Release held callbacks that have a route"),
    gettext_noop("Erase what is past its retention"),
    gettext_noop("Forget expired access tokens"),
)

for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, SolarSchedule, PeriodicTask):
    celery_beat.admin.site.unregister(model)


class SwitchForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at runtime
    class Meta:
        model = PeriodicTask
        fields = ("enabled",)
        labels = {"enabled": _("enabled")}
        help_texts = {"enabled": _("Off: the job rests until somebody switches it on again.")}


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(Screen[PeriodicTask]):
    list_display = ("job", "rhythm", "last_run", "state")
    list_select_related = ("interval", "crontab")
    sortable_by = ()
    ordering = ("name",)
    actions = None
    form = SwitchForm
    fieldsets = ((None, {"fields": ("job", ("rhythm", "last_run"), "enabled")}),)
    readonly_fields = ("job", "rhythm", "last_run")
    empty_text = _("Nothing is scheduled yet. The scheduler writes its jobs here when it starts.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PeriodicTask | None = None) -> bool:
        """The scheduler would write it here again."""
        return False

    def title_of(self, record: PeriodicTask) -> str:
        return gettext(record.name)

    @admin.display(description=_("Job"))
    def job(self, task: PeriodicTask) -> str:
        return self.title_of(task)

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
        ran = task.last_run_at
        return when(ran, ago(ran, timezone.now())) if ran else NOTHING

    @admin.display(description=_("State"))
    def state(self, task: PeriodicTask) -> SafeString:
        return pill(_("On"), "success") if task.enabled else pill(_("Off"), "warning")


def every(seconds: int) -> str:
    if seconds % 3600 == 0:
        n = seconds // 3600
        return ngettext("every hour", "every %(n)d hours", n) % {"n": n}
    if seconds % 60 == 0:
        n = seconds // 60
        return ngettext("every minute", "every %(n)d minutes", n) % {"n": n}
    return ngettext("every second", "every %(n)d seconds", seconds) % {"n": seconds}
